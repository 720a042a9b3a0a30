"""What Telegram keeps about one bot: people, their chats, what they saw, buttons pressed, commands set."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.faults import Faults
from tests.fakes.telegram.rates import Rates
from tests.fakes.telegram.updates import Updates

BOT_NAME = "Saathi Example"


@dataclass(frozen=True, slots=True)
class Key:
    """A button as somebody sees it."""

    label: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One line of the ledger: a message that reached somebody's phone, or a change of one."""

    to: str
    """The chat, as text."""
    text: str
    at: float
    """Seconds since 1970 by the server's clock."""
    message_id: int
    kind: str = "text"
    """text, photo, document, or edit."""


@dataclass
class Person:
    """Somebody with Telegram on the phone. A private chat has the person's number."""

    id: int
    first_name: str
    language_code: str | None = None
    started: bool = False
    """Start was pressed, so the bot may write."""
    blocked: bool = False
    gone: bool = False
    """The account was deleted."""
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Everything in the chat, from both sides, as the Bot API shows a message."""

    @property
    def user(self) -> dict[str, Any]:
        """The Bot API's User."""
        shown: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        return shown | ({"language_code": self.language_code} if self.language_code else {})

    @property
    def chat(self) -> dict[str, Any]:
        """The Bot API's Chat."""
        return {"id": self.id, "first_name": self.first_name, "type": "private"}


@dataclass
class Query:
    """A button that was pressed: the phone shows it as waiting until it is answered or too old."""

    person: int
    at: float
    answer: str | None = None


@dataclass
class Cloud:
    """One bot's side of Telegram. Only the server's own thread touches it."""

    token: str
    username: str
    now: Callable[[], float]
    """Seconds since 1970."""
    rates: Rates | None
    """None: no limits, for what measures a client."""
    query_lifetime: float
    updates: Updates
    faults: Faults = field(default_factory=Faults)
    people: dict[int, Person] = field(default_factory=dict)
    ledger: list[Seen] = field(default_factory=list)
    queries: dict[str, Query] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    """By scope and language."""
    words: dict[tuple[str, str], str] = field(default_factory=dict)
    """Description and short description, by which and language."""
    calls: Counter[str] = field(default_factory=Counter)
    """By method, in lower case."""
    answers: Counter[int] = field(default_factory=Counter)
    """By status."""
    message_ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    file_ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    query_ids: itertools.count[int] = field(default_factory=lambda: itertools.count(4_380_000_001))

    @property
    def id(self) -> int:
        """The bot's number: the first part of its token."""
        return int(self.token.partition(":")[0])

    @property
    def bot(self) -> dict[str, Any]:
        """The Bot API's User for the bot."""
        return {"id": self.id, "is_bot": True, "first_name": BOT_NAME, "username": self.username}
