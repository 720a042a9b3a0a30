"""The clock of an alert as pure arithmetic: whom, when, and never the same chat twice within its interval."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.staff.escalation import LOOK, Case, Decision, Duty, Fate, Pace, Quiet, Ring, Truth, decide

MINUTE = timedelta(minutes=1)
PACE = Pace(5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE, 3, MINUTE)
SLOW = Pace(30 * MINUTE, 60 * MINUTE, 120 * MINUTE, 240 * MINUTE, 3, MINUTE)
QUIET = Quiet(time(21), time(8), "Asia/Kolkata")
NOON = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
FATES = st.sampled_from([Fate.ARRIVED, Fate.ARRIVED, Fate.FAILED, Fate.UNSURE])


def _lived(
    duty: Duty,
    *,
    emergency: bool = True,
    pace: Pace = PACE,
    since: datetime = NOON,
    fates: dict[int, Fate] | None = None,
    until: timedelta = timedelta(hours=1),
) -> tuple[list[tuple[timedelta, int]], list[tuple[timedelta, Truth]]]:
    """Nobody acknowledges: who was told when, and what the patient read when, counted from the beginning."""
    rings: list[Ring] = []
    told: list[tuple[timedelta, Truth]] = []
    now, case = since, Case(emergency, since)
    for _ in range(2000):
        step = decide(case, duty, pace, QUIET, rings, {what for _, what in told}, now)
        rings += [Ring(one, now, (fates or {}).get(one, Fate.ARRIVED)) for one in step.ring]
        if step.tell:
            told.append((now - since, step.tell))
        if step.next_at is None or step.next_at > since + until:
            return [(ring.at - since, ring.staff_id) for ring in rings], told
        assert step.next_at > now
        now = step.next_at
    raise AssertionError("the clock never rests")


def _minutes(rings: list[tuple[timedelta, int]], one: int) -> list[int]:
    return [int(at / MINUTE) for at, who in rings if who == one]


def test_the_steps_of_an_emergency() -> None:
    """On call at once, again after 5, the backup after 10, the next after 15, everybody and the truth at 20."""
    rings, told = _lived(Duty(((1,), (2,), (3,)), (1, 2, 3, 4)))
    assert _minutes(rings, 1) == [0, 5, 10, 15, 20, 50]
    assert _minutes(rings, 2) == [10, 15, 20, 50]
    assert _minutes(rings, 3) == [15, 20, 50]
    assert _minutes(rings, 4) == [20, 50]
    assert told == [(20 * MINUTE, Truth.UNANSWERED)]


def test_acknowledged_or_not_shared_rings_nobody() -> None:
    """A case that waits for nobody has no next step."""
    assert decide(Case(True, NOON, waiting=False), Duty(((1,),), (1,)), PACE, QUIET, [], [], NOON) == Decision()


def test_nobody_on_call_tells_everybody_and_the_patient_at_once() -> None:
    """A gap in the rota: everybody permitted is told, the patient gets the number; with nobody linked, the number."""
    rings, told = _lived(Duty((), (4, 5)))
    assert {who for at, who in rings if not at} == {4, 5}
    assert told == [(timedelta(0), Truth.UNANSWERED)]
    assert _lived(Duty((), ())) == ([], [(timedelta(0), Truth.UNANSWERED)])


def test_who_cannot_be_reached_is_passed_over_at_once() -> None:
    """A refused message counts as not told: the backup is told at the next look, not after ten minutes."""
    for fate in (Fate.FAILED, Fate.UNSURE):
        rings, told = _lived(Duty(((1,), (2,)), (1, 2, 3)), fates={1: fate}, until=9 * MINUTE)
        assert min(at for at, who in rings if who == 2) <= LOOK
        assert told == []


def test_nobody_reached_tells_the_patient_within_a_minute() -> None:
    """Every message failed: there is no use in waiting twenty minutes with the number."""
    everybody = {1: Fate.FAILED, 2: Fate.FAILED, 3: Fate.UNSURE}
    rings, told = _lived(Duty(((1,), (2,)), (1, 2, 3)), fates=everybody)
    assert {who for _, who in rings} == {1, 2, 3}
    assert told[0][0] <= 3 * LOOK
    assert len(told) == 1


def test_one_that_does_not_leave_is_passed_over_and_not_written_to_again() -> None:
    """Telegram down: after the patience the next is told; nobody's queue fills up; the patient hears in time."""
    pending = {1: Fate.PENDING, 2: Fate.PENDING}
    rings, told = _lived(Duty(((1,), (2,)), (1, 2)), fates=pending)
    assert sorted(who for _, who in rings) == [1, 2]
    assert max(at for at, _ in rings) <= PACE.patience + LOOK
    assert told[0][0] <= 2 * (PACE.patience + LOOK)


def test_a_same_day_sign_rings_nobody_at_night() -> None:
    """Written at 23:00: the patient reads so at once, staff are told at 08:00, and the clock counts from there."""
    night = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)
    rings, told = _lived(Duty(((1,), (2,)), (1, 2)), emergency=False, pace=SLOW, since=night, until=timedelta(hours=12))
    assert min(at for at, _ in rings) == timedelta(hours=9)
    assert _minutes(rings, 2)[0] == 9 * 60 + 60
    assert told == [(timedelta(0), Truth.WAITS), (timedelta(hours=11), Truth.UNANSWERED)]


def test_the_night_stops_a_same_day_clock_that_runs() -> None:
    """Written at 20:00: an hour counts in the evening, the rest from 08:00 on."""
    evening = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    rings, told = _lived(
        Duty(((1,), (2,)), (1, 2)), emergency=False, pace=SLOW, since=evening, until=timedelta(hours=15)
    )
    at_night = [at for at, _ in rings if timedelta(hours=1) <= at < timedelta(hours=12)]
    assert at_night == []
    assert [what for _, what in told] == [Truth.WAITS, Truth.UNANSWERED]
    assert told[1][0] == timedelta(hours=13)


def test_an_emergency_rings_at_night() -> None:
    """Quiet hours are for what can wait."""
    night = datetime(2026, 3, 2, 19, 30, tzinfo=UTC)
    rings, told = _lived(Duty(((1,),), (1,)), since=night)
    assert _minutes(rings, 1)[:3] == [0, 5, 10]
    assert told == [(20 * MINUTE, Truth.UNANSWERED)]


def test_it_ends_some_day() -> None:
    """After the last repetition nobody is told any more; the console and the list of the morning still show it."""
    rings, _ = _lived(Duty(((1,),), (1,)), until=timedelta(days=3))
    assert _minutes(rings, 1) == [0, 5, 10, 15, 20, 50, 80, 110]


@st.composite
def _duties(draw: st.DrawFn) -> Duty:
    everybody = tuple(range(1, draw(st.integers(1, 6)) + 1))
    order = draw(st.permutations(everybody))
    on_call = order[: draw(st.integers(0, len(order)))]
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(on_call) - 1)), max_size=3)))
    edges = [0, *(cut for cut in cuts if cut < len(on_call)), len(on_call)]
    groups = tuple(tuple(on_call[a:b]) for a, b in itertools.pairwise(edges) if a < b)
    return Duty(groups, everybody)


@given(_duties(), st.dictionaries(st.integers(1, 6), FATES), st.booleans(), st.integers(0, 24 * 60))
def test_no_interval_without_somebody_told_and_none_told_twice_in_one(
    duty: Duty, fates: dict[int, Fate], emergency: bool, minute: int
) -> None:
    """Whoever is reachable or not: until everybody was told no interval passes in silence, and no chat rings twice."""
    pace = PACE if emergency else SLOW
    since = NOON + minute * MINUTE
    rings, told = _lived(duty, emergency=emergency, pace=pace, since=since, fates=fates, until=timedelta(hours=40))
    mine = defaultdict(list)
    for at, who in rings:
        mine[who].append(at)
    for times in mine.values():
        assert all(later - sooner >= pace.again for sooner, later in itertools.pairwise(times))
    truths = [what for _, what in told]
    assert len(truths) == len(set(truths)), "each truth is told once"
    assert Truth.UNANSWERED in truths
    assert set(duty.everybody) == set(mine), "in the end everybody was told"
    if emergency:
        reached = {one for one in duty.everybody if fates.get(one, Fate.ARRIVED) is Fate.ARRIVED}
        arrivals = sorted(at for at, who in rings if who in reached)
        if reached:
            assert arrivals[0] <= LOOK * (len(duty.everybody) + 1)
            before = [at for at in arrivals if at <= pace.everybody]
            gaps = [later - sooner for sooner, later in itertools.pairwise(before)]
            assert all(gap <= pace.again + LOOK for gap in gaps)
        assert {what: at for at, what in told}[Truth.UNANSWERED] <= pace.everybody


@given(st.integers(0, 525_000), st.integers(0, 3000))
def test_waking_time_never_ends_at_night(since: int, minutes: int) -> None:
    """An instant counted in waking minutes lies outside the quiet hours, also where the clock changes."""
    for zone in ("Asia/Kolkata", "Europe/Berlin"):
        quiet = Quiet(time(21), time(8), zone)
        begins = NOON + since * MINUTE
        found = quiet.later(begins, minutes * MINUTE)
        assert not quiet.covers(found - timedelta(microseconds=1)) or not minutes
        assert found >= begins + minutes * MINUTE
