"""When something is due. Pure: a journey, the patient's dates and preferences in, occurrences out.

Plans are made by the patient's wall clock and converted to UTC once. The same facts always give the same plan, so
planning twice changes nothing. What was already past when the patient joined is settled by `settle_late`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from content.model import Anchor, Journey, JourneyDefaults, Slot, SlotTimes, Step, Topic, WhenLate
from scheduler.policy import clock_time, is_quiet_time

MEDICINE_STEP = "medicine"
"""The step name of staff-entered medicine times."""

AGAIN_STEP = "medicine-again"
"""The step name of the one reminder that comes back after 'later'. Its occurrence is that of the medicine time."""

MEDICINE_STEPS = (MEDICINE_STEP, AGAIN_STEP)

GAP = timedelta(minutes=30)
"""Two proactive messages of one patient are at least this far apart: never two at once."""

SETTLING = timedelta(minutes=10)
"""Nothing planned leaves sooner after somebody joined or came back: they are still answering our questions."""

MAX_FOLDED = 2
"""At most so many past steps ride along with one message; longer texts are not read."""

_RANK = {Topic.CHECKIN: 0, Topic.WARNING: 1, Topic.LOGISTICS: 2, Topic.MEDICINE: 3, Topic.ACTIVITY: 4}
"""Who keeps the day when more is due than the journey's budget allows."""


@dataclass(frozen=True, slots=True)
class MedicineTimes:
    """Times of day copied from a prescription: local, each day from `first_on` for `days` days."""

    at: tuple[time, ...]
    first_on: date
    days: int
    label: str | None = None
    """Names, only if staff typed them."""
    at_night: bool = False
    """The patient agreed to be reminded inside the quiet hours."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a plan depends on. Dates and times are local to `zone`."""

    surgery_on: date
    zone: str
    surgery_time: time | None = None
    discharge_on: date | None = None
    morning: time | None = None
    evening: time | None = None
    medicine: tuple[MedicineTimes, ...] = ()
    again: Mapping[str, datetime] = field(default_factory=dict)
    """Medicine time (its occurrence) -> when its reminder comes back (UTC), where 'later' was said last."""
    late_choices: Mapping[str, str] = field(default_factory=dict)
    """Staff's choice for past steps, by step id or topic: skip, send or fold."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One step at one local time."""

    step: str
    occurrence: str
    topic: Topic
    due_at: datetime
    """UTC."""
    expires_at: datetime
    """UTC; at this instant it is too late."""
    late: WhenLate | None = None
    """What was chosen because it was past when the patient joined; nothing: on time."""
    folded_into: tuple[str, str] | None = None
    """Key of the occurrence it rides along with."""

    @property
    def key(self) -> tuple[str, str]:
        """Unique within an enrolment."""
        return self.step, self.occurrence


def occurrences(journey: Journey, defaults: JourneyDefaults, facts: Facts) -> tuple[Occurrence, ...]:
    """The whole plan in order of time: every step of the journey, every medicine time, and what comes back later.

    A day never holds more proactive messages than the journey's budget (medicine times apart): what is over it moves
    to the next day with room. No two are due within `GAP` of each other.
    """
    zone = ZoneInfo(facts.zone)
    medicine = {o.key: o for times in facts.medicine for o in _medicine(times, defaults, zone)}
    home = facts.discharge_on or facts.surgery_on + timedelta(days=defaults.usual_stay_days)
    by_day: dict[date, list[tuple[time, Step]]] = {}
    for step in journey.steps:
        anchor = facts.surgery_on if step.anchor is Anchor.SURGERY else home
        at = _slot_time(step.slot, defaults.slots, facts)
        day = anchor + timedelta(days=step.day)
        if step.anchor is Anchor.SURGERY and step.day == 0 and facts.surgery_time and at <= facts.surgery_time:
            at = _after_surgery(facts.surgery_time, defaults.slots)
        by_day.setdefault(day, []).append((at, step))
    taken: dict[date, list[time]] = {}
    for o in medicine.values():
        local = o.due_at.astimezone(zone)
        taken.setdefault(local.date(), []).append(local.time())
    planned = [
        _occurrence(step, day, at, defaults.slots, zone)
        for day, at, step in _within_budget(by_day, journey.per_day, taken, defaults.slots)
    ]
    again = [
        replace(o, step=AGAIN_STEP, due_at=back)
        for o in medicine.values()
        if (back := facts.again.get(o.occurrence)) is not None and back < o.expires_at
    ]
    return tuple(sorted([*planned, *medicine.values(), *again], key=lambda o: (o.due_at, o.key)))


def settle_late(
    plan: Sequence[Occurrence],
    journey: Journey,
    defaults: JourneyDefaults,
    facts: Facts,
    now: datetime,
    settled: Collection[tuple[str, str]] = (),
    left: Collection[tuple[str, str]] = (),
) -> tuple[Occurrence, ...]:
    """The plan with a choice for every occurrence that is too late at `now`, except those in `settled`.

    What is late but still in time leaves from now on, one message after the other. Those in `left` have left: nothing
    can ride along with them any more.

    The choice is staff's for that step, else for its topic, else the content's default. `send` moves it to the next
    free moment of the patient's day, `fold` lets it ride along with the next message, `skip` leaves it out. Medicine
    times are always skipped: a past dose is the care team's matter.
    """
    zone = ZoneInfo(facts.zone)
    waiting = [o for o in plan if o.due_at <= now < o.expires_at and o.key not in settled and o.key not in left]
    busy = [o.due_at for o in plan if o.due_at >= now - GAP and o not in waiting]
    settled_by_key, too_late = _catch_up(waiting, busy, now, defaults.slots, zone)
    late = [*(o for o in plan if o.expires_at <= now and o.key not in settled), *too_late]
    steps = {step.id: step for step in journey.steps}
    coming = [
        o
        for o in plan
        if o.expires_at > now and o.topic is not Topic.MEDICINE and o.key not in left and o not in too_late
    ]
    riding: dict[tuple[str, str], int] = {}
    # The newest past steps first: if not all can be kept, the oldest are left out.
    for o in sorted(late, key=lambda o: o.due_at, reverse=True):
        choice = _late_choice(o, steps, defaults, facts)
        if choice is WhenLate.SEND:
            due = _next_free(now + SETTLING, busy, defaults.slots, zone)
            busy.append(due)
            settled_by_key[o.key] = replace(
                o, due_at=due, expires_at=_end_of_day(due, defaults.slots, zone), late=choice
            )
            continue
        carrier = (
            next((c for c in coming if riding.get(c.key, 0) < MAX_FOLDED), None) if choice is WhenLate.FOLD else None
        )
        if carrier:
            riding[carrier.key] = riding.get(carrier.key, 0) + 1
            settled_by_key[o.key] = replace(o, late=WhenLate.FOLD, folded_into=carrier.key)
        else:
            settled_by_key[o.key] = replace(o, late=WhenLate.SKIP)
    return tuple(sorted((settled_by_key.get(o.key, o) for o in plan), key=lambda o: (o.due_at, o.key)))


def _catch_up(
    waiting: Sequence[Occurrence], busy: list[datetime], now: datetime, slots: SlotTimes, zone: ZoneInfo
) -> tuple[dict[tuple[str, str], Occurrence], list[Occurrence]]:
    """New times for what was due by `now` and is still in time, apart from each other and from `busy`.

    Second, those for which there is none before it is too late. A medicine time keeps its own minute, which its text
    names, and leaves at once.
    """
    moved: dict[tuple[str, str], Occurrence] = {}
    too_late: list[Occurrence] = []
    for o in waiting:
        if o.topic is Topic.MEDICINE:
            busy.append(now)
            continue
        due = _next_free(now + SETTLING, busy, slots, zone)
        if due < o.expires_at:
            busy.append(due)
            moved[o.key] = replace(o, due_at=due)
        else:
            too_late.append(o)
    return moved, too_late


def medicine_names(medicine: Iterable[MedicineTimes], occurrence: str) -> str | None:
    """The names staff typed for the medicine time called `occurrence` (`2026-03-02 08:00`), each once."""
    day, at = date.fromisoformat(occurrence[:10]), time.fromisoformat(occurrence[11:])
    names = [t.label for t in medicine if t.label and at in t.at and 0 <= (day - t.first_on).days < t.days]
    return ", ".join(dict.fromkeys(names)) or None


def named_time(step: str, occurrence: str, due_at: datetime, zone: str) -> datetime:
    """The instant a reminder speaks of (UTC): its own, or, where it comes back, that of the medicine time."""
    if step != AGAIN_STEP:
        return due_at
    return datetime.fromisoformat(occurrence).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _late_choice(o: Occurrence, steps: Mapping[str, Step], defaults: JourneyDefaults, facts: Facts) -> WhenLate:
    if o.step in MEDICINE_STEPS:
        return WhenLate.SKIP
    step = steps[o.step]
    by_staff = facts.late_choices.get(step.id) or facts.late_choices.get(step.topic.value)
    return WhenLate(by_staff) if by_staff else step.when_late or defaults.when_late[step.topic]


def _slot_time(slot: Slot, slots: SlotTimes, facts: Facts) -> time:
    if slot is Slot.MORNING and facts.morning:
        return facts.morning
    if slot is Slot.EVENING and facts.evening:
        return facts.evening
    return clock_time(getattr(slots, slot.value))


def _after_surgery(surgery: time, slots: SlotTimes) -> time:
    # Nobody reads in the first hours: three hours after surgery, and still before the quiet hours.
    last = _shift(clock_time(slots.quiet_from), -GAP)
    later = _shift(surgery, timedelta(hours=3))
    return min(later, last) if later > surgery else last


def _within_budget(
    by_day: Mapping[date, list[tuple[time, Step]]], per_day: int, taken: dict[date, list[time]], slots: SlotTimes
) -> Iterable[tuple[date, time, Step]]:
    if not by_day:
        return
    day, last = min(by_day), max(by_day)
    waiting: list[tuple[time, Step]] = []
    while day <= last or waiting:
        wishes = sorted([*waiting, *by_day.get(day, [])], key=lambda wish: (_RANK[wish[1].topic], wish[0], wish[1].id))
        waiting = wishes[per_day:]
        busy = taken.setdefault(day, [])
        for at, step in sorted(wishes[:per_day], key=lambda wish: (wish[0], _RANK[wish[1].topic], wish[1].id)):
            free = _free_time(at, busy, slots)
            busy.append(free)
            yield day, free, step
        day += timedelta(days=1)


def _free_time(wish: time, busy: Collection[time], slots: SlotTimes) -> time:
    """The first time from `wish` on that is `GAP` from every busy one; else the last one before it."""
    for direction in (1, -1):
        at = wish
        while not is_quiet_time(at, slots):
            if all(_apart(at, other) >= GAP for other in busy):
                return at
            at = _shift(at, timedelta(minutes=10 * direction))
    return wish


def _apart(a: time, b: time) -> timedelta:
    return abs(timedelta(hours=a.hour - b.hour, minutes=a.minute - b.minute))


def _shift(at: time, by: timedelta) -> time:
    return (datetime.combine(date(2000, 1, 2), at) + by).time()


def _occurrence(step: Step, day: date, at: time, slots: SlotTimes, zone: ZoneInfo) -> Occurrence:
    due = datetime.combine(day, at, zone).astimezone(UTC)
    end = datetime.combine(day, clock_time(slots.quiet_from), zone).astimezone(UTC)
    if step.late_minutes is not None:
        end = min(end, due + timedelta(minutes=step.late_minutes))
    name = "day" if step.anchor is Anchor.SURGERY else "home"
    return Occurrence(step.id, f"{name} {step.day}", step.topic, due, end)


def _medicine(times: MedicineTimes, defaults: JourneyDefaults, zone: ZoneInfo) -> Iterable[Occurrence]:
    late = timedelta(minutes=defaults.medicine_late_minutes)
    for number in range(times.days):
        day = times.first_on + timedelta(days=number)
        for at in times.at:
            due = datetime.combine(day, at, zone).astimezone(UTC)
            end = due + late
            if not is_quiet_time(at, defaults.slots):
                # Only a time that lies in the quiet hours itself was agreed to be told in them.
                end = min(end, _end_of_day(due, defaults.slots, zone))
            # An absolute local minute: a changed surgery date never moves or repeats a prescription's time.
            yield Occurrence(MEDICINE_STEP, f"{day.isoformat()} {at:%H:%M}", Topic.MEDICINE, due, end)


def _end_of_day(instant: datetime, slots: SlotTimes, zone: ZoneInfo) -> datetime:
    return datetime.combine(instant.astimezone(zone).date(), clock_time(slots.quiet_from), zone).astimezone(UTC)


def _next_free(start: datetime, busy: Collection[datetime], slots: SlotTimes, zone: ZoneInfo) -> datetime:
    """The first moment from `start` on that is awake and `GAP` from every busy one."""
    at = start
    while is_quiet_time(at.astimezone(zone).time(), slots) or any(abs(at - other) < GAP for other in busy):
        at += timedelta(minutes=10)
    return at.replace(second=0, microsecond=0)
