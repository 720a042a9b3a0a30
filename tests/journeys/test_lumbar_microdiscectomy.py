"""The plan after a lumbar microdiscectomy, day by day, for somebody who goes home on day 1."""

from __future__ import annotations

from tests.journeys.plans import journey, said, step, table

JOURNEY = "lumbar-microdiscectomy"
PLAN = """
day -7: morning medicine-list
day -3: midday home-ready
day -1: midday day-before
day 0: evening danger-signs
day 1: morning medicine-on-time, afternoon home-check
day 2: morning first-walks, afternoon first-day-home
day 3: evening wound-check-1
day 4: morning fever-and-infection
day 5: morning sitting
day 6: morning strong-tablets, evening tablets-and-bowels
day 7: morning blood-clots, evening wound-check-2
day 9: afternoon stitches-visit, evening pain-check-1
day 11: morning bend-and-lift
day 13: morning nerve-tablets
day 15: evening wound-check-3
day 18: morning left-over-tablets
day 21: evening three-week-check
day 25: morning driving-and-work
day 28: evening four-week-check
day 32: morning late-signs
day 35: morning exercise
day 39: morning second-visit
day 42: evening six-week-check
day 49: morning build-up
day 56: evening eight-week-check
day 63: morning tablets-now
day 74: morning still-watchful
day 84: evening three-month-check
day 90: morning close-out
"""


def test_the_plan_day_by_day() -> None:
    """Exactly these messages, on these days, at these times."""
    assert table(JOURNEY, stay=1) == PLAN.strip()


def test_the_first_day_at_home_asks_pain_and_strength() -> None:
    """Back and leg pain and new weakness are asked the day after going home."""
    assert step(JOURNEY, "first-day-home").ask == ("pain-back", "pain-leg", "leg-strength")


def test_sitting_is_short_and_off_the_floor() -> None:
    """Short spells, on a chair, with the clinic's minutes."""
    text = step(JOURNEY, "sitting").text
    assert "{sit_minutes}" in text.en
    assert "{sit_minutes}" in text.hi
    for word in ("puja", "namaz", "squatting", "floor", "toilet"):
        assert word in text.en


def test_lifting_bending_and_driving_use_this_operations_settings() -> None:
    """Numbers come from the clinic, and the discharge paper comes before them."""
    limits = step(JOURNEY, "bend-and-lift").text
    for language in ("en", "hi"):
        for setting in ("{bend_weeks}", "{lift_weeks}", "{lift_kg}"):
            assert setting in limits[language]
        driving = step(JOURNEY, "driving-and-work").text[language]
        assert "{drive_weeks}" in driving
        assert "{desk_work_weeks}" in driving
    assert "discharge paper comes first" in limits.en


def test_leg_pain_that_comes_back_is_a_reason_to_call() -> None:
    """A disc can slip again: new or returned leg pain is named in weeks 2, 5 and 11."""
    for step_id in ("bend-and-lift", "late-signs", "still-watchful"):
        text = said(step(JOURNEY, step_id).text.en)
        assert "leg pain" in text
        assert "0522-000-0100" in text


def test_nothing_of_other_operations() -> None:
    """No screws, X-rays, braces or bone, and no names of medicines but paracetamol."""
    for s in journey(JOURNEY).steps:
        for word in ("screw", "X-ray", "brace", "bone", "buprofen", "iclofenac"):
            assert word not in s.text.en, s.id
