"""Phrases of the content as patterns: the keys that must stand close together, found through the rarest key."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Literal

from bot.text import tokens
from bot.triage import grammar
from bot.triage.numbers import NumberAtom, parse_atom
from bot.triage.reading import Message, Word, read
from bot.triage.spelling import Speller
from content import heard
from content.model import Phrasings, Sign, Tier

GROUP = re.compile(r"<([a-z-]+)>")
Kind = Literal["report", "look-alike", "noun"]

_MAX_PLACES = 8
"""Of a word said very often the first and the last four are looked at, so that no message can take long."""
_MOST_HITS = 12
"""Of one sign so many places are judged in one piece of text, half from its beginning, half from its end."""
_MAX_KEYS = 7
_REACH = 16
# Words that may stand between a symptom and its "not" without taking the "not" for themselves.
_SOFT = frozenset(
    "HO SUDDEN WHOLE AGAIN MORE NEW SMALL ONE BOTH OTHER LEFT SIDE COME GO ABLE FAST OK STRAIN BEFORE SURGERY WATER NOT"
    " DOWN OUT PASS THREE FOUR FIVE # UTAR NIKAL EVEN SELF BAD FULL DROPWISE LIFT MOVE KNOW FEEL MIND STAND TOILET SIT"
    " STOOL AROUND UNDER NEAR SIDE INNER BETWEEN".split()
)


@dataclass(frozen=True, slots=True)
class Part:
    """Keys that stand together, and how many boundaries the phrase itself has."""

    keys: frozenset[str]
    hard: int
    soft: int
    exact: tuple[str, ...] = ()
    """The grammar forms that must follow each other just so (`=can't go on`); nothing: the keys, in any order."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One phrase of one sign. Several parts (`a + b` in the content) may stand anywhere in the message."""

    sign: str
    tier: Tier
    kind: Kind
    phrase: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A part of a pattern found at these places of the message."""

    pattern: Pattern
    part: int
    places: tuple[int, ...]

    @property
    def holds_not(self) -> bool:
        """Whether a 'not' is part of the symptom: "can't pee" (rule 5.3.1)."""
        return "NOT" in self.pattern.parts[self.part].keys


def phrases_of(sign: Sign) -> Iterator[tuple[Kind, Tier, str]]:
    """Every phrase of `sign`, with what it means."""
    lists: tuple[tuple[Kind, Tier, Phrasings], ...] = (
        ("report", sign.tier, sign.phrases),
        ("report", Tier.SAME_DAY, sign.same_day_phrases),
        ("report", Tier.EMERGENCY, sign.emergency_phrases),
        ("look-alike", Tier.NONE, sign.look_alikes),
        ("noun", sign.tier, sign.nouns),
    )
    for kind, tier, phrasings in lists:
        for phrase in phrasings.all():
            yield kind, tier, phrase


class Index:
    """All patterns, kept by the key that the fewest patterns share, so that a message meets only those it may hold."""

    def __init__(self, signs: Iterable[Sign], groups: Mapping[str, Sequence[str]] | None = None) -> None:
        """`groups`: name -> words that stand for each other in a phrase; the shipped ones if nothing is given."""
        entries = [(sign, *entry) for sign in signs for entry in phrases_of(sign)]
        self.atoms = _atoms(entry[3] for entry in entries)
        self.groups = heard.groups() if groups is None else groups
        said = [*(entry[3] for entry in entries), *(words for members in self.groups.values() for words in members)]
        self.speller = Speller(word for phrase in said for word in tokens(GROUP.sub(" ", phrase)))
        self._parts: dict[str, Part] = {}
        self._classify()
        patterns = [
            self._compile(sign.id, kind, tier, variant)
            for sign, kind, tier, phrase in entries
            for variant in self.variants(phrase)
        ]
        shared = Counter(key for pattern in patterns for part in pattern.parts for key in part.keys)
        self._by_key: dict[str, dict[Part, list[tuple[Pattern, int]]]] = {}
        seen: set[tuple[str, Tier, Kind, tuple[Part, ...]]] = set()
        for pattern in patterns:
            identity = (pattern.sign, pattern.tier, pattern.kind, pattern.parts)
            if identity in seen:
                continue
            seen.add(identity)
            for number, part in enumerate(pattern.parts):
                rarest = min(part.keys, key=lambda key: (shared[key], key))
                self._by_key.setdefault(rarest, {}).setdefault(part, []).append((pattern, number))

    def read(self, text: str) -> Message:
        """`text` with the spellings and number conditions of these patterns."""
        return read(text, self.speller, self.atoms)

    def find(self, message: Message) -> list[Hit]:
        """Every part of every pattern that may be whole in the message, in the order of the message's keys."""
        present = message.at.keys()
        found: list[Hit] = []
        for key in message.at:
            for part, users in self._by_key.get(key, {}).items():
                if part.keys <= present:
                    whole = [(one, number) for one, number in users if all(each.keys <= present for each in one.parts)]
                    places = list(_places(message, part, key)) if whole else []
                    found += [Hit(one, number, place) for one, number in whole for place in places]
        return found

    def variants(self, phrase: str) -> list[str]:
        """`phrase` with each `<group>` of it left standing for its single words, and replaced by its longer ones."""
        pieces = GROUP.split(phrase)  # text, group, text, group, text
        options = [[piece] if place % 2 == 0 else self._options(piece) for place, piece in enumerate(pieces)]
        return ["".join(chosen) for chosen in product(*options)]

    def _options(self, group: str) -> list[str]:
        if group not in self.groups:
            raise ValueError(f"no group of words is called <{group}>: write it in content/heard/groups.yaml")
        longer = [words for words in self.groups[group] if self._alone(words) is None]
        return [f"<{group}>", *longer] if len(longer) < len(self.groups[group]) else longer

    def _alone(self, words: str) -> str | None:
        """The one key that `words` come down to; nothing if several."""
        keys = self._part(words).keys
        return next(iter(keys)) if len(keys) == 1 else None

    def _classify(self) -> None:
        classes: dict[str, list[str]] = {}
        for name, members in self.groups.items():
            if any(self._alone(words) == "NOT" for words in members):
                raise ValueError(f"a member of <{name}> has only a 'not' that triage does not pass over: add a word")
            for key in sorted({key for words in members if (key := self._alone(words)) is not None}):
                classes.setdefault(key, []).append(f"<{name}>")
        self.speller.classify({key: tuple(names) for key, names in classes.items()})

    def _compile(self, sign: str, kind: Kind, tier: Tier, phrase: str) -> Pattern:
        parts = tuple(self._part(part) for part in phrase.split(" + "))
        if not all(part.keys for part in parts):
            raise ValueError(f"the phrase '{phrase}' of {sign} has only words that triage passes over: add a word")
        return Pattern(sign, tier, kind, phrase, parts)

    def _part(self, phrase: str) -> Part:
        """What `phrase` comes down to; one of two is met again, in another variant."""
        part = self._parts.get(phrase)
        if part is None:
            part = self._parts[phrase] = self._read_part(phrase)
        return part

    def _read_part(self, phrase: str) -> Part:
        if phrase.startswith("="):
            words = self.read(phrase[1:]).words
            return Part(frozenset(word.keys[0] for word in words), 0, 0, tuple(map(_exactly, words)))
        written = phrase.split()
        conditions = {word for word in written if word == "#" or parse_atom(word) or GROUP.fullmatch(word)}
        message = self.read(" ".join(word for word in written if word not in conditions))
        keys = {word.keys[0] if word.keys[0] != "#" else word.form for word in message.words if not word.filler}
        if "NOT" not in keys and len(keys) > 1:
            keys -= {"HO"}
        if not keys and not conditions:
            keys = {word.keys[0] for word in message.words}
        hard = message.words[-1].hard if message.words else 0
        return Part(frozenset(keys | conditions), hard, len(message.joiners) - 1)


def few(hits: Sequence[Hit]) -> list[Hit]:
    """`hits` without those of patterns that are not whole, and of a sign that is said over and over.

    So no text can make a verdict take long.
    """
    parts: dict[Pattern, set[int]] = {}
    for hit in hits:
        if len(hit.pattern.parts) > 1:
            parts.setdefault(hit.pattern, set()).add(hit.part)
    hits = [hit for hit in hits if len(parts.get(hit.pattern, (0,))) == len(hit.pattern.parts)]
    said: dict[tuple[str, Tier, Kind], set[tuple[int, ...]]] = {}
    for hit in hits:
        said.setdefault(_about(hit), set()).add(hit.places)
    ends = _MOST_HITS // 2
    kept = {about: {*sorted(places)[:ends], *sorted(places)[-ends:]} for about, places in said.items()}
    return [hit for hit in hits if hit.places in kept[_about(hit)]]


def _about(hit: Hit) -> tuple[str, Tier, Kind]:
    return hit.pattern.sign, hit.pattern.tier, hit.pattern.kind


def _atoms(phrases: Iterable[str]) -> tuple[NumberAtom, ...]:
    found = {word: atom for phrase in phrases for word in phrase.split() if (atom := parse_atom(word))}
    return tuple(found[word] for word in sorted(found))


def _places(message: Message, part: Part, rarest: str) -> Iterator[tuple[int, ...]]:
    """Where the keys of `part` stand together, one place set for each place of the rarest key."""
    if part.exact:
        yield from _exact_places(message, part.exact, rarest)
        return
    others = [key for key in part.keys if key != rarest][:_MAX_KEYS]
    anchors = message.at[rarest]
    if len(anchors) > _MAX_PLACES:
        anchors = anchors[: _MAX_PLACES // 2] + anchors[-_MAX_PLACES // 2 :]
    for anchor in anchors:
        sides = [
            [place for place in _nearest(message.at[key], anchor) if abs(place - anchor) <= _REACH] for key in others
        ]
        best: tuple[int, tuple[int, ...]] | None = None
        for chosen in product(*sides):
            places = tuple(sorted({anchor, *chosen}))
            if len(places) < len(sides) + 1:
                continue  # one word stands for one key
            cost = _cost(message, part, places)
            if cost is not None and (best is None or cost < best[0]):
                best = (cost, places)
        if best is not None:
            yield best[1]


def _exact_places(message: Message, forms: tuple[str, ...], rarest: str) -> Iterator[tuple[int, ...]]:
    """Where the forms follow each other without anything between."""
    for anchor in islice(message.at[rarest], _MAX_PLACES):
        for offset, form in enumerate(forms):
            start = anchor - offset
            if _exactly(message.words[anchor]) == form and start >= 0:
                run = message.words[start : start + len(forms)]
                if tuple(map(_exactly, run)) == forms:
                    yield tuple(range(start, start + len(forms)))


def _may_cross(message: Message, part: Part, places: tuple[int, ...]) -> bool:
    """Over a comma a "not" belongs to what stands before only when nothing else does: "peshab, nahi ho raha"."""
    if "NOT" not in part.keys:
        return True
    last = message.words[places[-1]].soft
    if message.joiners[last] == "or":
        return True  # "not able to pass stool or urine"
    said = next(place for place in places if "NOT" in message.words[place].keys)
    ends = message.words[said + 1].soft != message.words[said].soft if said + 1 < len(message.words) else True
    if ends and said < places[-1] and message.joiners[last] == "and":
        return False  # "fever nahi aur hosh me hain": the "not" closes what stands before
    return _all_of_it(message, places)


def _all_of_it(message: Message, places: tuple[int, ...]) -> bool:
    """Whether the last clause of a match is nothing but the match: then it goes on about what stands before."""
    begin, end = message.clauses[message.words[places[-1]].soft]
    words = ((place, message.words[place]) for place in range(begin, end))
    return all(place in places or word.filler or word.form in grammar.ASIDE for place, word in words)


def _closes(message: Message, places: tuple[int, ...]) -> bool:
    """Whether the "not" ends a clause of its own: "bukhar nahi, hosh me hain"."""
    said = next(place for place in places if "NOT" in message.words[place].keys)
    begin, end = message.clauses[message.words[said].soft]
    before = [place for place in range(begin, said) if not message.words[place].filler]
    return said == end - 1 and said < places[-1] and bool(before) and not set(before) & set(places)


def _exactly(word: Word) -> str:
    """What a word must be in an `=...` phrase: a small word itself, any other word by its key, so by any spelling."""
    return word.form if word.filler else word.keys[0]


def _nearest(places: list[int], anchor: int) -> list[int]:
    """The nearest place on each side of `anchor` (or there: one word may carry two keys)."""
    at = bisect_left(places, anchor)
    here = at < len(places) and places[at] == anchor
    return places[max(0, at - 1) : at + 1 + here]


def _cost(message: Message, part: Part, places: tuple[int, ...]) -> int | None:
    """How far apart the words stand; nothing when too far, over a boundary, or with the "not" taken by another word."""
    first, last = message.words[places[0]], message.words[places[-1]]
    between = message.weight[places[-1] + 1] - message.weight[places[0]]
    extra = max(0, between - sum(message.weight[place + 1] - message.weight[place] for place in places))
    crossed = last.soft - first.soft
    if extra > (2 if len(part.keys) < 3 else 3) or places[-1] - places[0] > _REACH:
        return None
    if last.hard - first.hard > part.hard:
        # "peshab lag raha hai par nahi ho raha": the second half has no subject of its own
        goes_on = message.joiners[last.soft] == "but" and "NOT" in part.keys and _all_of_it(message, places)
        if last.hard - first.hard > 1 or not goes_on:
            return None
    if crossed > part.soft and (crossed > max(part.soft, 1) or extra > 1 or not _may_cross(message, part, places)):
        return None
    if "NOT" in part.keys:
        if first.form == "nahi" and message.words[places[0] + 1].form in grammar.ENDS_STATEMENT:
            return None  # "dard nahi hai saans theek": the "not" belongs to what stands before
        if crossed and _closes(message, places):
            return None
        held = set(places)
        for place in range(places[0], places[-1]):
            word = message.words[place]
            if place not in held and not word.filler and word.keys[0].isupper() and not _SOFT.intersection(word.keys):
                return None
    return extra * 4 + crossed + (places[-1] - places[0])
