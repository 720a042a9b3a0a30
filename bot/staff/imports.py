"""Enrolling from a list: a verdict for each row, each in a transaction of its own, so one bad row stops no other."""

from __future__ import annotations

import difflib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import cards, enrolling, trail, values
from bot.staff.saving import is_same
from bot.staff.sheets import Row, Sheet
from bot.text import tokens
from content.loader import Content
from scheduler import checking, enrolments, links, standing
from scheduler.clock import Clock
from scheduler.enrolments import EnrolmentView, NewEnrolment
from scheduler.errors import BadRequestError
from scheduler.plans import MedicineTimes
from scheduler.store.engine import Store

Key = tuple[str, str, date]
"""What makes two rows the same operation: phone, procedure, day of surgery."""

HAS_CARD = "already has a card"
"""Said of a patient whose card still works: it stays good, and no link is told."""

_SAME_NAME = 0.75
"""Two spellings of a first name are usually more alike than this (difflib); those of two people seldom are."""
_TITLES = frozenset(
    word
    for title in "mr mrs ms dr shri sri smt km kumari miss master श्री श्रीमती सुश्री कुमारी डॉ".split()
    for word in tokens(title)
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one row."""

    row: int
    verdict: Literal["created", "updated", "rejected"]
    reason: str | None = None
    """Why it was rejected, or what was changed."""
    code: str | None = None
    telegram_link: str | None = None
    whatsapp_link: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The line that `saathi enrol --json` prints."""
        return {
            "row": self.row,
            "verdict": self.verdict,
            "reason": self.reason,
            "code": self.code,
            "telegram_link": self.telegram_link,
            "whatsapp_link": self.whatsapp_link,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, understood."""

    number: int
    asked: NewEnrolment
    key: Key


@dataclass(frozen=True, slots=True)
class Change:
    """What a row changes of an enrolment that is already there."""

    person: Mapping[str, Any]
    enrolment: Mapping[str, Any]
    medicine: tuple[MedicineTimes, ...] | None

    @property
    def words(self) -> str:
        """The names of what changes, for people."""
        names = [*self.person, *self.enrolment, *(["medicine"] if self.medicine is not None else [])]
        return f"changed: {', '.join(name.replace('_', ' ') for name in names)}" if names else "nothing changed"


class Import:
    """Enrols the rows of a list, one after the other."""

    def __init__(
        self, store: Store, content: Content, clock: Clock, zone: str, *, dry: bool, new_cards: bool = False
    ) -> None:
        """Enrol into `store`, by the wall clock of `zone`; with `dry`, say what would happen and write nothing.

        A card that was handed out goes on working, unless `new_cards` are wanted for all who are not connected.
        """
        self._store = store
        self._content = content
        self._clock = clock
        self._zone = zone
        self._dry = dry
        self._new_cards = new_cards
        self._username: str | None = None
        self._taken: dict[Key, int] = {}

    async def take(self, sheet: Sheet) -> AsyncIterator[Verdict]:
        """A verdict for each row, as soon as it is stored."""
        async with self._store.read() as conn:
            self._username = await cards.telegram_name(conn)
        american = any(values.month_first(row.cells["surgery_at"][: enrolling.LONGEST]) for row in sheet.rows)
        for row in sheet.rows:
            try:
                yield await self._row(row, american=american)
            except BadRequestError as error:
                yield Verdict(row.number, "rejected", str(error))

    async def _row(self, row: Row, *, american: bool) -> Verdict:
        now = self._clock.now()
        entry = understand(row, self._content, now, self._zone, american=american)
        earlier = self._taken.get(entry.key)
        if earlier is not None:
            raise BadRequestError(f"This is the same phone, procedure and day as in row {earlier}: keep one of them.")
        if self._dry:
            async with self._store.read() as conn:
                verdict = await self._judge(conn, entry, now)
        else:
            async with self._store.write() as conn:
                verdict = await self._store_one(conn, entry, now)
        self._taken[entry.key] = entry.number
        return verdict

    async def _judge(self, conn: AsyncConnection, entry: Entry, now: datetime) -> Verdict:
        there = await self._there(conn, entry)
        if there is None:
            return Verdict(entry.number, "created")
        change = await self._change(conn, there, entry.asked)
        kept = await self._keeps_card(conn, there.id, now)
        return Verdict(entry.number, "updated", f"{change.words}; {HAS_CARD}" if kept else change.words)

    async def _keeps_card(self, conn: AsyncConnection, enrolment_id: int, now: datetime) -> bool:
        """Whether a card is out that still works. Only hashes of it are stored, so it cannot be told again."""
        return not self._new_cards and (await cards.connection(conn, enrolment_id, now)).waits

    async def _store_one(self, conn: AsyncConnection, entry: Entry, now: datetime) -> Verdict:
        there = await self._there(conn, entry)
        keys = self._store.keys
        if there is None:
            new = await enrolments.enrol(conn, keys, self._content, entry.asked, now)
            await trail.note(conn, trail.SYSTEM, "enrolled", now, new.enrolment_id, link=new.link_id, by="file")
            return self._with_link(Verdict(entry.number, "created"), new.token, new.code)
        change = await self._change(conn, there, entry.asked)
        await self._apply(conn, there.id, change, now)
        verdict = Verdict(entry.number, "updated", change.words)
        if (await cards.connection(conn, there.id, now)).connected:
            return verdict
        if await self._keeps_card(conn, there.id, now):
            return replace(verdict, reason=f"{change.words}; {HAS_CARD}")
        issued = await links.issue(conn, keys, there.id, now)
        await trail.note(conn, trail.SYSTEM, "card made", now, there.id, link=issued.link_id, by="file")
        return self._with_link(verdict, issued.token, issued.code)

    async def _there(self, conn: AsyncConnection, entry: Entry) -> EnrolmentView | None:
        """The same operation, if it is enrolled. Raises BadRequestError if it seems to be another patient's."""
        found = await enrolments.with_phone(conn, self._store.keys, entry.key[0])
        there = next((view for view in reversed(found) if is_same(view, entry.asked)), None)
        if there is None:
            return None
        if there.state == "ended":
            raise BadRequestError("The follow-up of this operation has ended: enrol the patient on the page if needed.")
        if there.readable and not alike(there.name, entry.asked.name):
            raise BadRequestError(
                "Another patient with this phone, procedure and day is already enrolled: check the phone and the name."
            )
        return there

    async def _change(self, conn: AsyncConnection, there: EnrolmentView, asked: NewEnrolment) -> Change:
        person = {"name": asked.name, "year_of_birth": asked.year_of_birth}
        given = {
            "surgery_time": asked.surgery_time,
            "discharge_on": asked.discharge_on,
            "morning": asked.morning,
            "evening": asked.evening,
            # Once the patient is there, their own choice of language counts.
            "language": asked.language if there.joined_at is None else None,
        }
        known = (await standing.load(conn, there.id)).facts.medicine if asked.medicine else ()
        return Change(
            person={k: v for k, v in person.items() if v and v != getattr(there, k)},
            enrolment={k: v for k, v in given.items() if v and v != getattr(there, k)},
            medicine=asked.medicine if asked.medicine and _times(asked.medicine) != _times(known) else None,
        )

    async def _apply(self, conn: AsyncConnection, enrolment_id: int, change: Change, now: datetime) -> None:
        keys = self._store.keys
        if change.person:
            await enrolments.correct(conn, keys, enrolment_id, **change.person)
        if change.enrolment:
            await enrolments.change(conn, self._content, enrolment_id, now, **change.enrolment)
        if change.medicine is not None:
            await enrolments.set_medicine(conn, keys, self._content, enrolment_id, now, change.medicine)
        if change.person or change.enrolment or change.medicine is not None:
            what = " ".join([*change.person, *change.enrolment, *(["medicine"] if change.medicine else [])])
            await trail.note(conn, trail.SYSTEM, "changed", now, enrolment_id, what=what, by="file")

    def _with_link(self, verdict: Verdict, token: str, code: str) -> Verdict:
        telegram = cards.deep_link(self._username, token) if self._username else None
        return Verdict(verdict.row, verdict.verdict, verdict.reason, code, telegram)


def understand(row: Row, content: Content, now: datetime, zone: str, *, american: bool = False) -> Entry:
    """What a row asks for. Raises BadRequestError with one sentence, about the first cell that cannot be.

    `american`: some date of the list has the month first, so those that could be read both ways are refused.
    """
    if row.too_many:
        raise BadRequestError("This row has more cells than there are columns: put quotation marks around commas.")
    surgery = row.cells["surgery_at"]
    if american and values.unclear(surgery[: enrolling.LONGEST]):
        raise BadRequestError(
            "Other dates of this list have the month first, so this one is unclear: write it like 2 Mar 2026."
        )
    fields = {name: row.cells.get(name, "") for name in enrolling.FIELDS} | {"surgery_on": surgery}
    # One cell holds all lines of medicine times, set apart by line breaks or bars.
    fields["medicine"] = fields["medicine"].replace("|", "\n")
    form = enrolling.parse(fields, content, now, zone)
    for name in enrolling.FIELDS:
        if name in form.problems:
            raise BadRequestError(form.problems[name])
    asked = form.request
    if asked is None or asked.phone is None:
        raise BadRequestError("This row is not complete: give name, phone, language, procedure and surgery_at.")
    checking.enrolment(content, asked, now)
    return Entry(row.number, asked, (asked.phone, asked.journey, asked.surgery_on))


def alike(one: str, other: str) -> bool:
    """Whether two names may be spellings of one; across scripts nobody can tell, so there they may.

    Family names say little: half a ward may share one.
    """
    a, b = _plain(one), _plain(other)
    if _devanagari(one) != _devanagari(other):
        return True
    if not a or not b or a[0] == b[0] or set(a) <= set(b) or set(b) <= set(a):
        return True
    return difflib.SequenceMatcher(None, a[0], b[0]).ratio() > _SAME_NAME


def _plain(name: str) -> list[str]:
    """The words of a name without titles."""
    return [word for word in tokens(name) if word not in _TITLES]


def _devanagari(name: str) -> bool:
    return any("\u0900" <= c <= "\u097f" for c in name)


def _times(medicine: tuple[MedicineTimes, ...]) -> set[tuple[Any, ...]]:
    return {(at, times.first_on, times.days, times.at_night) for times in medicine for at in times.at}
