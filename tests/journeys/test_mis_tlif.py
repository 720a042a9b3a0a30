"""The plan after an MIS-TLIF (fusion), day by day, for somebody who goes home on day 3."""

from __future__ import annotations

import re

import pytest

from tests.journeys.plans import IDS, journey, step, table

JOURNEY = "mis-tlif"
PLAN = """
day -7: morning medicine-list
day -3: midday home-ready
day -1: midday day-before
day 0: evening danger-signs
day 1: morning medicine-on-time
day 2: morning first-walks
day 3: afternoon home-check, evening wound-check-1
day 4: morning fever-and-infection, afternoon first-day-home
day 5: morning sitting
day 6: morning strong-tablets, evening tablets-and-bowels
day 7: morning blood-clots, evening wound-check-2
day 8: morning no-tobacco
day 9: evening pain-check-1
day 10: morning ask-before-pain-tablets
day 11: morning bend-and-lift, afternoon stitches-visit
day 13: morning brace
day 15: evening wound-check-3
day 18: morning left-over-tablets
day 21: evening three-week-check
day 25: morning driving-and-work
day 28: evening four-week-check
day 32: morning late-signs
day 36: morning second-visit
day 42: evening six-week-check
day 49: morning build-up
day 56: evening eight-week-check
day 63: morning tablets-now
day 74: morning still-watchful
day 84: evening three-month-check
day 90: morning close-out
"""
NSAIDS = re.compile(
    r"ibuprofen|diclofenac|aceclofenac|naproxen|ketorolac|nsaid|brufen|combiflam|voveran|आइबुप्रोफेन|डाइक्लोफेनैक|एसिक्लोफेनैक",
    re.IGNORECASE,
)


def test_the_plan_day_by_day() -> None:
    """Exactly these messages, on these days, at these times."""
    assert table(JOURNEY, stay=3) == PLAN.strip()


def test_pain_tablets_that_may_slow_bone_are_only_ever_warned_about() -> None:
    """Named once, with 'do not buy' and 'ask your surgeon'; never as something to take."""
    naming = [s for s in journey(JOURNEY).steps if NSAIDS.search(s.text.en) or NSAIDS.search(s.text.hi)]
    assert [s.id for s in naming] == ["ask-before-pain-tablets"]
    english, hindi = naming[0].text.en, naming[0].text.hi
    assert "do not buy such tablets yourself, and ask your surgeon first" in english
    assert "before you take it" in english
    assert "खुद न खरीदें, पहले अपने सर्जन से पूछिए" in hindi
    for permission in (r"\bok\b", r"\bokay\b", r"\bsafe\b", r"\byou (can|may) (take|use)\b", r"\bare fine\b"):
        assert not re.search(permission, english, re.IGNORECASE)


@pytest.mark.parametrize("journey_id", sorted(set(IDS) - {JOURNEY}))
def test_other_plans_name_no_such_tablet(journey_id: str) -> None:
    """Where no bone has to join, no name is needed."""
    for s in journey(journey_id).steps:
        assert not NSAIDS.search(s.text.en + s.text.hi), s.id


def test_no_tablet_is_bought_without_asking() -> None:
    """The first tip on medicine and the one in week 9 say so too."""
    assert "not even from the chemist" in step(JOURNEY, "medicine-on-time").text.en
    assert "from the chemist" in step(JOURNEY, "tablets-now").text.en


def test_tobacco_of_every_kind_is_named() -> None:
    """Bidi, gutka and khaini count, and help is offered without blame."""
    text = step(JOURNEY, "no-tobacco").text
    for word in ("Bidi", "gutka", "khaini", "Ask for help"):
        assert word in text.en
    for word in ("बीड़ी", "गुटखा", "खैनी", "मदद"):
        assert word in text.hi


def test_a_brace_is_worn_only_if_given() -> None:
    """The surgeon decides; trials found no clear gain."""
    text = step(JOURNEY, "brace").text.en
    assert "wear it as your surgeon told you" in text
    assert "do not buy one yourself" in text


def test_visits_come_with_an_xray_and_go_on_after_the_plan() -> None:
    """Week 6, month 3, and later visits at 6 and 12 months."""
    for step_id in ("second-visit", "three-month-check", "close-out"):
        assert "X-ray" in step(JOURNEY, step_id).text.en
        assert "एक्स-रे" in step(JOURNEY, step_id).text.hi
    assert "6 and 12 months" in step(JOURNEY, "close-out").text.en


def test_late_infection_is_named_because_of_the_screws() -> None:
    """Weeks 5 and 11 say that germs can come late."""
    for step_id in ("late-signs", "still-watchful"):
        assert "screws" in step(JOURNEY, step_id).text.en
        assert "पेंच" in step(JOURNEY, step_id).text.hi


def test_sitting_lifting_bending_and_driving_use_this_operations_settings() -> None:
    """Numbers come from the clinic, under names of their own."""
    expected = {
        "sitting": ("{fusion_sit_minutes}",),
        "bend-and-lift": ("{fusion_bend_weeks}", "{fusion_lift_weeks}", "{fusion_lift_kg}", "{fusion_bone_months}"),
        "driving-and-work": ("{fusion_drive_weeks}", "{fusion_desk_work_weeks}"),
        "build-up": ("{fusion_heavy_work_weeks}",),
    }
    for step_id, settings in expected.items():
        for language in ("en", "hi"):
            for setting in settings:
                assert setting in step(JOURNEY, step_id).text[language], (step_id, setting)
