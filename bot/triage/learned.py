"""The learned part of triage: how much a message sounds like a report, whatever words it is made of.

The phrases are the floor; people find other words. Two linear models over words, pairs of words and pieces of words,
trained on the phrases and on messages as people write them (`bot/triage/training.py`), hear those too: one hears
reports, one hears emergencies among them. They only ever add: a question or an alert where the phrases found nothing,
an emergency where they found less.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.triage import elsewhere, grammar
from bot.triage.reading import Message, Word

BITS = 17
SIZE = 1 << BITS
FILE = Path(__file__).with_name("learned.json")
HEADS = ("report", "emergency")
STEPS = 31
FAINTEST = 1.5
"""Into how many steps on each side the weights are cut in the file, and below which they are nothing."""

_MASK = SIZE - 1
_PIECES = (3, 4, 5)
_NEAR = 4
_LONGEST = 60
"""Words of a message that are weighed together: a longer one is weighed piece by piece, each with half of the last."""
_MOODS = tuple(
    (number * 7919 + 1, pattern)
    for number, pattern in enumerate(
        (
            grammar.ASKS,
            grammar.ASKS_ABOUT,
            grammar.ASKS_FIRST,
            grammar.ASKS_MILDLY,
            grammar.IF,
            grammar.MIGHT,
            grammar.LONG_AGO,
            grammar.OVER,
            grammar.IMPROVING,
            elsewhere.STORY,
            elsewhere.SOMEONE_ELSE,
            elsewhere.ANIMAL,
            elsewhere.JEST,
            elsewhere.ONCE_THERE,
        )
    )
)
"""What makes a sentence a question, a supposition, past or better, each a feature of its own."""
_QUESTION = 104_651
"""The feature of a question mark."""


@dataclass(frozen=True, slots=True)
class Head:
    """One linear model: a weight for each of `SIZE` numbered features, and a bias."""

    weights: array[float]
    bias: float

    def probability(self, numbers: Sequence[int]) -> float:
        """How likely it is that a text with these features is what this model hears, 0 to 1."""
        score = self.bias + sum(map(self.weights.__getitem__, numbers)) / math.sqrt(len(numbers) or 1)
        return 1 / (1 + math.exp(-max(min(score, 30.0), -30.0)))


@dataclass(frozen=True, slots=True)
class Learned:
    """A trained model: `report` hears reports of a warning sign, `emergency` hears emergencies."""

    report: Head
    emergency: Head
    signs: Mapping[str, Mapping[str, int]]
    """Word -> in how many reports of which sign it stands."""
    inputs: str
    """Fingerprint of what it was trained on."""

    def nearest(self, message: Message) -> str | None:
        """The sign whose reports share most of the message's words; rare words count more. Nothing if none does."""
        shared: dict[str, float] = {}
        for word in heavy(message.words):
            found = self.signs.get(word, {})
            total = sum(found.values()) + 1
            for sign, times in found.items():
                shared[sign] = shared.get(sign, 0.0) + times / total / len(found)
        return max(sorted(shared), key=lambda sign: shared[sign]) if shared else None

    def probability(self, message: Message) -> tuple[float, float]:
        """How likely `message` reports a warning sign, and an emergency, 0 to 1; of a long one the likeliest piece."""
        report = emergency = 0.0
        for start in range(0, max(len(message.words), 1), _LONGEST // 2):
            numbers = features(message, start)
            report = max(report, self.report.probability(numbers))
            emergency = max(emergency, self.emergency.probability(numbers))
            if start + _LONGEST >= len(message.words):
                break
        return report, emergency

    def as_json(self) -> str:
        """For the file: weights in few steps, the faintest left out: hardly a verdict changes, the file is small."""
        made: dict[str, object] = {"inputs": self.inputs}
        for name in HEADS:
            head: Head = getattr(self, name)
            largest = max(abs(weight) for weight in head.weights)
            scaled = (weight / largest * STEPS for weight in head.weights)
            steps = array("b", (0 if abs(step) < FAINTEST else round(step) for step in scaled))
            packed = base64.b64encode(zlib.compress(steps.tobytes(), 9)).decode()
            made[name] = {"bias": round(head.bias, 6), "largest": largest, "steps": packed}
        by_sign: dict[str, list[str]] = {}
        for word, counts in self.signs.items():
            for sign, times in counts.items():
                by_sign.setdefault(sign, []).append(f"{word}*{times}" if times > 1 else word)
        signs = {sign: " ".join(words) for sign, words in sorted(by_sign.items())}
        return json.dumps(made | {"signs": signs}, ensure_ascii=False, separators=(",", ":"))


def deaf() -> Learned:
    """A model that never hears anything: what is left are the rules."""
    head = Head(array("d", bytes(8 * SIZE)), -30.0)
    return Learned(head, head, {}, "")


@lru_cache(maxsize=1)
def shipped() -> Learned:
    """The model that comes with the program. Raises OSError or ValueError if its file is missing or damaged."""
    return parse(FILE.read_text(encoding="utf-8"))


def parse(text: str) -> Learned:
    """The model written by `as_json`. Raises ValueError for anything else."""
    try:
        made = json.loads(text)
        report, emergency = (_head(made[name]) for name in HEADS)
        return Learned(report, emergency, _counts(made["signs"]), str(made["inputs"]))
    except (KeyError, TypeError, AttributeError, zlib.error) as error:
        raise ValueError("this is no file of weights") from error


def _counts(signs: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Word -> sign -> times, from the words of each sign: `pus*12 mawad`."""
    found: dict[str, dict[str, int]] = {}
    for sign, words in signs.items():
        for each in words.split(" "):
            word, _, times = each.partition("*")
            found.setdefault(word, {})[sign] = int(times or 1)
    return found


def _head(made: Mapping[str, str]) -> Head:
    steps = array("b", zlib.decompress(base64.b64decode(made["steps"])))
    if len(steps) != SIZE:
        raise ValueError("this file of weights has another size")
    scale = float(made["largest"]) / STEPS
    return Head(array("d", (step * scale for step in steps)), float(made["bias"]))


def heavy(words: Sequence[Word]) -> list[str]:
    """The keys of the words that carry meaning."""
    return [word.keys[0] for word in words if not word.filler]


def features(message: Message, start: int = 0) -> list[int]:
    """The numbered features of the `_LONGEST` words from `start`.

    Words and their groups, pieces of unknown words, two words beside each other, two that carry meaning near each
    other, and, unless it is a long story, its mood.
    """
    words = message.words[start : start + _LONGEST]
    numbers: list[int] = []
    before = 1
    near: list[int] = []
    for word in words:
        own, single = _of_word(word.keys, word.form, word.filler)
        numbers += single
        numbers.append((before * 31 + own * 17 + 5) & _MASK)
        before = own
        if not word.filler:
            numbers += [((own + other) * 7 + (own ^ other)) & _MASK for other in near]
            near = [*near[1 - _NEAR :], own]
    if len(message.words) <= _LONGEST:
        told = " ".join(word.form for word in words)
        numbers += [number & _MASK for number, pattern in _MOODS if pattern.search(told)]
        numbers += [_QUESTION & _MASK] if message.asked else []
    return numbers


@lru_cache(maxsize=20_000)
def _of_word(keys: tuple[str, ...], form: str, filler: bool) -> tuple[int, tuple[int, ...]]:
    """The number of a word for its pairs, and those of the features it has alone."""
    own = _number(form if filler else keys[0])
    if filler:
        return own, (own & _MASK,)
    names = [*keys]
    if not keys[0].isupper():
        text = f" {keys[0]} "
        names += [text[at : at + size] for size in _PIECES for at in range(len(text) - size + 1)]
    return own, tuple(_number(name) & _MASK for name in names)


def _number(name: str) -> int:
    return zlib.crc32(name.encode())
