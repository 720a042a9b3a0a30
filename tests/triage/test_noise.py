"""Noise around and inside a report never loses it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.triage import Triage
from content.model import Tier
from tests.triage.messages import Labelled, labelled
from tests.triage.shipped import remembering

REPORTS = [
    each for name in ("messages", "held_back") for each in labelled(name) if each.want in {"emergency", "same_day"}
]
BEFORE = [
    "Hello doctor sahab. ",
    "namaste ji, ",
    "sorry to disturb you at night but ",
    "mera naam Asha Example hai, ",
    "🙏 ",
]
AFTER = [". please reply fast", " 🙏🙏", ", bahut chinta ho rahi hai", " jaldi bataiye", "!!! Thank you"]


def shouted(text: str, random: Random) -> str:
    """Random capitals, wider spaces, and a vowel that is held."""
    letters = [letter.upper() if random.random() < 0.3 else letter for letter in text]
    for place, letter in enumerate(letters):
        if letter == " ":
            letters[place] = " " * random.randint(1, 3)
        elif letter.lower() in "aeiou" and random.random() < 0.05 and _inside(text, place):
            letters[place] = letter * random.randint(3, 6)
    return "".join(letters)


def _inside(text: str, place: int) -> bool:
    """Whether the letter stands in a longer word: a held "se" is another word, "see"."""
    return len(text[:place].rsplit(" ", maxsplit=1)[-1]) + len(text[place:].split(" ", maxsplit=1)[0]) >= 3


def slipped(text: str, random: Random) -> str:
    """One slip in one long Latin word: two letters inside it swapped, or one doubled."""
    words = text.split()
    long = [place for place, word in enumerate(words) if word.isascii() and word.isalpha() and len(word) >= 7]
    if long:
        place = random.choice(long)
        word = words[place]
        at = random.randint(2, len(word) - 3)
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        words[place] = random.choice([swapped, word[:at] + word[at] + word[at:]])
    return " ".join(words)


def lost(triage: Triage, message: Labelled, text: str) -> bool:
    verdict = triage.judge(text)
    if message.want == "emergency":
        return verdict.outcome == "none" or verdict.tier is not Tier.EMERGENCY
    return verdict.outcome == "none"


@pytest.mark.parametrize("seed", range(3))
def test_capitals_spaces_and_chatter_lose_nothing(triage: Triage, seed: int) -> None:
    """Any report, shouted and wrapped in politeness, is still caught with its tier: not one may be lost."""
    random = Random(seed)
    noisy = [(each, random.choice(BEFORE) + shouted(each.text, random) + random.choice(AFTER)) for each in REPORTS]
    gone = [text for each, text in noisy if lost(triage, each, text)]
    assert gone == []


def test_slips_of_the_finger_lose_nothing(triage: Triage) -> None:
    """One slip in a long word, two letters swapped or one doubled, loses no report."""
    random = Random(7)
    noisy = [(each, slipped(each.text, random)) for each in REPORTS]
    assert [text for each, text in noisy if lost(triage, each, text)] == []


@given(st.text(max_size=300))
def test_any_text_gets_a_verdict(text: str) -> None:
    """No text, however broken, is refused; the same text gets the same verdict."""
    triage = remembering()  # hypothesis may not use a fixture
    assert triage.judge(text) == Triage.judge(triage, text)
