"""What a conversation may ask for. Values only; `bot.effects` carries them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time

from scheduler.enrolments import NewEnrolment
from scheduler.sender import Body


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
class NoteDose:
    """What was said about a medicine time; the reminder of one that is to be told later comes back."""

    enrolment_id: int
    occurrence: str
    said: str
    """taken, later, skipped"""
    again_at: datetime | None = None
    """Of 'later', UTC."""


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
class AskConfirm:
    """It was asked whether a warning sign is there; silence becomes an alert. Fields as of `OpenAlert`."""

    enrolment_id: int | None
    sign: str
    tier: str
    rule: str
    words: str
    shared: bool


@dataclass(frozen=True, slots=True)
class SettleConfirm:
    """The question about a sign was answered, `yes` or `no`."""

    sign: str
    answer: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Put a question before the care team."""

    enrolment_id: int | None
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class KeepPhoto:
    """Fetch the photo of this event and keep it for the care team; no enrolment: the chat follows several patients."""

    enrolment_id: int | None
    source: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HandBack:
    """It was said that the program answers again."""


@dataclass(frozen=True, slots=True)
class TellStaff:
    """Put something that is no alert before staff; `kind` is one of `bot.staff.notices.KINDS`."""

    kind: str
    enrolment_id: int


@dataclass(frozen=True, slots=True)
class LinkStaff:
    """Link this chat to the member of staff whose code this is, and say what came of it."""

    code: str


@dataclass(frozen=True, slots=True)
class UnlinkStaff:
    """End the link of this chat to a member of staff, and say so."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Whoever this chat is linked to has seen the alert; say what came of it."""

    alert_id: int


@dataclass(frozen=True, slots=True)
class CloseAlert:
    """Whoever this chat is linked to says how an alert ended; say what came of it."""

    alert_id: int
    outcome: str
    """called, seen, false_alarm, transferred"""


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """Send the answer of whoever this chat is linked to; say what came of it."""

    question_id: int
    text: str


@dataclass(frozen=True, slots=True)
class ShowDay:
    """Say what waits for staff today."""


@dataclass(frozen=True, slots=True)
class Enrol:
    """Enrol a patient for whoever this chat is linked to; say what came of it, with the link to forward."""

    asked: NewEnrolment
    nonce: str
    mark: int
    """Of what was shown, for the buttons under the reply."""
    another: bool = False
    """Although the same operation is there already: it is another patient's."""


@dataclass(frozen=True, slots=True)
class FindPatient:
    """Look for patients by a part of a name, or digits of a phone; nothing typed: who needs somebody."""

    words: str


@dataclass(frozen=True, slots=True)
class ShowPatient:
    """How one patient is doing."""

    enrolment_id: int


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
    | ChangeTimes | RecordAnswer | NoteDose | OpenAlert | AskConfirm | SettleConfirm
    | HandOver | KeepPhoto | HandBack | TellStaff | LinkStaff | UnlinkStaff | Acknowledge
    | CloseAlert | AnswerQuestion | ShowDay | Enrol | FindPatient | ShowPatient | Feedback | Audit
)  # fmt: skip
