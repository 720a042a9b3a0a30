"""Trains the learned part of triage: `python -m bot.triage.training` writes `bot/triage/learned.json`.

Reports are the phrases of the signs and the labelled messages that report something; the rest are the look-alikes,
the messages that report nothing, and every phrasing of a question that has an answer. Logistic regression with
AdaGrad, in plain Python: a few seconds, the same result for the same content on every machine.
"""

from __future__ import annotations

import hashlib
import math
import random
from array import array
from collections import Counter
from collections.abc import Sequence

from bot.triage.judging import Triage
from bot.triage.learned import FILE, SIZE, Learned, heavy, vector
from bot.triage.patterns import GROUP, Index, phrases_of
from content.heard import heard
from content.loader import Content, load

EPOCHS = 12
RATE = 1.0
BIAS_RATE = 0.05
SEED = 1
_SENTENCES = 12

Sample = tuple[list[tuple[int, float]], int]


def examples(content: Content) -> list[tuple[str, bool]]:
    """What to learn from: texts, and whether each reports something. In a fixed order."""
    found: dict[str, bool] = {}
    rules = Triage(content.signs.values(), Learned(array("d", bytes(8 * SIZE)), -30.0, {}, ""))
    for item in content.faq.values():  # what the rules take for a report is no example of the contrary
        asked = [phrase for phrase in item.phrasings.all() if rules.judge(phrase).outcome == "none"]
        found.update(dict.fromkeys(asked, False))
    index = Index(content.signs.values())
    for sign in content.signs.values():
        for kind, _, phrase in phrases_of(sign):
            if kind != "noun":
                found.update((text, kind == "report") for text in _written(index, phrase))
    for message in heard():
        found[message.text] = message.reports
    return sorted(found.items())


def fingerprint(content: Content) -> str:
    """Changes when what is learned from changes."""
    told = hashlib.sha256()
    for text, reports in examples(content):
        told.update(f"{text}\t{reports}\n".encode())
    return told.hexdigest()[:16]


def train(content: Content) -> Learned:
    """The model for `content`."""
    index = Index(content.signs.values())
    samples: list[Sample] = [(vector(index.read(text)), 1 if yes else -1) for text, yes in examples(content)]
    weights, bias = _fit(samples)
    return Learned(weights, bias, _signs(content, index), fingerprint(content))


def _fit(samples: Sequence[Sample]) -> tuple[array[float], float]:
    positive = sum(label > 0 for _, label in samples)
    importance = {1: len(samples) / 2 / positive, -1: len(samples) / 2 / (len(samples) - positive)}
    weights, steps = array("d", bytes(8 * SIZE)), array("d", [1e-8]) * SIZE
    bias = 0.0
    chance, order = random.Random(SEED), list(range(len(samples)))  # noqa: S311 - an order, nothing secret
    for _ in range(EPOCHS):
        chance.shuffle(order)
        for number in order:
            features, label = samples[number]
            margin = label * (bias + sum(weights[at] * value for at, value in features))
            gradient = -label / (1 + math.exp(min(margin, 30.0))) * importance[label]
            bias -= BIAS_RATE * gradient
            for at, value in features:
                slope = gradient * value
                steps[at] += slope * slope
                weights[at] -= RATE * slope / math.sqrt(steps[at])
    return weights, bias


def _signs(content: Content, index: Index) -> dict[str, dict[str, int]]:
    """Word -> in how many reports of which sign it stands."""
    reports = [(m.sign, m.text) for m in heard() if m.reports]
    for sign in content.signs.values():
        told = [phrase for kind, _, phrase in phrases_of(sign) if kind != "look-alike"]
        reports += [(sign.id, text) for phrase in told for text in _written(index, phrase)]
    found: dict[str, Counter[str]] = {}
    for name, text in sorted(set(reports)):
        for word in set(heavy(index.read(text).words)):
            found.setdefault(word, Counter())[name] += 1
    return {word: dict(sorted(counts.items())) for word, counts in sorted(found.items())}


def _written(index: Index, phrase: str) -> list[str]:
    """Some sentences for `phrase`: each of its groups replaced by its members in turn, at most `_SENTENCES`."""
    plain = _plain(phrase)
    names = GROUP.findall(plain)
    if not names:
        return [plain]
    found = []
    for turn in range(min(_SENTENCES, max(len(index.groups[name]) for name in names))):
        text = plain
        for place, name in enumerate(names):
            members = index.groups[name]
            text = text.replace(f"<{name}>", members[turn * (place * 2 + 1) % len(members)], 1)
        found.append(text)
    return found


def _plain(phrase: str) -> str:
    """A phrase without the signs of its notation: `fever + confused` is `fever confused`."""
    return phrase.replace("=", "").replace(" + ", " ")


if __name__ == "__main__":
    FILE.write_text(train(load()).as_json() + "\n", encoding="utf-8")
