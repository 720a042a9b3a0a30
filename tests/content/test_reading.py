"""Reading grade and sentence length on sentences whose values are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.reading import grade, sentence_length, sentences, syllables, words


@pytest.mark.parametrize(
    ("word", "count"),
    [
        *((word, 1) for word in "walk pain leg the walked takes bathe clothes strength eyes 112 tongue".split()),
        *((word, 2) for word in "doctor tablet wanted table little safely going people quiet dressing bandage".split()),
        *((word, 3) for word in "medicine hospital bandages everything idea serious infection".split()),
        *((word, 4) for word in "emergency operation ability information anaesthesia".split()),
        ("physiotherapist", 6),
    ],
)
def test_syllables_of_common_words(word: str, count: int) -> None:
    """Syllables are counted as a dictionary counts them."""
    assert syllables(word) == count


def test_the_grade_is_flesch_and_kincaids() -> None:
    """0.39 words a sentence + 11.8 syllables a word - 15.59."""
    assert grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)
    assert grade("The doctor will see you. Then go.") == pytest.approx(0.39 * 3.5 + 11.8 * 8 / 7 - 15.59)


def test_plain_advice_is_easy_and_officialese_is_hard() -> None:
    """The grade tells plain advice from officialese."""
    assert grade("Walk a little each day. Rest when you are tired. Call us if your leg feels weak.") < 3
    assert (
        grade("Patients undergoing minimally invasive decompression frequently experience accelerated rehabilitation.")
        > 15
    )


def test_words_every_patient_knows_count_two_syllables() -> None:
    """An unavoidable word from the list does not make a text hard."""
    text = "Go to the emergency now."
    assert grade(text) == pytest.approx(0.39 * 5 + 11.8 * 6 / 5 - 15.59)
    assert grade(text, everyday=frozenset()) > grade(text)


def test_abbreviations_and_times_do_not_end_sentences() -> None:
    """A full stop inside a time, a number or after Dr is no end."""
    assert len(sentences("Dr. Example comes at 8.30 a.m. today. Ask him.")) == 2
    assert len(sentences("डॉ. उदाहरण आज आएँगे। उनसे पूछें।")) == 2


def test_hindi_words_are_whole() -> None:
    """Vowel signs belong to their word."""
    assert words("हिंदी में लिखें।") == ["हिंदी", "में", "लिखें"]
    assert sentence_length("दवा समय पर लें। दर्द बढ़े तो फ़ोन करें।") == pytest.approx(4.5)


def test_a_line_break_ends_a_sentence() -> None:
    """What stands on its own line in the chat is read on its own."""
    assert sentence_length("आज की सलाह\nथोड़ा टहलें") == pytest.approx(2.5)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_can_be_measured(text: str) -> None:
    """No text, however odd, breaks measuring."""
    assert grade(text) < 1000
    assert sentence_length(text) >= 0


@given(st.lists(st.sampled_from("go walk rest call doctor medicine today water".split()), min_size=2, max_size=30))
def test_splitting_a_sentence_never_makes_it_harder(chosen: list[str]) -> None:
    """A full stop in the middle lowers the grade."""
    half = len(chosen) // 2
    whole = " ".join(chosen) + "."
    split = " ".join(chosen[:half]) + ". " + " ".join(chosen[half:]) + "."
    assert grade(split) < grade(whole)
