"""Trains the learned part of triage: `python -m bot.triage.training` writes `bot/triage/learned.json`.

Reports are the phrases of the signs and the labelled messages that report something; the rest are the look-alikes,
the messages that report nothing, what people say when all is well, and every phrasing of a question with an answer.
Logistic regression with AdaGrad, in plain Python: some seconds, the same result for the same content on every machine.
"""

from __future__ import annotations

import hashlib
import math
import random
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import add

from bot.triage.judging import Triage
from bot.triage.learned import FILE, HEADS, SIZE, Head, Learned, deaf, features, heavy
from bot.triage.patterns import GROUP, Index, phrases_of
from content.heard import calm, groups, heard
from content.loader import Content, load
from content.model import Tier

EPOCHS = 10
AVERAGED = 6
"""The weights are those of so many last rounds on average: they depend less on the order of the examples."""
RATE = 1.0
BIAS_RATE = 0.05
SEED = 1
HEARD_WEIGHT = 3.0
"""How much more a message as people write it counts than a bare phrase."""
_SENTENCES = 12


@dataclass(frozen=True, slots=True)
class Example:
    """A text, whether it reports a sign, and an emergency; `weight`: how much it counts."""

    text: str
    report: bool
    emergency: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Sample:
    numbers: tuple[int, ...]
    wanted: tuple[bool, ...]
    """What each of `HEADS` should hear."""
    weight: float


def examples(content: Content) -> list[Example]:
    """What to learn from, in a fixed order."""
    rules = Triage(content.signs.values(), deaf())
    harmless = {}
    for phrase in _harmless(content):  # what the rules take for a report is no example of the contrary
        if rules.judge(phrase).outcome == "none":
            harmless[phrase] = Example(phrase, report=False, emergency=False)
    told = {example.text: example for example in written(content)}
    return [example for _, example in sorted((harmless | told).items())]


def written(content: Content) -> list[Example]:
    """The examples that are labelled: phrases, look-alikes and messages."""
    found: dict[str, Example] = {}
    index = Index(content.signs.values())
    for sign in content.signs.values():
        for kind, tier, phrase in phrases_of(sign):
            if kind != "noun":
                reports, grave = kind == "report", kind == "report" and tier is Tier.EMERGENCY
                found.update((text, Example(text, reports, grave)) for text in _written(index, phrase))
    for message in heard():
        grave = message.want == "emergency"
        found[message.text] = Example(message.text, message.reports, grave, HEARD_WEIGHT)
    return [found[text] for text in sorted(found)]


def fingerprint(content: Content) -> str:
    """Changes when what is learned from changes."""
    told = hashlib.sha256()
    for phrase in _harmless(content):
        told.update(f"{phrase}\n".encode())
    for sign in content.signs.values():
        for kind, tier, phrase in phrases_of(sign):
            told.update(f"{sign.id} {kind} {tier} {phrase}\n".encode())
    for message in heard():
        told.update(f"{message.sign} {message.want} {message.text}\n".encode())
    told.update(f"{sorted(groups().items())}".encode())
    return told.hexdigest()[:16]


def _harmless(content: Content) -> Iterator[str]:
    """What asks, and what says that nothing is wrong."""
    for item in content.faq.values():
        yield from item.phrasings.all()
    yield from calm()


def train(content: Content) -> Learned:
    """The model for `content`."""
    index = Index(content.signs.values())
    report, emergency = fit(index, examples(content))
    return Learned(report, emergency, _signs(content, index), fingerprint(content))


def fit(index: Index, learned_from: Iterable[Example]) -> tuple[Head, Head]:
    """The heads for reports and for emergencies, from these examples. The same examples give the same weights."""
    samples = [_sample(index, example) for example in learned_from]
    report, emergency = (_fit_head(samples, number) for number in range(len(HEADS)))
    return report, emergency


def _sample(index: Index, example: Example) -> _Sample:
    numbers = tuple(features(index.read(example.text)))
    return _Sample(numbers, (example.report, example.emergency), example.weight)


def _fit_head(samples: Sequence[_Sample], head: int) -> Head:
    """Logistic regression for one head, both answers together counting the same."""
    total = {wanted: sum(each.weight for each in samples if each.wanted[head] is wanted) for wanted in (True, False)}
    importance = {wanted: sum(total.values()) / 2 / weight for wanted, weight in total.items()}
    weights, steps = array("d", bytes(8 * SIZE)), array("d", [1e-8]) * SIZE
    mean, kept = array("d", bytes(8 * SIZE)), 0.0
    bias = 0.0
    chance, order = random.Random(SEED), list(range(len(samples)))  # noqa: S311 - an order, nothing secret
    for epoch in range(EPOCHS):
        chance.shuffle(order)
        for number in order:
            sample = samples[number]
            wanted = sample.wanted[head]
            value = 1 / math.sqrt(len(sample.numbers) or 1)
            score = bias + value * sum(map(weights.__getitem__, sample.numbers))
            label = 1 if wanted else -1
            gradient = -label / (1 + math.exp(min(label * score, 30.0))) * importance[wanted] * sample.weight
            if abs(gradient) < 1e-3:
                continue
            bias -= BIAS_RATE * gradient
            slope = gradient * value
            square = slope * slope
            for at in sample.numbers:
                steps[at] += square
                weights[at] -= RATE * slope / math.sqrt(steps[at])
        if epoch >= EPOCHS - AVERAGED:
            mean = array("d", map(add, mean, weights))
            kept += bias
    return Head(array("d", (weight / AVERAGED for weight in mean)), kept / AVERAGED)


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
