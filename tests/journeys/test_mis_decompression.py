"""The plan after an MIS decompression, day by day, for somebody who goes home on day 2."""

from __future__ import annotations

from tests.journeys.plans import journey, said, step, table

JOURNEY = "mis-decompression"
PLAN = """
day -7: morning medicine-list
day -3: midday home-ready
day -1: midday day-before
day 0: evening danger-signs
day 1: morning medicine-on-time
day 2: morning first-walks, afternoon home-check
day 3: afternoon first-day-home, evening wound-check-1
day 4: morning fever-and-infection
day 5: morning sitting
day 6: morning strong-tablets, evening tablets-and-bowels
day 7: morning blood-clots, evening wound-check-2
day 9: evening pain-check-1
day 10: afternoon stitches-visit
day 11: morning bend-and-lift
day 13: morning nerve-tablets
day 15: evening wound-check-3
day 18: morning driving-and-work
day 21: evening three-week-check
day 25: morning left-over-tablets
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
    assert table(JOURNEY, stay=2) == PLAN.strip()


def test_urine_is_asked_twice_on_the_first_days_at_home() -> None:
    """Older patients may stop passing urine: asked on the day of going home and on the next."""
    asked = [s.id for s in journey(JOURNEY).steps if "passing-urine" in s.ask]
    assert asked == ["home-check", "first-day-home"]


def test_falls_and_dizziness_are_spoken_of() -> None:
    """Light at night, shoes that grip, rising slowly; a fall is a reason to call."""
    assert "night light" in step(JOURNEY, "home-ready").text.en
    walks = said(step(JOURNEY, "first-walks").text.en)
    assert "shoes that grip" in walks
    assert "Had a fall? Call 0522-000-0100 today." in walks
    assert "Dizzy" in step(JOURNEY, "sitting").text.en
    assert "you fall" in step(JOURNEY, "build-up").text.en
    for step_id in ("first-walks", "build-up"):
        assert "गिर" in step(JOURNEY, step_id).text.hi


def test_sitting_lifting_bending_and_driving_use_this_operations_settings() -> None:
    """Numbers come from the clinic, under names of their own."""
    expected = {
        "sitting": ("{decompression_sit_minutes}",),
        "bend-and-lift": ("{decompression_bend_weeks}", "{decompression_lift_weeks}", "{decompression_lift_kg}"),
        "driving-and-work": ("{decompression_drive_weeks}", "{decompression_desk_work_weeks}"),
        "build-up": ("{decompression_heavy_work_weeks}",),
    }
    for step_id, settings in expected.items():
        for language in ("en", "hi"):
            for setting in settings:
                assert setting in step(JOURNEY, step_id).text[language], (step_id, setting)


def test_new_or_spreading_numbness_is_an_emergency() -> None:
    """Old numbness may take months; new or spreading numbness is for 112 or 108."""
    text = step(JOURNEY, "late-signs").text.en
    assert "Numbness that is new or spreads is different: call 112 or 108." in text


def test_nothing_of_other_operations() -> None:
    """No screws, X-rays, braces or bone, and no disc that slips."""
    for s in journey(JOURNEY).steps:
        for word in ("screw", "X-ray", "brace", "bone", "disc ", "buprofen", "iclofenac"):
            assert word not in s.text.en, s.id
