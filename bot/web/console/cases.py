"""Alerts, questions and notices as the pages of the console show them: whom about, since when, what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff.alerts import OUTCOMES
from bot.store import whom
from bot.store.reading import AlertView, NoticeView, QuestionView, ReportView, StepView
from bot.store.whom import HOME_ZONE, UNREADABLE, Whom
from bot.web.states import lasting, near_moment
from content.loader import Content
from scheduler import outbox
from scheduler.crypto import KeyRing
from scheduler.errors import KeyMissingError
from scheduler.store.tables import message

TIER_WORDS = {"emergency": "Emergency", "same_day": "Same day"}
TIER_TONES = {"emergency": "red", "same_day": "amber"}

OUTCOME_WORDS = {
    "called": "Called the patient",
    "seen": "Seen in person",
    "false_alarm": "False alarm",
    "transferred": "Handed to somebody else",
}
assert set(OUTCOME_WORDS) == set(OUTCOMES)  # noqa: S101 - a new outcome needs words

TRUTHS = {
    "unanswered": "the patient was told that nobody has answered yet, and whom to call",
    "waits": "the patient was told that the team hears of it in the morning, and whom to call",
}
STEP_STATES = {
    "queued": "not sent yet",
    "sending": "being sent",
    "failed": "did not arrive",
    "cancelled": "not sent any more",
    "unknown": "not known if it arrived",
    "expired": "too late",
}
"""What became of a message of the clock, by its state."""

NOTICES = {
    "link-locked": (
        "The link is locked",
        "The year of birth was wrong three times. Check it with the patient, then make a new card.",
    ),
    "link-reused": (
        "A used link was opened again",
        "Somebody opened the link in another chat after the patient had connected. It did not work. Ask the patient "
        "whether they passed it on.",
    ),
    "link-forwarded": (
        "The link was opened in a second chat",
        "It works only in the chat that opened it first. If that was not the patient, make a new card.",
    ),
    "photo": ("A photo came", "Look at it under Photos on the patient's page, then tell the patient what to do."),
    "photo-lost": (
        "A photo could not be kept",
        "Why stands under Photos on the patient's page, and the patient was told. Ask what it was about.",
    ),
}
"""What happened, and what to do, by kind of notice."""


@dataclass(frozen=True, slots=True)
class Patient:
    """Whom a case is about."""

    id: int
    name: str
    phone: str
    """As a link dials it; empty if there is none."""
    phone_words: str
    procedure: str
    day: int


@dataclass(frozen=True, slots=True)
class More:
    """A further sign that joined an alert."""

    title: str
    words: str
    """Empty if they cannot be read."""
    at: str


@dataclass(frozen=True, slots=True)
class Case:
    """One alert, question or notice."""

    id: int
    title: str
    tier: str
    """emergency, same_day; empty for what is no alert."""
    tier_words: str
    tier_tone: str
    words: str
    """What the patient wrote; empty if it cannot be read."""
    readable: bool
    patients: tuple[Patient, ...]
    """One, or everybody followed in the chat; nobody for a stranger."""
    at: str
    waiting: str
    """How long it has waited: '12 min'; empty once somebody took it."""
    state: str
    done: tuple[str, ...]
    """What was done, by whom and when, in words."""
    reply: str = ""
    """What staff answered."""
    more: tuple[More, ...] = ()
    """What the patient wrote further, oldest first."""
    clock: tuple[str, ...] = ()
    """Whom the clock has told, in words, oldest first."""
    like: int = 0
    """How many other questions of late were about the same."""
    learnt: str = ""
    """What was saved from it for Saathi to learn, in words."""


def spaced(phone: str) -> str:
    """A number as people read it aloud: '+91 90000 00001'."""
    if phone.startswith("+91") and len(phone) == 13:
        return f"+91 {phone[3:8]} {phone[8:]}"
    return phone


class People:
    """Whom cases are about, fetched together."""

    def __init__(self, content: Content, now: datetime, found: Mapping[int, Whom], chats: Mapping[int, Sequence[Whom]]):
        """`found` by enrolment; `chats` by address, for cases that name no patient."""
        self._content = content
        self._now = now
        self._found = found
        self._chats = chats

    @classmethod
    async def of(
        cls,
        conn: AsyncConnection,
        keys: KeyRing,
        content: Content,
        now: datetime,
        cases: Iterable[AlertView | QuestionView | NoticeView],
    ) -> People:
        """Everybody whom `cases` are about."""
        cases = list(cases)
        found = await whom.patients(conn, keys, {one.enrolment_id for one in cases})
        # Few: open cases of strangers and of phones that several patients share.
        nameless = {
            one.address_id
            for one in cases
            if not isinstance(one, NoticeView) and one.enrolment_id is None and one.state == "open"
        }
        chats = {address_id: await whom.followed_at(conn, keys, address_id) for address_id in sorted(nameless)}
        return cls(content, now, found, chats)

    def alert(self, one: AlertView) -> Case:
        """An alert."""
        patients, zone = self._patients(one.enrolment_id, one.address_id)
        sign = self._content.signs.get(one.sign)
        done = []
        if one.acknowledged_at:
            done.append(f"Seen by {one.acknowledged_by}, {near_moment(one.acknowledged_at, self._now, zone)}")
        if one.closed_at:
            outcome = OUTCOME_WORDS.get(one.outcome or "", one.outcome or "")
            done.append(f"{outcome}. Closed by {one.closed_by}, {near_moment(one.closed_at, self._now, zone)}")
        return Case(
            id=one.id,
            title=sign.name.en if sign else one.sign,
            tier=one.tier,
            tier_words=TIER_WORDS.get(one.tier, one.tier),
            tier_tone=TIER_TONES.get(one.tier, "grey"),
            words=one.words if one.readable else "",
            readable=one.readable,
            patients=patients,
            at=near_moment(one.created_at, self._now, zone),
            waiting=lasting(one.created_at, self._now) if one.state == "open" else "",
            state=one.state,
            done=tuple(done),
            more=tuple(self._more(report, zone) for report in one.reports),
            clock=tuple(_step_words(step, self._now, zone) for step in one.steps),
        )

    def _more(self, report: ReportView, zone: str) -> More:
        sign = self._content.signs.get(report.sign)
        title = sign.name.en if sign else report.sign
        return More(title, report.words if report.readable else "", near_moment(report.created_at, self._now, zone))

    def question(self, one: QuestionView, replies: Mapping[int, str]) -> Case:
        """A question; `replies` by message."""
        patients, zone = self._patients(one.enrolment_id, one.address_id)
        done = []
        if one.closed_at:
            what = "Answered" if one.state == "answered" else "Closed without an answer"
            done.append(f"{what} by {one.closed_by}, {near_moment(one.closed_at, self._now, zone)}")
        return Case(
            id=one.id,
            title="Question",
            tier="",
            tier_words="",
            tier_tone="blue",
            words=one.text if one.readable else "",
            readable=one.readable,
            patients=patients,
            at=near_moment(one.created_at, self._now, zone),
            waiting=lasting(one.created_at, self._now) if one.state == "open" else "",
            state=one.state,
            done=tuple(done),
            reply=replies.get(one.message_id or 0, ""),
        )

    def notice(self, one: NoticeView) -> Case:
        """A notice."""
        patients, zone = self._patients(one.enrolment_id, None)
        rule = self._content.watching.get(one.kind)
        title = one.kind.replace("-", " ").capitalize()
        title, words = NOTICES.get(one.kind, (title, rule.staff.en if rule else ""))
        return Case(
            id=one.id,
            title=title,
            tier="",
            tier_words="",
            tier_tone="amber",
            words=words,
            readable=True,
            patients=patients,
            at=near_moment(one.created_at, self._now, zone),
            waiting=lasting(one.created_at, self._now),
            state="open",
            done=(),
        )

    def _patients(self, enrolment_id: int | None, address_id: int | None) -> tuple[tuple[Patient, ...], str]:
        """Whom it is about, and the zone of their clock."""
        if enrolment_id is not None:
            found = [self._found[enrolment_id]] if enrolment_id in self._found else []
        else:
            found = list(self._chats.get(address_id or 0, ()))
        return tuple(self._patient(one) for one in found), found[0].zone if found else HOME_ZONE

    def _patient(self, one: Whom) -> Patient:
        journey = self._content.journeys.get(one.journey)
        return Patient(
            id=one.enrolment_id,
            name=one.name if one.name != UNREADABLE else f"Unreadable name (record {one.enrolment_id})",
            phone=one.phone or "",
            phone_words=spaced(one.phone or ""),
            procedure=journey.title.en if journey else one.journey,
            day=one.day(self._now),
        )


def _step_words(step: StepView, now: datetime, zone: str) -> str:
    """'15:20: the patient was told that nobody has answered yet'."""
    at = near_moment(step.at, now, zone)
    fate = "" if step.state == "sent" else f" ({STEP_STATES.get(step.state, step.state)})"
    return f"{at}: {TRUTHS.get(step.what) or f'{step.staff} was told'}{fate}"


async def replies(conn: AsyncConnection, keys: KeyRing, questions: Iterable[QuestionView]) -> dict[int, str]:
    """What staff answered, by message; one that cannot be read is left out."""
    ids = [one.message_id for one in questions if one.message_id is not None]
    if not ids:
        return {}
    found = {}
    for row in await conn.execute(select(message.c.id, message.c.body).where(message.c.id.in_(ids))):
        try:
            found[row.id] = outbox.open_body(keys, row.body).text if row.body else ""
        except (KeyMissingError, ValueError):
            continue
    return found
