"""Builds the parts and joins them. Tests and the simulation hand in their own clock, senders or content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog

from bot import database
from bot.answering import Answering
from bot.channels.simulator import SimulatorSender
from bot.inbox import Inbox
from bot.settings import PREFIX, Settings
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
    inbox: Inbox
    dispatcher: Dispatcher
    ticker: Ticker
    senders: tuple[Sender, ...]

    async def close(self) -> None:
        """Close the database's connections; nothing may be under way any more."""
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
    content: Content | None = None,
    answering: Answering | None = None,
) -> App:
    """Build a system from `settings`; parts that are given are used instead of the real ones.

    `answering` belongs to `content`: whoever builds several systems on the same content saves its second or so.

    A SQLite database is brought up to date, as one process owns it; a PostgreSQL one must be already, because several
    processes start at once. Raises StartError, SchemaError or ContentError with what to do.
    """
    content = content or load_content(clinic_file=settings.clinic_file)
    prepare_folder(settings)
    keys = load_keys(settings)
    if settings.on_sqlite:
        await database.upgrade(settings.database)
    store = Store.open(settings.database, keys)
    try:
        if not settings.on_sqlite:
            await database.require_newest(store)
        parts = clock or SystemClock(), tuple(senders or (SimulatorSender(),)), answering or Answering(content)
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
    answering: Answering,
) -> App:
    dispatcher = Dispatcher(store, content, clock, senders, require_signed=settings.require_signed_content)
    return App(
        settings=settings,
        store=store,
        content=content,
        clock=clock,
        inbox=Inbox(store, content, clock, answering),
        dispatcher=dispatcher,
        ticker=Ticker({"reap": (dispatcher.reap, REAP_EVERY)}),
        senders=senders,
    )


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
