"""The port through which a message leaves: what a channel adapter gets, promises, and may answer.

The answers are a closed list. Each says whether the provider accepted the message, whether to try again, and the
sentence staff see, so the dispatcher has no line about any one channel.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: what it shows, and what comes back when it is pressed (at most 64 bytes of UTF-8)."""

    label: str
    data: str
    url: str | None = None
    """A page it opens instead; then `data` is empty and nothing comes back."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a person sees."""

    text: str
    """Says everything by itself: where the picture cannot go, the text goes alone."""
    buttons: tuple[Button, ...] = ()
    picture: bytes | None = field(default=None, repr=False)
    """A PNG shown above the text."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as a channel gets it."""

    message_id: int
    to: str
    """The provider's name for the address (chat id, number)."""
    body: Body
    kind: str
    """Class of the message: alert, reply, staff, or the topic of a step."""
    last_inbound_at: datetime | None
    """When somebody last wrote from this address; some channels' law depends on it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider accepted it."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly not accepted, worth another try: no connection, provider busy."""

    code: str
    retry_after: float = 0.0
    """Seconds to wait; 0 leaves it to the dispatcher's back-off."""


@dataclass(frozen=True, slots=True)
class Limited:
    """Certainly not accepted: the provider told the whole channel to wait (429)."""

    retry_after: float


@dataclass(frozen=True, slots=True)
class Refused:
    """Certainly not accepted, and would not be another time: a malformed message, an address that does not exist."""

    code: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Certainly not accepted: this person blocked us or left. Nothing more goes to this address until they write."""

    code: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been accepted: the answer was lost after the request had left."""

    code: str


@dataclass(frozen=True, slots=True)
class Halted:
    """Certainly not accepted: the whole channel is refused (bad token, account locked). Staff must act."""

    code: str


Outcome = Sent | NotSent | Limited | Refused | Unreachable | Unknown | Halted


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel bears."""

    per_second: float | None = None
    """Messages a second, all workers together; nothing: no limit."""
    spacing: float = 0.0
    """Seconds between two messages to one address."""
    in_flight: int = 20
    """Calls under way at once from one worker."""
    timeout: float = 20.0
    """Seconds after which a call counts as unknown."""


class Sender(Protocol):
    """A channel's way out."""

    channel: str
    limits: Limits

    def law(self, outgoing: Outgoing, now: datetime) -> str | None:
        """Nothing if the channel allows this message now; else why not, in a few plain words for staff."""
        ...

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Send it. Failures are answers, not exceptions; an exception counts as `Unknown`."""
        ...
