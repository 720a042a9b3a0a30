"""Answers that depend on the operation, on the day after it, and what is offered around them."""

from __future__ import annotations

import pytest

from bot.answering import Answering
from content.loader import Content
from content.rules.questions import SMALL_TALK

FORMS = ("en", "hi", "hi-Latn")


def test_a_patient_is_told_the_day(answering: Answering) -> None:
    """Where the answer depends on it: how far the patient is, and whether the usual wait is over."""
    early = answering.ask("when can I drive", journey="mis-tlif", day=5).text
    late = answering.ask("when can I drive", journey="mis-tlif", day=60).text
    assert early.startswith("You are on day 5 after your fusion surgery. The usual time to wait is not over yet.")
    assert late.startswith("You are on day 60 after your fusion surgery. The usual time to wait is over, but ask")
    assert "fusion" not in answering.ask("when can I drive").text


def test_days_do_not_matter_where_they_do_not(answering: Answering) -> None:
    """An answer that is the same on all days says nothing of the day."""
    assert "day 5" not in answering.ask("can I smoke", journey="mis-tlif", day=5).text


def test_walking_differs_by_week(answering: Answering) -> None:
    """In the first, second and third week other minutes are said."""
    said = {answering.answer("walking", language="en", journey="mis-tlif", day=day) for day in (2, 9, 20)}
    assert len(said) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("driving after acdf", "After neck surgery:"),
        ("fusion ke baad kitne kilo utha sakte hain", "Fusion surgery ke baad:"),
        ("एंडोस्कोपिक सर्जरी के बाद कितने किलो उठा सकते हैं", "एंडोस्कोपिक डिस्क सर्जरी के बाद:"),
    ],
)
def test_a_named_operation_is_answered(answering: Answering, text: str, words: str) -> None:
    """Somebody who is no patient and names an operation is told what holds after it, saying so."""
    assert answering.ask(text).text.casefold().startswith(words.casefold())


def test_a_patient_who_asks_about_another_operation(answering: Answering) -> None:
    """The answer is about the operation named, and says so instead of the patient's day."""
    text = answering.ask("driving after acdf", journey="mis-tlif", day=5).text
    assert text.startswith("After neck surgery:")
    assert "day 5" not in text


def test_every_answer_can_be_said_to_everybody(content: Content, answering: Answering) -> None:
    """For every operation, day and form there is a text without a hole, short enough for a message."""
    for item in content.faq.values():
        for procedure in (None, *content.procedures):
            journey = procedure if procedure in content.journeys else None
            for day in (None, 0, 10, 80) if journey else (None,):
                for form in FORMS:
                    text = answering.answer(item.id, language=form, journey=journey, day=day, procedure=procedure)
                    assert "{" not in text
                    assert len(text) <= 1024, (item.id, procedure, day, form)


def test_natural_next_questions_are_offered(content: Content, answering: Answering) -> None:
    """After an answer two or three others are named; after choices and refusals none."""
    answer = answering.ask("when can I drive")
    assert answer.next == content.faq["driving"].next
    assert answering.ask("tell me a joke please").next == ()


def test_sources_are_told_on_request(content: Content, answering: Answering) -> None:
    """Every answer says where it is from, with addresses."""
    for item in content.faq.values():
        if item.id.startswith(SMALL_TALK):
            continue
        said = answering.sources(item.id, language="hi")
        assert all(content.sources[name].url in said for name in item.sources)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("knee replacement ke baad kab chal sakte hain", "Apne doctor se poochiye"),
        ("मोतियाबिंद के ऑपरेशन का खर्च", "अपने डॉक्टर से पूछिए"),
        ("tell me a joke please", "outside what I know"),
    ],
)
def test_what_is_none_of_ours_is_said_politely(answering: Answering, text: str, words: str) -> None:
    """Other parts of the body and everything else: no answer, and what Saathi can do instead."""
    answer = answering.ask(text)
    assert (answer.kind, answer.faq) == ("handoff", ())
    assert answer.outside is not None
    assert words in answer.text
