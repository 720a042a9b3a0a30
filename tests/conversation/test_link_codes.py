"""A code from the card is a code, whatever its letters look like; the same letters from anywhere else are judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.inbound import Inbound, Kind
from bot.conversation.flows import alarm
from bot.conversation.model import Context, FoundLink, State
from bot.conversation.turn import Turn
from bot.conversation.words import Commands
from scheduler.links import LinkView
from scheduler.people import AddressView
from tests.support.answering import shipped_answering
from tests.support.world import shipped

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
CODE = "K52E-G38F"
"""Its end reads like a temperature of 38 degrees."""


def _turn(text: str, *, issued: bool) -> Turn:
    answering, content = shipped_answering(), shipped()
    view = LinkView(1, 1, "patient", NOW + timedelta(days=1), 0, None, None, None, NOW) if issued else None
    address = AddressView(
        id=1, channel="simulator", value="x", language="en", blocked_at=None, stopped_at=None, last_inbound_at=None
    )
    context = Context(
        NOW,
        content,
        Commands(content.words),
        answering.triage,
        answering,
        address,
        link=FoundLink(CODE, view, None),
    )
    return Turn(State(), Inbound("simulator", "1", "x", Kind.TEXT, NOW, text=text), context)


@pytest.mark.parametrize("text", [CODE, CODE.lower(), "K52E G38F", f"/start {CODE}"])
def test_a_code_that_was_issued_is_no_complaint(text: str) -> None:
    """Whoever types the code of a card is asked for the second factor, not whether there is a fever."""
    assert not alarm.handle(_turn(text, issued=True))


def test_words_beside_a_code_are_judged() -> None:
    """Trouble reported together with the code comes first."""
    assert alarm.handle(_turn(f"{CODE} I cannot pass urine", issued=True))


def test_letters_nobody_issued_are_judged_like_any_others() -> None:
    """Only a code that somebody was given passes unjudged."""
    assert alarm.handle(_turn(CODE, issued=False))
