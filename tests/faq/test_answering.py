"""What a message gets: urgency first, then commands, small talk and answers, all of it from the content."""

from __future__ import annotations

import json

import pytest

from bot.answering import Answering
from content.loader import Content
from content.model import Tier
from tests.faq.conftest import read

FORMS = ("en", "hi", "hi-Latn")
STATEMENTS = [
    pytest.param(statement, form, text, id=f"{statement}-{form}")
    for statement, texts in read("statements.yaml").items()
    for form, text in zip(FORMS, texts, strict=True)
]


@pytest.mark.parametrize(("statement", "form", "text"), STATEMENTS)
def test_every_statement_of_the_seed_is_answered(
    content: Content, answering: Answering, statement: str, form: str, text: str
) -> None:
    """Asked in words nobody wrote down, each of the 36 statements is answered, in the form it was asked in."""
    answer = answering.ask(text)
    assert answer.kind == "answer"
    assert statement in content.faq[answer.faq[0]].covers
    assert answer.language == form
    assert answer.text.startswith(content.fill(content.faq[answer.faq[0]].answer[form]))


def test_the_statements_are_all_there(content: Content) -> None:
    """S1 to S36 are each covered by an item, and each is asked above."""
    everything = {f"S{number}" for number in range(1, 37)}
    assert {name for item in content.faq.values() for name in item.covers if name.startswith("S")} == everything
    assert set(read("statements.yaml")) == everything


@pytest.mark.parametrize(
    ("text", "faq", "words"),
    [
        ("when can I take a bath", "bathing", "ask your care team"),
        ("nahana kab se start karu", "bathing", "care team se poochiye"),
        ("कितनी पैरासिटामोल ले सकते हैं", "paracetamol", "केयर टीम से पूछिए"),
        ("how much should i walk", "walking", "discharge sheet"),
    ],
)
def test_the_route_is_said(answering: Answering, text: str, faq: str, words: str) -> None:
    """What only the care team can say leads to it with the number; general advice says whose advice comes first."""
    answer = answering.ask(text)
    assert answer.faq == (faq,)
    assert words in answer.text


def test_individual_answers_give_the_number(content: Content, answering: Answering) -> None:
    """Every answer of route T ends with the care team's number."""
    for item in content.faq.values():
        if item.route == "T":
            for language in FORMS:
                assert str(content.clinic["hospital_phone"]) in answering.answer(item.id, language=language)


def test_no_sentence_is_invented(content: Content, answering: Answering) -> None:
    """Every paragraph of every reply is one of the content, filled with the clinic's values (promise 9)."""
    written = {content.fill(item.answer[form]) for item in content.faq.values() for form in FORMS}
    for procedure in content.procedures.values():
        for item in content.faq.values():
            said = (answering.answer(item.id, language=form, procedure=procedure.id) for form in FORMS)
            written |= {paragraph for text in said for paragraph in text.split("\n\n")}
    written |= {f"• {item.question[form]}" for item in content.faq.values() for form in FORMS}
    notes = (
        "outside-body",
        "outside-other",
        "choices",
        "handoff",
        "care-first",
        "ask-team",
        "routine-note",
        "safety-card",
        "command",
    )
    written |= {content.fill(content.replies[name].text[form]) for name in notes for form in FORMS}
    for row in read("development.yaml"):
        answer = answering.ask(row["text"])
        if answer.kind not in ("alert", "confirm"):
            paragraphs = [line for block in answer.text.split("\n\n") for line in block.split("\n")]
            assert [line for line in paragraphs if line not in written] == []


def test_unsure_offers_questions(content: Content, answering: Answering) -> None:
    """Choices are shown as whole questions, in the language of the message, with their ids."""
    answer = answering.ask("operation ke bare me")
    assert answer.kind == "choices"
    assert 1 <= len(answer.faq) <= 3
    for item in answer.faq:
        assert content.faq[item].question["hi-Latn"] in answer.text


@pytest.mark.parametrize("text", ["xylograph of quokka", "षट्कोण द्विघात", "qwerty zxcvb mnbvc"])
def test_what_is_not_known_is_handed_over(content: Content, answering: Answering, text: str) -> None:
    """A question without an answer is handed over, saying so, with the number and 112."""
    answer = answering.ask(text)
    assert (answer.kind, answer.faq, answer.tier) == ("handoff", (), Tier.NONE)
    assert str(content.clinic["hospital_phone"]) in answer.text
    assert "112" in answer.text


@pytest.mark.parametrize("text", ["peshab nahi ho raha", "पेशाब नहीं हो रहा", "I can't pass urine"])
def test_urgency_comes_before_everything(answering: Answering, text: str) -> None:
    """A red flag gets its fixed reply with 112 in the first line, and no answer of the FAQ."""
    answer = answering.ask(text)
    assert (answer.kind, answer.tier, answer.faq) == ("alert", Tier.EMERGENCY, ())
    assert answer.sign is not None
    assert "112" in answer.text[:120]


def test_urgency_names_the_operation(content: Content, answering: Answering) -> None:
    """For a known journey the fixed reply is filled without a hole."""
    for journey in content.journeys:
        text = answering.ask("chest pain and cannot breathe", journey=journey, day=3).text
        assert "{" not in text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("STOP", "command"),
        ("बंद करो", "command"),
        ("start karo", "command"),
        ("Should I stop the tablets?", "answer"),
        ("ok", "smalltalk"),
        ("धन्यवाद", "smalltalk"),
    ],
)
def test_commands_and_small_talk_are_told_from_questions(answering: Answering, text: str, kind: str) -> None:
    """A command word alone is a command; inside a question it is a question."""
    answer = answering.ask(text)
    assert answer.kind == kind
    assert answer.text


@pytest.mark.parametrize("text", ["haan", "no", "पता नहीं"])
def test_an_answer_to_no_question_is_no_command(answering: Answering, text: str) -> None:
    """Yes, no and not sure mean something only after a question of ours."""
    assert answering.ask(text).kind in ("smalltalk", "handoff", "choices")


def test_patients_are_told_the_values_of_their_operation(content: Content, answering: Answering) -> None:
    """A clinic's own value for an operation is used for the patients of that journey, the general one for others."""
    ours = {journey: answering.answer("lifting", language="en", journey=journey) for journey in content.journeys}
    assert f"{content.clinic['fusion_lift_kg']} kg" in ours["mis-tlif"]
    assert f"{content.clinic['decompression_lift_kg']} kg" in ours["mis-decompression"]
    assert f"{content.clinic['lift_kg']} kg" in ours["lumbar-microdiscectomy"]
    assert answering.answer("lifting", language="en") == ours["lumbar-microdiscectomy"]


def test_the_language_can_be_given(content: Content, answering: Answering) -> None:
    """A chat may fix the language of the reply, whatever the words look like."""
    answer = answering.ask("bathing", language="hi")
    assert answer.language == "hi"
    assert answering.ask("walk", language="hi-Latn").language == "hi-Latn"


def test_the_record_of_an_answer_is_json(answering: Answering) -> None:
    """The fields of a line of `saathi ask --jsonl`, in their order."""
    record = answering.ask("when can i take a bath").as_json(1.23456)
    assert list(record) == ["kind", "faq", "tier", "sign", "language", "text", "ms"]
    assert json.loads(json.dumps(record))["faq"] == ["bathing"]
    assert record["ms"] == 1.235


def test_asking_twice_gives_the_same(answering: Answering) -> None:
    """Nothing is remembered between two questions."""
    for text in ("when can i walk", "kuch bhi", "नहाना"):
        assert answering.ask(text) == answering.ask(text)
