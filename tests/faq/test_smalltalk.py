"""Messages that ask nothing: greetings, thanks, that all is well, a number nobody asked for."""

from __future__ import annotations

import pytest

from bot.faq import Retriever
from bot.faq.smalltalk import PREFIX
from tests.support.answering import shipped_answering
from tests.support.world import shipped

TALK = Retriever(item for item in shipped().faq.values() if item.id.startswith(PREFIX))


@pytest.mark.parametrize(
    "text",
    [
        "no fever, no weakness, all good",
        "Hello sir, all good, no fever, thank you",
        "सब ठीक है, कोई दिक्कत नहीं",
        "sab theek h aur koi dikkat nahi",
        "papa ghar aa gaye",
    ],
)
def test_that_all_is_well_is_heard(text: str) -> None:
    """Who says that all is well is not offered answers to questions nobody asked."""
    assert TALK.find(text).ids == (f"{PREFIX}well",)


@pytest.mark.parametrize("text", ["pain 3 hai aaj", "my pain is 4 out of 10", "दर्द ७ है", "back pain 5"])
def test_a_number_nobody_asked_for_is_answered(text: str) -> None:
    """A number for pain outside a check-in gets what to do with it, and is not said to be noted."""
    assert TALK.find(text).ids == (f"{PREFIX}pain",)


@pytest.mark.parametrize(
    "text", ["all good but when do stitches come out", "no fever but pus", "pain 3", "3", "sir ji"]
)
def test_something_else_beside_it_is_not_passed_over(text: str) -> None:
    """Only a whole message made of such phrases is one."""
    assert TALK.find(text).kind == ("smalltalk" if text == "pain 3" else "handoff")


@pytest.mark.parametrize(
    "text", ["no fever, all good but urine is not coming", "pain is 9 out of 10", "बुखार नहीं है पर सांस फूल रही है"]
)
def test_a_sign_beside_it_comes_first(text: str) -> None:
    """A warning sign is never drowned in good news."""
    assert shipped_answering().ask(text).kind == "alert"


@pytest.mark.parametrize("text", ["yes", "haan", "नहीं"])
def test_a_yes_to_nothing_offers_nothing(text: str) -> None:
    """Yes and no with no question open are taken for what they are."""
    assert shipped_answering().ask(text).kind == "smalltalk"


def test_after_the_operation_the_meal_is_the_one_after_it() -> None:
    """What only people ask who wait for their operation is not offered first to those who have had it."""
    ask = shipped_answering().ask
    assert ask("khana kab kha sakte hain", journey="lumbar-microdiscectomy", day=5).faq[0] == "eating-after"
    assert "eating-before" in ask("khana kab kha sakte hain").faq
