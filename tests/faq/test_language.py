"""The language of a message is told from the message alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import detect
from content.loader import Content
from tests.faq.conftest import read


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("When can I take a bath?", "en"),
        ("I am in pain, help me please", "en"),
        ("कब नहा सकते हैं", "hi"),
        ("surgery के बाद walking कब", "hi"),
        ("MIS क्या है", "hi"),
        ("kab naha sakte hai", "hi-Latn"),
        ("walk kb se kr skte h", "hi-Latn"),
        ("Surgery ke baad office kab join karu", "hi-Latn"),
        ("pair me dard", "hi-Latn"),
        ("a pair of shoes", "en"),
        ("is it ok to sit", "en"),
        ("", "en"),
        ("7", "en"),
        ("👍", "en"),
    ],
)
def test_the_usual_forms_are_told_apart(text: str, language: str) -> None:
    """English, Devanagari and Hindi in Latin letters are told apart, also in mixed and short messages."""
    assert detect(text) == language


def test_every_question_of_the_development_file_is_recognised() -> None:
    """What people write is recognised as the form it is written in."""
    wrong = [row["text"] for row in read("development.yaml") if detect(row["text"]) != row["form"]]
    assert wrong == []


def test_nearly_every_phrasing_is_recognised(content: Content) -> None:
    """Phrasings of four words or more are recognised as their form, but for a few without a Hindi word."""
    forms = [
        (form, phrase)
        for item in content.faq.values()
        for form, phrases in (("en", item.phrasings.en), ("hi", item.phrasings.hi), ("hi-Latn", item.phrasings.hi_latn))
        for phrase in phrases
        if not item.id.startswith("smalltalk-") and len(phrase.split()) >= 4
    ]
    wrong = [phrase for form, phrase in forms if detect(phrase) != form]
    assert len(wrong) <= len(forms) * 0.01, wrong


@given(st.text())
def test_any_text_has_a_language(text: str) -> None:
    """No text is too strange to be answered in some language."""
    assert detect(text) in ("en", "hi", "hi-Latn")
