"""When things are due: slots, chosen times, budget, spacing, anchors, medicine."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise

import pytest

from content.model import Topic
from scheduler.plans import GAP, MedicineTimes, medicine_names
from tests.scheduler.plan_facts import MONDAY, at, plan, table
from tests.support.world import step


@pytest.mark.parametrize(
    ("slot", "clock"), [("morning", "09:00"), ("midday", "12:30"), ("afternoon", "16:00"), ("evening", "18:30")]
)
def test_each_slot_has_its_local_time(slot: str, clock: str) -> None:
    """A step is due at the clinic's time of its slot, by the patient's wall clock."""
    assert table(plan(step("walk", "activity", 3, slot))) == [f"03-05 {clock} walk"]


def test_morning_and_evening_are_the_patients_own() -> None:
    """The chosen morning and evening time move those two slots, and no other."""
    slots = ("morning", "midday", "afternoon", "evening")
    steps = [step(slot, "activity", 1, slot) for slot in slots]
    shown = table(plan(*steps, per_day=4, morning=time(8, 10), evening=time(20, 40)))
    assert shown == ["03-03 08:10 morning", "03-03 12:30 midday", "03-03 16:00 afternoon", "03-03 20:40 evening"]


@pytest.mark.parametrize(
    ("surgery_time", "due"),
    [
        (None, "03-02 16:00"),
        (time(10), "03-02 16:00"),
        (time(16), "03-02 19:00"),
        (time(17, 15), "03-02 20:15"),
        (time(18), "03-02 20:30"),
        (time(23, 30), "03-02 20:30"),
    ],
)
def test_the_first_message_waits_until_after_surgery(surgery_time: time | None, due: str) -> None:
    """On day 0 a step that would come before the operation ends comes three hours after it, before the night."""
    assert table(plan(step("hello", "warning", 0, "afternoon"), surgery_time=surgery_time)) == [f"{due} hello"]


@pytest.mark.parametrize(("stay", "day"), [(None, "03-06"), (0, "03-05"), (2, "03-07"), (10, "03-15")])
def test_a_step_may_count_from_discharge(stay: int | None, day: str) -> None:
    """Steps anchored on discharge follow the day somebody goes home; until staff know it, the usual stay of a day."""
    home = None if stay is None else MONDAY + timedelta(days=stay)
    shown = plan(step("stairs", "activity", 3, anchor="discharge"), discharge_on=home)
    assert table(shown) == [f"{day} 09:00 stairs"]
    assert [o.occurrence for o in shown] == ["home 3"]


def test_a_full_day_moves_what_matters_least() -> None:
    """Over the journey's budget, check-ins and warnings keep the day, tips move to the next day with room."""
    steps = [
        step("tip", "activity", 1, "morning"),
        step("stitches", "logistics", 1, "midday"),
        step("wound", "warning", 1, "afternoon"),
        step("pain", "checkin", 1, "evening", ask=["pain-back"]),
        step("later", "warning", 2, "evening"),
    ]
    assert table(plan(*steps, per_day=2)) == [
        "03-03 16:00 wound",
        "03-03 18:30 pain",
        "03-04 12:30 stitches",
        "03-04 18:30 later",
        "03-05 09:00 tip",
    ]


def test_what_is_over_the_budget_of_the_last_day_still_comes() -> None:
    """Nothing falls off the end of a journey."""
    steps = [step(f"tip-{number}", "activity", 90, "morning") for number in range(4)]
    shown = table(plan(*steps, per_day=1))
    assert [line[:5] for line in shown] == ["05-31", "06-01", "06-02", "06-03"]


def test_medicine_times_have_no_budget() -> None:
    """Six medicine times a day push no tip to another day."""
    six = MedicineTimes(tuple(time(hour) for hour in (8, 10, 12, 14, 16, 20)), MONDAY, 3)
    shown = table(plan(step("walk", "activity", 1), medicine=(six,), per_day=1))
    assert len(shown) == 19
    assert "03-03 09:00 walk" in shown


def test_two_messages_are_never_due_together() -> None:
    """Steps of one slot, and a step beside a medicine time, are at least half an hour apart."""
    steps = [step(f"tip-{number}", "activity", 1, "morning") for number in range(3)]
    shown = plan(*steps, medicine=(MedicineTimes((time(9), time(9, 40)), MONDAY, 3),))
    day = [o.due_at for o in shown if o.due_at.date() == date(2026, 3, 3)]
    assert all(later - earlier >= GAP for earlier, later in pairwise(day[2:]))
    assert all(
        abs(o.due_at - other.due_at) >= GAP for o in shown if o.step != "medicine" for other in shown if other is not o
    )


def test_the_last_minutes_of_the_day_are_filled_backwards() -> None:
    """Where there is no room before the night, a step moves to an earlier time, not into the night."""
    steps = [step(f"tip-{number}", "activity", 1, "evening") for number in range(3)]
    shown = table(plan(*steps, evening=time(20, 45)))
    assert shown == ["03-03 19:45 tip-2", "03-03 20:15 tip-1", "03-03 20:45 tip-0"]


def test_medicine_comes_at_each_time_of_each_day() -> None:
    """Three times a day for two days are six reminders, named after their local minute."""
    shown = plan(medicine=(MedicineTimes((time(8), time(14), time(20)), MONDAY, 2),))
    medicine = [o for o in shown if o.step == "medicine"]
    assert [o.occurrence for o in medicine] == [
        f"2026-03-0{day} {clock}" for day in (2, 3) for clock in ("08:00", "14:00", "20:00")
    ]
    assert {o.topic for o in medicine} == {Topic.MEDICINE}


def test_the_same_time_on_two_prescriptions_is_one_reminder() -> None:
    """Two prescriptions that name eight o'clock give one reminder at eight."""
    shown = plan(medicine=(MedicineTimes((time(8),), MONDAY, 2, "A"), MedicineTimes((time(8),), MONDAY, 1, "B")))
    assert [o.occurrence for o in shown if o.step == "medicine"] == ["2026-03-02 08:00", "2026-03-03 08:00"]


def test_the_surgery_date_never_moves_a_prescription() -> None:
    """Medicine times stay on their own days, under the same names, whenever the surgery is."""
    times = (MedicineTimes((time(8),), MONDAY, 3),)
    plans = [plan(medicine=times, surgery_on=MONDAY + timedelta(days=moved)) for moved in (0, 7)]
    before, after = ([o for o in shown if o.step == "medicine"] for shown in plans)
    assert before == after


@pytest.mark.parametrize(
    ("clock", "late"),
    [
        ("08:00", "09:00"),
        ("20:00", "21:00"),
        ("20:30", "21:00"),
        ("20:59", "21:00"),
        ("21:00", "22:00"),
        ("02:00", "03:00"),
    ],
)
def test_medicine_is_an_hour_late_at_most_and_not_into_the_night(clock: str, late: str) -> None:
    """An hour, but a daytime medicine time never runs into the quiet hours; one agreed for the night does."""
    (o,) = [
        o
        for o in plan(medicine=(MedicineTimes((time.fromisoformat(clock),), MONDAY, 1, at_night=True),))
        if o.step == "medicine"
    ]
    assert (o.due_at, o.expires_at) == (at(MONDAY, clock), at(MONDAY, late))


@pytest.mark.parametrize(
    ("more", "end"), [({}, "21:00"), ({"late_minutes": 90}, "20:00"), ({"late_minutes": 720}, "21:00")]
)
def test_a_step_ends_with_its_day_or_sooner(more: dict[str, int], end: str) -> None:
    """A step may be late until the quiet hours, or as long as the content says, whichever ends first."""
    (o,) = plan(step("walk", "activity", 0, "evening", **more))
    assert o.expires_at == at(MONDAY, end)


@pytest.mark.parametrize(
    ("occurrence", "names"),
    [
        ("2026-03-02 08:00", "A"),
        ("2026-03-03 08:00", "A, B"),
        ("2026-03-04 08:00", "B"),
        ("2026-03-03 20:00", "A"),
        ("2026-03-09 08:00", None),
        ("2026-03-01 08:00", None),
    ],
)
def test_names_belong_to_their_days_and_minutes(occurrence: str, names: str | None) -> None:
    """A reminder names what is to be taken then: not what ended yesterday, nor what is for another time."""
    typed = (
        MedicineTimes((time(8), time(20)), MONDAY, 2, "A"),
        MedicineTimes((time(8),), MONDAY + timedelta(days=1), 3, "B"),
        MedicineTimes((time(8),), MONDAY, 9),
        MedicineTimes((time(8),), MONDAY, 1, "A"),
    )
    assert medicine_names(typed, occurrence) == names
