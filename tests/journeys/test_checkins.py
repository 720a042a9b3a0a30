"""Questions, common defaults, clinic settings and consent notices."""

from __future__ import annotations

import re

import pytest

from content.model import Topic, WhenLate
from tests.journeys.plans import IDS, journey, said
from tests.support.world import shipped

ALARMING = {
    ("passing-urine", "no"): "RF02",
    ("passing-urine", "hard"): "RF02",
    ("leg-strength", "yes"): "RF03",
    ("leg-strength", "unsure"): "RF03",
    ("pain-change", "worse"): "RF19",
    ("wound-redness", "yes"): "RF09",
    ("wound-fluid", "yes"): "RF09",
    ("fever", "yes"): "RF10",
    ("wound-opening", "yes"): "RF09",
    ("bowels", "three-days"): "RF20",
}
PLACES = """hospital_name department hospital_phone emergency_phone hospital_hours care_team_hours bath_after_days
    dressing_days stitches_days lift_kg lift_weeks drive_weeks desk_work_weeks follow_up_days reply_hours
    retention_months"""


def test_each_alarming_answer_reports_its_sign_and_no_other_does() -> None:
    """A tap can raise an alert exactly where it should."""
    found = {(q.id, c.id): c.sign for q in shipped().questions.values() for c in q.choices if c.sign}
    assert found == ALARMING


@pytest.mark.parametrize("question", ["pain-back", "pain-leg"])
def test_pain_of_8_or_more_is_reported(question: str) -> None:
    """Strong pain opens an alert; the scale is named at both ends."""
    asked = shipped().questions[question]
    assert (asked.kind, asked.alert_at, asked.sign) == ("scale", 8, "RF19")
    for language in ("en", "hi"):
        assert "10" in asked.ask[language]
        assert "0" in asked.ask[language]


@pytest.mark.parametrize("question", ["wound-redness", "wound-fluid", "fever", "wound-opening"])
def test_wound_questions_have_three_plain_answers(question: str) -> None:
    """No, yes and not sure: three buttons fit on every phone."""
    assert [c.id for c in shipped().questions[question].choices] == ["no", "yes", "unsure"]


def test_no_typed_word_means_two_answers() -> None:
    """What people type for one choice is never the id, label or word of another choice of the same question."""
    for question in shipped().questions.values():
        seen: dict[str, str] = {}
        for choice in question.choices:
            for word in {w.lower() for w in (choice.id, choice.label.en, choice.label.hi, *choice.words)}:
                assert seen.setdefault(word, choice.id) == choice.id, (question.id, word)


def test_every_question_is_asked_somewhere() -> None:
    """No question is left over from an earlier plan."""
    asked = {question for journey_id in IDS for s in journey(journey_id).steps for question in s.ask}
    assert asked == set(shipped().questions)


def test_thanks_are_kind_and_judge_nothing() -> None:
    """Each thank-you begins with thanks, and never calls an answer normal, good or fine."""
    for question in shipped().questions.values():
        assert question.thanks is not None, question.id
        assert question.thanks.en.startswith("Thank you"), question.id
        assert "धन्यवाद" in question.thanks.hi, question.id
        assert not re.search(r"\b(normal|fine|good|great|safe|healthy)\b", question.thanks.en), question.id


def test_buttons_fit() -> None:
    """At most 20 characters, the limit of a reply button."""
    for question in shipped().questions.values():
        for choice in question.choices:
            assert len(choice.label.en) <= 20
            assert len(choice.label.hi) <= 20


def test_a_medicine_reminder_names_its_time_and_warns_against_a_second_one() -> None:
    """Arriving twice it reads as the same reminder; unsure means ask, not take."""
    defaults = shipped().defaults
    assert defaults.medicine_late_minutes == 60
    for text in (defaults.medicine_text, defaults.medicine_named_text):
        for language, words in {
            "en": ("as written on your prescription", "Already taken it? Then do not take more.", "Ask the care team"),
            "hi": ("पर्चे में लिखे अनुसार", "दोबारा न लें", "पूछिए"),
        }.items():
            assert "{time}" in text[language].split("\n")[0]
            assert "{day_date}" in text[language].split("\n")[0]
            assert all(word in said(text[language]) for word in words)
    assert "{medicine}" in defaults.medicine_named_text.en
    assert "{medicine}" not in defaults.medicine_text.en


def test_past_medicine_tips_are_skipped_and_warnings_kept() -> None:
    """Who joins late gets no old medicine tip, activity or question; warnings and visits ride along."""
    assert shipped().defaults.when_late == {
        Topic.MEDICINE: WhenLate.SKIP,
        Topic.WARNING: WhenLate.FOLD,
        Topic.ACTIVITY: WhenLate.SKIP,
        Topic.CHECKIN: WhenLate.SKIP,
        Topic.LOGISTICS: WhenLate.FOLD,
    }


def test_every_promised_clinic_setting_exists_and_explains_itself() -> None:
    """What other texts may use is defined, says what to fill in, and medical numbers have a source."""
    settings = shipped().settings
    assert set(PLACES.split()) <= set(settings)
    for setting in settings.values():
        assert len(setting.meaning) > 20
        file, _ = shipped().lines["setting", setting.id]
        # How a hospital or its team works is its own choice; what is said about the body has a source.
        assert setting.sources or file.endswith(("hospital.yaml", "alerts.yaml")), setting.id


@pytest.mark.parametrize("purpose", ["reminders", "sharing"])
@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_consent_notice_says_what_the_law_asks_for(purpose: str, language: str) -> None:
    """What is stored, what for, that no is possible, how to withdraw, the rights, whom to ask, where to complain."""
    notice = shipped().notices[purpose]
    text = notice.text[language]
    assert re.fullmatch(r"\d{4}-\d\d-\d+", notice.version)
    assert text.count("•") >= 3
    assert "STOP" in text
    assert "{hospital_phone}" in text
    assert "{department}" in text
    for word in {
        "en": ("Why:", "You may say no", "correct", "delete", "Data Protection Board"),
        "hi": ("किसलिए:", "मना कर सकते", "सुधरवा", "मिटवा", "डेटा प्रोटेक्शन बोर्ड"),
    }[language]:
        assert word in text
    assert len(said(text)) <= 1024


def test_the_two_consents_are_two_questions() -> None:
    """A separate yes for messages and for showing answers to staff."""
    assert set(shipped().notices) == {"reminders", "sharing"}
    assert shipped().notices["reminders"].text.en != shipped().notices["sharing"].text.en
    assert "112" in shipped().notices["sharing"].text.en
