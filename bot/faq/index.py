"""Which answers are nearest to a message: TF-IDF over meanings, word pairs and pieces of spelling. Pure.

No library: at some thousand phrasings a dictionary of postings answers in about a millisecond, and every score can be
explained by the features two texts share.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from bot.faq.lexicon import COMMON, ELSEWHERE, meaning
from bot.faq.spelling import fold
from bot.text import tokens

_WORD, _COMMON_WORD, _PAIR, _PIECE = 1.0, 0.15, 0.35, 0.25
"""How much a meaning, a word like "when" or "hai", two meanings in a row, and three letters of a spelling count."""

_PIECE_LETTERS = 3
_OF_PHRASING, _OF_ITEM = 0.75, 0.25
"""An item's score: its best phrasing, and all its phrasings taken together."""

_OF_COVERAGE = 0.5
_ALIKE = 0.6
"""The share of a word's pieces an item must know for the word to count as known."""

Vector = dict[str, float]


class Index:
    """Phrasings of items, ready to be compared with messages."""

    def __init__(self, phrasings: Iterable[tuple[str, str]]) -> None:
        """`phrasings`: pairs of item id and text."""
        counted = [(item, _features(text)) for item, text in phrasings]
        self._items_with: dict[str, set[str]] = defaultdict(set)
        for item, features in counted:
            for feature in features:
                self._items_with[feature].add(item)
        total = len({item for item, _ in counted})
        self._rarity = {feature: math.log((total + 1) / len(items)) for feature, items in self._items_with.items()}
        self._unknown = math.log(total + 1)
        self._owners = [item for item, _ in counted]
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._item_postings: dict[str, list[tuple[str, float]]] = defaultdict(list)
        together: dict[str, Vector] = defaultdict(lambda: defaultdict(float))
        for number, (item, features) in enumerate(counted):
            for feature, weight in self._unit(features).items():
                self._postings[feature].append((number, weight))
                together[item][feature] += weight
        for item, vector in together.items():
            for feature, weight in _scaled(vector).items():
                self._item_postings[feature].append((item, weight))

    def nearest(self, text: str) -> list[tuple[str, float]]:
        """Items and their scores (0 to 1), best first; items that share nothing with `text` are left out."""
        said = self._unit(_features(text))
        by_phrasing: dict[int, float] = defaultdict(float)
        by_item: dict[str, float] = defaultdict(float)
        for feature, weight in said.items():
            for number, other in self._postings.get(feature, ()):
                by_phrasing[number] += weight * other
            for item, other in self._item_postings.get(feature, ()):
                by_item[item] += weight * other
        best: dict[str, float] = defaultdict(float)
        for number, score in by_phrasing.items():
            item = self._owners[number]
            best[item] = max(best[item], score)
        covered = self._coverage(text)
        scores = {
            item: (_OF_PHRASING * score + _OF_ITEM * by_item[item]) * covered.get(item, 0.0) ** _OF_COVERAGE
            for item, score in best.items()
        }
        return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))

    def is_elsewhere(self, text: str) -> bool:
        """Whether `text` names a part of the body, or an illness, that the FAQ is not about."""
        return f"w {ELSEWHERE}" in _features(text)

    def subjects(self, text: str) -> list[int]:
        """For each meaning in `text`, how many items talk about it."""
        return [len(self._items_with.get(feature, ())) for feature in _features(text) if feature[0] == "w"]

    def _coverage(self, text: str) -> dict[str, float]:
        """For each item, the share of what `text` talks about that the item's phrasings talk about as well."""
        asked = {feature: self._rarity.get(feature, self._unknown) for feature in _features(text) if feature[0] == "w"}
        total = sum(asked.values())
        covered: dict[str, float] = defaultdict(float)
        for feature, weight in asked.items():
            for item in self._items_with.get(feature) or self._alike(feature[2:]):
                covered[item] += weight / total
        return covered

    def _alike(self, word: str) -> Iterable[str]:
        """Items with most of the letters of a word nobody listed, in order: a slip of the finger counts as the word."""
        pieces = [f"p {piece}" for piece in _pieces(word)]
        shared: Counter[str] = Counter(item for piece in pieces for item in self._items_with.get(piece, ()))
        return [item for item, count in shared.items() if count >= len(pieces) * _ALIKE]

    def _unit(self, features: Mapping[str, float]) -> Vector:
        return _scaled(
            {feature: weight * self._rarity.get(feature, self._unknown) for feature, weight in features.items()}
        )


def _scaled(vector: Mapping[str, float]) -> Vector:
    length = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {feature: weight / length for feature, weight in vector.items()} if length else {}


def _features(text: str) -> Vector:
    """What a text is made of, each feature with its weight before rarity."""
    found: Vector = {}
    meanings: list[str] = []
    for word in tokens(text):
        name = meaning(word)
        if name == COMMON:
            found[f"c {fold(word)}"] = _COMMON_WORD
            continue
        meanings.append(name)
        found[f"w {name}"] = _WORD
        for piece in _pieces(fold(word)):
            found[f"p {piece}"] = _PIECE
    for first, second in pairwise(meanings):
        found[f"2 {first} {second}"] = _PAIR
    return found


def _pieces(word: str) -> Iterator[str]:
    framed = f"_{word}_"
    for start in range(len(framed) - _PIECE_LETTERS + 1):
        yield framed[start : start + _PIECE_LETTERS]
