"""One word, however it is spelt and in whichever script, is one word to the FAQ."""

from __future__ import annotations

import pytest

from bot.faq.lexicon import COMMON, meaning
from bot.faq.spelling import fold, skeleton
from bot.text import tokens


@pytest.mark.parametrize(
    "spellings",
    [
        "टांके taanke tanke",
        "नहीं nahi nahin",
        "घाव ghav ghaav",
        "कमज़ोरी kamzori kamjori",
        "वजन wazan vajan",
        "रीढ़ reedh ridh",
    ],
)
def test_scripts_and_spellings_meet(spellings: str) -> None:
    """Devanagari and its usual romanised spellings have the same fold."""
    assert len({fold(word) for word in tokens(spellings)}) == 1


def test_words_typed_without_vowels_meet_the_whole_word() -> None:
    """SMS spelling has the same skeleton."""
    assert skeleton("krna") == skeleton("karna") == skeleton("करना")


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("bathing nahana नहाना shower", "=bathe"),
        ("drd pain दर्द dard", "=pain"),
        ("operation सर्जरी surgery oprasan", "=surgery"),
    ],
)
def test_words_of_three_forms_have_one_meaning(words: str, same: str) -> None:
    """What means the same counts as the same."""
    assert {meaning(word) for word in tokens(words)} == {same}


def test_words_that_say_little_are_known() -> None:
    """Helping words do not decide what a question is about."""
    assert {meaning(word) for word in tokens("the is kya hai के बाद please")} == {COMMON}
