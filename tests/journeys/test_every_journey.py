"""What every recovery plan must keep to, whatever the operation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest

from content.checks import check
from content.model import Anchor, Slot, Topic, WhenLate
from tests.journeys.plans import IDS, PHASES, STAYS, by_day, day_of, journey, said, step
from tests.support.world import shipped

CARE = (Topic.MEDICINE, Topic.WARNING, Topic.ACTIVITY, Topic.CHECKIN)
WOUND_QUESTIONS = ("wound-redness", "wound-fluid", "fever", "wound-opening")
DOSE = re.compile(
    r"\d\s*(mg|mcg|ml|gm)\b"
    r"|\b(one|two|three|four|half|\d+) (more )?(tablets?|pills?|capsules?|doses?|spoons?)\b"
    r"|\bevery \d+ hours\b"
    r"|(एक|दो|तीन|चार|आधी|\d+) (गोली|गोलियाँ|कैप्सूल|चम्मच|खुराक)"
    r"|\d\s*(एमजी|मिलीग्राम)",
    re.IGNORECASE,
)
ORDERS = re.compile(
    r"\b(you (can|may|should) (now )?(stop|start)|stop taking|start taking)\b|(लेना|खाना) (बंद|शुरू) (करें|कीजिए|कर दें)",
    re.IGNORECASE,
)
SOOTHING = re.compile(
    r"\b(normal|nothing to worry|you are fine|don't worry|do not worry|cure[ds]?|painless|no risk|100 ?%|guarantee)\b"
    r"|सामान्य (बात )?है|चिंता न करें|आप ठीक हैं|घबराने की",
    re.IGNORECASE,
)


def texts(journey_id: str) -> Iterator[tuple[str, str, str]]:
    for s in journey(journey_id).steps:
        yield s.id, "en", said(s.text.en)
        yield s.id, "hi", said(s.text.hi)


def test_there_is_a_plan_for_each_of_the_three_operations() -> None:
    """The department's three commonest operations each have a plan of their own."""
    assert set(IDS) <= set(shipped().journeys)


def test_content_check_finds_nothing_in_the_plans() -> None:
    """What authors are told by `saathi content check` is empty for these files."""
    ours = ("content/journeys/", "content/checkins", "content/clinic/", "content/notices")
    assert [str(p) for p in check(shipped()) if p.file.startswith(ours)] == []


@pytest.mark.parametrize("journey_id", IDS)
def test_a_plan_has_25_to_35_messages_and_ends_on_day_90(journey_id: str) -> None:
    """Evidence says 25 to 35 messages in 90 days are read; the few before the operation are within it."""
    steps = journey(journey_id).steps
    assert 25 <= sum(s.day >= 0 for s in steps) <= len(steps) <= 35
    assert max(s.day for s in steps) == 90


@pytest.mark.parametrize("stay", STAYS)
@pytest.mark.parametrize("journey_id", IDS)
def test_no_day_has_more_than_two_messages_however_long_the_stay(journey_id: str, stay: int) -> None:
    """One or two messages a day, also on the day of going home and the day after."""
    assert journey(journey_id).per_day == 2
    crowded = {day: [s.id for s in steps] for day, steps in by_day(journey_id, stay).items() if len(steps) > 2}
    assert crowded == {}


@pytest.mark.parametrize("stay", range(30))
@pytest.mark.parametrize("journey_id", IDS)
def test_no_two_messages_share_a_day_and_a_slot(journey_id: str, stay: int) -> None:
    """Steps counted from discharge have the afternoon for themselves, so they meet no other step."""
    taken = Counter((day_of(s, stay), s.slot) for s in journey(journey_id).steps)
    assert [slot for slot, count in taken.items() if count > 1] == []
    for s in journey(journey_id).steps:
        assert (s.anchor is Anchor.DISCHARGE) == (s.slot is Slot.AFTERNOON)


@pytest.mark.parametrize("journey_id", IDS)
def test_messages_thin_out_as_weeks_go_by(journey_id: str) -> None:
    """Daily in week 1, about alternate days in week 2, about twice a week to week 6, about weekly to week 13."""
    days = by_day(journey_id, stay=2)
    assert all(day in days for day in range(1, 8))
    assert 3 <= sum(day in days for day in PHASES["week 2"]) <= 6
    assert 7 <= sum(day in days for day in PHASES["weeks 3 to 6"]) <= 10
    assert 5 <= sum(day in days for day in PHASES["weeks 7 to 13"]) <= 8
    later = sorted(day for day in days if day >= 7)
    assert all(b - a <= 12 for a, b in pairwise(later))


@pytest.mark.parametrize("phase", ["week 1", "weeks 3 to 6", "weeks 7 to 13"])
@pytest.mark.parametrize("journey_id", IDS)
def test_medicine_warning_activity_and_checkins_are_in_each_phase(journey_id: str, phase: str) -> None:
    """No phase leaves out one of the four things patients are followed for."""
    present = {s.topic for s in journey(journey_id).steps if day_of(s, 2) in PHASES[phase]}
    assert set(CARE) <= present


@pytest.mark.parametrize("journey_id", IDS)
def test_danger_signs_come_first_and_are_never_dropped(journey_id: str) -> None:
    """The signs that cannot wait leave on day 0, and are sent at once to who joins late."""
    first = step(journey_id, "danger-signs")
    assert (first.day, first.topic, first.when_late) == (0, Topic.WARNING, WhenLate.SEND)
    for word in ("urine", "between the legs", "weak", "breathe", "chest", "112", "108"):
        assert word in first.text.en
    for word in ("पेशाब", "जाँघों के बीच", "कमज़ोर", "साँस", "सीने", "112", "108"):
        assert word in first.text.hi


@pytest.mark.parametrize("journey_id", IDS)
def test_the_wound_is_asked_about_on_days_3_7_and_15(journey_id: str) -> None:
    """Four plain questions, the same each time, on the days a trial used."""
    asked = {s.day: s.ask for s in journey(journey_id).steps if "wound-fluid" in s.ask}
    assert asked == {3: WOUND_QUESTIONS, 7: WOUND_QUESTIONS, 15: WOUND_QUESTIONS}


@pytest.mark.parametrize("journey_id", IDS)
def test_a_checkin_asks_one_to_three_questions(journey_id: str) -> None:
    """Only the wound check has four; all ids exist."""
    for s in journey(journey_id).steps:
        if s.topic is Topic.CHECKIN:
            assert 1 <= len(s.ask) <= (4 if "wound-fluid" in s.ask else 3), s.id
            assert set(s.ask) <= set(shipped().questions)


@pytest.mark.parametrize("journey_id", IDS)
def test_pain_bowels_walking_urine_and_strong_tablets_are_asked_early(journey_id: str) -> None:
    """Key answers come before day 15, when people still answer."""
    early = {question for s in journey(journey_id).steps for question in s.ask if day_of(s, 2) < 15}
    assert {"pain-back", "pain-leg", "bowels", "walking-minutes", "passing-urine", "strong-tablet"} <= early


@pytest.mark.parametrize("journey_id", IDS)
def test_fever_counts_from_day_4_with_the_clinics_threshold(journey_id: str) -> None:
    """From day 4 a fever at home is a reason to call the same day."""
    warning = step(journey_id, "fever-and-infection")
    assert warning.day == 4
    for text in (warning.text.en, warning.text.hi):
        assert "{fever_c}" in text
        assert "{fever_f}" in text
        assert "{hospital_phone}" in text


@pytest.mark.parametrize("journey_id", IDS)
def test_no_text_holds_a_dose_or_orders_to_stop_or_start(journey_id: str) -> None:
    """Individual things go to the care team."""
    for step_id, language, text in texts(journey_id):
        assert not DOSE.search(text), (step_id, language)
        assert not ORDERS.search(text), (step_id, language)


@pytest.mark.parametrize("journey_id", IDS)
def test_taking_a_medicine_always_means_as_prescribed(journey_id: str) -> None:
    """Tips on pain medicine point to the prescription; the one before the operation points to the doctors."""
    for s in journey(journey_id).steps:
        if s.topic is Topic.MEDICINE and 0 <= s.day <= 30:
            assert "written on your prescription" in s.text.en, s.id
            assert "पर्चे" in s.text.hi, s.id


@pytest.mark.parametrize("journey_id", IDS)
def test_hidden_paracetamol_and_sudden_stops_are_spoken_of(journey_id: str) -> None:
    """Double paracetamol twice in week 1; a nerve-pain tablet that must not be stopped suddenly, early and later."""
    first_week = [s for s in journey(journey_id).steps if s.topic is Topic.MEDICINE and 1 <= s.day <= 7]
    assert sum("paracetamol" in s.text.en for s in first_week) == 2
    sudden = [s.day for s in journey(journey_id).steps if "all at once" in s.text.en]
    assert min(sudden) <= 13
    assert max(sudden) >= 18


@pytest.mark.parametrize("journey_id", IDS)
def test_strong_tablets_come_with_bowels_alcohol_driving_and_sharing(journey_id: str) -> None:
    """A message on opioids never comes without its four cautions, nor asks anybody to take one."""
    text = step(journey_id, "strong-tablets").text
    for word in ("bowels", "no alcohol", "no driving", "share them with nobody", "112"):
        assert word in text.en
    for word in ("कब्ज़", "शराब", "गाड़ी", "किसी को न दें", "112"):
        assert word in text.hi


@pytest.mark.parametrize("journey_id", IDS)
def test_nothing_is_promised_and_no_symptom_called_normal(journey_id: str) -> None:
    """Forbidden promises appear in neither language."""
    for step_id, language, text in texts(journey_id):
        assert not SOOTHING.search(text), (step_id, language)


@pytest.mark.parametrize("journey_id", IDS)
def test_each_message_has_both_languages_and_fits(journey_id: str) -> None:
    """Hindi is in Devanagari; no message is over 900 characters once filled."""
    for step_id, language, text in texts(journey_id):
        assert len(text) <= 900, (step_id, language)
        assert bool(re.search("[\u0900-\u097f]", text)) == (language == "hi"), (step_id, language)
        assert "{" not in text, (step_id, language)


@pytest.mark.parametrize("journey_id", IDS)
def test_the_first_line_is_neutral_and_greets_by_name(journey_id: str) -> None:
    """A locked phone shows one short greeting line."""
    for s in journey(journey_id).steps:
        for text in (s.text.en, s.text.hi):
            first, *rest = text.split("\n")
            assert "{name}" in first, s.id
            assert first.endswith(":"), s.id
            assert rest, s.id


@pytest.mark.parametrize("journey_id", IDS)
def test_every_message_but_plain_preparation_says_when_to_call(journey_id: str) -> None:
    """Each text names a number to call."""
    for step_id, language, text in texts(journey_id):
        assert re.search(r"0522-000-0100|\b112\b", text), (step_id, language)


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("journey_id", IDS)
def test_not_watched_round_the_clock_is_said_again_and_again(journey_id: str, language: str) -> None:
    """At least once in each of the first weeks, and never more than two weeks apart after."""
    line = {"en": "not watched round the clock", "hi": "हर समय नहीं देखी जाती"}[language]
    days = sorted(day_of(s, 2) for s in journey(journey_id).steps if line in s.text[language])
    assert days[0] == 0
    assert {(day - 1) // 7 for day in days if 1 <= day <= 42} == set(range(6))
    assert all(b - a <= 14 for a, b in zip(days, [*days[1:], 90], strict=True))


@pytest.mark.parametrize("journey_id", IDS)
def test_the_last_message_gives_the_choice_to_delete(journey_id: str) -> None:
    """Day 90 ends the plan: how long data is kept, how to delete it, how to take the consent back."""
    last = step(journey_id, "close-out")
    assert (last.day, last.topic) == (90, Topic.LOGISTICS)
    for text in (last.text.en, last.text.hi):
        for word in ("DELETE", "STOP", "{retention_months}", "{hospital_phone}", "112"):
            assert word in text


@pytest.mark.parametrize("journey_id", IDS)
def test_visits_and_stitches_are_announced_in_time(journey_id: str) -> None:
    """The first visit before day 14, the second before week 6, the third by the last check-in."""
    assert day_of(step(journey_id, "stitches-visit"), 4) < 14
    assert step(journey_id, "second-visit").day < 42
    assert "{third_visit_months}" in step(journey_id, "three-month-check").text.en


@pytest.mark.parametrize("journey_id", IDS)
def test_each_step_has_sources_and_waits_for_review(journey_id: str) -> None:
    """Nothing medical stands without a source, and nothing claims a clinician's signature."""
    assert journey(journey_id).review == "pending"
    for s in journey(journey_id).steps:
        assert s.sources, s.id
        assert set(s.sources) <= set(shipped().sources), s.id


@pytest.mark.parametrize("journey_id", IDS)
def test_an_evening_checkin_never_waits_for_the_next_day(journey_id: str) -> None:
    """Check-ins of the evening leave within 150 minutes or not at all."""
    for s in journey(journey_id).steps:
        if s.slot is Slot.EVENING and s.topic is Topic.CHECKIN:
            assert s.late_minutes == 150, s.id
