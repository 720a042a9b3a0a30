"""A text too long for one message."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.sender import Body, Button
from scheduler.splitting import split, units

BUTTONS = (Button("Yes", "1"),)
ALPHABET = "ab  \n.।?कख़ि्षाीँं‍😀👨👩🇮🇳🏽é\u0301"


def texts(text: str, limit: int) -> list[str]:
    """The parts' texts."""
    return [body.text for body in split(Body(text), limit)]


def test_what_fits_stays_whole() -> None:
    """The very same body."""
    body = Body("  short  ", BUTTONS)
    assert split(body, 9) == (body,)


def test_paragraphs_come_first() -> None:
    """A cut between them is better than one inside."""
    assert texts("One two. Three.\n\nFour five. Six.", 20) == ["One two. Three.", "Four five. Six."]


def test_then_sentences() -> None:
    """Also after a danda."""
    assert texts("One two three. Four five six.", 16) == ["One two three.", "Four five six."]
    assert texts("दर्द कम है। चलना ठीक है।", 14) == ["दर्द कम है।", "चलना ठीक है।"]


def test_then_words() -> None:
    """Never inside one."""
    assert texts("one two three four", 9) == ["one two", "three", "four"]


def test_a_tiny_first_paragraph_is_not_a_part_of_its_own() -> None:
    """A cut that leaves nearly nothing is worse than one inside a paragraph."""
    assert texts("Hi.\n\n" + "word " * 10, 40)[0].startswith("Hi.\n\nword")


@pytest.mark.parametrize("letter", ["क्षि", "ड़ी", "न्हीं", "👨‍👩‍👧", "🇮🇳", "👍🏽", "e\u0301", "क़्क़"])
def test_what_reads_as_one_letter_stays_together(letter: str) -> None:
    """In one endless word."""
    parts = texts(letter * 30, 20)
    assert len(parts) > 1
    assert all(part == letter * (len(part) // len(letter)) for part in parts)


def test_the_buttons_stand_under_the_last_part() -> None:
    """Where the reader ends."""
    first, second = split(Body("one two", BUTTONS), 4)
    assert (first.buttons, second.buttons) == ((), BUTTONS)


@given(st.text(ALPHABET, max_size=120), st.integers(2, 30))
def test_every_part_fits_and_no_letter_is_lost(text: str, limit: int) -> None:
    """Whatever the text: each part within the limit, none empty, all letters in order."""
    parts = texts(text, limit)
    assert all(units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert len(parts) == 1 or all(part.strip() for part in parts)


@given(st.text("कखगिीुेोँंः़् ।", max_size=200))
def test_no_part_begins_with_half_a_letter(text: str) -> None:
    """Unless one letter alone is longer than a part."""
    if max((len(word) for word in text.split()), default=0) > 20:
        return
    for part in texts(text.lstrip("िीुेोँंः़् "), 40)[1:]:
        assert unicodedata.category(part[0])[0] != "M" or part[0] in text


def test_a_limit_that_holds_no_character_is_refused() -> None:
    """An emoji takes two units."""
    with pytest.raises(ValueError, match="at least 2"):
        split(Body("abc"), 1)
