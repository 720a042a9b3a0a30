"""The normal form of what people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import normalise, tokens


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("  Chest\t PAIN\n", "chest pain"),
        ("pe\u200bshab \u202enahi\u202c", "peshab nahi"),
        ("\ufeffpeshab\u00ad", "peshab"),
        ("\ud800saans", "saans"),
        ("बुख़ार १०१.५", "बुखार 101.5"),
        ("साँस", "सांस"),
        ("ज़ख़्म", "जखम".replace("खम", "ख्म")),
        ("saaaaans nahiiiii", "saans nahii"),
        ("can’t", "can't"),
        ("ＦＥＶＥＲ １０２", "fever 102"),
        ("féver", "fever"),
        ("a\x00b\x07c", "abc"),
        ("10000", "10000"),
        ("", ""),
    ],
)
def test_one_form_for_many_ways_to_type(typed: str, normal: str) -> None:
    """Case, digits, marks, invisible characters and stretched letters do not matter."""
    assert normalise(typed) == normal


@given(st.text(max_size=200))
def test_any_text_is_accepted_and_twice_is_once(text: str) -> None:
    """No text is refused, and the normal form of a normal form is itself."""
    once = normalise(text)
    assert normalise(once) == once


def test_tokens_are_words_and_numbers() -> None:
    """Punctuation and emoji separate words, apostrophes do not, a decimal stays whole."""
    assert tokens("I can't… 102.5°F, पेशाब/बंद 🆘") == ("i", "cant", "102.5", "f", "पेशाब", "बंद")
