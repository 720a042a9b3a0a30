"""Which classes (answers, or subjects that are none of ours) a message is about: naive Bayes over TF-IDF. Pure.

Learnt at start from the phrasings in `content/`, in about a second, so there is no trained file that could grow stale.
On the development questions it does as well as a linear support vector machine (docs/faq-methods.md), and needs no
library: the sums are dictionaries of postings.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bot.faq.features import Block, Blocks, pieces, text_blocks

_SMOOTHING = 0.05
"""What a class is taken to hold of a feature it was never seen with."""
_FEWEST = (2, 1, 1)
"""A feature counts from so many phrasings on; single pieces of spelling are slips of the finger."""

_TELLING = 3
"""The length of the pieces by which an unknown word is compared."""
_ALIKE = 0.9
"""The share of such pieces a class must hold for the word to count as known."""

Vector = dict[str, float]


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
    """Phrasings of classes, ready to be compared with messages."""

    def __init__(self, phrasings: Iterable[tuple[str, str]], foreign: Iterable[tuple[str, str]] = ()) -> None:
        """`phrasings`: pairs of class and text; `foreign`: the same for classes that are none of ours."""
        ours = [(name, text_blocks(text)) for name, text in phrasings]
        counted = [*ours, *((name, text_blocks(text)) for name, text in foreign)]
        self._rarity = _rarity([found for _, found in counted])
        self._names = sorted({name for name, _ in counted})
        place = {name: number for number, name in enumerate(self._names)}
        held: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        total = [0.0] * len(self._names)
        for name, found in counted:
            vector = self._vector(found)
            for feature, weight in vector.items():
                held[feature][place[name]] += weight
                total[place[name]] += weight
        self._gains = {
            feature: [(number, math.log1p(weight / _SMOOTHING)) for number, weight in classes.items()]
            for feature, classes in held.items()
        }
        self._ours = frozenset(place[name] for name, _ in ours)
        self._holders = {feature: frozenset(classes) for feature, classes in held.items()}
        self._unknown = max(self._rarity.values(), default=1.0)
        every = _SMOOTHING * len(held)
        self._losses = [math.log(weight + every) for weight in total]

    def rank(self, text: str, most: int) -> list[Ranked]:
        """The `most` likeliest classes, best first; none if nothing in `text` was ever seen in a phrasing."""
        found = text_blocks(text)
        vector = self._vector(found)
        if not vector:
            return []
        asked = self._asked(found[2])
        talk = sum(weight for weight, _ in asked) or 1.0
        strange = sum(weight for weight, classes in asked if not classes & self._ours) / talk
        mass = sum(vector.values())
        scores = [-mass * loss for loss in self._losses]
        for feature, weight in vector.items():
            for number, gain in self._gains[feature]:
                scores[number] += weight * gain
        best = heapq.nsmallest(most, range(len(scores)), key=lambda number: (-scores[number], number))
        top = scores[best[0]]
        belief = sum(math.exp(score - top) for score in scores)
        return [
            Ranked(
                self._names[number],
                math.exp(scores[number] - top) / belief,
                sum(weight for weight, classes in asked if number in classes) / talk,
                strange,
            )
            for number in best
        ]

    def _asked(self, meanings: Block) -> list[tuple[float, frozenset[int]]]:
        """Each thing the message talks about: how rare it is, and the classes that talk about it as well."""
        return [
            (self._rarity.get(f"2{name}", self._unknown), self._holders.get(f"2{name}") or self._alike(name))
            for name in meanings
            if not name[0].isdigit()
        ]

    def _alike(self, word: str) -> frozenset[int]:
        """Classes with most of the letters of an unknown word, in order: a slip of the finger counts as the word."""
        cut = [f"0{piece}" for piece in pieces(word) if len(piece) == _TELLING]
        shared: Counter[int] = Counter(number for piece in cut for number in self._holders.get(piece, ()))
        return frozenset(number for number, count in shared.items() if count >= len(cut) * _ALIKE)

    def knows(self, meaning: str) -> int:
        """How many classes have a phrasing with this meaning (`bot.faq.lexicon`)."""
        return len(self._gains.get(f"2{meaning}", ()))

    def _vector(self, found: Blocks) -> Vector:
        """Each block scaled to length one; features no phrasing has are left out."""
        vector: Vector = {}
        for number, block in enumerate(found):
            weighted = _weighted(number, block, self._rarity)
            length = math.sqrt(sum(weight * weight for weight in weighted.values()))
            vector.update((feature, weight / length) for feature, weight in weighted.items())
        return vector


def _weighted(number: int, block: Block, rarity: dict[str, float]) -> Vector:
    named = ((f"{number}{feature}", count) for feature, count in block.items())
    return {feature: (1 + math.log(count)) * rarity[feature] for feature, count in named if feature in rarity}


def _rarity(texts: list[Blocks]) -> dict[str, float]:
    seen: Counter[str] = Counter(
        f"{number}{feature}" for found in texts for number, block in enumerate(found) for feature in block
    )
    return {
        feature: math.log((1 + len(texts)) / (1 + count)) + 1
        for feature, count in seen.items()
        if count >= _FEWEST[int(feature[0])]
    }
