"""What valid content is: one frozen model for each kind of entry in `content/**/*.yaml`.

Rules that need only the entry itself live here; rules across entries and files live in `content/checks.py`.
Texts may hold placeholders in braces: `{name}`, `{day}`, or any setting of the clinic (`{hospital_phone}`).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
"""An id: lower-case words joined by hyphens. Never changed once patients have received the entry."""

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Language = Literal["en", "hi"]
"""A language Saathi writes by itself. Hinglish (`hi-Latn`) is understood, and written where a text has it."""


class Entry(BaseModel):
    """Base of every entry: frozen, and a field nobody defined is an error rather than ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Entry):
    """One text in every language a patient may have chosen."""

    en: Words
    hi: Words
    hi_latn: Words | None = Field(default=None, alias="hi-Latn")

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def __getitem__(self, language: str) -> str:
        """The text in `language` (`en`, `hi` or `hi-Latn`); Hinglish falls back to Devanagari, all else to English."""
        if language == "hi-Latn":
            return self.hi_latn or self.hi
        return self.hi if language == "hi" else self.en

    def all(self) -> tuple[str, ...]:
        """The text in each language it is written in."""
        return (self.en, self.hi) if self.hi_latn is None else (self.en, self.hi, self.hi_latn)


class Phrasings(Entry):
    """How people write something: English, Devanagari, Hinglish."""

    en: tuple[Words, ...] = ()
    hi: tuple[Words, ...] = ()
    hi_latn: tuple[Words, ...] = Field(default=(), alias="hi-Latn")

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def all(self) -> tuple[str, ...]:
        """Every phrasing of the three forms, in file order."""
        return self.en + self.hi + self.hi_latn


class Signed(Entry):
    """A clinician's signature under an entry. Only a clinician's act writes one."""

    by: Words
    on: date
    expires: date


Review = Literal["pending"] | Signed


class Source(Entry):
    """Where a fact comes from; grades as in the register: A guideline or trial, B patient leaflet, C other."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]+$")]
    grade: Literal["A", "B", "C"]
    title: Words
    url: Words


class Setting(Entry):
    """A number, date or telephone that differs between hospitals, with the default and where that comes from."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    default: str | int
    meaning: Words
    unit: str | None = None
    sources: tuple[str, ...] = ()


class Topic(StrEnum):
    """What a step of a journey is about; it decides the message's class."""

    MEDICINE = "medicine"
    """Pain medicine: never a dose, always 'as written on your prescription'."""
    WARNING = "warning"
    """Infection and other warning signs."""
    ACTIVITY = "activity"
    CHECKIN = "checkin"
    """A step that asks; `ask` names the questions."""
    LOGISTICS = "logistics"
    """Stitches, follow-up, papers, close-out."""


class Anchor(StrEnum):
    """The day a step counts from. Day 0 is the day itself."""

    SURGERY = "surgery"
    DISCHARGE = "discharge"


class Slot(StrEnum):
    """The local time of day. Morning and evening are chosen by the patient; the others are fixed by the clinic."""

    MORNING = "morning"
    MIDDAY = "midday"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class WhenLate(StrEnum):
    """What happens to a step that was already past when the patient joined."""

    SKIP = "skip"
    SEND = "send"
    """Send now, in the next free slot."""
    FOLD = "fold"
    """Send together with the next message of the same day, as one message."""


class Step(Entry):
    """One entry of a journey."""

    id: Slug
    topic: Topic
    anchor: Anchor = Anchor.SURGERY
    day: int = Field(ge=-7, le=90)
    slot: Slot
    late_minutes: int | None = Field(default=None, ge=5, le=720)
    """How late it may still leave, in minutes; nothing: the same local day, until quiet hours begin."""
    when_late: WhenLate | None = None
    """For late enrolment; nothing: the default of the topic in `content/journeys/defaults.yaml`."""
    text: Text
    ask: tuple[Slug, ...] = ()
    """Ids of questions (`content/checkins.yaml`), asked one after the other; only for check-ins."""
    picture: Literal["trend"] | None = None
    """A picture drawn when the message leaves: `trend`, the patient's own answers on pain and walking so far."""
    sources: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _asks_only_in_checkins(self) -> Step:
        if bool(self.ask) != (self.topic is Topic.CHECKIN):
            raise ValueError("a check-in needs 'ask', and no other topic may have it")
        return self


class Journey(Entry):
    """The content of a recovery plan for one procedure, day -7 to 90."""

    id: Slug
    title: Text
    short: Text
    """The procedure in two or three words, as in 'your disc surgery'."""
    also_called: tuple[Words, ...] = ()
    """Other names staff write in a list of patients."""
    per_day: int = Field(ge=1, le=4)
    """At most this many proactive messages a day, medicine times apart."""
    review: Review
    sources: tuple[str, ...]
    steps: tuple[Step, ...]


class SlotTimes(Entry):
    """Default local times of the slots, and the quiet hours, as HH:MM."""

    morning: str
    midday: str
    afternoon: str
    evening: str
    quiet_from: str
    quiet_until: str


class JourneyDefaults(Entry):
    """`content/journeys/defaults.yaml`: what holds for every journey."""

    slots: SlotTimes
    when_late: dict[Topic, WhenLate]
    usual_stay_days: int = Field(ge=0, le=14)
    """Until staff enter the day of discharge, it is taken to be so many days after surgery."""
    medicine_late_minutes: int = Field(ge=5, le=120)
    """A reminder of a medicine time leaves at most this late, in minutes; then it is expired."""
    medicine_text: Text
    """The text of a staff-entered medicine time; may hold {time} and {day_date}."""
    medicine_named_text: Text
    """The same where staff typed names; holds {medicine} as well."""
    medicine_sources: tuple[str, ...]
    review: Review


class Choice(Entry):
    """One answer a patient may tap or type."""

    id: Slug
    label: Text
    """At most 20 characters a language (WhatsApp reply button)."""
    words: tuple[Words, ...] = ()
    """Other ways to type it, in any of the three forms."""
    sign: str | None = None
    """The warning sign this answer reports, if any: an alert is opened."""
    photo: bool = False
    """After this answer a photo for the care team is asked for, where the patient shares with it."""


class Question(Entry):
    """One question of a check-in: a scale 0-10, minutes, or a choice."""

    id: Slug
    ask: Text
    kind: Literal["scale", "minutes", "choice"]
    choices: tuple[Choice, ...] = ()
    alert_at: int | None = Field(default=None, ge=0, le=10)
    """On a scale: this value or more reports `sign`."""
    sign: str | None = None
    thanks: Text | None = None
    """Said after the answer; nothing: the common thanks."""
    only_if: str | None = None
    """A setting of the clinic: it is asked only where that says `yes`. Nothing: everywhere."""
    sources: tuple[str, ...] = ()
    review: Review

    @model_validator(mode="after")
    def _choices_fit_kind(self) -> Question:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("a 'choice' question needs 'choices', and no other kind may have them")
        if (self.alert_at is None) != (self.sign is None):
            raise ValueError("'alert_at' and 'sign' go together")
        return self


class Variant(Entry):
    """What an answer says instead for some operations, or for some days after surgery."""

    procedures: tuple[Slug, ...] = ()
    """Ids of `content/procedures.yaml`; none: every operation."""
    from_day: int | None = Field(default=None, ge=0, le=365)
    """First day after surgery on which this is said; nothing: from day 0."""
    to_day: int | None = Field(default=None, ge=0, le=365)
    """Last such day. A variant with days is said only to patients, whose day is known."""
    answer: Text

    @model_validator(mode="after")
    def _differs_somewhere(self) -> Variant:
        if not self.procedures and self.from_day is None and self.to_day is None:
            raise ValueError("a variant needs 'procedures', 'from_day' or 'to_day'")
        return self

    def fits(self, procedure: str | None, day: int | None) -> bool:
        """Whether this is what somebody with `procedure` on `day` after surgery is told; both may be unknown."""
        if self.procedures and procedure not in self.procedures:
            return False
        if self.from_day is None and self.to_day is None:
            return True
        return day is not None and (self.from_day or 0) <= day <= (self.to_day if self.to_day is not None else day)


class FaqItem(Entry):
    """One question and its answer."""

    id: Slug
    covers: tuple[str, ...] = ()
    """Statements of the seed (S1-S36) and question topics (Q1-Q132) this item answers."""
    route: Literal["G", "G+", "T"]
    """G general answer; G+ general, then 'your surgeon's advice comes first'; T ask your care team."""
    label: Text
    """The question in a few words, at most 24 characters a language (WhatsApp list row)."""
    question: Text
    answer: Text
    variants: tuple[Variant, ...] = ()
    """Said instead of `answer` where they fit; the first that fits counts."""
    wait: str | None = None
    """A setting of the clinic, in days or weeks: until then the answer says how far the patient is (`on-day-wait`)."""
    asked: Literal["before"] | None = None
    """`before`: hardly anybody asks this once the operation is over, so words that fit it mean something else then."""
    next: tuple[Slug, ...] = Field(default=(), max_length=3)
    """Ids of the questions people naturally ask next, offered after the answer."""
    phrasings: Phrasings
    sources: tuple[str, ...]
    review: Review

    def answer_for(self, procedure: str | None = None, day: int | None = None) -> Text:
        """What is said to somebody with this operation on this day after surgery, as far as either is known."""
        return next((v.answer for v in self.variants if v.fits(procedure, day)), self.answer)


class Procedure(Entry):
    """One operation the answers know of, with or without a journey."""

    id: Slug
    short: Text
    """In two or three words, as in 'your disc surgery'."""
    journey: Slug | None = None
    """The journey of its patients, if there is one."""
    prefix: Annotated[str, StringConstraints(pattern=r"^[a-z]+_$")] | None = None
    """Settings that begin so are its own values: `fusion_lift_kg` stands where a text says `{lift_kg}`."""
    words: Phrasings
    """How people name it in a question; answers then are about it."""


class Outside(Entry):
    """A subject no answer of ours is about, and how people write about it."""

    id: Slug
    reply: Slug
    """Id of the reply that is given (`content/replies/faq.yaml`); with `handoff` the care team sees the message."""
    phrasings: Phrasings


class Tier(StrEnum):
    """How urgent a sign is."""

    NONE = "none"
    ROUTINE = "routine"
    SAME_DAY = "same_day"
    EMERGENCY = "emergency"


class Sign(Entry):
    """One red flag: what people write, what only looks like it, and what is said first."""

    id: Annotated[str, StringConstraints(pattern=r"^RF\d\d$")]
    name: Text
    tier: Tier
    phrases: Phrasings
    """Reports. A 'not' inside one is part of the symptom (clinical rule 5.3.1)."""
    same_day_phrases: Phrasings = Phrasings()
    """Milder forms of the same sign, one tier down."""
    emergency_phrases: Phrasings = Phrasings()
    """Stronger forms that lift a same-day sign to an emergency."""
    look_alikes: Phrasings = Phrasings()
    """Sentences that mention the words and report nothing; they silence an equal or smaller match inside them."""
    nouns: Phrasings = Phrasings()
    """Words that name the symptom: alone, or too unclear to judge, they lead to one yes/no question."""
    improving_lowers: bool = False
    """Whether 'better than yesterday' lowers the tier by one (clinical rule 5.3.9)."""
    reply: Slug
    """Id of the fixed reply (`content/replies`)."""
    sources: tuple[str, ...]
    review: Review


class Button(Entry):
    """A button of a reply: what it says, and what typing instead of tapping looks like."""

    id: Slug
    label: Text
    words: tuple[Words, ...] = ()


class Reply(Entry):
    """Something the bot says around the content."""

    id: Slug
    text: Text
    buttons: tuple[Slug, ...] = ()
    """Ids of buttons (`content/replies/buttons.yaml`)."""
    sources: tuple[str, ...] = ()
    review: Review


class Notice(Entry):
    """The consent notice of one purpose; a changed text needs a new version, and people are asked again."""

    purpose: Literal["reminders", "sharing"]
    version: Words
    text: Text
    review: Review
