"""Who is told next about an alert nobody has acknowledged, and when. Pure: facts and `now` in, a decision out.

An emergency rings at any hour. A same-day sign rings nobody in the quiet hours, and its clock stands still in them.
The steps follow paging practice: the person on call, the same again, the next one, then everybody; meanwhile whoever
cannot be reached is passed over at once. The minutes are settings of the clinic (`content/clinic/alerts.yaml`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LOOK = timedelta(seconds=10)
"""How soon to look again while a message to staff is under way."""

_NEVER = datetime.max.replace(tzinfo=UTC)

Group = tuple[int, ...]
"""Members of staff who are told together, by id."""


class Truth(StrEnum):
    """What the patient is told while nobody has answered."""

    UNANSWERED = "unanswered"
    """Nobody has answered yet: call this number now."""
    WAITS = "waits"
    """It is night: staff are told in the morning."""


class Fate(StrEnum):
    """What became of a message to a member of staff."""

    PENDING = "pending"
    """It has not left yet, or is leaving."""
    ARRIVED = "arrived"
    UNSURE = "unsure"
    """It could not be sent, or may have arrived, and is tried again: its reader counts as not told."""
    FAILED = "failed"
    """It did not arrive, or nobody will ever know."""


_UNDER_WAY = (Fate.PENDING, Fate.UNSURE)


@dataclass(frozen=True, slots=True)
class Pace:
    """The minutes of the clinic for one tier."""

    again: timedelta
    """Those who were told are told again after this."""
    next: timedelta
    everybody: timedelta
    repeat: timedelta
    """Between two rounds to everybody."""
    repeats: int
    patience: timedelta
    """Not arrived after this: passed over."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which a same-day sign rings nobody, by the wall clock of `zone`; usually over midnight."""

    begins: time
    ends: time
    zone: str

    def covers(self, now: datetime) -> bool:
        """Whether `now` lies in them; their first minute does, their last does not."""
        clock = now.astimezone(ZoneInfo(self.zone)).time()
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def over(self, now: datetime) -> datetime:
        """When those that `now` lies in end, UTC; `now` itself outside of them."""
        return self._next(now, self.ends) if self.covers(now) else now

    def later(self, since: datetime, waking: timedelta) -> datetime:
        """The instant at which `waking` has passed outside the quiet hours, UTC."""
        now, left = self.over(since), waking
        while self.begins != self.ends:
            night = self._next(now, self.begins)
            if now + left <= night:
                break
            left -= night - now
            now = self._next(night, self.ends)
        return now + left

    def _next(self, now: datetime, clock: time) -> datetime:
        """The first instant after `now` at which the wall clock shows `clock`."""
        zone = ZoneInfo(self.zone)
        day = now.astimezone(zone).date()
        for ahead in range(3):
            found = datetime.combine(day + timedelta(days=ahead), clock, zone).astimezone(UTC)
            if found > now:
                return found
        raise AssertionError("a wall clock shows every time within two days")


@dataclass(frozen=True, slots=True)
class Case:
    """The facts of an alert."""

    emergency: bool
    since: datetime
    """When this lap of its clock began."""
    waiting: bool = True
    """Whether nobody has acknowledged it, and staff may see it."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Who may be told now: only those with a linked chat that is not blocked."""

    groups: tuple[Group, ...]
    """On call, in the order in which they are told; empty if nobody on call can be reached."""
    everybody: Group


@dataclass(frozen=True, slots=True)
class Ring:
    """One message to one member about this alert, in this lap."""

    staff_id: int
    at: datetime
    """When it arrived, else when it was written."""
    fate: Fate


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now, and when to look again."""

    ring: Group = ()
    tell: Truth | None = None
    next_at: datetime | None = None
    """Nothing: the clock has done all it does."""


def decide(
    case: Case, duty: Duty, pace: Pace, quiet: Quiet, rings: Iterable[Ring], told: Collection[Truth], now: datetime
) -> Decision:
    """What is to be done about an alert at `now`; `told`: what the patient was told in this lap already."""
    if not case.waiting:
        return Decision()
    if not case.emergency and quiet.covers(now):
        tell = None if Truth.WAITS in told else Truth.WAITS
        return Decision(tell=tell, next_at=quiet.over(now))
    return _Round(case, duty, pace, quiet, _last(rings), now).decide(told)


def _last(rings: Iterable[Ring]) -> dict[int, Ring]:
    last: dict[int, Ring] = {}
    for ring in rings:
        known = last.get(ring.staff_id)
        # One that still waits decides: nobody gets a second message before the first has left.
        if known is None or (ring.fate in _UNDER_WAY, ring.at) >= (known.fate in _UNDER_WAY, known.at):
            last[ring.staff_id] = ring
    return last


@dataclass(frozen=True, slots=True)
class _Round:
    """One look at one alert."""

    case: Case
    duty: Duty
    pace: Pace
    quiet: Quiet
    last: Mapping[int, Ring]
    now: datetime

    def decide(self, told: Collection[Truth]) -> Decision:
        everybody_at = self._after(self.pace.everybody)
        active, unreachable = self._active()
        ring = tuple(one for one in active if self._due(one, everybody_at) <= self.now)
        hopeless = unreachable or self.now >= everybody_at
        tell = Truth.UNANSWERED if hopeless and Truth.UNANSWERED not in told else None
        end = self._after(self.pace.everybody + self.pace.repeat * self.pace.repeats)
        if self.now >= end:
            return Decision(ring, tell, self._soon(ring))
        return Decision(ring, tell, self._next(active, ring, everybody_at))

    def _after(self, wait: timedelta) -> datetime:
        if self.case.emergency:
            return self.case.since + wait
        return self.quiet.later(self.case.since, wait)

    def _active(self) -> tuple[Group, bool]:
        """Whose turn it is by now, and whether nobody of them all can be reached."""
        groups = self.duty.groups
        everybody = _merged((*groups, self.duty.everybody))
        all_lost = all(self._lost(one) for one in everybody)
        if not groups or all_lost or self.now >= self._after(self.pace.everybody):
            return everybody, all_lost or not groups
        count = min(1 + self._further(), len(groups))
        while count < len(groups) and all(self._lost(one) for one in _merged(groups[:count])):
            count += 1
        active = _merged(groups[:count])
        return (everybody if all(self._lost(one) for one in active) else active), False

    def _further(self) -> int:
        """How many groups beyond the first have their turn."""
        count = 0
        while (at := self._turn(count)) <= self.now and at < self._after(self.pace.everybody):
            count += 1
        return count

    def _turn(self, number: int) -> datetime:
        """When the group after `number` further ones has its turn."""
        return self._after(self.pace.next + self.pace.again * number)

    def _lost(self, one: int) -> bool:
        """Whether this member's last message did not arrive, or has not left for too long."""
        last = self.last.get(one)
        if last is None or last.fate is Fate.ARRIVED:
            return False
        return last.fate is not Fate.PENDING or self.now - last.at >= self.pace.patience

    def _due(self, one: int, everybody_at: datetime) -> datetime:
        """When this member is told (again)."""
        last = self.last.get(one)
        if last is None:
            return self.now
        if last.fate in _UNDER_WAY:
            return _NEVER
        if self.now < everybody_at:
            return last.at + self.pace.again
        if last.at < everybody_at:
            return max(last.at + self.pace.again, everybody_at)
        return last.at + (self.pace.again if last.fate is Fate.FAILED else self.pace.repeat)

    def _next(self, active: Group, ring: Group, everybody_at: datetime) -> datetime:
        """When something may change: somebody is due, a group has its turn, a message should have left."""
        coming = [everybody_at, self._turn(self._further()), self._after(self.pace.everybody + self.pace.repeat)]
        coming += [self._due(one, everybody_at) for one in active if one not in ring]
        soon = self._soon(ring)
        coming += [soon] if soon else []
        return min([*(at for at in coming if at > self.now), self.now + self.pace.repeat])

    def _soon(self, ring: Group) -> datetime | None:
        """Whether a message is under way, and when to see what became of it."""
        fresh = any(
            last.fate is Fate.PENDING and self.now - last.at < self.pace.patience for last in self.last.values()
        )
        return self.now + LOOK if fresh or ring else None


def _merged(groups: Sequence[Group]) -> Group:
    """Everybody of these groups once, in their order."""
    return tuple(dict.fromkeys(one for group in groups for one in group))
