"""The list of patients: who is there, how each stands, and who needs somebody first.

A page costs the same few queries whether ten or a thousand patients are followed. Names are sealed, so a search opens
all of them in memory: a few milliseconds for a department, which is what one database serves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import alert, answer, question
from bot.store.whom import opened
from bot.web import page
from bot.web.states import Facts, Standing, standing, standing_words
from bot.web.surgeries import scale_name
from content.loader import Content
from scheduler.crypto import KeyRing
from scheduler.store.tables import address, consent, enrolment, person, recipient, reminder
from scheduler.store.types import AnyRow

PAGE = 100
"""Patients on one page of the list."""

MOST_ENDED = 2_000
"""So many ended follow-ups are looked through, newest first."""

LANGUAGES = {"en": "English", "hi": "Hindi", "hi-Latn": "Hinglish"}
TIERS = {"emergency": 0, "same_day": 1, "routine": 2}


@dataclass(frozen=True, slots=True)
class Open:
    """What is open about one patient."""

    tier: str = ""
    """Of the most urgent alert nobody has acknowledged."""
    alerts: int = 0
    acknowledged: int = 0
    """Alerts somebody has seen that are not closed."""
    questions: int = 0
    since: datetime | None = None
    """Of the oldest open alert, else of the oldest question."""


@dataclass(frozen=True, slots=True)
class Pain:
    """The last answer on a scale."""

    words: str
    at: datetime
    high: bool
    """So much that it reports a sign."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One patient in the list."""

    id: int
    name: str
    """Empty if it cannot be read."""
    procedure: str
    day: int
    language: str
    standing: Standing
    standing_words: str
    since: datetime
    """Since when they are enrolled, UTC."""
    sharing: bool
    """They agreed that the care team sees their answers."""
    zone: str
    open: Open = Open()
    pain: Pain | None = None
    next_at: datetime | None = None

    @property
    def group(self) -> str:
        """Which part of the list it stands in; see GROUPS."""
        if self.open.alerts or self.open.acknowledged:
            return "alerts"
        if self.open.questions:
            return "questions"
        return "waiting" if self.standing in (Standing.INVITED, Standing.ASKED) else "rest"

    @property
    def urgency(self) -> tuple[int, int, float, int]:
        """Sorts the list: alerts by tier, acknowledged ones, questions, not connected, then by day. Oldest first."""
        since = self.open.since.timestamp() if self.open.since else 0.0
        if self.open.alerts:
            return 0, TIERS.get(self.open.tier, 9), since, self.id
        if self.open.acknowledged:
            return 1, 0, since, self.id
        if self.open.questions:
            return 2, 0, since, self.id
        if self.group == "waiting":
            return 3, 0, self.since.timestamp(), self.id
        # Those before their operation come after those who have had it.
        return 4, int(self.day < 0), abs(self.day), self.id


GROUPS = {
    "alerts": "Alerts",
    "questions": "Questions to answer",
    "waiting": "Not connected yet",
    "rest": "Everybody else",
}

FILTERS: Mapping[str, tuple[str, frozenset[str]]] = {
    "": ("All", frozenset(one.value for one in Standing) - {"ended"}),
    "attention": ("Need somebody", frozenset(one.value for one in Standing) - {"ended"}),
    "waiting": ("Not connected", frozenset({"invited", "asked"})),
    "active": ("Followed", frozenset({"active"})),
    "silent": ("Paused or stopped", frozenset({"paused", "stopped", "blocked", "refused"})),
    "ended": ("Ended", frozenset({"ended"})),
}
"""The choices above the list: key in the address -> words, and which standings it shows."""


@dataclass(frozen=True, slots=True)
class Roster:
    """One page of the list."""

    groups: tuple[tuple[str, tuple[Entry, ...]], ...]
    """Heading and patients, most urgent first."""
    chosen: str
    """Key of FILTERS."""
    words: str
    """What was searched for."""
    totals: Mapping[str, int]
    """Patients for each key of FILTERS, before the search; nothing for those not looked at."""
    found: int
    page: int
    pages: int


async def roster(
    conn: AsyncConnection, keys: KeyRing, content: Content, now: datetime, chosen: str, words: str, number: int
) -> Roster:
    """Page `number` (from 1) of the list, filtered by standing and by words in the name."""
    chosen = chosen if chosen in FILTERS else ""
    entries = await _entries(conn, keys, content, now, ended=chosen == "ended")
    ordered = sorted(entries, key=lambda one: one.urgency)
    totals = {
        key: sum(_shown(one, key) for one in ordered) for key in FILTERS if (key == "ended") == (chosen == "ended")
    }
    found = [one for one in ordered if _shown(one, chosen) and matches(one.name, words)]
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(number, 1), pages)
    here = await _complete(conn, content, found[(number - 1) * PAGE : number * PAGE])
    return Roster(tuple(grouped(here)), chosen, words, totals, len(found), number, pages)


def matches(name: str, words: str) -> bool:
    """Whether each of `words` begins a word of the name; small and capital letters are the same."""
    parts = name.casefold().split()
    return all(any(part.startswith(word) for part in parts) for word in words.casefold().split())


def grouped(entries: Iterable[Entry]) -> Iterable[tuple[str, tuple[Entry, ...]]]:
    """Entries in their order under the headings of GROUPS."""
    by_group: dict[str, list[Entry]] = {}
    for one in entries:
        by_group.setdefault(one.group, []).append(one)
    return [(GROUPS[key], tuple(by_group[key])) for key in GROUPS if key in by_group]


def _shown(one: Entry, chosen: str) -> bool:
    if chosen == "attention" and one.group not in ("alerts", "questions"):
        return False
    return one.standing.value in FILTERS[chosen][1]


async def _entries(
    conn: AsyncConnection, keys: KeyRing, content: Content, now: datetime, *, ended: bool
) -> list[Entry]:
    """Everybody, in three queries."""
    mine = (recipient.c.enrolment_id == enrolment.c.id) & recipient.c.until.is_(None) & (recipient.c.role == "patient")
    rows = await conn.execute(
        select(
            enrolment,
            person.c.name,
            address.c.id.label("address_id"),
            address.c.stopped_at,
            address.c.blocked_at,
            agreed("reminders").label("agreed"),
            agreed("sharing").label("sharing"),
        )
        .join(person, person.c.id == enrolment.c.person_id)
        .outerjoin(recipient, mine)
        .outerjoin(address, address.c.id == recipient.c.address_id)
        .where(enrolment.c.state == "ended" if ended else enrolment.c.state != "ended")
        .order_by(enrolment.c.id.desc())
        .limit(MOST_ENDED if ended else None)
    )
    still_open = await _open(conn)
    return [_entry(keys, content, row, still_open.get(row.id, Open()), now) for row in rows]


def agreed(purpose: str) -> Any:
    """Whether the patient's yes to `purpose` holds, as part of a query on enrolment."""
    return (
        select(consent.c.id)
        .where(
            consent.c.enrolment_id == enrolment.c.id,
            consent.c.person_id == enrolment.c.person_id,
            consent.c.purpose == purpose,
            consent.c.withdrawn_at.is_(None),
        )
        .exists()
    )


def facts_of(row: AnyRow) -> Facts:
    """What the standing of an enrolment's row follows from."""
    return Facts(
        state=row.state,
        reason=row.state_reason,
        paused_until=row.paused_until,
        connected=row.address_id is not None,
        agreed=bool(row.agreed),
        stopped=row.stopped_at is not None,
        blocked=row.blocked_at is not None,
        zone=row.zone,
    )


def _entry(keys: KeyRing, content: Content, row: AnyRow, still_open: Open, now: datetime) -> Entry:
    facts = facts_of(row)
    return Entry(
        id=row.id,
        name=opened(keys, "person.name", row.name) or "",
        procedure=procedure(content, row.journey),
        day=(page.local(now, row.zone).date() - row.surgery_on).days,
        language=LANGUAGES.get(row.language, row.language),
        standing=standing(facts),
        standing_words=standing_words(facts),
        since=row.created_at,
        sharing=bool(row.sharing),
        zone=row.zone,
        open=still_open,
    )


def procedure(content: Content, journey: str) -> str:
    """The title of a journey for staff."""
    found = content.journeys.get(journey)
    return found.title.en if found else journey


async def _open(conn: AsyncConnection) -> dict[int, Open]:
    """Open alerts and questions by enrolment, in two queries on what is open."""
    found: dict[int, Open] = {}
    alerts = await conn.execute(
        select(alert.c.enrolment_id, alert.c.tier, alert.c.state, alert.c.created_at)
        .where(alert.c.state != "closed", alert.c.shared, alert.c.enrolment_id.is_not(None))
        .order_by(alert.c.id)
    )
    for row in alerts:
        one = found.get(row.enrolment_id, Open())
        if row.state == "open":
            worse = not one.tier or TIERS.get(row.tier, 9) < TIERS.get(one.tier, 9)
            since = one.since if one.alerts else row.created_at
            one = replace(one, alerts=one.alerts + 1, tier=row.tier if worse else one.tier, since=since)
        else:
            one = replace(one, acknowledged=one.acknowledged + 1, since=one.since or row.created_at)
        found[row.enrolment_id] = one
    questions = await conn.execute(
        select(question.c.enrolment_id, func.count().label("number"), func.min(question.c.created_at).label("since"))
        .where(question.c.state == "open", question.c.enrolment_id.is_not(None))
        .group_by(question.c.enrolment_id)
    )
    for row in questions:
        one = found.get(row.enrolment_id, Open())
        found[row.enrolment_id] = replace(one, questions=row.number, since=one.since or row.since)
    return found


async def _complete(conn: AsyncConnection, content: Content, entries: Sequence[Entry]) -> list[Entry]:
    """The entries of one page with their last pain answer and next message, in two queries."""
    ids = [one.id for one in entries]
    scales = [one.id for one in content.questions.values() if one.kind == "scale"]
    newest = (
        select(func.max(answer.c.id))
        .where(answer.c.enrolment_id.in_(ids), answer.c.question.in_(scales))
        .group_by(answer.c.enrolment_id)
    )
    answers = await conn.execute(select(answer).where(answer.c.id.in_(newest)))
    pains = {row.enrolment_id: _pain(content, row) for row in answers}
    due = await conn.execute(
        select(reminder.c.enrolment_id, func.min(reminder.c.due_at).label("at"))
        .where(reminder.c.enrolment_id.in_(ids), reminder.c.state == "planned")
        .group_by(reminder.c.enrolment_id)
    )
    following = {row.enrolment_id: row.at for row in due}
    return [
        replace(one, pain=pains.get(one.id) if one.sharing else None, next_at=following.get(one.id)) for one in entries
    ]


def _pain(content: Content, row: AnyRow) -> Pain:
    limit = content.questions[row.question].alert_at
    high = limit is not None and row.value.isdigit() and int(row.value) >= limit
    return Pain(f"{scale_name(row.question)} {row.value} of 10", row.answered_at, high)
