"""Recognising thanks, greetings and "all is well": the whole message must be made of them, or it asks. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from bot.faq.spelling import fold
from bot.text import normalise, tokens
from content.model import FaqItem

PREFIX = "smalltalk-"
"""Ids of items that begin so are greetings and thanks (content/faq/smalltalk.yaml)."""

_LONGEST = 16
"""Words; nobody greets, or says that all is well, at greater length."""
NUMBER = "#"
"""Stands for any number in a phrasing: "my pain is #"."""

_TITLES = frozenset(
    fold(word)
    for word in tokens(
        "sir madam maam ji doctor dr sister didi saathi bhai team सर मैडम जी डॉक्टर सिस्टर दीदी साथी भाई टीम"
    )
)
"""How people address somebody; alone it is no greeting."""
_LINKS = frozenset(
    fold(word) for word in tokens("and aur also bhi now ab today aaj yes haan ji still abhi और भी अब आज हां जी अभी")
)
"""What stands between phrases that are strung together."""


class SmallTalk:
    """Knows the phrasings of the small-talk items, give or take spelling; emoji among them stand by themselves."""

    def __init__(self, items: Iterable[FaqItem]) -> None:
        """`items`: those whose id begins with PREFIX, the ones that matter less first."""
        self._phrases: dict[tuple[str, ...], str] = {}
        self._pictures: dict[str, str] = {}
        self._rank: dict[str, int] = {}
        for item in items:
            self._rank.setdefault(item.id, len(self._rank))
            for phrase in item.phrasings.all():
                if said := _said(phrase.replace(NUMBER, "0")):
                    self._phrases.setdefault(said, item.id)
                else:
                    self._pictures |= dict.fromkeys(_pictures(phrase), item.id)

    def find(self, text: str) -> str | None:
        """The item `text` is, or the one that matters most if it strings several together, as in "ok thank you"."""
        said = _said(text)
        if len(said) > _LONGEST:
            return None
        found = self._split(said) if said else [self._pictures.get(picture, "") for picture in _pictures(text)]
        return max(found, key=lambda item: self._rank[item]) if found and all(found) else None

    def _split(self, said: tuple[str, ...]) -> list[str] | None:
        """The items of the phrases `said` falls into without remainder; None if it does not."""
        if not said:
            return []
        for length in range(len(said), 0, -1):
            item = self._phrases.get(said[:length])
            rest = self._split(said[length:]) if item is not None else None
            if item is not None and rest is not None:
                return [item, *rest]
        return self._split(said[1:]) if said[0] in _TITLES | _LINKS else None


def _said(text: str) -> tuple[str, ...]:
    return tuple(NUMBER if word[0].isdigit() else fold(word) for word in tokens(text))


def _pictures(text: str) -> list[str]:
    """The emoji of a text without words, whatever their colour of skin."""
    return [letter for letter in normalise(text) if unicodedata.category(letter) == "So"]
