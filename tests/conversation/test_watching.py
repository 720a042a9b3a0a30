"""The rules over check-in answers: what they find, and what must hold whatever is answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.watching import RANK, Asked, Finding, Given, findings, gravest
from content.model import Tier
from content.rules import references
from content.watching import WatchRule
from tests.support.world import shipped

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 9, 6, 0, tzinfo=UTC)
FEW = settings(max_examples=60)

_SCALES = ("pain-back", "pain-leg")
_CHOICES = {name: [c.id for c in q.choices] for name, q in shipped().questions.items() if q.kind == "choice"}


def answer(day: int, question: str, value: object) -> Given:
    """An answer to the check-in of a day; there is one a day here."""
    return Given(DAY + timedelta(days=day), day + 1, question, str(value))


def found(*answers: Given) -> frozenset[Finding]:
    """What is found in answers alone."""
    return findings(shipped(), answers, (), NOW)


def rules(*answers: Given) -> set[str]:
    """By which rules."""
    return {one.rule for one in found(*answers)}


def tier(*answers: Given) -> int:
    """How grave the gravest is."""
    worst = gravest(found(*answers))
    return RANK[worst.tier] if worst else 0


def test_a_rise_of_three_within_a_day_is_found() -> None:
    """Three points above yesterday is found, two are not, and neither are three over several days."""
    assert rules(answer(1, "pain-leg", 2), answer(2, "pain-leg", 5)) == {"pain-rose"}
    assert rules(answer(1, "pain-leg", 2), answer(2, "pain-leg", 4)) == set()
    assert rules(answer(1, "pain-leg", 2), answer(3, "pain-leg", 7)) == set()
    assert rules(answer(1, "pain-back", 2), answer(2, "pain-leg", 7)) == set(), "another pain"


def test_eight_or_more_twice_in_a_row_is_found() -> None:
    """Once is the question's own threshold; twice in a row is a rule of its own; not with a better answer between."""
    assert rules(answer(1, "pain-back", 8)) == {"check-in pain-back=8"}
    twice = found(answer(1, "pain-back", 8), answer(9, "pain-back", 9))
    assert {one.rule for one in twice} == {"check-in pain-back=8", "check-in pain-back=9", "pain-stays-high"}
    between = rules(answer(1, "pain-back", 8), answer(5, "pain-back", 7), answer(9, "pain-back", 8))
    assert "pain-stays-high" not in between


def test_a_wound_yes_is_found_and_grave_answers_are_emergencies() -> None:
    """Yes to a wound question is for the same day; no urine is an emergency; not sure about the wound is neither."""
    assert {one.tier for one in found(answer(3, "wound-fluid", "yes"))} == {Tier.SAME_DAY}
    assert {one.tier for one in found(answer(0, "passing-urine", "no"))} == {Tier.EMERGENCY}
    assert found(answer(3, "wound-fluid", "unsure")) == frozenset()


def test_a_very_low_mood_is_a_line_for_staff() -> None:
    """It is no alert: the rule is routine."""
    (one,) = found(answer(28, "mood", "very-low"))
    assert (one.rule, one.tier, one.sign) == ("mood-low", Tier.ROUTINE, None)


def _left(*answered: bool, hours_ago: int = 13) -> list[Asked]:
    last = NOW - timedelta(hours=hours_ago)
    return [
        Asked(n + 1, n, last - timedelta(days=len(answered) - 1 - n), was_answered)
        for n, was_answered in enumerate(answered)
    ]


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        ((), False),
        ((False,), False),
        ((False, False), True),
        ((True, False, False), True),
        ((False, True, False), False),
        ((False, False, True), False),
        ((False, False, False), True),
    ],
)
def test_silence_is_two_checkins_in_a_row_without_an_answer(answered: tuple[bool, ...], expected: bool) -> None:
    """The last two of week 1 count, each given twelve hours."""
    assert bool(findings(shipped(), (), _left(*answered), NOW)) is expected


def test_a_checkin_that_has_just_left_is_no_silence_yet() -> None:
    """Less than twelve hours are no silence; nor are check-ins after the first week."""
    assert not findings(shipped(), (), _left(False, False, hours_ago=11), NOW)
    later = [Asked(1, 9, NOW - timedelta(days=3), False), Asked(2, 15, NOW - timedelta(days=1), False)]
    assert not findings(shipped(), (), later, NOW)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"points": None}, "needs days, points"),
        ({"times": 2}, "needs days, points"),
        ({"questions": ()}, "'questions'"),
        ({"sign": None}, "needs a 'sign'"),
        ({"tier": "routine"}, "needs a 'sign'"),
        ({"reply": "mood-low"}, "only a routine rule"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(change: dict[str, object], says: str) -> None:
    """Whoever writes a rule reads what it lacks."""
    whole = shipped().watching["pain-rose"].model_dump(by_alias=True)
    WatchRule.model_validate(whole)
    with pytest.raises(ValidationError, match=says):
        WatchRule.model_validate(whole | change)


def test_a_rule_about_a_question_that_is_not_there_is_a_problem() -> None:
    """`saathi content check` names the rule."""
    rule = shipped().watching["pain-rose"].model_copy(update={"questions": ("pain-knee",)})
    wrong = replace(shipped(), watching={"pain-rose": rule})
    assert [finding.sentence for finding in references.names_exist(wrong)] == [
        "There is no question `pain-knee` in content/checkins.yaml."
    ]


_NUMBERS = st.tuples(st.integers(0, 20), st.sampled_from(_SCALES), st.integers(0, 10).map(str))
_CHOSEN = st.tuples(st.integers(0, 60), st.sampled_from(sorted(_CHOICES))).flatmap(
    lambda one: st.tuples(st.just(one[0]), st.just(one[1]), st.sampled_from(_CHOICES[one[1]]))
)
_STORIES = st.lists(st.one_of(_NUMBERS, _CHOSEN), max_size=12, unique_by=lambda one: (one[0], one[1])).map(
    lambda rows: [answer(*row) for row in rows]
)


@FEW
@given(_STORIES, st.sampled_from(_SCALES), st.integers(0, 10), st.integers(0, 10))
def test_a_worse_newest_answer_never_gives_a_lower_tier(
    story: list[Given], question: str, one: int, other: int
) -> None:
    """Whatever was answered before, more pain now is never less urgent."""
    low, high = sorted((one, other))
    assert tier(*story, answer(61, question, low)) <= tier(*story, answer(61, question, high))


@FEW
@given(_STORIES, st.randoms(use_true_random=False))
def test_the_order_of_storage_does_not_matter_and_looking_twice_finds_the_same(
    story: list[Given], luck: object
) -> None:
    """The same rows in any order, looked at again, give the same findings."""
    shuffled = list(story)
    luck.shuffle(shuffled)  # type: ignore[attr-defined]
    assert found(*story) == found(*shuffled) == found(*shuffled, *story)


@FEW
@given(_STORIES, st.data())
def test_a_missing_answer_finds_nothing(story: list[Given], data: st.DataObject) -> None:
    """Every finding is about an answer that is there; without any answer there is none."""
    assert found() == frozenset()
    kept = [one for one in story if data.draw(st.booleans())]
    there = {(one.reminder_id, one.question, one.value) for one in kept}
    assert {(one.reminder_id, one.question, one.value) for one in found(*kept)} <= there
