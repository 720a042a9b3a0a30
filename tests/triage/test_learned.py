"""The learned second look adds to the rules, never takes away, and belongs to the content it was trained on."""

from __future__ import annotations

from random import Random

import pytest

from bot.triage import Triage, is_guess
from bot.triage.learned import FAINTEST, STEPS, Learned, parse, shipped
from bot.triage.patterns import Index
from bot.triage.training import fingerprint, fit, written
from content.heard import heard
from content.loader import Content
from content.model import Tier
from tests.triage.messages import labelled
from tests.triage.shipped import rules_alone

COMMAND = "python -m bot.triage.training"
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def test_the_file_fits_the_content(content: Content) -> None:
    """The weights were trained on the phrases, messages and questions as they are now."""
    assert shipped().inputs == fingerprint(content), f"What is learned from has changed: run {COMMAND}"


def test_training_is_the_same_every_time(content: Content) -> None:
    """The same examples give the same weights, also after reading them from the file, so anybody can make the file."""
    index, some = Index(content.signs.values()), written(content)[::60]
    report, emergency = fit(index, some)
    assert fit(index, some) == (report, emergency)
    again = parse(Learned(report, emergency, {"pus": {"RF09": 2}}, "inputs").as_json())
    step = max(map(abs, report.weights)) / STEPS
    assert (
        max(abs(one - other) for one, other in zip(again.report.weights, report.weights, strict=True))
        <= step * FAINTEST
    )
    assert (again.signs, again.inputs) == ({"pus": {"RF09": 2}}, "inputs")


def test_it_only_adds(triage: Triage) -> None:
    """Whatever the rules alert on or ask about stays: word for word, or as an emergency with what they found."""
    rules, raised = rules_alone(), 0
    for text in {each.text for name in ("messages", "held_back", "development") for each in labelled(name)}:
        alone = rules.judge(text)
        if alone.outcome != "none" and (verdict := triage.judge(text)) != alone:
            raised += 1
            assert (verdict.outcome, verdict.tier, verdict.sign) == ("alert", Tier.EMERGENCY, alone.sign)
            assert verdict.matches[1:] == alone.matches
            assert verdict.matches[0].guessed
    assert raised


def test_a_guess_names_no_sign_to_the_patient(triage: Triage) -> None:
    """Where no phrase matched, the question and the reply are the general ones; staff see the likeliest sign."""
    guesses = [verdict for each in labelled("development") if (verdict := triage.judge(each.text)).matches]
    guesses = [verdict for verdict in guesses if verdict.outcome != "none" and verdict.matches[0].guessed]
    assert guesses
    for verdict in guesses:
        expected = {"confirm": "confirm-unclear", "alert": "emergency"}[verdict.outcome]
        assert triage.reply(verdict) == expected
        assert verdict.sign == verdict.matches[0].sign
        assert is_guess(f"confirmed {verdict.matches[0].rule}")


def test_a_guess_alerts_for_emergencies_only(triage: Triage) -> None:
    """Only what surely sounds like an emergency alerts at once; the rest is asked."""
    for each in labelled("development"):
        verdict = triage.judge(each.text)
        if verdict.outcome == "alert" and verdict.matches[0].guessed:
            assert verdict.tier is Tier.EMERGENCY


@pytest.mark.parametrize(
    "text",
    ["1971", "18:30", "saadhe aath", "yes", "नहीं", "12/03/2026", "Ramesh Kumar", "Asha Example", "8/10 nahi 7/10",
     "hello ji", "menu", "thank you doctor", "कल सुबह", "take my name off", "ok ok ok"],
)  # fmt: skip
def test_answers_and_names_are_no_reports(triage: Triage, text: str) -> None:
    """Numbers, times, names, thanks and commands are never taken for a report."""
    assert triage.judge(text).outcome == "none"


def test_codes_are_no_reports(triage: Triage) -> None:
    """The letters of a patient's code say nothing."""
    random = Random(3)
    codes = ["".join(random.choice(LETTERS) for _ in range(8)) for _ in range(500)]
    assert [code for code in codes if triage.judge(f"{code[:4]}-{code[4:]}").outcome == "alert"] == []
    assert sum(triage.judge(f"{code[:4]}-{code[4:]}").outcome != "none" for code in codes) <= 5


@pytest.mark.parametrize("report", ["I cannot pass urine", "पैर में बिल्कुल जान नहीं रही", "saans nahi aa rahi"])
@pytest.mark.parametrize("place", [0, 90, 180])
def test_a_report_anywhere_in_ten_thousand_letters_is_found(triage: Triage, report: str, place: int) -> None:
    """A long story is judged whole: the report counts at its beginning, in its middle and at its end."""
    story = ["We came home and all is well with the food and the bed."] * 180
    story.insert(place, report + ".")
    verdict = triage.judge(" ".join(story))
    assert (verdict.outcome, verdict.tier) == ("alert", Tier.EMERGENCY)


def test_there_is_much_to_learn_from(content: Content) -> None:
    """More than a thousand messages, half of them harmless, in three languages, none of them twice with two labels."""
    messages = list(heard())
    harmless = [each for each in messages if not each.reports]
    assert len(messages) >= 1300
    assert len(harmless) >= len(messages) * 0.4
    assert {each.language for each in messages} == {"en", "hi", "hi-Latn"}
    assert len({each.text for each in messages}) == len({(each.text, each.reports) for each in messages})
    assert len(written(content)) > len(messages)


@pytest.mark.parametrize("text", ["", "{}", '{"steps": 3}', '{"steps": "", "largest": 1, "bias": 0, "signs": {}}'])
def test_a_damaged_file_is_refused(text: str) -> None:
    """Anything but a file of weights raises ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011 - several kinds of it
        parse(text)
