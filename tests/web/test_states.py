"""How an enrolment stands, and how long something has lasted, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.web.console.roster import matches
from bot.web.states import Facts, Standing, counted, lasting, near_moment, standing, standing_words

NOW = datetime(2026, 11, 20, 3, 40, tzinfo=UTC)
FOLLOWED = Facts("active", None, None, True, True, False, False, "Asia/Kolkata")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, Standing.ACTIVE),
        ({"connected": False, "state": "invited", "agreed": False}, Standing.INVITED),
        ({"state": "invited", "agreed": False}, Standing.ASKED),
        ({"agreed": False}, Standing.REFUSED),
        ({"stopped": True, "agreed": False}, Standing.STOPPED),
        ({"blocked": True, "stopped": True}, Standing.BLOCKED),
        ({"state": "paused"}, Standing.PAUSED),
        ({"state": "paused", "stopped": True}, Standing.STOPPED),
        ({"state": "ended", "connected": False}, Standing.ENDED),
    ],
)
def test_what_keeps_messages_back_is_named_first(changes: dict[str, object], found: Standing) -> None:
    """Of several reasons staff see the one they have to deal with first."""
    assert standing(replace(FOLLOWED, **changes)) is found  # type: ignore[arg-type]


def test_a_pause_says_until_when_and_an_end_why() -> None:
    """Staff need not look further."""
    paused = replace(FOLLOWED, state="paused", paused_until=NOW)
    assert standing_words(paused) == "Paused until Fri 20 Nov 09:10"
    assert standing_words(replace(paused, paused_until=None)) == "Paused"
    assert (
        standing_words(replace(FOLLOWED, state="ended", reason="enrolled by mistake")) == "Ended: enrolled by mistake"
    )


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        (timedelta(seconds=59), "under 1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=12), "12 days"),
    ],
)
def test_how_long_something_lasts_is_told_in_its_largest_unit(gone: timedelta, words: str) -> None:
    """Nobody counts minutes of a day-long wait."""
    assert lasting(NOW - gone, NOW) == words


def test_instants_nearby_have_names() -> None:
    """Today and tomorrow are those of the patient's own clock."""
    assert near_moment(NOW, NOW, "Asia/Kolkata") == "Today 09:10"
    assert near_moment(NOW + timedelta(hours=15), NOW, "Asia/Kolkata") == "Tomorrow 00:10"
    assert counted(1, "message") == "1 message"
    assert counted(2, "reply", "replies") == "2 replies"


def test_a_search_looks_at_the_beginnings_of_words() -> None:
    """Any order, small or capital letters, Devanagari as well; an empty search finds everybody."""
    assert matches("Asha Devi Example", "dev ash")
    assert matches("आशा उदाहरण", "आशा")
    assert matches("Asha", "")
    assert not matches("Asha", "sha")
