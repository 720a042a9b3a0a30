"""Promise 3: after SIGKILL at any moment and a restart, every due message is sent or ends in a state with a reason."""

from __future__ import annotations

import pytest

from scheduler.outbox import TERMINAL
from tests.fakes.outage import PATIENTS, Aftermath

pytestmark = pytest.mark.kill


def test_nothing_stays_under_way(aftermath: list[Aftermath]) -> None:
    """No reminder stays planned after its time, no message queued or sending, no attempt started."""
    assert [left.unfinished for left in aftermath] == [[] for _ in aftermath]


def test_every_message_is_sent_or_says_why_not(aftermath: list[Aftermath]) -> None:
    """Each patient's two medicine reminders or tips, alert and reply are there, in a final state with a reason."""
    for left in aftermath:
        assert len(left.messages) >= 4 * PATIENTS
        assert not [m for m in left.messages if m.state not in TERMINAL]
        assert not [m for m in left.messages if m.state != "sent" and not m.reason]


def test_what_is_called_sent_was_seen(aftermath: list[Aftermath]) -> None:
    """A message in state 'sent' is on the patient's phone, and nothing is there that the database does not know."""
    for left in aftermath:
        assert not [m for m in left.messages if m.state == "sent" and not m.seen]
        assert left.stray == []


def test_nothing_is_given_up_too_soon(aftermath: list[Aftermath]) -> None:
    """An alert or reply arrives, or all its repeats are in doubt; a reminder in doubt had an attempt."""
    messages = [m for left in aftermath for m in left.messages]
    assert not [m for m in messages if m.given_up_too_soon]
    assert any(m.state == "sent" for m in messages if not m.repeats)
