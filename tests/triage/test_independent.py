"""Floors on the sets nothing is trained on: other people's words. They may only rise."""

from __future__ import annotations

import pytest
import yaml

from bot.triage import Triage
from bot.triage.evaluation import ALWAYS_CAUGHT, EVERYTHING, Figures, measure
from content.heard import read
from tests.triage.messages import HERE

SETS = ("unseen", "independent")
RECALL, OUTRIGHT = 0.99, 0.95
FALSE_ALERTS, FALSE_QUESTIONS = 0.01, 0.08


@pytest.fixture(scope="module", params=SETS)
def figures(triage: Triage, request: pytest.FixtureRequest) -> dict[str, Figures]:
    text = (HERE / f"{request.param}.yaml").read_text(encoding="utf-8")
    return measure(triage, read(text), lambda: 0.0)[0]


def test_reports_are_caught(figures: dict[str, Figures]) -> None:
    """Hardly a report is missed, of the gravest signs none; emergencies alert as such at once."""
    assert figures[EVERYTHING].recall >= RECALL
    assert figures[EVERYTHING].outright >= OUTRIGHT
    assert {name: figures[name].counts["missed"] for name in ALWAYS_CAUGHT if figures[name].counts["missed"]} == {}


@pytest.mark.parametrize(
    ("name", "recall", "outright", "false_alerts", "false_questions"),
    [
        ("second", 0.96, 0.92, 0.09, 0.08),
        ("voices", 0.92, 0.79, 0.16, 0.09),
        ("third", 0.97, 0.9, 0.05, 0.04),
        ("fourth", 0.98, 0.95, 0.15, 0.1),
    ],
)
def test_hard_sets(
    triage: Triage, name: str, recall: float, outright: float, false_alerts: float, false_questions: float
) -> None:
    """Other people's words, of which `third` and `fourth` were never looked into: it may only get better."""
    figures = measure(triage, read((HERE / f"{name}.yaml").read_text(encoding="utf-8")), lambda: 0.0)[0][EVERYTHING]
    assert figures.recall >= recall
    assert figures.outright >= outright
    assert figures.false_alerts <= false_alerts
    assert figures.false_questions <= false_questions


def test_a_lost_slipper_is_no_emergency(triage: Triage) -> None:
    """Of what is said on a ward about anything else nothing alerts, and hardly anything is asked about."""
    verdicts = [triage.judge(text).outcome for text in yaml.safe_load((HERE / "everyday.yaml").read_text("utf-8"))]
    assert verdicts.count("alert") == 0
    assert verdicts.count("confirm") <= 3


def test_harmless_messages_pass(figures: dict[str, Figures]) -> None:
    """What only looks like a report hardly ever alerts and is seldom asked about."""
    assert figures[EVERYTHING].false_alerts <= FALSE_ALERTS
    assert figures[EVERYTHING].false_questions <= FALSE_QUESTIONS
