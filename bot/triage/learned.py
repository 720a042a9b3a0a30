"""The learned part of triage: how much a message sounds like a report, whatever words it is made of.

The phrases are the floor; people find other words. A linear model over words and pieces of words, trained on the
phrases and on messages as people write them (`bot/triage/training.py`), hears those too. It only ever adds: where the
phrases found nothing and it is sure enough, one yes/no question is asked.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from bot.triage.reading import Message, Word

BITS = 16
SIZE = 1 << BITS
FILE = Path(__file__).with_name("learned.json")

_PIECES = (3, 4, 5)
_NEAR = 5
_LONGEST = 60
"""Words of a message that are weighed together: a longer one is weighed piece by piece, each with half of the last."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A trained model: one weight for each of `SIZE` numbered features, and a bias."""

    weights: array[float]
    bias: float
    signs: Mapping[str, Mapping[str, int]]
    """Word -> in how many reports of which sign it stands."""
    inputs: str
    """Fingerprint of what it was trained on."""

    def nearest(self, message: Message) -> tuple[str, float] | None:
        """The sign whose reports share most of the message's words, and its share of all that is shared, 0 to 1.

        Rare words count more. Nothing if no word of the message stands in any report.
        """
        shared: dict[str, float] = {}
        for word in heavy(message.words):
            found = self.signs.get(word, {})
            total = sum(found.values()) + 1
            for sign, times in found.items():
                shared[sign] = shared.get(sign, 0.0) + times / total / len(found)
        if not shared:
            return None
        best = max(sorted(shared), key=lambda sign: shared[sign])
        return best, shared[best] / sum(shared.values())

    def probability(self, message: Message) -> float:
        """How likely it is that `message` reports a warning sign, 0 to 1; of a long one the likeliest piece."""
        best = 0.0
        for start in range(0, max(len(message.words), 1), _LONGEST // 2):
            numbered = vector(message, start)
            score = self.bias + sum(self.weights[number] * value for number, value in numbered)
            best = max(best, 1 / (1 + math.exp(-max(min(score, 30.0), -30.0))))
            if start + _LONGEST >= len(message.words):
                break
        return best

    def as_json(self) -> str:
        """For the file: weights in 255 steps, which changes no verdict and is a quarter of the size."""
        largest = max(abs(weight) for weight in self.weights)
        steps = array("b", (round(weight / largest * 127) for weight in self.weights))
        packed = base64.b64encode(zlib.compress(steps.tobytes(), 9)).decode()
        made = {"inputs": self.inputs, "bias": round(self.bias, 6), "largest": largest, "steps": packed}
        return json.dumps(made | {"signs": self.signs}, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=1)
def shipped() -> Learned:
    """The model that comes with the program. Raises OSError or ValueError if its file is missing or damaged."""
    return parse(FILE.read_text(encoding="utf-8"))


def parse(text: str) -> Learned:
    """The model written by `as_json`. Raises ValueError for anything else."""
    try:
        made = json.loads(text)
        steps = array("b", zlib.decompress(base64.b64decode(made["steps"])))
        scale = float(made["largest"]) / 127
        bias, signs, inputs = float(made["bias"]), dict(made["signs"]), str(made["inputs"])
    except (KeyError, TypeError, zlib.error) as error:
        raise ValueError("this is no file of weights") from error
    if len(steps) != SIZE:
        raise ValueError("this file of weights has another size")
    return Learned(array("d", (step * scale for step in steps)), bias, signs, inputs)


def vector(message: Message, start: int = 0) -> list[tuple[int, float]]:
    """The numbered features of the `_LONGEST` words from `start`, their values damped and of length one together."""
    counts = Counter(zlib.crc32(feature.encode()) & (SIZE - 1) for feature in _features(message, start))
    damped = [(number, 1 + math.log(count)) for number, count in counts.items()]
    length = math.sqrt(sum(value * value for _, value in damped)) or 1.0
    return [(number, value / length) for number, value in damped]


def heavy(words: Sequence[Word]) -> list[str]:
    """The keys of the words that carry meaning."""
    return [word.keys[0] for word in words if not word.filler]


def _features(message: Message, start: int) -> Iterator[str]:
    """Words that carry meaning, their groups, two beside each other, two near each other, and pieces of everything."""
    words = message.words[start : start + _LONGEST]
    told = heavy(words)
    yield from told
    yield from (key for word in words for key in word.keys if key.startswith("<"))
    yield from (f"{one}>{other}" for one, other in pairwise(told))
    for place, one in enumerate(told):
        yield from ("~".join(sorted((one, other))) for other in told[place + 1 : place + _NEAR])
    text = f" {' '.join(word.keys[0] for word in words)} "
    for size in _PIECES:
        yield from (text[at : at + size] for at in range(len(text) - size + 1))
