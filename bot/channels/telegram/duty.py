"""What one process at a time does: look after Telegram's side, and fetch updates unless they are posted.

Nothing that goes wrong ends it. It is tried again, after a while that grows, and what is wrong is told in
`channel_state`, where health and metrics read it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from telegram import WebhookInfo
from telegram.error import Conflict, TelegramError

from bot.channels import standing
from bot.channels.inbound import Inbound
from bot.channels.receiving import NotStoredError, Receiver
from bot.channels.telegram import errors, presenting, updates
from bot.channels.telegram.api import Api
from bot.channels.telegram.transport import WaitError
from bot.channels.telegram.updates import CHANNEL
from content.loader import Content
from scheduler.clock import Clock
from scheduler.store.engine import Store

T = TypeVar("T")

CHECK_SECONDS = 180.0
"""How often Telegram is asked how things stand there."""

POLL_SECONDS = 25
"""How long Telegram keeps a question for updates open."""

SIDE_BY_SIDE = 8
"""Chats whose updates are taken in at once; the updates of one chat stay in order."""

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 30.0
_LONGEST_QUOTE = 60

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram posts updates, and the secret that it shows there."""

    url: str
    secret: str


class Duty:
    """One turn of looking after the channel."""

    def __init__(
        self,
        api: Api,
        content: Content,
        webhook: Webhook | None,
        *,
        store: Store,
        clock: Clock,
        receiver: Receiver,
        stored: Callable[[Inbound], None],
        tapped: Callable[[str], None],
    ) -> None:
        """Fetch updates unless there is a `webhook`; `stored` is called for each event, `tapped` for other taps."""
        self._api = api
        self._content = content
        self._webhook = webhook
        self._store = store
        self._clock = clock
        self._receiver = receiver
        self._stored = stored
        self._tapped = tapped
        self._problems: dict[str, str] = {}
        self._told: str | None = None
        self._mode_is_set = False
        self._offset: int | None = None
        self._presented: str | None = None

    async def run(self, over: asyncio.Event) -> None:
        """Do it until `over` is set. What is being stored then is stored; a question that is open is given up."""
        jobs = [self._repeat(self._check, over)]
        if self._webhook is None:
            jobs.append(self._repeat(self._fetch, over))
        await asyncio.gather(*jobs)

    async def _repeat(self, step: Callable[[asyncio.Event], Awaitable[float]], over: asyncio.Event) -> None:
        """Do `step` over and over; it says after how many seconds it wants to be done again."""
        failed = 0
        while not over.is_set():
            try:
                pause = await step(over)
                failed = 0
            except TelegramError as error:
                failed += 1
                pause = error.seconds if isinstance(error, WaitError) else _growing(failed)
                await self._tell(step.__name__, errors.problem(error))
            except Exception as error:  # whatever it is, the channel goes on
                failed += 1
                pause = _growing(failed)
                if not isinstance(error, NotStoredError) or failed == 1:
                    log.error("channel work failed", exc_info=error, channel=CHANNEL, part=step.__name__)
            await wait(over, pause)

    async def _check(self, over: asyncio.Event) -> float:
        return await unless(over, self._look_after()) or 0.0

    async def _look_after(self) -> float:
        """Ask who we are and how the webhook stands, set it right, and present the bot if its words have changed."""
        me = await self._api.get_me()
        if self._webhook is not None and not self._mode_is_set:
            await self._set_webhook(self._webhook)
        found = await self._api.get_webhook_info()
        if self._webhook is not None and not _is_ours(found, self._webhook):
            log.warning("the webhook was changed by somebody else, and is set again", channel=CHANNEL)
            await self._set_webhook(self._webhook)
            found = await self._api.get_webhook_info()
        problem = _troubled(found) if self._webhook else None
        await self._note(self._check.__name__, problem, me.username, found)
        if await self._present():
            await self._note(self._check.__name__, problem, me.username, found)
        return CHECK_SECONDS

    async def _set_webhook(self, webhook: Webhook) -> None:
        await self._api.set_webhook(webhook.url, allowed_updates=updates.WANTED, secret_token=webhook.secret)
        self._mode_is_set = True

    async def _present(self) -> bool:
        """Whether anything new was shown. The bot works without: a refusal is tried again at the next check."""
        wanted = presenting.fingerprint(self._content)
        if self._presented is None:
            async with self._store.read() as conn:
                rows = await standing.read(conn)
            self._presented = next((str(row.info.get("presented")) for row in rows if row.channel == CHANNEL), "")
        if self._presented == wanted:
            return False
        try:
            await presenting.present(self._api, self._content)
        except TelegramError as error:
            log.warning("commands and descriptions could not be set", channel=CHANNEL, error=type(error).__name__)
            return False
        self._presented = wanted
        return True

    async def _fetch(self, over: asyncio.Event) -> float:
        """Wait for updates and take them in. Only when all are committed is Telegram told, by the next offset."""
        if not self._mode_is_set:
            self._mode_is_set = await unless(over, self._api.delete_webhook(drop_pending_updates=False)) or False
        try:
            batch = await unless(over, self._api.raw_updates(self._offset, POLL_SECONDS, updates.WANTED))
        except Conflict:
            # Another program polls, or has set a webhook; the second is undone here.
            self._mode_is_set = False
            raise
        if batch is None:
            return 0.0
        await self._tell(self._fetch.__name__, None)
        if batch and await self._take(batch, over):
            self._offset = max(map(updates.number, batch)) + 1
        return 0.0

    async def _take(self, batch: list[dict[str, Any]], over: asyncio.Event) -> bool:
        """Take a batch in, chats side by side. Whether all of it is committed. Raises NotStoredError."""
        chats: dict[str, list[Inbound]] = {}
        for update in batch:
            event = self._read(update)
            if event is not None:
                chats.setdefault(event.address, []).append(event)
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one_chat(events: list[Inbound]) -> bool:
            async with places:
                for event in events:
                    if over.is_set():
                        return False
                    await self._receiver.receive(event)
                    self._stored(event)
            return True

        ended = await asyncio.gather(*map(one_chat, chats.values()), return_exceptions=True)
        for failure in ended:
            if isinstance(failure, BaseException):
                raise failure
        return all(ended)

    def _read(self, update: dict[str, Any]) -> Inbound | None:
        event = updates.understood(update, self._clock.now())
        tap = updates.tap_id(update)
        if event is None and tap is not None:
            self._tapped(tap)
        return event

    async def _note(self, part: str, problem: str | None, username: str | None, found: WebhookInfo) -> None:
        """Write down what a check has found."""
        if problem:
            self._problems[part] = problem
        else:
            self._problems.pop(part, None)
        info = {
            "mode": "webhook" if self._webhook else "polling",
            "pending": found.pending_update_count,
            "last_error": _quote(found.last_error_message),
            "presented": self._presented or "",
        }
        told = next(iter(self._problems.values()), None)
        async with self._store.write(wake=False) as conn:
            await standing.note(conn, CHANNEL, self._clock.now(), told, username, info)
        self._told = told

    async def _tell(self, part: str, problem: str | None) -> None:
        """Write down what is wrong in one part of the work, if that has changed."""
        if problem:
            self._problems[part] = problem
        else:
            self._problems.pop(part, None)
        told = next(iter(self._problems.values()), None)
        if told == self._told:
            return
        (log.warning if told else log.info)("channel changed", channel=CHANNEL, problem=told)
        try:
            async with self._store.write(wake=False) as conn:
                await standing.note(conn, CHANNEL, self._clock.now(), told)
        except Exception as error:  # noqa: BLE001 - the database is away as well: told at the next change
            log.error("channel problem not noted", channel=CHANNEL, error=type(error).__name__)
            return
        self._told = told


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Until `event` is set, but not longer than `seconds`."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


async def unless(event: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """What `work` gives; nothing, and `work` is given up, if `event` is set before."""
    doing, waiting = asyncio.ensure_future(work), asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((doing, waiting), return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else None
    finally:
        for task in (doing, waiting):
            task.cancel()
        await asyncio.gather(doing, waiting, return_exceptions=True)


def _growing(failed: int) -> float:
    """Seconds before the next try: doubling, with a random part."""
    return min(_FIRST_WAIT * 2.0 ** min(failed - 1, 10), _LONGEST_WAIT) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter


def _is_ours(found: WebhookInfo, webhook: Webhook) -> bool:
    return found.url == webhook.url and set(found.allowed_updates or ()) == set(updates.WANTED)


def _troubled(found: WebhookInfo) -> str | None:
    """Telegram could not deliver, and still has something to deliver."""
    if found.last_error_date is None or not found.pending_update_count:
        return None
    return f"Telegram cannot deliver to our address: {_quote(found.last_error_message) or 'no reason given'}"


def _quote(said: str | None) -> str | None:
    """A reason of Telegram's about our address, such as 'Connection refused': cut short, plain signs only."""
    return None if said is None else "".join(c for c in said if c.isascii() and c.isprintable())[:_LONGEST_QUOTE]
