"""What waits for the bot: numbered, kept for a day (a pressed button for 150 seconds), handed over until confirmed."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.errors import ApiError
from tests.fakes.telegram.faults import UpdateKind
from tests.fakes.telegram.fields import Fields

LONGEST_POLL = 50.0
"""Seconds; a longer one is answered then."""
MOST_AT_ONCE = 100
DAY = 86_400.0
NOT_BY_DEFAULT = frozenset(("chat_member", "message_reaction", "message_reaction_count"))
KINDS = frozenset("message edited_message callback_query my_chat_member".split()) | NOT_BY_DEFAULT

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

TERMINATED = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_SET = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


@dataclass(eq=False)
class Update:
    """One event."""

    id: int
    kind: str
    chat: int
    at: float
    body: dict[str, Any]
    way: UpdateKind = "fine"

    @property
    def raw(self) -> dict[str, Any]:
        """As the bot gets it."""
        return {"update_id": self.id, self.kind: self.body}

    @property
    def queue(self) -> tuple[int, str]:
        """Webhook deliveries of one queue wait for each other; messages and buttons of one chat are in two."""
        return self.chat, "message" if self.kind == "edited_message" else self.kind


@dataclass
class Updates:
    """The queue of one bot."""

    now: Callable[[], float]
    query_lifetime: float
    way: Callable[[], UpdateKind]
    """How the next one is to travel."""
    waiting: dict[int, Update] = field(default_factory=dict)
    handed: dict[int, float] = field(default_factory=dict)
    """When each was handed to the bot for the first time."""
    dropped: list[int] = field(default_factory=list)
    """Nobody fetched these in time."""
    allowed: frozenset[str] | None = None
    """None: the default."""
    webhook_set: bool = False
    on_new: list[Callable[[], None]] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(831_001))
    _poll: asyncio.Future[None] | None = None

    def add(self, kind: str, chat: int, body: dict[str, Any]) -> int | None:
        """Something happened; its number, or None if the bot did not ask for this kind."""
        if kind not in self.allowed if self.allowed is not None else kind in NOT_BY_DEFAULT:
            return None
        number = next(self._ids)
        self.waiting[number] = Update(number, kind, chat, self.now(), body, self.way())
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        for wake in self.on_new:
            wake()
        return number

    def allow(self, fields: Fields) -> None:
        """Take `allowed_updates` if it is given; it stays until given again. An empty list is the default."""
        kinds = fields.json("allowed_updates", list)
        if kinds is not None:
            self.allowed = frozenset(str(kind) for kind in kinds) & KINDS or None

    def expire(self) -> None:
        """Drop what nobody came for in time."""
        now = self.now()
        for number, update in list(self.waiting.items()):
            lifetime = self.query_lifetime if update.kind == "callback_query" else DAY
            if now - update.at > lifetime:
                del self.waiting[number]
                self.dropped.append(number)

    def hand(self, update: Update) -> None:
        """Note that the bot gets it now."""
        self.handed.setdefault(update.id, self.now())

    async def get(self, fields: Fields) -> list[dict[str, Any]]:
        """getUpdates: confirm what lies before `offset`, then wait for something. Raises ApiError 409."""
        if self.webhook_set:
            raise ApiError(409, WEBHOOK_SET)
        self.allow(fields)
        self._confirm(fields.number("offset", 0))
        limit = min(max(fields.number("limit", MOST_AT_ONCE), 1), MOST_AT_ONCE)
        self._end_other_poll()
        batch = self._batch(limit)
        timeout = min(fields.number("timeout", 0), LONGEST_POLL)
        if not batch and timeout > 0:
            await self._wait(timeout)
            batch = self._batch(limit)
        return batch

    def end_poll(self) -> None:
        """A webhook was set: whoever polls is told so."""
        self._end_other_poll(WEBHOOK_SET)

    def _end_other_poll(self, why: str = TERMINATED) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(ApiError(409, why))
        self._poll = None

    async def _wait(self, seconds: float) -> None:
        mine = self._poll = asyncio.get_running_loop().create_future()
        timer = asyncio.get_running_loop().call_later(seconds, _end, mine)
        try:
            await mine
        finally:
            timer.cancel()
            if self._poll is mine:
                self._poll = None

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            kept = sorted(self.waiting)[offset:]
            offset = kept[0] if kept else 0
        for number in [number for number in self.waiting if number < offset]:
            del self.waiting[number]

    def _batch(self, limit: int) -> list[dict[str, Any]]:
        self.expire()
        some = list(itertools.islice(self.waiting.values(), limit))
        some.sort(key=lambda update: update.way == "late")
        batch = []
        for update in some:
            self.hand(update)
            batch += [update.raw] * (2 if update.way == "twice" else 1)
            update.way = "fine" if update.way == "late" else update.way
        return batch


def _end(poll: asyncio.Future[None]) -> None:
    if not poll.done():
        poll.set_result(None)


def encode(value: Any) -> bytes:
    """JSON as the server writes it."""
    return _ENCODER.encode(value).encode("utf-8", "surrogatepass")
