"""The benchmarks measure what they say, on a small scale and without a word about time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.benchmarks import enrol, fire, pace, peers
from tests.benchmarks.figures import Figure
from tests.benchmarks.grounds import KINDS, Databases


@pytest.fixture(scope="module")
def databases() -> Iterator[Databases]:
    """Databases for these tests."""
    made = Databases()
    yield made
    made.close()


@pytest.mark.parametrize("kind", KINDS)
def test_fire_sends_and_records_everything(databases: Databases, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message that is due is sent and recorded, by ours and by the bare limit."""
    monkeypatch.setattr(fire, "ROUNDS", 1)
    monkeypatch.setattr(peers, "call", lambda *_: None)
    figures = {figure.what: figure.value for figure in fire.measure(databases, kind, messages=250)}
    assert figures["dropped"] == 0
    assert figures["bare claim-and-mark"] > 0


@pytest.mark.parametrize("kind", KINDS)
def test_enrol_compares_the_same_rows(databases: Databases, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways write patients with all their reminders."""
    monkeypatch.setattr(enrol, "ROUNDS", 1)
    monkeypatch.setattr(enrol, "PATIENTS", 2)
    monkeypatch.setattr(peers, "call", lambda *_: None)
    figures: list[Figure] = list(enrol.measure(databases, kind))
    assert [figure.unit for figure in figures] == ["/s", "/s", "x"]
    assert all(figure.value > 0 for figure in figures)


def test_a_second_is_less_than_a_second() -> None:
    """What lies a whole second apart is not within one second."""
    assert pace.most_within_a_second([0.0, 0.5, 1.0, 1.2, 1.6]) == 3
    assert pace.most_within_a_second([5.0]) == 1
