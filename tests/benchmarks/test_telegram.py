"""The benchmark of Telegram measures what it says, on a small scale and without a word about time."""

from __future__ import annotations

import pytest

from tests.benchmarks import telegram
from tests.benchmarks.grounds import Databases
from tests.fakes.telegram.process import FakeProcess


def test_all_are_sent_recorded_and_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message that is due at once reaches a phone and is recorded; the library's client sends as well."""
    monkeypatch.setattr(telegram, "ROUNDS", 1)
    monkeypatch.setattr(telegram, "MESSAGES", 60)
    monkeypatch.setattr(telegram, "AT_ONCE", 120)
    databases = Databases()
    try:
        with FakeProcess(strict_rates=False) as fake:
            figures = {figure.what: figure.value for figure in telegram._speed(databases, "sqlite", fake)}
    finally:
        databases.close()
    assert figures["120 due at once: not sent"] == 0
    assert figures["120 due at once: not seen"] == 0
    assert figures["times the default client"] > 0
