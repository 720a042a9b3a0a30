"""Promises 3 and 4 with the real Telegram channel: workers are killed at random while Telegram fails in every way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count

import pytest

from scheduler.outbox import TERMINAL
from tests.fakes.outage import KILLS, PATIENTS, Aftermath, Message, tear
from tests.fakes.telegram.server import FakeTelegram
from tests.fakes.workers import Workers
from tests.support import postgres
from tests.support.databases import sqlite_address

pytestmark = pytest.mark.kill

WAYS = {"sqlite": 1, "postgresql, two workers": 2}


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """Processes to be killed."""
    with Workers() as started:
        yield started


@pytest.fixture(scope="module")
def telegram() -> Iterator[FakeTelegram]:
    """Without its limits: the workers' clocks run ahead of everybody's."""
    with FakeTelegram(strict_rates=False) as started:
        yield started


@pytest.fixture(scope="module", params=list(WAYS))
def aftermath(
    request: pytest.FixtureRequest,
    workers: Workers,
    telegram: FakeTelegram,
    kill_rounds: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[Aftermath]:
    """What was left after rounds of killing; half of them in `make test`, where the spine has its own."""
    folder = tmp_path_factory.mktemp("telegram-outage")
    left: list[Aftermath] = []
    for number in count():
        kills = min(KILLS, kill_rounds // 2 - number * KILLS)
        if kills <= 0:
            return left
        if request.param == "sqlite":
            path = folder / f"{number}.db"
            shutil.copyfile(request.getfixturevalue("_sqlite_template"), path)
            url = sqlite_address(path)
        else:
            server: postgres.Server = request.getfixturevalue("postgres_server")
            url = server.create(f"telegram{number}", request.getfixturevalue("_postgres_template"))
        at_once = WAYS[request.param]
        left.append(tear(url, folder, workers, kills=kills, at_once=at_once, seed=1000 + number, telegram=telegram))
    raise AssertionError


def _messages(aftermath: list[Aftermath]) -> list[Message]:
    return [message for left in aftermath for message in left.messages]


def test_nothing_is_lost(aftermath: list[Aftermath]) -> None:
    """Every message ends in a final state, with a reason if it was not sent; nothing stays under way."""
    for left in aftermath:
        assert left.unfinished == []
        assert len(left.messages) >= 4 * PATIENTS
        assert not [m for m in left.messages if m.state not in TERMINAL]
        assert not [m for m in left.messages if m.state != "sent" and not m.reason]


def test_what_is_called_sent_was_seen(aftermath: list[Aftermath]) -> None:
    """What is 'sent' stands on the phone, and nothing stands there that the database does not know."""
    for left in aftermath:
        assert not [m for m in left.messages if m.state == "sent" and not m.seen]
        assert left.stray == []


def test_nothing_comes_twice_but_what_says_so(aftermath: list[Aftermath]) -> None:
    """Reminders are seen once at most; of alerts and replies one at most lacks the line that says 'again'."""
    messages = _messages(aftermath)
    assert not [m for m in messages if not m.repeats and len(m.seen) > 1]
    assert not [m for m in messages if m.unsaid > 1]
    assert not [m for m in messages if m.state in ("expired", "failed", "cancelled") and m.seen and not m.repeats]


def test_the_faults_were_felt(aftermath: list[Aftermath], telegram: FakeTelegram) -> None:
    """Some are unknown, some came again saying so, and nothing was given up while it could be tried again."""
    messages = _messages(aftermath)
    assert any(m.state == "unknown" for m in messages)
    assert any(len(m.seen) > 1 for m in messages)
    assert any(m.state == "sent" for m in messages if not m.repeats)
    assert not [m for m in messages if m.given_up_too_soon]
