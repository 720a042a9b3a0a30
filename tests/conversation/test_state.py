"""What a chat remembers, and what counts as a link."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.channels.inbound import Inbound, Kind
from bot.context import link_in
from bot.conversation.model import Answered, AwaitConsent, AwaitFactor, Offer, Offers, State
from bot.inbox import clean

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_a_state_reads_back_as_it_was_written() -> None:
    """Nothing is lost between two messages."""
    offers = Offers(at=NOW, items=(Offer(label="हाँ", data="1m:yes", button="yes"),))
    pending = AwaitConsent(enrolment_id=3, purpose="sharing", joining=True)
    state = State(pending=pending, offers=offers, answered=Answered(faq=("walking", "driving"), at=NOW))
    assert State.read(state.model_dump_json(exclude_none=True)) == state


@pytest.mark.parametrize(
    "kept", [None, "", "not json", '{"pending": {"kind": "of another version"}}', "[]", '{"offers": 3}']
)
def test_a_state_that_cannot_be_read_is_forgotten(kept: str | None) -> None:
    """A state of another version costs one repeated question, never a crash."""
    assert State.read(kept) == State()


def test_unknown_fields_of_a_later_version_are_passed_over() -> None:
    """After going back a version a chat goes on."""
    kept = '{"pending": {"kind": "factor", "token": "t", "new": 1}, "newer": {}}'
    assert State.read(kept) == State(pending=AwaitFactor(token="t"))


@pytest.mark.parametrize(
    ("text", "typed", "certain"),
    [
        ("/start AbCd_ef-1234567890abcdef", "AbCd_ef-1234567890abcdef", True),
        ("/start@SaathiBot token", "token", True),
        ("https://t.me/SaathiBot?start=AbCdEf123456", "AbCdEf123456", True),
        ("K7QM-4T2D", "K7QM4T2D", True),
        ("k7qm-4t2d", "k7qm4t2d", True),
        ("k7qm4t2d", "k7qm4t2d", True),
        ("K7QM 4T2D", "K7QM4T2D", False),
        ("my code is K7QM-4T2D", "K7QM4T2D", True),
        ("Start K7QM-4T2D", "K7QM4T2D", True),
        ("K7QM – 4T2D", "K7QM4T2D", True),
        ("what-next", "whatnext", False),
        ("yeardays", "yeardays", False),
    ],
)
def test_what_may_be_a_link(text: str, typed: str, certain: bool) -> None:
    """A token or code however it comes; what may be a word counts only if somebody issued it."""
    candidate = link_in(text)
    assert candidate is not None
    assert (candidate.typed, candidate.certain) == (typed, certain)


@pytest.mark.parametrize(
    "text", ["", "/start", "start again", "1961", "I cannot pass urine", "take 25mg twice", "x" * 5000]
)
def test_what_is_no_link(text: str) -> None:
    """Ordinary messages are not searched for as links."""
    assert link_in(text) is None


def test_texts_are_made_storable() -> None:
    """Halves of surrogate pairs are joined or replaced, null characters dropped, very long ones cut."""
    event = Inbound(
        "simulator", "e", "chat", Kind.TEXT, NOW, "\ud83d\ude00 \ud83d \0" + "x" * 30_000, data="\udc00" * 300
    )
    cleaned = clean(event)
    assert cleaned.text.startswith("😀 \ufffd x")
    assert len(cleaned.text) == 20_000
    assert cleaned.data == "\ufffd" * 200
