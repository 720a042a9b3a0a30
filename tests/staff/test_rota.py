"""Who is on call: over midnight, on holidays, where the clock changes."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.staff.rota import Change, Rota, Shift, duty, on_call, spans

INDIA = "Asia/Kolkata"
BERLIN = "Europe/Berlin"
MONDAY = date(2026, 3, 2)
DAY = tuple(Shift(1, weekday, time(8), time(20)) for weekday in range(7))
NIGHT = tuple(Shift(2, weekday, time(20), time(8)) for weekday in range(7))
BACKUP = tuple(Shift(3, weekday, time(0), time(0), place=2) for weekday in range(7))
ROTA = Rota((*DAY, *NIGHT, *BACKUP))


def _at(day: date, clock: str, zone: str = INDIA, fold: int = 0) -> datetime:
    return (
        datetime.combine(
            day,
            time.fromisoformat(
                clock,
            ),
            ZoneInfo(zone),
        )
        .replace(fold=fold)
        .astimezone(UTC)
    )


@pytest.mark.parametrize(
    ("clock", "groups"),
    [
        ("07:59", ((2,), (3,))),
        ("08:00", ((1,), (3,))),
        ("19:59", ((1,), (3,))),
        ("20:00", ((2,), (3,))),
        ("00:00", ((2,), (3,))),
    ],
)
def test_hours_over_midnight(clock: str, groups: tuple[tuple[int, ...], ...]) -> None:
    """A night shift holds until the morning after; the first minute of hours counts, the last does not."""
    assert on_call(ROTA, _at(MONDAY, clock), INDIA) == groups


def test_a_night_of_one_weekday_ends_in_the_next() -> None:
    """Sunday's night reaches into Monday morning, and is nobody else's."""
    rota = Rota((Shift(5, 6, time(22), time(6)),))
    assert on_call(rota, _at(MONDAY, "05:59"), INDIA) == ((5,),)
    assert on_call(rota, _at(MONDAY, "06:00"), INDIA) == ()
    assert on_call(rota, _at(MONDAY, "22:30"), INDIA) == ()


def test_who_is_away_is_replaced_and_so_is_the_replacement() -> None:
    """The hours that begin on those days go to whoever stands in; a stand-in who is away passes them on."""
    changes = (Change(MONDAY, MONDAY, 2, 4), Change(MONDAY, MONDAY, 4, 5))
    rota = Rota(ROTA.shifts, changes)
    assert on_call(rota, _at(MONDAY, "03:00"), INDIA) == ((2,), (3,)), "Sunday's night is still theirs"
    assert on_call(rota, _at(MONDAY, "21:00"), INDIA) == ((5,), (3,))
    assert on_call(rota, _at(MONDAY + timedelta(days=1), "03:00"), INDIA) == ((5,), (3,))
    assert on_call(rota, _at(MONDAY + timedelta(days=1), "21:00"), INDIA) == ((2,), (3,))


def test_away_without_a_stand_in_leaves_the_backup() -> None:
    """Nobody takes over: the others of the rota are told, the backup first."""
    rota = Rota(ROTA.shifts, (Change(MONDAY, MONDAY, 1, None),))
    assert on_call(rota, _at(MONDAY, "12:00"), INDIA) == ((3,),)


def test_two_who_stand_in_for_each_other_end_nowhere() -> None:
    """A circle of stand-ins is nobody, and asks no endless question."""
    rota = Rota(DAY, (Change(MONDAY, MONDAY, 1, 2), Change(MONDAY, MONDAY, 2, 1)))
    assert on_call(rota, _at(MONDAY, "12:00"), INDIA) == ()


def test_a_holiday_has_one_on_call_day_and_night() -> None:
    """On a holiday the weekly hours do not hold; its stand-in has the night after as well."""
    rota = Rota(ROTA.shifts, (Change(MONDAY, MONDAY, None, 9),))
    assert on_call(rota, _at(MONDAY, "12:00"), INDIA) == ((9,),)
    assert on_call(rota, _at(MONDAY, "23:00"), INDIA) == ((9,),)
    assert (9,) in on_call(rota, _at(MONDAY + timedelta(days=1), "03:00"), INDIA)
    assert on_call(rota, _at(MONDAY + timedelta(days=1), "12:00"), INDIA) == ((1,), (3,))


def test_the_hour_that_comes_twice_is_covered_twice_and_the_one_that_never_comes_is_nobodys() -> None:
    """Berlin, 25 October 2026 at 02:30 (twice), and 29 March 2026 from 02:00 to 03:00 (never)."""
    autumn = Rota((Shift(1, 6, time(2), time(3)),))
    for fold in (0, 1):
        assert on_call(autumn, _at(date(2026, 10, 25), "02:30", BERLIN, fold), BERLIN) == ((1,),)
    spring = spans(autumn, _at(date(2026, 3, 28), "12:00", BERLIN), 1, BERLIN)
    assert [span.groups for span in spring] == [()]
    night = Rota((Shift(7, 5, time(22), time(6)),))
    assert on_call(night, _at(date(2026, 3, 29), "05:59", BERLIN), BERLIN) == ((7,),)
    assert on_call(night, _at(date(2026, 3, 29), "06:00", BERLIN), BERLIN) == ()


def test_without_a_rota_everybody_is_on_call() -> None:
    """That is how it is until somebody makes one; a gap in a rota is something else."""
    assert duty(Rota(), _at(MONDAY, "12:00"), INDIA, (1, 2)).groups == ((1, 2),)
    assert duty(Rota(), _at(MONDAY, "12:00"), INDIA, ()).groups == ()
    gap = Rota((Shift(1, 0, time(8), time(9)),))
    assert duty(gap, _at(MONDAY, "12:00"), INDIA, (1, 2)).groups == ()


def test_after_those_on_call_come_the_others_one_by_one() -> None:
    """Who cannot be reached is left out; those off duty follow the backup."""
    found = duty(ROTA, _at(MONDAY, "12:00"), INDIA, (1, 2, 4))
    assert found.groups == ((1,), (2,), (4,))
    assert found.everybody == (1, 2, 4)


_SHIFTS = st.builds(
    Shift,
    staff_id=st.integers(1, 4),
    weekday=st.integers(0, 6),
    starts=st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
    ends=st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
    place=st.integers(1, 3),
)
_CHANGES = st.builds(
    lambda first, length, away, instead: Change(
        MONDAY + timedelta(days=first), MONDAY + timedelta(days=first + length), away, instead
    ),
    st.integers(-2, 9), st.integers(0, 3), st.none() | st.integers(1, 4), st.none() | st.integers(1, 4),
)  # fmt: skip


@given(
    st.lists(_SHIFTS, max_size=8),
    st.lists(_CHANGES, max_size=4),
    st.sampled_from([(INDIA, MONDAY), (BERLIN, date(2026, 3, 27)), (BERLIN, date(2026, 10, 23))]),
    st.integers(0, 7 * 24 * 4 - 1),
)
def test_the_printed_week_is_what_an_alert_finds(
    shifts: list[Shift], changes: list[Change], place: tuple[str, date], quarter: int
) -> None:
    """Spans follow each other without a hole, and each says who is on call at any instant in it."""
    zone, first = place
    rota, begins = Rota(tuple(shifts), tuple(changes)), _at(first, "00:00", zone)
    found = spans(rota, begins, 7, zone)
    assert found[0].begins == begins
    assert all(one.ends == other.begins for one, other in itertools.pairwise(found))
    instant = begins + timedelta(minutes=15 * quarter + 7)
    (span,) = [one for one in found if one.begins <= instant < one.ends]
    assert span.groups == on_call(rota, instant, zone)
