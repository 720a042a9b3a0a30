"""What no text for patients may say: promises, doses, orders about medicines."""

from __future__ import annotations

import pytest

from content.rules.promises import forbidden_in
from tests.content.conftest import Tree
from tests.content.test_checks import ENGLISH, only_problem


@pytest.mark.parametrize(
    "text",
    [
        "This will cure your back.",
        "It works 100%.",
        "We guarantee a good result.",
        "Surgery is painless.",
        "There is no risk.",
        "You are fine.",
        "This is normal.",
        "Do not worry.",
        "Take 500 mg at night.",
        "Take two tablets.",
        "Stop taking your tablets.",
        "You can now start taking iron.",
        "If the pain has gone, stop taking the strong tablets.",
        "इससे आप हमेशा के लिए ठीक हो जाएँगे।",
        "इसकी गारंटी है।",
        "बिना दर्द का ऑपरेशन है।",
        "कोई ख़तरा नहीं है।",
        "आप बिल्कुल ठीक हैं।",
        "यह सामान्य है।",
        "500 मिलीग्राम लें।",
        "दो गोलियाँ लें।",
        "दवा बंद कर दें।",
        "दवा शुरू करें।",
        "Koi khatra nahi hai.",
        "Aap bilkul theek hain.",
        "Ye normal hai.",
        "Do goli lijiye.",
        "Dawa band kar dijiye.",
    ],
)
def test_promises_doses_and_orders_are_found(text: str) -> None:
    """What must not be said is found in all three forms."""
    assert forbidden_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "No operation is without risk.",
        "It is not a cure.",
        "Nobody can promise a result.",
        "Is it painless?",
        "Do not stop taking your tablets by yourself.",
        "Ask your care team before you stop taking any medicine.",
        "Take your medicine as written on your prescription.",
        "Start taking it again only when your surgeon tells you.",
        "10 is the worst pain and 0 is no pain.",
        "We secure the procedure.",
        "Two tablets can hide the same medicine.",
        "Call us if you are safe at home.",
        "The cut is 2 cm long.",
        "This is not normal: call us.",
        "कोई ऑपरेशन बिना जोखिम के नहीं होता।",
        "अपने आप दवा बंद न करें।",
        "दवा बंद करने से पहले टीम से पूछें।",
        "कोई गारंटी नहीं दे सकता।",
        "दर्द 0 से 10 तक कितना है?",
        "Apne aap dawa band na karein.",
        "Teen din aaram kijiye.",
    ],
)
def test_denials_questions_and_plain_advice_pass(text: str) -> None:
    """A sentence that denies a promise, asks, or forbids is fair."""
    assert forbidden_in(text) == []


def test_a_promise_is_reported_at_its_text(tree: Tree) -> None:
    """A promise in an answer is a problem at the language it stands in."""
    line = tree.edit("faq/about.yaml", ENGLISH, ENGLISH.replace("The cut is small.", "You are fine."))
    assert "`you are fine`" in only_problem(tree, "faq/about.yaml", line)


def test_what_patients_ask_may_hold_any_word(tree: Tree) -> None:
    """The question of an item quotes patients."""
    tree.edit("faq/about.yaml", "question: {en: What is it?", "question: {en: Painless cure or not")
    assert tree.problems() == []
