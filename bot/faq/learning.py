"""What is learnt from the phrasings in `content/`: how rare each feature is, and for which classes it speaks.

Pure, and the same phrasings in the same order teach the same to the last bit. It takes some seconds, so programs keep a
copy (`bot.faq.kept`).
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from bot.faq.features import Block, Blocks, blocks
from bot.text import tokens

_SMOOTHING = 0.05
"""What a class is taken to hold of a feature it was never seen with."""
_FEWEST = (2, 1, 1, 1)
"""A feature counts from so many phrasings on; single pieces of spelling are slips of the finger."""
_BY_CLASS = 0.7
"""How much of a feature's rarity is counted over classes; the rest is counted over phrasings.

A word that stands in thirty phrasings of one answer and in no other tells more than its thirty phrasings let on.
"""

Vector = tuple[dict[str, float], ...]
"""Features with their weights, block by block."""
Rarity = Callable[[str], float | None]
"""How much a feature tells; None if no phrasing has it."""
Pairs = Sequence[tuple[str, str]]
"""Classes with a phrasing each."""


@dataclass(frozen=True, slots=True)
class Table:
    """What the features of one block tell, in flat arrays: as lists of pairs they would take four times the memory."""

    places: dict[str, int]
    """Each feature's place in what follows."""
    rare: array[float]
    """By place: how much the feature tells."""
    starts: array[int]
    """By place: where its classes begin; and, last, where the last ones end."""
    classes: array[int]
    gains: array[float]
    """What the feature speaks for each of `classes`."""

    def rarity(self, feature: str) -> float | None:
        """How much `feature` tells; None if no phrasing has it."""
        place = self.places.get(feature)
        return None if place is None else self.rare[place]

    def speaks_for(self, feature: str) -> Iterable[tuple[int, float]]:
        """The classes by number, each with what `feature` speaks for it."""
        place = self.places.get(feature)
        if place is None:
            return ()
        its = slice(self.starts[place], self.starts[place + 1])
        return zip(self.classes[its], self.gains[its], strict=True)


@dataclass(frozen=True)
class Learnt:
    """Everything the index knows."""

    plain: tuple[str, ...]
    """Our own phrasings as their tokens with a space between, in the order they were given."""
    names: tuple[str, ...]
    """The classes by number."""
    ours: frozenset[int]
    """The numbers of those that are ours."""
    losses: tuple[float, ...]
    """By class: what every feature of a message speaks against it."""
    tables: tuple[Table, ...]
    """What the features tell, block by block."""


Learn = Callable[[Pairs, Pairs], Learnt]
"""How an index comes to its knowledge from our phrasings and foreign ones: `learn`, or a kept copy of what it gives."""


def learn(phrasings: Pairs, foreign: Pairs = ()) -> Learnt:
    """`phrasings`: pairs of class and text; `foreign`: the same for classes that are none of ours."""
    said = [(name, tokens(text)) for name, text in phrasings]
    known: dict[str, list[tuple[str, ...]]] = {}
    for name, words in said:
        known.setdefault(name, []).append(words)
    ours = frozenset(known)
    for name, text in foreign:
        known.setdefault(name, []).append(tokens(text))
    names = tuple(sorted(known))
    rarity = _rarity(known)
    lookups = [block.get for block in rarity]
    # By block and feature: class, weight, class, weight ...
    weights: tuple[dict[str, list[float]], ...] = tuple({} for _ in _FEWEST)
    total: list[float] = []
    for number, name in enumerate(names):
        held = _held(known[name], lookups)
        total.append(sum(sum(block.values()) for block in held))
        for holders, block in zip(weights, held, strict=True):
            for feature, weight in block.items():
                holders.setdefault(feature, []).extend((number, weight))
    tables = tuple(map(_table, weights, rarity))
    every = _SMOOTHING * sum(len(table.places) for table in tables)
    return Learnt(
        plain=tuple(" ".join(words) for _, words in said),
        names=names,
        ours=frozenset(number for number, name in enumerate(names) if name in ours),
        losses=tuple(math.log(weight + every) for weight in total),
        tables=tables,
    )


def vector(found: Blocks, rarities: Iterable[Rarity]) -> Vector:
    """Each block scaled to length one; features no phrasing has are left out."""
    return tuple(map(_scaled, found, rarities))


def _scaled(block: Block, rarity: Rarity) -> dict[str, float]:
    weighted = {
        feature: rare * (1.0 if count == 1 else 1.0 + math.log(count))
        for feature, count in block.items()
        if (rare := rarity(feature)) is not None
    }
    length = math.sqrt(sum([weight * weight for weight in weighted.values()]))
    return {feature: weight / length for feature, weight in weighted.items()}


def _table(holders: dict[str, list[float]], rarity: dict[str, float]) -> Table:
    """`holders` is emptied on the way, so that it is not held twice."""
    table = Table({}, array("d"), array("I", [0]), array("H"), array("d"))
    while holders:
        feature, held = holders.popitem()
        table.places[feature] = len(table.rare)
        table.rare.append(rarity[feature])
        table.classes.extend(map(int, held[::2]))
        table.gains.extend(math.log1p(weight / _SMOOTHING) for weight in held[1::2])
        table.starts.append(len(table.classes))
    return table


def _held(texts: Iterable[tuple[str, ...]], rarities: Sequence[Rarity]) -> Vector:
    """The phrasings of one class, added up. Their features are made again: kept, they would double the memory."""
    held: Vector = tuple({} for _ in _FEWEST)
    for words in texts:
        for sums, block in zip(held, vector(blocks(words), rarities), strict=True):
            for feature, weight in block.items():
                sums[feature] = sums.get(feature, 0.0) + weight
    return held


def _rarity(known: dict[str, list[tuple[str, ...]]]) -> tuple[dict[str, float], ...]:
    """How much each feature tells, block by block."""
    seen: tuple[Counter[str], ...] = tuple(Counter() for _ in _FEWEST)
    holders: tuple[Counter[str], ...] = tuple(Counter() for _ in _FEWEST)
    for texts in known.values():
        made = [blocks(words) for words in texts]
        for number, counted in enumerate(seen):
            here = Counter(chain.from_iterable(found[number] for found in made))
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
