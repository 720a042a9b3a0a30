"""Floors under recall and false alarms on the development set. They may only rise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.triage import Triage
from bot.triage.evaluation import ALWAYS_CAUGHT, EVERYTHING, Figures, measure
from content.heard import Heard, read
from content.loader import Content
from tests.triage.messages import HERE

FILE = HERE / "development.yaml"
RECALL = {EVERYTHING: 0.99, "en": 0.99, "hi": 0.99, "hi-Latn": 0.99}
OUTRIGHT = {EVERYTHING: 0.985, "en": 0.98, "hi": 0.98, "hi-Latn": 0.98}
FALSE_ALERTS, FALSE_QUESTIONS = 0.007, 0.06
"""Since harder look-alikes were added: jokes, films, homonyms, what is over."""
SIGN_RECALL = 0.93


@pytest.fixture(scope="module")
def messages() -> list[Heard]:
    return list(read(FILE.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def figures(triage: Triage, messages: list[Heard]) -> dict[str, Figures]:
    return measure(triage, messages, lambda: 0.0)[0]


def test_the_set_is_large_and_mixed(messages: list[Heard]) -> None:
    """At least 900 messages: 400 reports over all 21 signs and as many look-alikes, in three languages."""
    reports = [each for each in messages if each.reports]
    assert len(messages) >= 900
    assert len({each.text for each in messages}) == len(messages)
    assert len(reports) >= 400
    assert len(messages) - len(reports) >= 400
    assert {each.sign for each in reports} == {f"RF{number:02d}" for number in range(1, 22)}
    assert {each.language for each in messages} == {"en", "hi", "hi-Latn"}


@pytest.mark.parametrize("name", ["development", "second", "voices"])
def test_no_sentence_of_it_stands_in_the_content(content: Content, name: str) -> None:
    """It measures, so nothing learns from it: no message of it is a phrase, a question or a labelled message."""
    plain = re.compile(r"[^\w\s]")
    messages = read((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    shortest = 3 if name == "development" else 4  # "want to die" is nobody's own sentence
    held = {plain.sub("", each.text).lower() for each in messages if len(each.text.split()) >= shortest}
    for path in (*Path(content.root).glob("triage/*.yaml"), *Path(content.root).glob("heard/*.yaml")):
        for line in path.read_text(encoding="utf-8").splitlines():
            said = plain.sub("", line.strip().removeprefix("- ")).lower().strip()
            assert said not in held, path


@pytest.mark.parametrize("group", sorted(RECALL))
def test_recall(figures: dict[str, Figures], group: str) -> None:
    """Reports lead to an alert or a question, and emergencies to an alert."""
    assert figures[group].recall >= RECALL[group]
    assert figures[group].outright >= OUTRIGHT[group]


def test_recall_of_every_sign(figures: dict[str, Figures]) -> None:
    """No sign is caught much worse than the others, and not one report of the gravest is missed."""
    signs = {name: one for name, one in figures.items() if name.startswith("RF")}
    assert {name for name, one in signs.items() if one.recall < SIGN_RECALL} == set()
    assert sum(signs[name].counts["missed"] for name in ALWAYS_CAUGHT) == 0


def test_false_alarms(figures: dict[str, Figures]) -> None:
    """Look-alikes and ordinary talk hardly alert and are seldom asked about."""
    assert figures[EVERYTHING].false_alerts <= FALSE_ALERTS
    assert figures[EVERYTHING].false_questions <= FALSE_QUESTIONS
    assert figures["general"].counts["false alerts"] <= 1
