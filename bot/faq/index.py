"""Which classes (answers, or subjects that are none of ours) a message is about: naive Bayes over TF-IDF. Pure.

It does as well as a linear support vector machine (docs/faq-methods.md) and needs no library.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from dataclasses import dataclass

from bot.faq.features import Block, pieces, text_blocks
from bot.faq.learning import Learnt, vector

_PIECES, _MEANINGS = 0, 2
"""Places among the blocks (`bot.faq.features`)."""
_TELLING = 3
"""The length of the pieces by which an unknown word is compared."""
_ALIKE = 0.9
"""The share of such pieces a class must hold for the word to count as known."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One class, with how well the message fits it."""

    name: str
    share: float
    """0 to 1: its part of the belief spread over all classes."""
    covered: float
    """0 to 1: how much of what the message talks about its phrasings talk about as well."""
    strange: float
    """0 to 1: how much of what the message talks about none of our own classes talks about."""


class Index:
    """What was learnt from phrasings, ready to be compared with messages."""

    def __init__(self, learnt: Learnt) -> None:
        """`learnt` (`bot.faq.learning.learn`) is kept, not copied."""
        self._learnt = learnt
        self._rarities = [table.rarity for table in learnt.tables]
        self._meanings = learnt.tables[_MEANINGS]
        self._unknown = max((rare for table in learnt.tables for rare in table.rare), default=1.0)

    def rank(self, text: str, most: int) -> list[Ranked]:
        """The `most` likeliest classes, best first; none if nothing in `text` was ever seen in a phrasing."""
        found = text_blocks(text)
        weighted = vector(found, self._rarities)
        if not any(weighted):
            return []
        asked = self._asked(found[2])
        talk = sum(weight for weight, _ in asked) or 1.0
        strange = sum(weight for weight, classes in asked if not classes & self._learnt.ours) / talk
        mass = sum(sum(block.values()) for block in weighted)
        scores = [-mass * loss for loss in self._learnt.losses]
        for table, block in zip(self._learnt.tables, weighted, strict=True):
            for feature, weight in block.items():
                for number, gain in table.speaks_for(feature):
                    scores[number] += weight * gain
        best = heapq.nsmallest(most, range(len(scores)), key=lambda number: (-scores[number], number))
        top = scores[best[0]]
        belief = sum(math.exp(score - top) for score in scores)
        return [
            Ranked(
                self._learnt.names[number],
                math.exp(scores[number] - top) / belief,
                sum(weight for weight, classes in asked if number in classes) / talk,
                strange,
            )
            for number in best
        ]

    def _asked(self, meanings: Block) -> list[tuple[float, frozenset[int]]]:
        """Each thing the message talks about: how rare it is, and the classes that talk about it as well."""
        return [
            (self._meanings.rarity(name) or self._unknown, self._holders(name) or self._alike(name))
            for name in meanings
            if not name[:1].isdigit()
        ]

    def _holders(self, meaning: str) -> frozenset[int]:
        """The classes that talk about it."""
        return frozenset(number for number, _ in self._meanings.speaks_for(meaning))

    def _alike(self, word: str) -> frozenset[int]:
        """Classes with most of the letters of an unknown word, in order: a slip of the finger counts as the word."""
        cut = [piece for piece in pieces(word) if len(piece) == _TELLING]
        spelt = self._learnt.tables[_PIECES]
        shared: Counter[int] = Counter(place for piece in cut for place, _ in spelt.speaks_for(piece))
        return frozenset(place for place, count in shared.items() if count >= len(cut) * _ALIKE)

    def knows(self, meaning: str) -> int:
        """How many classes have a phrasing with this meaning (`bot.faq.lexicon`)."""
        return len(self._holders(meaning))
