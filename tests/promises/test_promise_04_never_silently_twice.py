"""Promise 4: what may have arrived is `unknown`; medicine and tips never come again, the rest comes again saying so."""

from __future__ import annotations

import pytest

from tests.fakes.outage import Aftermath, Message

pytestmark = pytest.mark.kill


def _messages(aftermath: list[Aftermath]) -> list[Message]:
    return [m for left in aftermath for m in left.messages]


def test_no_reminder_comes_twice(aftermath: list[Aftermath]) -> None:
    """However often the worker is killed, a patient sees a medicine reminder or a tip at most once."""
    assert not [m for m in _messages(aftermath) if not m.repeats and len(m.seen) > 1]


def test_what_comes_again_says_so(aftermath: list[Aftermath]) -> None:
    """Of an alert or reply that is seen more than once, one at most lacks the line that says so."""
    messages = _messages(aftermath)
    assert not [m for m in messages if m.unsaid > 1]
    assert any(len(m.seen) > 1 for m in messages), "the faults made none come twice: the test shows nothing"


def test_only_what_may_have_arrived_is_unknown(aftermath: list[Aftermath]) -> None:
    """What ends as expired, failed or cancelled was seen by nobody; some are unknown, seen or not."""
    messages = _messages(aftermath)
    assert not [m for m in messages if m.state in ("expired", "failed", "cancelled") and m.seen and not m.repeats]
    assert any(m.state == "unknown" for m in messages)
