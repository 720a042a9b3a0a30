"""Taking names and numbers out of what people wrote, before it leaves the database as an example. Pure.

Long numbers go by the same rule as in the logs (`bot/logs.py`), shorter ones too where they could name somebody: a
year, a house, a date. Names go in either script, and however they are spelt. What it cannot know, such as the name of
a neighbour, somebody has to look for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.faq.spelling import fold
from bot.logs import LONG_NUMBER
from bot.text import tokens

MASK = "…"

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+|(?<!\S)@\w+", re.IGNORECASE)
_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}")
_NUMBER = re.compile(r"\d(?:[-\s]?\d){3,}")
"""Four digits or more."""
_WORD = re.compile(r"[^\W\d_][\w\u0900-\u0963\u0966-\u097f\u200c\u200d]*")
_TITLES = frozenset(
    fold(word)
    for title in "mr mrs ms dr doctor sister nurse staff shri sri smt km kumari श्री श्रीमती डॉ डॉक्टर सिस्टर नर्स".split()
    for word in tokens(title)
)
"""Words before a name that name nobody."""
_SHORTEST = 2
"""Letters of a folded name that are still taken for one: 'Om' is, an initial is not."""


def masked(text: str, names: Iterable[str]) -> str:
    """`text` with MASK in place of each of `names`, of addresses, dates, and numbers of four digits or more."""
    for pattern in (_ADDRESS, LONG_NUMBER, _DATE, _NUMBER):
        text = pattern.sub(MASK, text)
    known = {_folded(word) for name in names for word in _WORD.findall(name)}
    known = {word for word in known if len(word) >= _SHORTEST and word not in _TITLES}
    text = _WORD.sub(lambda found: MASK if _folded(found[0]) in known else found[0], text)
    return re.sub(rf"{MASK}(?:\s*{MASK})+", MASK, text)


def _folded(word: str) -> str:
    return " ".join(fold(token) for token in tokens(word))
