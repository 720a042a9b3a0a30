"""The retriever answers when it is sure, asks when it is not, and otherwise says that it does not know."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.faq import LONGEST, MOST_CHOICES, Retriever
from bot.faq.smalltalk import NUMBER
from content.loader import Content
from tests.faq.conftest import read
from tests.support.tracing import untraced


def test_every_phrasing_finds_its_answer(content: Content, retriever: Retriever) -> None:
    """A phrasing, whatever its capitals and signs, finds the item it stands in."""
    for item in content.faq.values():
        for phrase in item.phrasings.all():
            said = phrase.upper().replace(NUMBER, "4")
            assert retriever.find(f"  {said}!? ").ids == (item.id,), phrase


@pytest.mark.parametrize(
    "text",
    ["ऑपरेशन के बारे में", "pain", "दर्द", "operation"],
)
def test_vague_questions_get_choices(retriever: Retriever, text: str) -> None:
    """Where several answers may be meant, at most three are offered, best first, none twice."""
    found = retriever.find(text)
    assert found.kind in ("choices", "handoff")
    assert len(found.ids) == len(set(found.ids)) <= MOST_CHOICES


@pytest.mark.parametrize("text", ["", "   ", "?!", "🦴", "🙏🦴", "12345", "\u202e\u200f", "x" * 20, "word " * LONGEST])
def test_what_is_no_question_is_handed_over(retriever: Retriever, text: str) -> None:
    """Empty, endless and meaningless messages find nothing."""
    found = retriever.find(text)
    assert (found.kind, found.ids) == ("handoff", ())


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Thanks!", "smalltalk-thanks"),
        ("Ok thank you sir", "smalltalk-thanks"),
        ("धन्यवाद जी", "smalltalk-thanks"),
        ("shukriyaa", "smalltalk-thanks"),
        ("🙏🏽", "smalltalk-thanks"),
        ("hello", "smalltalk-hello"),
        ("नमस्ते डॉक्टर", "smalltalk-hello"),
        ("namastey", "smalltalk-hello"),
        ("okkkk", "smalltalk-ok"),
        ("ठीक है", "smalltalk-ok"),
        ("theek hai", "smalltalk-ok"),
        ("ok bye", "smalltalk-bye"),
        ("अलविदा", "smalltalk-bye"),
    ],
)
def test_small_talk_is_recognised(retriever: Retriever, text: str, item: str) -> None:
    """Thanks, greetings and goodbyes are recognised in three forms, alone or in a row."""
    found = retriever.find(text)
    assert (found.kind, found.ids) == ("smalltalk", (item,))


def test_a_greeting_before_a_question_is_a_question(retriever: Retriever) -> None:
    """Being polite does not cost anybody the answer."""
    assert retriever.find("Hello sir, when can I take a bath?").ids == ("bathing",)
    assert retriever.find("namaste ji, tanke kab niklenge").ids == ("stitches",)


def test_the_same_question_finds_the_same(content: Content, retriever: Retriever) -> None:
    """Built again from the same items, and learnt anew, the retriever finds the same with the same score."""
    with untraced():
        again = Retriever(content.faq.values(), content.outside.values())
    for row in read("independent.yaml"):
        assert again.find(row["text"]) == retriever.find(row["text"])


@settings(max_examples=60)
@given(st.text(max_size=300))
@example("bath \u094d")  # a sign without its letter
def test_any_text_can_be_searched(text: str) -> None:
    """No text makes the search fail, even in an empty FAQ."""
    assert Retriever(()).find(text).kind == "handoff"
