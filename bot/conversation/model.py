"""What a conversation remembers, what it is told, and what it may ask for. Values only.

The state of a chat is kept as JSON, sealed; a state that a later version cannot read is forgotten, because forgetting
costs one repeated question and guessing could file an answer under the wrong patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.answering import Answering
from bot.conversation.words import Commands
from bot.triage import Triage
from content.loader import Content
from scheduler.enrolments import EnrolmentView
from scheduler.links import LinkView
from scheduler.people import AddressView
from scheduler.reminders import SentCheckin
from scheduler.sender import Body

# ---------------------------------------------------------------- state


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Offer(_Value):
    """One button that was shown: typing its label or words is pressing it."""

    label: str
    data: str
    button: str | None = None
    """Id in `content/replies/buttons.yaml`, whose words count as well."""


class Offers(_Value):
    """The buttons under our last message that had any."""

    at: datetime
    items: tuple[Offer, ...]


class AwaitLanguage(_Value):
    """We asked for the language; then goes on what they came with."""

    kind: Literal["language"] = "language"
    token: str | None = None
    words: str | None = None


class AwaitFactor(_Value):
    """We asked for the year of birth (or day of surgery) behind a link."""

    kind: Literal["factor"] = "factor"
    token: str


class AwaitConsent(_Value):
    """We showed a consent notice."""

    kind: Literal["consent"] = "consent"
    enrolment_id: int
    purpose: Literal["reminders", "sharing"]
    joining: bool = False
    """After it comes the welcome."""


class AwaitTime(_Value):
    """We asked for the morning or evening time."""

    kind: Literal["time"] = "time"
    part: Literal["morning", "evening"]


class AwaitQuestion(_Value):
    """We asked for the question to hand over to the care team."""

    kind: Literal["question"] = "question"


Pending = Annotated[AwaitLanguage | AwaitFactor | AwaitConsent | AwaitTime | AwaitQuestion, Field(discriminator="kind")]


class Confirm(_Value):
    """We asked whether a warning sign is really there. Lies beside what was pending, and does not disturb it."""

    sign: str
    tier: str
    rule: str
    words: str
    at: datetime


class Asking(_Value):
    """The question of a check-in that we asked last as a reply."""

    reminder_id: int
    question: str


class Asked(_Value):
    """What they asked last, for feedback and hand-over."""

    text: str
    faq: str | None = None


class State(_Value):
    """What one chat remembers."""

    pending: Pending | None = None
    offers: Offers | None = None
    confirm: Confirm | None = None
    asking: Asking | None = None
    asked: Asked | None = None

    @classmethod
    def read(cls, text: str | None) -> State:
        """The state kept as JSON; an empty one if there is none or it cannot be read."""
        try:
            return cls.model_validate_json(text) if text else cls()
        except ValidationError:
            return cls()


# ---------------------------------------------------------------- context


@dataclass(frozen=True, slots=True)
class FoundLink:
    """What is behind a token or code somebody sent."""

    typed: str
    view: LinkView | None
    enrolment: EnrolmentView | None
    fresh: bool = True
    """It came with this event; else it is the one whose second factor we await."""


@dataclass(frozen=True, slots=True)
class Replied:
    """The check-in a message answers, told by the provider; `question` if it was asked as a reply of ours."""

    reminder_id: int
    question: str | None


@dataclass(frozen=True)
class Context:
    """All that deciding needs to know, loaded before."""

    now: datetime
    content: Content
    commands: Commands
    triage: Triage
    answering: Answering
    address: AddressView
    enrolments: tuple[EnrolmentView, ...] = ()
    """Whose messages are read in this chat, oldest first."""
    agreed: frozenset[tuple[int, str]] = frozenset()
    """(enrolment, purpose) with a current yes."""
    link: FoundLink | None = None
    """Behind the token or code in the event, or behind the one whose second factor we await."""
    checkins: tuple[SentCheckin, ...] = ()
    """Check-ins that left for this chat, newest first."""
    answers: Mapping[tuple[int, str], str] = field(default_factory=dict)
    """(reminder, question) -> value, of those check-ins."""
    replied: Replied | None = None
    human_until: datetime | None = None
    """Until then a human has the chat."""

    @property
    def only(self) -> EnrolmentView | None:
        """The enrolment of this chat, if there is exactly one that has not ended; of one ended alone, that one."""
        living = self.living or self.enrolments
        return living[0] if len(living) == 1 else None

    @property
    def living(self) -> tuple[EnrolmentView, ...]:
        """The enrolments of this chat that have not ended."""
        return tuple(e for e in self.enrolments if e.state != "ended")

    def shares(self, enrolment: EnrolmentView | None) -> bool:
        """Whether the care team may see what this chat reports: a patient who was asked and said no is respected."""
        return enrolment is None or enrolment.joined_at is None or (enrolment.id, "sharing") in self.agreed


# ---------------------------------------------------------------- effects


@dataclass(frozen=True, slots=True)
class Say:
    """Send a message to this chat; `kind` is its class (`reply` or `urgent`)."""

    body: Body
    kind: str = "reply"
    enrolment_id: int | None = None


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """The language of this chat from now on."""

    language: str


@dataclass(frozen=True, slots=True)
class Stop:
    """STOP for this chat."""

    how: str


@dataclass(frozen=True, slots=True)
class Start:
    """START for this chat."""

    language: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing proactive until then (UTC)."""

    enrolment_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Resume:
    """End a pause."""

    enrolment_id: int


@dataclass(frozen=True, slots=True)
class Block:
    """This person cannot be reached here any more."""


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Bind a link to this chat."""

    link_id: int


@dataclass(frozen=True, slots=True)
class WrongTry:
    """Count a wrong second factor."""

    link_id: int


@dataclass(frozen=True, slots=True)
class UseLink:
    """The second factor was right: this chat becomes the recipient, and the link is used up."""

    link_id: int
    enrolment_id: int
    person_id: int
    role: str


@dataclass(frozen=True, slots=True)
class Agree:
    """A yes to one purpose."""

    enrolment_id: int
    person_id: int
    purpose: str
    language: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """A no to one purpose, also where nothing was agreed before."""

    enrolment_id: int
    person_id: int
    purpose: str
    how: str


@dataclass(frozen=True, slots=True)
class ChangeTimes:
    """Another morning or evening time (local)."""

    enrolment_id: int
    morning: time | None = None
    evening: time | None = None


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """Store the answer to a check-in's question; a second one replaces the first."""

    enrolment_id: int
    reminder_id: int
    question: str
    value: str


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """Open a case for staff."""

    enrolment_id: int | None
    sign: str
    tier: str
    rule: str
    words: str
    shared: bool
    """Whether staff may see it."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Put a question before the care team."""

    enrolment_id: int | None
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """An answer helped, or did not."""

    faq: str
    helped: bool


@dataclass(frozen=True, slots=True)
class Audit:
    """A line in the audit trail; `detail` holds ids and short names only."""

    action: str
    enrolment_id: int | None = None
    detail: Mapping[str, str | int] = field(default_factory=dict)


Effect = (
    Say | SetLanguage | Stop | Start | Pause | Resume | Block | OpenLink | WrongTry | UseLink | Agree | Withdraw
    | ChangeTimes | RecordAnswer | OpenAlert | HandOver | Feedback | Audit
)  # fmt: skip
