"""Plans by the wall clock of any zone: daylight saving both ways, leap days, year ends, midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.model import Topic, WhenLate
from scheduler.plans import GAP, Facts, MedicineTimes, Occurrence, occurrences, settle_late
from scheduler.policy import in_quiet_hours, is_quiet_time
from tests.scheduler.plan_facts import DEFAULTS, at, journey, local, plan
from tests.support.world import shipped, step

ZONES = (
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Santiago",
    "Asia/Beirut",
    "UTC",
)
SURGERIES = (
    date(2027, 12, 1),  # over the end of a year
    date(2028, 2, 1),  # over a leap day
    date(2026, 2, 20),  # over the spring change in the north, the autumn change in the south
    date(2026, 8, 25),  # the other way round
)
WISHES = {"morning": time(8, 0), "midday": time(12, 30), "afternoon": time(16, 0), "evening": time(20, 50)}
EVERY_DAY = tuple(step(f"tip-{day}-{slot}", "activity", day, slot) for day in range(91) for slot in WISHES)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("surgery_on", SURGERIES)
def test_a_slot_is_a_slot_on_every_day_of_the_year(zone: str, surgery_on: date) -> None:
    """Whatever the clocks do, each message is due at its local time, awake, and ends after it is due."""
    shown = plan(*EVERY_DAY, per_day=4, surgery_on=surgery_on, zone=zone, morning=time(8), evening=time(20, 50))
    assert len(shown) == len(EVERY_DAY)
    for o in shown:
        _, day, slot = o.step.split("-")
        assert local(o, zone) == datetime.combine(surgery_on + timedelta(days=int(day)), WISHES[slot])
        assert not in_quiet_hours(o.due_at, zone, DEFAULTS.slots)
        assert o.due_at < o.expires_at
        assert not in_quiet_hours(o.expires_at - timedelta(microseconds=1), zone, DEFAULTS.slots)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "due"),
    [
        ("America/New_York", date(2026, 3, 8), "02:30", datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 1), "01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("Europe/London", date(2026, 3, 29), "01:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("Europe/London", date(2026, 10, 25), "01:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 10, 4), "02:10", datetime(2026, 10, 3, 15, 40, tzinfo=UTC)),
    ],
)
def test_a_minute_that_is_missing_or_comes_twice_is_used_once(zone: str, day: date, clock: str, due: datetime) -> None:
    """A medicine time in the hour that is skipped comes after it; in the hour that repeats, the first time only."""
    times = MedicineTimes((time.fromisoformat(clock),), day - timedelta(days=1), 3, at_night=True)
    shown = [o for o in plan(surgery_on=day, zone=zone, medicine=(times,)) if o.step == "medicine"]
    assert len(shown) == 3
    assert shown[1].due_at == due
    assert [o.occurrence for o in shown] == [f"{day + timedelta(days=n)} {clock}" for n in (-1, 0, 1)]


def test_midnight_in_india_belongs_to_the_new_day() -> None:
    """Midnight in Lucknow is half past six the evening before in UTC; the minute before it is the old day's."""
    times = MedicineTimes((time(0, 0), time(23, 59)), date(2026, 12, 31), 2, at_night=True)
    shown = [o for o in plan(surgery_on=date(2026, 12, 30), medicine=(times,)) if o.step == "medicine"]
    assert [(o.due_at, o.occurrence) for o in shown] == [
        (datetime(2026, 12, 30, 18, 30, tzinfo=UTC), "2026-12-31 00:00"),
        (datetime(2026, 12, 31, 18, 29, tzinfo=UTC), "2026-12-31 23:59"),
        (datetime(2026, 12, 31, 18, 30, tzinfo=UTC), "2027-01-01 00:00"),
        (datetime(2027, 1, 1, 18, 29, tzinfo=UTC), "2027-01-01 23:59"),
    ]


def test_the_leap_day_is_a_day() -> None:
    """Day 30 after the 30th of January 2028 is the 29th of February."""
    (o,) = plan(step("visit", "logistics", 30), surgery_on=date(2028, 1, 30))
    assert local(o) == datetime.combine(date(2028, 2, 29), time(9))


@pytest.mark.parametrize(
    ("clock", "quiet"), [("20:59", False), ("21:00", True), ("00:00", True), ("07:59", True), ("08:00", False)]
)
def test_quiet_hours_go_over_midnight(clock: str, quiet: bool) -> None:
    """From nine in the evening to eight in the morning, by the patient's wall clock."""
    assert is_quiet_time(time.fromisoformat(clock), DEFAULTS.slots) == quiet
    assert in_quiet_hours(at(date(2026, 3, 2), clock), "Asia/Kolkata", DEFAULTS.slots) == quiet


AWAKE = st.times(min_value=time(8), max_value=time(20, 59)).map(lambda t: t.replace(second=0, microsecond=0))
ANY_TIME = st.times().map(lambda t: t.replace(second=0, microsecond=0))
DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2032, 12, 31))
FACTS = st.builds(
    Facts,
    surgery_on=DAYS,
    zone=st.sampled_from(ZONES),
    surgery_time=st.none() | ANY_TIME,
    discharge_on=st.none(),
    morning=st.none() | AWAKE,
    evening=st.none() | AWAKE,
    medicine=st.lists(
        st.builds(
            MedicineTimes,
            at=st.lists(AWAKE, min_size=1, max_size=5, unique=True).map(tuple),
            first_on=st.just(date(2026, 1, 1)),
            days=st.integers(1, 20),
        ),
        max_size=2,
    ).map(tuple),
    late_choices=st.dictionaries(
        st.sampled_from([t.value for t in Topic]), st.sampled_from([w.value for w in WhenLate])
    ),
)
JOURNEYS = st.sampled_from(sorted(shipped().journeys))


def _moved(facts: Facts, stay: int) -> Facts:
    """The same facts with discharge after `stay` days and medicine from the day of surgery."""
    medicine = tuple(MedicineTimes(m.at, facts.surgery_on, m.days) for m in facts.medicine)
    return Facts(
        facts.surgery_on,
        facts.zone,
        facts.surgery_time,
        facts.surgery_on + timedelta(days=stay),
        facts.morning,
        facts.evening,
        medicine,
        late_choices=facts.late_choices,
    )


def _steps(shown: tuple[Occurrence, ...]) -> list[Occurrence]:
    return [o for o in shown if o.step != "medicine"]


@given(FACTS, st.integers(0, 7), JOURNEYS)
def test_every_plan_keeps_the_rules(facts: Facts, stay: int, name: str) -> None:
    """Any dates, zone and preferences: each step once, in budget, awake, spaced, and the same each time."""
    journey_, facts = shipped().journeys[name], _moved(facts, stay)
    shown = occurrences(journey_, DEFAULTS, facts)
    assert shown == occurrences(journey_, DEFAULTS, facts)
    assert sorted(o.step for o in _steps(shown)) == sorted(s.id for s in journey_.steps)
    assert len({o.key for o in shown}) == len(shown)
    assert all(o.due_at.tzinfo is UTC and o.due_at < o.expires_at for o in shown)
    assert not [o for o in shown if in_quiet_hours(o.due_at, facts.zone, DEFAULTS.slots)]
    days: dict[date, int] = {}
    for o in _steps(shown):
        day = o.due_at.astimezone(ZoneInfo(facts.zone)).date()
        days[day] = days.get(day, 0) + 1
    assert max(days.values()) <= journey_.per_day
    apart = [later.due_at - earlier.due_at for earlier, later in pairwise(_steps(shown))]
    assert all(gap >= GAP for gap in apart)


@given(FACTS, st.integers(0, 7), JOURNEYS, st.integers(-30 * 24 * 60, 100 * 24 * 60))
def test_joining_at_any_minute_settles_everything(facts: Facts, stay: int, name: str, minutes: int) -> None:
    """Whenever somebody joins: nothing past stays unsettled or gets lost, what is sent late is still to come."""
    journey_, facts = shipped().journeys[name], _moved(facts, stay)
    now = datetime.combine(facts.surgery_on, time(), UTC) + timedelta(minutes=minutes)
    before = occurrences(journey_, DEFAULTS, facts)
    shown = settle_late(before, journey_, DEFAULTS, facts, now)
    assert {o.key for o in shown} == {o.key for o in before}
    by_key = {o.key: o for o in shown}
    for o in shown:
        if o.late in (None, WhenLate.SEND):
            assert o.expires_at > now
        if o.late is WhenLate.SEND:
            assert o.due_at > now
            assert not in_quiet_hours(o.due_at, facts.zone, DEFAULTS.slots)
        if o.late is WhenLate.FOLD:
            assert o.folded_into is not None
            assert by_key[o.folded_into].late is None


@given(st.lists(st.tuples(st.integers(0, 9), AWAKE), min_size=1, max_size=12), st.integers(1, 4))
def test_a_crowded_journey_still_keeps_its_budget(wishes: list[tuple[int, time]], per_day: int) -> None:
    """However many steps want the same day, each gets one, none above the budget, none earlier than it asked."""
    slots = ("morning", "midday", "afternoon", "evening")
    steps = [step(f"s-{n}", "activity", day, slots[t.hour % 4]) for n, (day, t) in enumerate(wishes)]
    shown = occurrences(journey(*steps, per_day=per_day), DEFAULTS, Facts(date(2026, 3, 2), "Asia/Kolkata"))
    assert len(shown) == len(steps)
    days = [local(o).date() for o in shown]
    assert max(days.count(day) for day in days) <= per_day
    for o in shown:
        asked = wishes[int(o.step.split("-")[1])][0]
        assert (local(o).date() - date(2026, 3, 2)).days >= asked
