"""What is told around a question does not choose its answer."""

from __future__ import annotations

import pytest

from bot.faq import Retriever
from bot.faq.context import without_case, without_operation
from bot.faq.lexicon import ELSEWHERE, meaning
from bot.faq.parts import asks


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("mere papa ka L4 L5 ka operation hua hai, nahana kab se", "nahana kab se"),
        ("My father had surgery 10 days ago, when can he drive?", "when can he drive"),
        ("मेरी मम्मी की सर्जरी हुई है उनको कब नहलाएं", "उनको कब नहलाएं"),
        # Nothing asks in the rest, or nothing is left to ask about.
        ("operation ho gaya ek mahina abhi bhi dard hai", "operation ho gaya ek mahina abhi bhi dard hai"),
        ("papa ka operation hua hai kya kare", "papa ka operation hua hai kya kare"),
    ],
)
def test_a_case_is_left_out(text: str, left: str) -> None:
    """Whose operation it was and how long ago is left out where something is asked in the rest."""
    assert without_case(text) == left


def test_an_operation_is_only_where_the_question_stands() -> None:
    """Its name gives way where something else is asked about, and stays where it is the question."""
    assert without_operation("cost of kyphoplasty") == "cost of surgery"
    assert without_operation("what is kyphoplasty") == "what is kyphoplasty"
    assert without_operation("ऑपरेशन का खर्चा") == "ऑपरेशन का खर्चा"


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("mere papa ka L4 L5 ka operation hua hai 10 din pehle ab kya wo naha sakte hai", "bathing"),
        ("my husband had microdiscectomy 10 days ago. can he drive?", "driving"),
        ("meri mummy ki surgery kal hui hai, unko kabz hai kya de", "constipation"),
        ("namaste sir, disc ka operation hua tha bees din pehle, kya main scooty chala sakti hu", "two-wheeler"),
        ("ghar kab ja sakte hai", "day-care"),
        ("घर कब तक जा पाएंगे", "day-care"),
    ],
)
def test_the_question_counts(retriever: Retriever, text: str, item: str) -> None:
    """A family's story leads to the answer of what it asks."""
    assert retriever.find(text).ids[0] == item


def test_a_lost_thing_is_no_illness(retriever: Retriever) -> None:
    """Spectacles left in the ward are not sent away as another part of the body."""
    for text in ("वार्ड में मेरा चश्मा छूट गया", "ward me mera chashma chhut gaya"):
        found = retriever.find(text)
        assert (found.outside, found.kind == "answer") == (None, False)


def test_a_date_or_a_room_is_for_the_care_team(retriever: Retriever) -> None:
    """What only people can settle is handed over, though it names the operation."""
    for text in (
        "can we get the operation date changed please",
        "mujhe doosra kamra chahiye",
        "कल डॉक्टर साहब छुट्टी पर रहेंगे क्या",
    ):
        found = retriever.find(text)
        assert (found.kind, found.outside) == ("handoff", None)


def test_a_part_of_the_body_an_answer_speaks_of_is_ours(retriever: Retriever) -> None:
    """A bad tooth before the operation is ours; a bad tooth, or an operation on a knee, is not."""
    assert "ill-before" in retriever.find("operation se pehle daant me infection ho gaya to kya hoga").ids
    assert retriever.find("daant me keeda laga hai").outside is not None
    assert retriever.find("ghutne ke operation ke baad nahana kab hai").outside is not None


def test_what_is_only_told_gets_no_answer(retriever: Retriever) -> None:
    """A statement before a question is no second question."""
    found = retriever.find("The operation is on Friday morning. Till what time can he eat the night before?")
    assert found.ids[0] == "eating-before"
    assert found.kind == "choices" or len(found.ids) == 1


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("can he sit", True),
        ("and will it hurt", True),
        ("tanke kab niklenge", True),
        ("my brother is being operated on Tuesday", False),
        ("papa ka operation hua hai", False),
        ("bit shy to ask", False),
    ],
)
def test_what_asks(text: str, asked: bool) -> None:
    """A question is known by its words; an English verb must stand before whom it is about."""
    assert asks(text) is asked


def test_english_words_are_not_taken_for_hindi_ones() -> None:
    """What merely sounds like a listed word keeps its own meaning; only the word itself sends anybody away."""
    assert meaning("them") == "tem"
    assert meaning("read") != "=spine"
    assert meaning("feeling") != ELSEWHERE
