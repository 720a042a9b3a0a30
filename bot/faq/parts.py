"""Taking a message apart: courtesies, several questions at once, and what only follows on from an answer. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from bot.faq.spelling import fold
from bot.text import tokens

_COURTESIES = frozenset(
    tokens(
        "hello hi hey hii helo sir madam mam maam sirji doctor doc dr saathi sathi ji please pls plz kindly namaste "
        "namaskar pranam salam assalam dear good morning evening afternoon thanks thank thankyou respected bhai bhaiya "
        "नमस्ते नमस्कार प्रणाम सर मैडम जी डॉक्टर साहब कृपया साथी भैया हेलो हैलो"
    )
)
"""Words that open or close a message and ask nothing."""
_ENDS = re.compile(r"[?!।;\n]+|(?<=[^\d\s])\.(?=\s|$)")
_CLAUSES = re.compile(r"[?!।;,\n]+|(?<=[^\d\s])\.+(?=\s|$)|\.{2,}")
_JOINTS = re.compile(r"(?:,\s*|\s)(?:and|aur|और|also|plus|&)\s", re.IGNORECASE)
_FEWEST_WORDS = 2
_MOST_PARTS = 4

_LEADS = (
    "what about", "how about", "and what about", "aur", "and", "और", "also", "then", "phir", "फिर", "or", "ya", "या",
)  # fmt: skip
_PRONOUNS = frozenset(
    fold(word)
    for word in tokens("it that this these they uska iska usme isme ye yeh iske uske इसका उसका इसमें उसमें इसके यह ये")
)
_ASKING = frozenset(
    tokens(
        "when how what why which who where whom whose kab kb kitne kitna kitni kitane kaise kese kya kyaa kia kyu kyun "
        "kyon kyo kaun kon konsa kaunsa kaunsi kaha kahan kis kise kisko kidhar कब कितने कितना कितनी कैसे कैसी कैसा क्या "
        "क्यों क्यूं कौन कौनसा कहां किस किसे किसको किधर"
    )
)
"""Words one of which every question holds, but for the English ones that only turn a sentence round."""
_TURNED = frozenset(
    tokens("is are am was were can could do does did should shall will would may might must has have had")
)
_TURNED_BEFORE = frozenset(
    tokens("i we he she they you it this that these those there my our his her the anyone anybody somebody someone")
)
"""In "can he sit" and "will the wound heal" the verb stands before such a word, or opens the sentence."""
_LONGEST_FOLLOW_UP = 7
_SURGERY = "surgery"
_PLAIN = frozenset(
    tokens(
        "surgery surgeries operation operations operated op ops procedure opration oprasan operesan सर्जरी ऑपरेशन आपरेशन "
        "ओपरेशन"
    )
)
_NAMES = frozenset(
    tokens(
        "mis miss minimally minimal invasive keyhole spine spinal lumbar microdiscectomy discectomy microdisectomy "
        "disectomy diskectomy laminectomy laminotomy foraminotomy decompression tlif plif fusion acdf kyphoplasty "
        "vertebroplasty स्पाइन लम्बर माइक्रोडिस्केक्टमी डिस्केक्टमी लैमिनेक्टमी डिकम्प्रेशन फ्यूजन एसीडीएफ टीएलआईएफ "
        "काइफोप्लास्टी वर्टेब्रोप्लास्टी एमआईएस reedh रीढ़ endoscopic endoscopy एंडोस्कोपिक एंडोस्कोपी"
    )
)


def without_courtesies(text: str) -> str:
    """`text` without greetings and titles at its ends; all of it if it is made of nothing else."""
    words = list(tokens(text))
    start, end = 0, len(words)
    while start < end and words[start] in _COURTESIES:
        start += 1
    while end > start and words[end - 1] in _COURTESIES:
        end -= 1
    return " ".join(words[start:end]) or text


def without_names(words: tuple[str, ...]) -> tuple[str, ...]:
    """`words` with the names of operations as plain "surgery"; as they are if they name none.

    In "will insurance pay for minimally invasive spine surgery" the operation is where the question stands, not what
    it is about.
    """
    if not _NAMES.intersection(words):
        return words
    kept: list[str] = []
    for word in words:
        plain = _SURGERY if word in _NAMES or word in _PLAIN else word
        if plain != _SURGERY or kept[-1:] != [_SURGERY]:
            kept.append(plain)
    return tuple(kept)


def questions(text: str) -> list[str]:
    """The questions of a message: cut at its signs and at "and" between whole phrases; one element if it is one."""
    parts = [part for sentence in _ENDS.split(text) for part in _halves(sentence)]
    found = [part.strip() for part in parts if len(tokens(part)) >= _FEWEST_WORDS]
    return found if 1 < len(found) <= _MOST_PARTS else []


def clauses(text: str) -> list[str]:
    """`text` cut at every sign, commas too."""
    return [clause for clause in _CLAUSES.split(text) if tokens(clause)]


def _halves(sentence: str) -> list[str]:
    halves = _JOINTS.split(sentence)
    return halves if all(asks(half) for half in halves) else [sentence]


def asks(part: str) -> bool:
    """Whether `part` is a question by itself."""
    words = tokens(part)
    if len(words) < _FEWEST_WORDS:
        return False
    turned = words[0] in _TURNED or any(
        first in _TURNED and second in _TURNED_BEFORE for first, second in pairwise(words)
    )
    return turned or any(word in _ASKING for word in words)


def follow_up(text: str) -> str | None:
    """What is left of a message that goes on from an answer ("and bathing?" -> "bathing"); None if it does not.

    A short message about "it" goes on as well, and so does one without a subject; then all of it is left.
    """
    words = tokens(text)
    if not words or len(words) > _LONGEST_FOLLOW_UP:
        return None
    said = " ".join(words)
    for lead in sorted(_LEADS, key=len, reverse=True):
        if said.startswith(f"{lead} "):
            return said.removeprefix(f"{lead} ")
    if any(fold(word) in _PRONOUNS for word in words):
        return " ".join(word for word in words if fold(word) not in _PRONOUNS) or said
    return None
