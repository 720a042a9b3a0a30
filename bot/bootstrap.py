"""Builds the parts and joins them. Tests and the simulation hand in their own clock, senders or content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import structlog

from bot import database
from bot.answering import Answering
from bot.channels.port import Channel, PictureSource
from bot.channels.simulator import CHANNEL as SIMULATOR
from bot.channels.simulator import SimulatorPictures, SimulatorSender
from bot.channels.telegram import TelegramChannel, Webhook
from bot.channels.telegram.api import REAL_API
from bot.faq.kept import Keeper
from bot.inbox import Inbox
from bot.pictures.fetching import FORGET_EVERY, Fetcher
from bot.pictures.trends import Trends
from bot.settings import PREFIX, Settings, cache_folder
from bot.staff import clinic
from bot.staff.watch import MORNING_EVERY, SILENCE_EVERY, Watch
from content.loader import Content
from content.loader import load as load_content
from scheduler.clock import Clock, SystemClock
from scheduler.crypto import KeyRing
from scheduler.dispatcher import Dispatcher
from scheduler.errors import SaathiError
from scheduler.sender import Sender
from scheduler.store.engine import Store
from scheduler.ticker import REAP_EVERY, Ticker

log = structlog.get_logger(__name__)


class StartError(SaathiError):
    """The parts cannot be built; the sentence says what to change."""


@dataclass(frozen=True)
class App:
    """One running system. `async with app:` closes it at the end."""

    settings: Settings
    store: Store
    content: Content
    clock: Clock
    answering: Answering
    inbox: Inbox
    dispatcher: Dispatcher
    ticker: Ticker
    watch: Watch
    """The clock of alerts, and the messages of the morning."""
    fetcher: Fetcher
    """Gets the photos patients sent."""
    senders: tuple[Sender, ...]
    """Every way out; the simulator's is always there and costs nothing."""
    channels: tuple[Channel, ...] = ()
    """Those with a provider."""

    async def close(self) -> None:
        """Close the connections to providers and to the database; nothing may be under way any more."""
        for channel in self.channels:
            await channel.close()
        await self.store.close()

    async def __aenter__(self) -> Self:
        """Hand out the system itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()


async def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    senders: Sequence[Sender] | None = None,
    channels: Sequence[Channel] | None = None,
    content: Content | None = None,
    answering: Answering | None = None,
) -> App:
    """Build a system from `settings`; parts that are given are used instead of the real ones.

    `answering` belongs to `content`: whoever builds several systems on the same content saves its second or so.

    A SQLite database is brought up to date, as one process owns it; a PostgreSQL one must be already, because several
    processes start at once. Raises StartError, SchemaError or ContentError with what to do.
    """
    content = content or load_content(clinic_file=settings.clinic_file)
    wrong = list(clinic.problems(content))
    if wrong:
        raise StartError(f"Change these values in {PREFIX}CLINIC_FILE: {' '.join(wrong)}")
    prepare_folder(settings)
    keys = load_keys(settings)
    if settings.on_sqlite:
        await database.upgrade(settings.database)
    store = Store.open(settings.database, keys)
    try:
        if not settings.on_sqlite:
            await database.require_newest(store)
        if channels is None:
            channels = () if senders else open_channels(settings, content)
        ways_out = tuple(senders or (SimulatorSender(), *(channel.sender for channel in channels)))
        answering = answering or Answering(content, Keeper(cache_folder()).learn)
        parts = clock or SystemClock(), ways_out, tuple(channels), answering
        return _join(settings, store, content, *parts)
    except BaseException:
        await store.close()
        raise


def _join(
    settings: Settings,
    store: Store,
    content: Content,
    clock: Clock,
    senders: tuple[Sender, ...],
    channels: tuple[Channel, ...],
    answering: Answering,
) -> App:
    dispatcher = Dispatcher(
        store, content, clock, senders, require_signed=settings.require_signed_content, drawer=Trends()
    )
    watch = Watch(store, content, clock, settings.timezone, settings.public_url)
    sources: dict[str, PictureSource] = {SIMULATOR: SimulatorPictures()}
    sources |= {channel.name: channel for channel in channels}
    fetcher = Fetcher(store, content, clock, sources, settings.public_url)
    return App(
        settings=settings,
        store=store,
        content=content,
        clock=clock,
        answering=answering,
        inbox=Inbox(store, content, clock, answering, settings.public_url, settings.timezone),
        dispatcher=dispatcher,
        ticker=Ticker(
            {
                "reap": (dispatcher.reap, REAP_EVERY),
                "morning": (watch.morning, MORNING_EVERY),
                "silence": (watch.silence, SILENCE_EVERY),
                "photos": (fetcher.forget_old, FORGET_EVERY),
            }
        ),
        watch=watch,
        fetcher=fetcher,
        senders=senders,
        channels=channels,
    )


WEBHOOKS = "/webhooks"
"""Providers post to `<this>/<channel>`."""

_WEBHOOK_PORTS = (None, 443, 80, 88, 8443)
"""Where Telegram posts (Bot API, setWebhook)."""


def open_channels(settings: Settings, content: Content) -> tuple[Channel, ...]:
    """The channels that are set up; nothing is asked of their providers yet. Raises StartError."""
    token = settings.telegram_token.get_secret_value()
    if not token:
        return ()
    return (TelegramChannel(token, content, api_url=settings.telegram_api_url, webhook=_telegram_webhook(settings)),)


def _telegram_webhook(settings: Settings) -> Webhook | None:
    secret = settings.telegram_webhook_secret.get_secret_value()
    if not secret:
        return None
    address = urlsplit(settings.public_url)
    # Another Bot API server, beside us or in a test, may post to plain addresses and any port.
    if settings.telegram_api_url == REAL_API and address.scheme != "https":
        raise StartError(
            f"Telegram posts to https addresses only: set {PREFIX}PUBLIC_URL to one, "
            f"or leave out {PREFIX}TELEGRAM_WEBHOOK_SECRET."
        )
    if settings.telegram_api_url == REAL_API and address.port not in _WEBHOOK_PORTS:
        raise StartError(f"Telegram posts to the ports 443, 80, 88 and 8443 only: change {PREFIX}PUBLIC_URL.")
    if not address.hostname:
        raise StartError(f"{PREFIX}TELEGRAM_WEBHOOK_SECRET needs {PREFIX}PUBLIC_URL: that is where Telegram posts.")
    return Webhook(f"{settings.public_url}{WEBHOOKS}/telegram", secret)


def prepare_folder(settings: Settings) -> None:
    """Make DATA_DIR if it is missing. Raises StartError if that is impossible."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"{PREFIX}DATA_DIR cannot be made: choose a folder this user may write to.") from error


def load_keys(settings: Settings) -> KeyRing:
    """The keys of the settings, else of the key file, which is made at the first start (mode 0600; said once)."""
    given = settings.encryption_keys.get_secret_value()
    if given:
        return KeyRing.parse(given)
    try:
        keys, created = KeyRing.load_or_create(settings.key_file)
    except OSError as error:
        raise StartError(
            f"The key file in {PREFIX}DATA_DIR cannot be read or made: check the folder's rights."
        ) from error
    if created:
        log.warning(
            "keys made: without this file nobody can read the database, so keep a copy", file=str(settings.key_file)
        )
    return keys
