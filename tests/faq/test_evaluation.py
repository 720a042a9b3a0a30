"""How well questions find their answers: floors that only rise, on questions that stand in no phrasing."""

from __future__ import annotations

import itertools

import pytest

from bot.faq import Found, Retriever
from bot.faq.evaluation import Figures, Labelled, measure
from bot.text import tokens
from content.loader import Content
from tests.faq.conftest import read

# Raise a floor when the figures of `saathi content evaluate` have risen; never lower one.
FLOORS = {
    "development": {
        "en": (0.986, 0.994, 0.0, 0.0),
        "hi": (0.99, 0.995, 0.0, 0.0),
        "hi-Latn": (0.99, 0.995, 0.0, 0.0),
    },
    "held_out": {
        "en": (0.967, 0.984, 0.0, 0.0),
        "hi": (0.997, 0.997, 0.0, 0.0),
        "hi-Latn": (0.975, 0.997, 0.0, 0.0),
    },
    "fresh": {
        "en": (0.997, 0.997, 0.0, 0.0),
        "hi": (0.947, 0.997, 0.0, 0.0),
        "hi-Latn": (0.957, 0.957, 0.0, 0.0),
    },
    "independent": {
        "en": (0.98, 0.983, 0.0, 0.0),
        "hi": (0.966, 0.983, 0.0, 0.0),
        "hi-Latn": (0.966, 0.983, 0.017, 0.0),
    },
    "second": {
        "en": (0.88, 0.947, 0.0, 0.0),
        "hi": (0.912, 0.947, 0.0, 0.0),
        "hi-Latn": (0.912, 0.947, 0.018, 0.0),
    },
    "voices": {
        "en": (0.699, 0.813, 0.02, 0.0),
        "hi": (0.882, 0.955, 0.008, 0.0),
        "hi-Latn": (0.885, 0.923, 0.017, 0.0),
    },
    "plain": {
        "en": (0.843, 0.912, 0.037, 0.0),
        "hi": (0.945, 0.962, 0.018, 0.0),
        "hi-Latn": (0.869, 0.933, 0.027, 0.0),
    },
    "third": {
        "en": (0.942, 0.986, 0.0, 0.0),
        "hi": (0.968, 0.982, 0.0, 0.0),
        "hi-Latn": (0.968, 0.968, 0.0, 0.041),
    },
    "fourth": {
        "en": (0.929, 0.947, 0.034, 0.0),
        "hi": (0.963, 0.963, 0.018, 0.053),
        "hi-Latn": (0.98, 0.98, 0.0, 0.0),
    },
}
"""By form: at least so many right first and right offered; at most so many wrong and false answers as if sure."""


def _questions(name: str) -> list[Labelled]:
    return [Labelled(row["form"], row["text"], frozenset(row["faq"])) for row in read(f"{name}.yaml")]


@pytest.mark.parametrize("name", FLOORS)
def test_the_floors_hold(retriever: Retriever, name: str) -> None:
    """In each form enough questions find their answer, and few get a wrong one."""
    ticks = itertools.count()
    figures = {found.form: found for found in measure(retriever.find, _questions(name), lambda: float(next(ticks)))}
    for form, (top1, offered, wrong, false_answers) in FLOORS[name].items():
        found = figures[form]
        assert found.top1 >= top1, (form, found)
        assert found.offered >= offered, (form, found)
        assert found.wrong <= wrong, (form, found)
        assert found.false_answers <= false_answers, (form, found)


def test_there_are_enough_questions() -> None:
    """The development set holds 600 questions or more, in three forms, a sixth of them none of ours."""
    questions = _questions("development")
    assert len(questions) >= 600
    assert {row.form for row in questions} == {"en", "hi", "hi-Latn"}
    assert sum(not row.faq for row in questions) >= len(questions) / 6


def test_labels_name_answers(content: Content) -> None:
    """Every label is an answer of the FAQ."""
    named = {name for kind in FLOORS for row in _questions(kind) for name in row.faq}
    assert named <= content.faq.keys()


def test_the_questions_are_unseen(content: Content) -> None:
    """No question stands in a phrasing, of the answers or of what is none of ours, nor in two of the sets."""
    known = {tokens(phrase) for item in content.faq.values() for phrase in item.phrasings.all()}
    known |= {tokens(phrase) for subject in content.outside.values() for phrase in subject.phrasings.all()}
    asked = [row.text for name in FLOORS for row in _questions(name)]
    asked += [text for texts in read("statements.yaml").values() for text in texts]
    assert [text for text in asked if tokens(text) in known] == []
    assert len({tokens(text) for text in asked}) == len(asked)


def test_figures_are_shares() -> None:
    """Right first, offered, wrong and false answers are counted by form."""
    answers = {
        "a": Found("answer", ("x",), 1.0),
        "b": Found("choices", ("y", "x"), 0.5),
        "c": Found("answer", ("y",), 0.9),
        "d": Found("handoff", (), 0.1),
        "e": Found("answer", ("x",), 0.8),
    }
    rows = [Labelled("en", text, frozenset({"x"} if text != "e" else ())) for text in answers]
    ticks = itertools.count()
    found = measure(lambda text: answers[text], rows, lambda: float(next(ticks)))
    assert found == [Figures("en", 4, 0.25, 0.5, 0.5, 0.25, 1, 1.0, 1000.0, 1000.0)]
