"""What goes wrong on purpose, call by call: scripted, or at random with a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.fakes.telegram.errors import ApiError
from tests.fakes.telegram.http import Drop, Reply

Kind = Literal[
    "none",
    "too many",  # 429 with retry_after
    "forbidden",
    "bad request",
    "broken before",  # 500, nothing done
    "broken after",  # 500, but it was done
    "dropped before",  # the connection breaks, nothing done
    "dropped after",  # the connection breaks, but it was done
    "slow",  # done, and answered late
    "conflict",  # 409
    "nonsense",  # done, and answered with what is no JSON
    "gateway",  # 502 from something in between, with a page of HTML; nothing done
]
ACCEPTED: frozenset[Kind] = frozenset(("broken after", "dropped after", "slow", "nonsense"))
"""Faults after which the call was carried out all the same."""

UpdateKind = Literal["fine", "twice", "late"]
"""An update comes once; comes twice; comes after the one that follows it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One call that goes wrong."""

    kind: Kind
    method: str = "sendmessage"
    """In lower case; `*`: any method."""
    chat: int | None = None
    """Only calls about this chat."""
    seconds: float = 1.0
    """To wait: what a 429 says (a whole number), or what a slow call takes."""

    def answer(self) -> Reply | type[Drop]:
        """What the client gets, where that does not depend on the call."""
        if self.kind.startswith("dropped"):
            return Drop
        if self.kind == "nonsense":
            return Reply(200, b'{"ok":true,"result":{"message_id":')
        if self.kind == "gateway":
            return Reply(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html")
        raise self.error()

    def error(self) -> ApiError:
        """The Bot API's own error for it."""
        if self.kind == "too many":
            wait = max(int(self.seconds), 1)
            return ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        return {
            "forbidden": ApiError(403, "Forbidden: user is deactivated"),
            "bad request": ApiError(400, "Bad Request: PEER_ID_INVALID"),
            "conflict": ApiError(
                409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
            ),
        }.get(self.kind, ApiError(500, "Internal Server Error"))


class Faults:
    """What is to go wrong next."""

    def __init__(self) -> None:
        self._script: list[Fault] = []
        self._updates: list[UpdateKind] = []
        self._weights: Mapping[Kind, float] = {}
        self._random = random.Random()
        self._seconds = 1.0

    def script(self, faults: Iterable[Fault]) -> None:
        """Each is taken by the next call it fits, in this order; what no call fits waits."""
        self._script += faults

    def script_updates(self, kinds: Iterable[UpdateKind]) -> None:
        """How the next updates reach the bot, one after the other."""
        self._updates += kinds

    def at_random(self, weights: Mapping[Kind, float], seed: int, seconds: float = 1.0) -> None:
        """Every call that sends goes wrong like this, with these weights ("none" included)."""
        self._weights, self._random, self._seconds = weights, random.Random(seed), seconds

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._script.clear()
        self._updates.clear()
        self._weights = {}

    @property
    def left(self) -> int:
        """Scripted faults that no call has taken yet."""
        return len(self._script)

    def next(self, method: str, chat: int | None) -> Fault | None:
        """What this call suffers, if anything."""
        for number, fault in enumerate(self._script):
            if fault.method in (method, "*") and fault.chat in (None, chat):
                return self._script.pop(number)
        if self._weights and method.startswith("send") and method != "sendchataction":
            kind = self._random.choices(list(self._weights), list(self._weights.values()))[0]
            seconds = self._seconds * self._random.random() if kind == "slow" else self._seconds
            return None if kind == "none" else Fault(kind, method, seconds=seconds)
        return None

    def next_update(self) -> UpdateKind:
        """How the next update travels."""
        return self._updates.pop(0) if self._updates else "fine"
