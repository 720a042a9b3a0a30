"""Who is on call at an instant: weekly hours by the wall clock, and the days on which they do not hold. Pure.

The wall clock decides, so an hour that a change to summer time repeats is covered both times, and one it skips is
nobody's. A shift over midnight belongs to the day on which it begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.staff.escalation import Duty, Group

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Shift:
    """Weekly hours of one member."""

    staff_id: int
    weekday: int
    """0 Monday to 6 Sunday: the day on which it begins."""
    starts: time
    ends: time
    """Not after `starts`: on the next day; the same time: a whole day."""
    place: int = 1
    """1 is told first, 2 is the backup, and so on."""


@dataclass(frozen=True, slots=True)
class Change:
    """Days, both included, on which the weekly hours do not hold."""

    first_on: date
    last_on: date
    away_id: int | None
    """Who is away; nobody: a holiday, on which only `instead_id` is on call, day and night."""
    instead_id: int | None
    """Who takes over the hours of who is away; nobody: the others of the rota alone."""


@dataclass(frozen=True, slots=True)
class Rota:
    """Everything that decides who is on call."""

    shifts: tuple[Shift, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is none at all: then every permitted member is on call."""
        return not self.shifts and not any(change.away_id is None and change.instead_id for change in self.changes)


@dataclass(frozen=True, slots=True)
class Span:
    """From `begins` to `ends` (UTC) these are on call, in the order in which they are told."""

    begins: datetime
    ends: datetime
    groups: tuple[Group, ...]


def on_call(rota: Rota, at: datetime, zone: str) -> tuple[Group, ...]:
    """Who is on call at `at` by the wall clock of `zone`: those told first, then the backup, and so on."""
    local = at.astimezone(ZoneInfo(zone))
    today = local.date()
    places: dict[int, list[int]] = {}
    for day in (today - timedelta(days=1), today):
        holiday = _holiday(rota.changes, day)
        if holiday is not None:
            # Whoever stands in also has the hours of the night after.
            tonight = any(one.weekday == day.weekday() and _covers(one, day, local) for one in rota.shifts)
            if holiday.instead_id is not None and (day == today or tonight):
                places.setdefault(1, []).append(holiday.instead_id)
            continue
        for shift in rota.shifts:
            if shift.weekday == day.weekday() and _covers(shift, day, local):
                who = _stands_in(rota.changes, day, shift.staff_id)
                if who is not None:
                    places.setdefault(shift.place, []).append(who)
    return _in_order(places)


def duty(rota: Rota, at: datetime, zone: str, reachable: Sequence[int]) -> Duty:
    """Whom an alert rings at `at`: those on call who can be reached, then, one by one, the other reachable ones.

    Without any rota everybody is on call.
    """
    if rota.empty:
        return Duty((tuple(reachable),) if reachable else (), tuple(reachable))
    here = set(reachable)
    groups = [tuple(one for one in group if one in here) for group in on_call(rota, at, zone)]
    groups = [group for group in groups if group]
    if not groups:
        return Duty((), tuple(reachable))
    on_duty = {one for group in groups for one in group}
    others = [(one,) for one in reachable if one not in on_duty]
    return Duty((*groups, *others), tuple(reachable))


def spans(rota: Rota, begins: datetime, days: int, zone: str) -> list[Span]:
    """Who is on call over the next `days`, cut where it changes; an empty group of groups: nobody."""
    end = begins + timedelta(days=days)
    edges = sorted({begins, *(edge for edge in _edges(rota, begins, end, zone) if begins < edge < end), end})
    found: list[Span] = []
    for start, stop in pairwise(edges):
        groups = on_call(rota, start, zone)
        if found and found[-1].groups == groups:
            found[-1] = Span(found[-1].begins, stop, groups)
        else:
            found.append(Span(start, stop, groups))
    return found


def _holiday(changes: Iterable[Change], day: date) -> Change | None:
    return next((one for one in changes if one.away_id is None and one.first_on <= day <= one.last_on), None)


def _stands_in(changes: Iterable[Change], day: date, staff_id: int) -> int | None:
    """Who has this member's hours that begin on `day`; whoever stands in may be away as well."""
    seen: set[int] = set()
    who: int | None = staff_id
    while who is not None and who not in seen:
        seen.add(who)
        change = next((one for one in changes if one.away_id == who and one.first_on <= day <= one.last_on), None)
        if change is None:
            return who
        who = change.instead_id
    return None


def _covers(shift: Shift, day: date, local: datetime) -> bool:
    """Whether the shift that begins on `day` holds at the wall clock `local`."""
    clock = local.replace(tzinfo=None)
    begins = datetime.combine(day, shift.starts)
    ends = datetime.combine(day if shift.ends > shift.starts else day + timedelta(days=1), shift.ends)
    return begins <= clock < ends


def _in_order(places: dict[int, list[int]]) -> tuple[Group, ...]:
    seen: set[int] = set()
    groups = []
    for place in sorted(places):
        group = tuple(one for one in dict.fromkeys(places[place]) if one not in seen)
        seen.update(group)
        if group:
            groups.append(group)
    return tuple(groups)


def _edges(rota: Rota, begins: datetime, end: datetime, zone: str) -> Iterator[datetime]:
    """Every instant at which somebody's hours may begin or end; a day of a clock change is looked at by quarters."""
    tz = ZoneInfo(zone)
    clocks = {time(0)} | {shift.starts for shift in rota.shifts} | {shift.ends for shift in rota.shifts}
    day = begins.astimezone(tz).date()
    while day <= end.astimezone(tz).date():
        for clock in clocks:
            for fold in (0, 1):
                yield datetime.combine(day, clock, tz).replace(fold=fold).astimezone(UTC)
        start = datetime.combine(day, time(0), tz).astimezone(UTC)
        if datetime.combine(day + timedelta(days=1), time(0), tz).astimezone(UTC) - start != timedelta(days=1):
            yield from (start + timedelta(minutes=15 * quarter) for quarter in range(100))
        day += timedelta(days=1)
