"""The channel as the rest of the bot knows it."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from telegram.error import BadRequest, TelegramError

from bot.channels import standing
from bot.channels.inbound import ForgedError, Inbound, MalformedError
from bot.channels.port import PictureAwayError, PictureGoneError
from bot.channels.receiving import Receiver
from bot.channels.telegram import updates
from bot.channels.telegram.api import REAL_API, Api
from bot.channels.telegram.duty import Duty, Webhook, wait
from bot.channels.telegram.sender import LIMITS, TelegramSender
from bot.channels.telegram.transport import TooLargeError
from bot.channels.telegram.updates import CHANNEL
from bot.inbox import Inbox
from content.loader import Content
from scheduler.clock import Clock
from scheduler.sender import Limits
from scheduler.store.engine import Store

LEASE = timedelta(seconds=15)
"""So long after a process was killed another one takes over."""

RENEW_SECONDS = 5.0

_SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header
_SECONDS_TO_LET_GO = 1.0
_MOST_ANSWERS = 100
"""Taps being answered at once; an answer only ends the waiting sign on the button, so more are left out."""

log = structlog.get_logger(__name__)


class TelegramChannel:
    """Telegram, by polling or by webhook."""

    name = CHANNEL

    def __init__(
        self,
        token: str,
        content: Content,
        *,
        api_url: str = REAL_API,
        webhook: Webhook | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        """The bot of `token`. With a `webhook` Telegram posts updates there, without one they are fetched."""
        self._api = Api.open(token, api_url)
        self._content = content
        self._webhook = webhook
        self._answers: set[asyncio.Task[None]] = set()
        self.sender = TelegramSender(self._api, limits)

    @property
    def takes_webhooks(self) -> bool:
        """Whether Telegram posts updates to us."""
        return self._webhook is not None

    def webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[Inbound]:
        """The event in what was posted; none if it is nothing for us. Raises ForgedError, MalformedError."""
        shown = headers.get(_SECRET_HEADER, "").encode()
        if self._webhook is None or not hmac.compare_digest(shown, self._webhook.secret.encode()):
            raise ForgedError
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            raise MalformedError("no JSON") from None
        updates.number(update)
        event = updates.understood(update, now)
        tap = updates.tap_id(update)
        if event is None and tap is not None:
            self._answer(tap)
        return () if event is None else (event,)

    def stored(self, event: Inbound) -> None:
        """Let the pressed button stop waiting; best effort, in the background."""
        if event.receipt is not None:
            self._answer(event.receipt)

    async def fetch(self, source: str, most: int) -> bytes:
        """The picture behind a file's id. Raises PictureAwayError or PictureGoneError."""
        try:
            return await self._api.download(source, most)
        except TooLargeError:
            raise PictureGoneError("too-large") from None
        except BadRequest as error:
            raise PictureGoneError("too-large" if "too big" in error.message.lower() else "gone") from None
        except TelegramError:
            # Also a file that is not there any more: it gets another address when it is asked for again.
            raise PictureAwayError from None

    async def run(self, inbox: Inbox, store: Store, clock: Clock, stop: asyncio.Event) -> None:
        """Look after Telegram's side, and poll unless there is a webhook, until `stop`; one process at a time."""
        holder = str(uuid4())
        receiver = Receiver(inbox, store)
        while not stop.is_set():
            if await self._lease(store, clock, holder):
                over = asyncio.Event()
                keeping = asyncio.create_task(self._keep(store, clock, holder, stop, over))
                duty = Duty(
                    self._api,
                    self._content,
                    self._webhook,
                    store=store,
                    clock=clock,
                    receiver=receiver,
                    stored=self.stored,
                    tapped=self._answer,
                )
                await duty.run(over)
                await keeping
            await wait(stop, RENEW_SECONDS)
        with suppress(Exception):
            async with asyncio.timeout(_SECONDS_TO_LET_GO), store.write(wake=False) as conn:
                await standing.release(conn, CHANNEL, holder)

    async def close(self) -> None:
        """Close every connection; a tap nobody answered yet stays so."""
        for task in tuple(self._answers):
            task.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)
        await self._api.close_connections()

    async def _keep(self, store: Store, clock: Clock, holder: str, stop: asyncio.Event, over: asyncio.Event) -> None:
        """Keep the lease; `over` is set when it is lost, or it is time to stop."""
        while not stop.is_set():
            await wait(stop, RENEW_SECONDS)
            if not stop.is_set() and await self._lease(store, clock, holder) is False:
                break
        over.set()

    async def _lease(self, store: Store, clock: Clock, holder: str) -> bool | None:
        """Whether the lease is ours; nothing if the database does not say."""
        try:
            async with store.write(wake=False) as conn:
                # SQLite serves one process, which `bot.lock` sees to.
                alone = store.dialect == "sqlite"
                return await standing.take(conn, CHANNEL, holder, clock.now(), LEASE, alone=alone)
        except Exception as error:  # noqa: BLE001 - the database is away: it is asked again in a moment
            log.warning("channel lease not taken", channel=CHANNEL, error=type(error).__name__)
            return None

    def _answer(self, tap: str) -> None:
        if len(self._answers) < _MOST_ANSWERS:
            task = asyncio.create_task(self._answer_now(tap))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _answer_now(self, tap: str) -> None:
        with suppress(TelegramError):
            await self._api.answer_callback_query(tap)
