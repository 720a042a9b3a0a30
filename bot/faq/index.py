"""Which classes (answers, or subjects that are none of ours) a message is about: naive Bayes over TF-IDF. Pure.

Learnt at start from the phrasings in `content/`, in about two seconds, so no trained file can grow stale. It does as
well as a linear support vector machine (docs/faq-methods.md) and needs no library.
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
_FEWEST = (2, 1, 1, 1)
"""A feature counts from so many phrasings on; single pieces of spelling are slips of the finger."""
_BY_CLASS = 0.7
"""How much of a feature's rarity is counted over classes; the rest is counted over phrasings.

A word that stands in thirty phrasings of one answer and in no other tells more than its thirty phrasings let on.
"""

_PIECES, _MEANINGS = 0, 2
"""Places among the blocks (`bot.faq.features`)."""
_TELLING = 3
"""The length of the pieces by which an unknown word is compared."""
_ALIKE = 0.9
"""The share of such pieces a class must hold for the word to count as known."""

Vector = tuple[dict[str, float], ...]
"""Features with their weights, block by block."""
Postings = list[tuple[int, float]]
"""Classes by number, each with what a feature speaks for it."""


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
        known: dict[str, list[str]] = defaultdict(list)
        for name, text in phrasings:
            known[name].append(text)
        ours = frozenset(known)
        for name, text in foreign:
            known[name].append(text)
        self._names = sorted(known)
        self._rarity = _rarity(known)
        weights: tuple[dict[str, Postings], ...] = tuple({} for _ in _FEWEST)
        total: list[float] = []
        for number, name in enumerate(self._names):
            held = self._held(known[name])
            total.append(sum(sum(block.values()) for block in held))
            for holders, block in zip(weights, held, strict=True):
                for feature, weight in block.items():
                    holders.setdefault(feature, []).append((number, weight))
        # Made feature by feature, so that what is read together lies together: four times as fast.
        self._gains = tuple(
            {
                feature: [(number, math.log1p(weight / _SMOOTHING)) for number, weight in classes]
                for feature, classes in holders.items()
            }
            for holders in weights
        )
        self._holders = {
            meaning: frozenset(number for number, _ in classes) for meaning, classes in self._gains[_MEANINGS].items()
        }
        self._ours = frozenset(number for number, name in enumerate(self._names) if name in ours)
        self._unknown = max((rare for block in self._rarity for rare in block.values()), default=1.0)
        every = _SMOOTHING * sum(map(len, self._gains))
        self._losses = [math.log(weight + every) for weight in total]

    def _held(self, texts: Iterable[str]) -> Vector:
        """The phrasings of one class, added up. Their features are made again: kept, they would double the memory."""
        held: Vector = tuple({} for _ in _FEWEST)
        for text in texts:
            for sums, block in zip(held, self._vector(text_blocks(text)), strict=True):
                for feature, weight in block.items():
                    sums[feature] = sums.get(feature, 0.0) + weight
        return held

    def rank(self, text: str, most: int) -> list[Ranked]:
        """The `most` likeliest classes, best first; none if nothing in `text` was ever seen in a phrasing."""
        found = text_blocks(text)
        vector = self._vector(found)
        if not any(vector):
            return []
        asked = self._asked(found[2])
        talk = sum(weight for weight, _ in asked) or 1.0
        strange = sum(weight for weight, classes in asked if not classes & self._ours) / talk
        mass = sum(sum(block.values()) for block in vector)
        scores = [-mass * loss for loss in self._losses]
        for gains, block in zip(self._gains, vector, strict=True):
            for feature, weight in block.items():
                for number, gain in gains[feature]:
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
            (self._rarity[_MEANINGS].get(name, self._unknown), self._holders.get(name) or self._alike(name))
            for name in meanings
            if not name[0].isdigit()
        ]

    def _alike(self, word: str) -> frozenset[int]:
        """Classes with most of the letters of an unknown word, in order: a slip of the finger counts as the word."""
        cut = [piece for piece in pieces(word) if len(piece) == _TELLING]
        shared: Counter[int] = Counter(place for piece in cut for place, _ in self._gains[_PIECES].get(piece, ()))
        return frozenset(place for place, count in shared.items() if count >= len(cut) * _ALIKE)

    def knows(self, meaning: str) -> int:
        """How many classes have a phrasing with this meaning (`bot.faq.lexicon`)."""
        return len(self._gains[_MEANINGS].get(meaning, ()))

    def _vector(self, found: Blocks) -> Vector:
        """Each block scaled to length one; features no phrasing has are left out."""
        return tuple(_scaled(block, rarity) for block, rarity in zip(found, self._rarity, strict=True))


def _scaled(block: Block, rarity: dict[str, float]) -> dict[str, float]:
    weighted = {
        feature: rarity[feature] * (1.0 if count == 1 else 1.0 + math.log(count))
        for feature, count in block.items()
        if feature in rarity
    }
    length = math.sqrt(sum(weight * weight for weight in weighted.values()))
    return {feature: weight / length for feature, weight in weighted.items()}


def _rarity(known: dict[str, list[str]]) -> Vector:
    """How much each feature tells, block by block."""
    seen: tuple[Counter[str], ...] = tuple(Counter() for _ in _FEWEST)
    holders: tuple[Counter[str], ...] = tuple(Counter() for _ in _FEWEST)
    for texts in known.values():
        made = [text_blocks(text) for text in texts]
        for number, counted in enumerate(seen):
            here: Counter[str] = Counter(feature for found in made for feature in found[number])
            counted.update(here)
            holders[number].update(here.keys())
    phrasings, classes = 1 + sum(map(len, known.values())), 1 + len(known)
    return tuple(
        {
            feature: 1
            + (1 - _BY_CLASS) * math.log(phrasings / (1 + count))
            + _BY_CLASS * math.log(classes / (1 + held[feature]))
            for feature, count in counted.items()
            if count >= fewest
        }
        for counted, held, fewest in zip(seen, holders, _FEWEST, strict=True)
    )
