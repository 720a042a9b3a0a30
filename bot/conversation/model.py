"""What a conversation remembers, and what it is told. Values only.

The state of a chat is kept as JSON, sealed; a state that a later version cannot read is forgotten, because forgetting
costs one repeated question and guessing could file an answer under the wrong patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.answering import Answering
from bot.conversation.words import Commands
from bot.staff.desk import Desk
from bot.triage import Triage
from bot.watching import Given
from content.loader import Content
from scheduler.doses import Dose, SentDose
from scheduler.enrolments import EnrolmentView
from scheduler.links import LinkView
from scheduler.people import AddressView
from scheduler.reminders import SentCheckin

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


class AwaitAnswer(_Value):
    """A member of staff was asked for the answer to a patient's question."""

    kind: Literal["answer"] = "answer"
    question_id: int
    at: datetime


Pending = Annotated[
    AwaitLanguage | AwaitFactor | AwaitConsent | AwaitTime | AwaitQuestion | AwaitAnswer, Field(discriminator="kind")
]


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
    again_at: datetime | None = None
    """It has an answer, and was asked again then so that it can be corrected."""


class Asked(_Value):
    """What they asked last, for feedback and hand-over."""

    text: str
    faq: str | None = None
    """What it was answered with; nothing while it is not clear what was meant."""
    refused: tuple[str, ...] = ()
    """Answers to it that did not help."""


class Answered(_Value):
    """What we answered last from the FAQ: a message may go on from it, or ask where it is from."""

    faq: tuple[str, ...] = Field(min_length=1)
    """Ids, in the order they were said."""
    at: datetime


class Draft(_Value):
    """An answer of staff that was shown once more and not sent yet."""

    question_id: int
    text: str
    at: datetime


class Enrolling(_Value):
    """A patient whom a member of staff is enrolling here, as far as it was typed. Lies beside what was pending."""

    nonce: str
    """Names this form: saved twice it enrols once."""
    values: dict[str, str] = {}
    """What was typed or tapped, by field of the enrol form."""
    field: str
    """The field that was asked for last; else what was shown: `check`, `which` or `saved`."""
    shown: bool = False
    """The whole was shown once: after this field it is shown again."""
    at: datetime


class State(_Value):
    """What one chat remembers."""

    pending: Pending | None = None
    offers: Offers | None = None
    confirm: Confirm | None = None
    asking: Asking | None = None
    asked: Asked | None = None
    answered: Answered | None = None
    draft: Draft | None = None
    enrolling: Enrolling | None = None
    photo_at: datetime | None = None
    """When we last said that a photo came."""
    renewed_at: datetime | None = None
    """When a notice whose text had changed was last shown."""
    spoke_at: datetime | None = None
    """When we last answered in this chat; the fixed reply to a red flag leaves a talk as it was."""

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
    own_phone: bool | None = None
    """Whether the sender's own phone number, which came with this event, is the patient's; nothing if none came, or
    staff gave none."""


@dataclass(frozen=True, slots=True)
class Replied:
    """The check-in a message answers, told by the provider; `question` if it was asked as a reply of ours."""

    reminder_id: int
    question: str | None


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """Which answer came last, and when."""

    reminder_id: int
    question: str
    at: datetime


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
    outdated: frozenset[tuple[int, str]] = frozenset()
    """(enrolment, purpose) with a yes to a notice whose text has changed since."""
    link: FoundLink | None = None
    """Behind the token or code in the event, or behind the one whose second factor we await."""
    checkins: tuple[SentCheckin, ...] = ()
    """Check-ins that left for this chat, newest first."""
    answers: Mapping[tuple[int, str], str] = field(default_factory=dict)
    """(reminder, question) -> value, of the enrolments of this chat."""
    given: Mapping[int, tuple[Given, ...]] = field(default_factory=dict)
    """Enrolment -> all its answers, for the rules over them."""
    last_answer: LastAnswer | None = None
    """What was answered or corrected last, by anybody for an enrolment of this chat."""
    doses: tuple[SentDose, ...] = ()
    """Reminders of medicine times that left for this chat lately, or that a button names; newest first."""
    said: Mapping[tuple[int, str], Dose] = field(default_factory=dict)
    """What was said last, by enrolment and medicine time."""
    replied: Replied | None = None
    silent: frozenset[str] = frozenset()
    """Signs of which silence made an alert here lately, where a question about one may be answered now."""
    human_until: datetime | None = None
    """Until then a human has the chat; if it is past, the program has not said yet that it answers again."""
    desk: Desk | None = None
    """Whose linked chat this is, if it is one of staff."""
    staff_code: str | None = None
    """A code in the event that links a chat to a member of staff, or claims to."""

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
