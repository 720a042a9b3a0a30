"""Cutting a text that is too long for one message into several. Pure.

Cuts are made between paragraphs if that leaves a fair part, else between sentences, else between words, and only in a
single endless word between letters: never inside what a reader sees as one letter, such as क्षि or a family emoji.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace

from scheduler.sender import Body

_PARAGRAPH = re.compile(r"\n[ \t\r]*\n\s*")
_LINE = re.compile(r"\n\s*")
_SENTENCE = re.compile(r"(?<=[.!?।॥…])[\"'”’)\]]*\s+")
_WORD = re.compile(r"\s+")

_VIRAMA = 9
"""Unicode's canonical combining class of the sign that joins two Indic consonants into one letter."""
_JOINER = "\u200d"
_NON_JOINER = "\u200c"


MOST_CAPTION = 1024
"""UTF-16 units of a text under a picture: no channel takes more (Bot API sendPhoto, WhatsApp Cloud API image)."""


def units(text: str) -> int:
    """The length of `text` in UTF-16 code units: no channel counts more than this."""
    return len(text) + sum(character > "\uffff" for character in text)


def split(body: Body, limit: int) -> tuple[Body, ...]:
    """`body` in parts of at most `limit` UTF-16 units each, in order; the buttons stand under the last one.

    A body that is short enough comes back as it is. White space at a cut is dropped, nothing else. A picture goes with
    the first part, which is then no longer than a caption. Raises ValueError for a limit below 2, which could not hold
    every character.
    """
    if limit < 2:
        raise ValueError("a part must be able to hold any character: the limit is at least 2")
    first = limit if body.picture is None else min(limit, MOST_CAPTION)
    if units(body.text) <= first:
        return (body,)
    texts = list(_parts(body.text.strip(), first, limit)) or [body.text[:first]]
    parts = [*(Body(text) for text in texts[:-1]), Body(texts[-1], body.buttons)]
    return (replace(parts[0], picture=body.picture), *parts[1:])


def captioned(body: Body) -> Body:
    """`body` as one message can carry it: without its picture if the text is longer than a caption."""
    return body if body.picture is None or units(body.text) <= MOST_CAPTION else replace(body, picture=None)


def _parts(text: str, first: int, limit: int) -> Iterator[str]:
    most = first
    while units(text) > most:
        cut = _cut(text, most)
        part = text[:cut].rstrip()
        if part:
            yield part
            most = limit
        text = text[cut:].lstrip()
    if text:
        yield text


def _cut(text: str, limit: int) -> int:
    """Where to cut: at most `limit` units before it, and at least one character."""
    longest = _longest(text, limit)
    # A part of less than half the room reads as torn off: then the next finer kind of cut is the better one.
    for kind, least in ((_PARAGRAPH, longest // 2), (_LINE, longest // 2), (_SENTENCE, longest // 2), (_WORD, 1)):
        cut = max((found.start() for found in kind.finditer(text, 0, longest + 1) if found.start() >= least), default=0)
        if cut:
            return cut
    return _last(lambda place: _between_letters(text, place), longest) or _last(
        lambda place: not _halves(text, place), longest
    )


def _longest(text: str, limit: int) -> int:
    """How many characters fit."""
    used = 0
    for place, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return place
    return len(text)


def _last(fits: Callable[[int], bool], longest: int) -> int:
    return next((place for place in range(longest, 0, -1) if fits(place)), 0)


def _between_letters(text: str, place: int) -> bool:
    """Whether `place` lies between two letters as a reader sees them (nearly Unicode's rules, UAX 29)."""
    before, after = text[place - 1], text[place : place + 1]
    if not after:
        return True
    joined = (
        unicodedata.category(after)[0] == "M"
        or after in (_JOINER, _NON_JOINER)
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or "\U000e0020" <= after <= "\U000e007f"
        or before == _JOINER
        or (before, after) == ("\r", "\n")
        or _halves(text, place)
        or (unicodedata.combining(before) == _VIRAMA and after.isalpha())
    )
    return not joined and not _inside_flag(text, place)


def _halves(text: str, place: int) -> bool:
    """Whether `place` lies inside a surrogate pair that came as two characters."""
    return "\ud800" <= text[place - 1] <= "\udbff" and "\udc00" <= text[place : place + 1] <= "\udfff"


def _inside_flag(text: str, place: int) -> bool:
    """Two regional letters are one flag: a cut after an odd number of them would tear one."""
    if not _regional(text[place]):
        return False
    count = 0
    while count < place and _regional(text[place - 1 - count]):
        count += 1
    return count % 2 == 1


def _regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
