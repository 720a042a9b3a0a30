"""Commands and numbers as people type them."""

from __future__ import annotations

from datetime import time

import pytest

from bot.conversation import words
from bot.conversation.words import Commands
from content.model import Question
from tests.support.world import shipped

SCALE = Question.model_validate(
    {"id": "pain-back", "ask": {"en": "Pain?", "hi": "दर्द?"}, "kind": "scale", "review": "pending"}
)
CHOICE = Question.model_validate(
    {
        "id": "wound-fluid",
        "ask": {"en": "Wet?", "hi": "गीला?"},
        "kind": "choice",
        "review": "pending",
        "choices": [
            {"id": "yes", "label": {"en": "Yes, wet", "hi": "हाँ, गीला"}, "words": ["geela", "wet"]},
            {"id": "no", "label": {"en": "No, dry", "hi": "नहीं, सूखा"}},
            {"id": "unsure", "label": {"en": "Not sure", "hi": "पता नहीं"}},
        ],
    }
)


@pytest.fixture(scope="module")
def commands() -> Commands:
    return Commands(shipped().words)


@pytest.mark.parametrize(
    "text",
    [
        "STOP", "stop", " Stop. ", "STOP!!!", "STOPPP", "/stop", "/stop@SaathiBot", "please stop", "Stop please",
        "stop messages", "Please stop sending messages", "don't message me", "DON’T SEND MESSAGES", "unsubscribe",
        "बंद करो", "बंद करें", "कृपया बंद कर दीजिए", "मैसेज बंद करो", "संदेश मत भेजो", "बन्द करो", "रोको",
        "band karo", "Band kar do", "message band karo", "msg mat bhejo", "ye band karo", "sab band karo ji",
        "\u202estop\u202c", "s\u200btop", "ＳＴＯＰ", "stop 🙏",
    ],
)  # fmt: skip
def test_stop_in_every_spelling_is_stop(commands: Commands, text: str) -> None:
    """Somebody who wants no more messages is understood, however they say it."""
    assert commands.find(text) == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "Should I stop the tablets?", "stop the tablets", "when can I stop the belt", "can i stop walking",
        "dawai band karu?", "dawa band karun kya", "dawai band karo bola tha", "kya goli band kar du",
        "क्या दवा बंद करूँ?", "दवा बंद कर दूँ", "दवा कब बंद करें", "bleeding nahi band ho raha", "the bleeding won't stop",
        "bus stop kahan hai", "non stop pain", "stop eating before surgery?", "peshab band hai", "पेशाब बंद है",
        "why did you stop", "I can't stop coughing", "naak band hai", "band hai", "khoon band nahi ho raha",
    ],
)  # fmt: skip
def test_a_question_that_holds_the_word_is_not_stop(commands: Commands, text: str) -> None:
    """Asking about stopping a medicine, or telling that something stopped, ends no messages."""
    assert commands.find(text) is None


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("START", "start"), ("/start", "start"), ("शुरू करो", "start"), ("phir se shuru karo", "start"),
        ("pause", "pause"), ("kuch din band karo", "pause"), ("कुछ दिन रोको", "pause"),
        ("resume", "resume"), ("जारी रखें", "resume"),
        ("English please", "english"), ("हिंदी में", "hindi"), ("हिन्दी", "hindi"), ("hindi mein baat karo", "hindi"),
        ("Hinglish", "hinglish"), ("language", "language"), ("भाषा", "language"),
        ("menu", "menu"), ("मेन्यू", "menu"), ("HELP", "help"), ("madad", "help"), ("time", "time"), ("समय", "time"),
        ("doctor se baat karni hai", "care-team"), ("care team", "care-team"), ("delete my data", "delete"),
        ("how long is the surgery", None), ("helpful", None), ("I need help walking", None), ("", None), ("???", None),
    ],
)  # fmt: skip
def test_commands(commands: Commands, text: str, command: str | None) -> None:
    """A message is a command only when it is nothing else."""
    assert commands.find(text) == command


def test_no_phrase_belongs_to_two_commands() -> None:
    """Which command a phrase means never depends on the order of the file."""
    seen: dict[str, str] = {}
    for name, phrasings in shipped().words.items():
        for phrase in phrasings.all():
            assert seen.setdefault(words.plain(phrase), name) == name, phrase


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("0", 0), ("10", 10), (" 7. ", 7), ("७", 7), ("१०", 10), ("7/10", 7), ("5 / 10", 5), ("10/10", 10),
        ("7 out of 10", 7), ("10 me se 6", 6), ("10 में से 6", 6), ("seven", 7), ("Seven!", 7), ("saat", 7),
        ("paanch", 5), ("panch", 5), ("सात", 7), ("पाँच", 5), ("छः", 6), ("pain 4", 4), ("dard 6 hai", 6),
        ("about 3", 3), ("pain is 8 now", 8), ("no pain", 0), ("dard nahi hai", 0), ("कोई दर्द नहीं", 0), ("7.0", 7),
        ("-3", "bad"), ("minus 2", "bad"), ("11", "bad"), ("100", "bad"), ("7-8", "bad"), ("7 ya 8", "bad"),
        ("6 to 7", "bad"),
        ("3.5", "bad"), ("6 7", "bad"), ("999999999999", "bad"),
        ("I took 2 tablets", None), ("fever 101", None), ("no", None), ("hello", None), ("", None), ("😀", None),
        ("7 days", None), ("call me at 9", None),
    ],
)  # fmt: skip
def test_scale(text: str, value: object) -> None:
    """A number from 0 to 10 in digits or words; a sentence that merely holds a number is no answer."""
    assert words.scale(text, SCALE) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20", 20), ("20 min", 20), ("20min", 20), ("20 minutes", 20), ("२० मिनट", 20), ("बीस मिनट", 20),
        ("bees minute", 20), ("half an hour", 30), ("half hour", 30), ("aadha ghanta", 30), ("आधा घंटा", 30),
        ("1 hour", 60), ("ek ghanta", 60), ("an hour", 60), ("dedh ghanta", 90), ("डेढ़ घंटा", 90),
        ("1.5 hours", 90), ("1 hour 20 min", 80), ("quarter hour", 15), ("about 15 minutes", 15), ("sava ghanta", 75),
        ("walked 10 min", 10), ("no", 0), ("not walked", 0), ("nahi chala", 0), ("kuch nahi", 0), ("0", 0),
        ("-5", "bad"), ("700", "bad"), ("20 hours", "bad"), ("10 20", "bad"),
        ("min", None), ("20 steps", None), ("when can I walk", None), ("", None),
    ],
)  # fmt: skip
def test_minutes(text: str, value: object) -> None:
    """Minutes as people say them."""
    assert words.minutes(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("Yes, wet", "yes"), ("haan", "yes"), ("हाँ", "yes"), ("ji haan", "yes"), ("geela", "yes"),
        ("no", "no"), ("nahi", "no"), ("नहीं", "no"), ("not sure", "unsure"), ("pata nahi", "unsure"),
        ("पता नहीं", "unsure"), ("is it wet?", None), ("7", None), ("", None),
    ],
)  # fmt: skip
def test_choice(commands: Commands, text: str, value: str | None) -> None:
    """The label, its words, or a common yes, no and not sure in three forms."""
    assert words.choice(text, CHOICE, commands) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1961", 1961), ("१९६१", 1961), ("born in 1961", 1961), ("12/5/1961", 1961), ("1961.", 1961),
        ("61", "bad"), ("19611", "bad"), ("1961 or 1962", "bad"), ("0000", "bad"),
        ("why?", None), ("", None),
    ],
)  # fmt: skip
def test_year(text: str, value: object) -> None:
    """Four digits in any script; without any digit it is no answer at all."""
    assert words.year(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("14/3", (14, 3)), ("14-03-2026", (14, 3)), ("14.3.26", (14, 3)), ("१४/३", (14, 3)), ("14 March", (14, 3)),
        ("14 मार्च", (14, 3)), ("2nd mar 2026", (2, 3)),
        ("3/14", "bad"), ("32/1", "bad"), ("14", "bad"), ("who are you", None),
    ],
)  # fmt: skip
def test_day_and_month(text: str, value: object) -> None:
    """The day of the surgery as people write dates in India: day first."""
    assert words.day_and_month(text) == value


@pytest.mark.parametrize(
    ("text", "part", "value"),
    [
        ("8:30", "morning", time(8, 30)), ("8", "morning", time(8)), ("9 baje", "morning", time(9)),
        ("subah 9 baje", "morning", time(9)), ("saadhe aath", "morning", time(8, 30)), ("९ बजे", "morning", time(9)),
        ("8.30 am", "morning", time(8, 30)), ("18:00", "evening", time(18)), ("6 pm", "evening", time(18)),
        ("shaam 6 baje", "evening", time(18)), ("6:30", "evening", time(18, 30)), ("शाम 7 बजे", "evening", time(19)),
        ("25:00", "morning", "bad"), ("8:75", "morning", "bad"),
        ("after lunch", "evening", None), ("hello", "morning", None), ("can i walk at 8", "morning", None),
    ],
)  # fmt: skip
def test_clock(text: str, part: str, value: object) -> None:
    """A time of day in figures or words."""
    assert words.clock(text, "morning" if part == "morning" else "evening") == value
