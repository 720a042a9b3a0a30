"""Messages with several questions, with courtesies, or that only go on from the answer before."""

from __future__ import annotations

import pytest

from bot.answering import Answering
from bot.faq import Retriever
from bot.faq.parts import follow_up, questions, without_courtesies


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Hello doctor, can I climb stairs? And when can I drive?", ("stairs", "driving")),
        ("nahana kab se aur tanke kab khulenge", ("bathing", "stitches")),
        ("क्या सीढ़ी चढ़ सकते हैं? टांके कब खुलेंगे?", ("stairs", "stitches")),
    ],
)
def test_several_questions_are_each_answered(retriever: Retriever, text: str, ids: tuple[str, ...]) -> None:
    """Two questions in one message get two answers."""
    assert retriever.find(text).ids == ids


def test_no_more_than_three_are_answered(retriever: Retriever) -> None:
    """However many are asked."""
    text = "When can I drive? Can I climb stairs? When are stitches removed? Can I smoke?"
    assert len(retriever.find(text).ids) <= 3


def test_and_inside_a_question_does_not_split_it(retriever: Retriever) -> None:
    """One question stays one."""
    assert retriever.find("which doctor treats back and leg pain").kind in ("answer", "choices")
    assert questions("how much can I bend and twist") == []
    assert questions("can i stand and make rotis") == []


def test_two_answers_share_one_note(answering: Answering) -> None:
    """What the route adds is said once."""
    text = answering.ask("nahana kab se aur tanke kab khulenge").text
    assert text.count("care team se poochiye") == 1


@pytest.mark.parametrize(
    ("last", "text", "faq"),
    [
        ("wound-touch", "aur nahana?", "bathing"),
        ("bathing", "what about swimming", "swimming"),
        ("driving", "और सीढ़ी?", "stairs"),
        ("stairs", "is it safe?", "stairs"),
        ("driving", "isme kitna time lagega", "driving"),
    ],
)
def test_what_goes_on_from_an_answer_is_understood(answering: Answering, last: str, text: str, faq: str) -> None:
    """After an answer "and bathing?" is a question, and "it" is what was asked about."""
    answer = answering.ask(text, last=last)
    assert (answer.kind, answer.faq[:1]) == ("answer", (faq,))


def test_a_whole_question_is_not_bent_to_the_last_one(answering: Answering) -> None:
    """A question that makes sense by itself means what it says."""
    assert answering.ask("when will my stitches be taken out", last="sex").faq == ("stitches",)
    assert answering.ask("thank you", last="sex").kind == "smalltalk"


def test_an_unknown_last_answer_changes_nothing(retriever: Retriever) -> None:
    """An answer that has left the content meanwhile is forgotten."""
    assert retriever.find("aur nahana?", "gone") == retriever.find("aur nahana?")


def test_courtesies_are_left_out() -> None:
    """Greetings and titles at the ends ask nothing; alone they stay."""
    assert without_courtesies("Hello doctor sir, bath kab please") == "bath kab"
    assert without_courtesies("namaste ji") == "namaste ji"


def test_long_messages_go_on_from_nothing() -> None:
    """Only a short message is a follow-up."""
    assert follow_up("and then the doctor told me that i may go home today") is None
    assert follow_up("") is None
