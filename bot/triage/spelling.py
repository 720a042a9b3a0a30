"""From a token to its keys: Devanagari to Latin letters, one spelling for many, a slip of one letter forgiven."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.text import normalise
from bot.triage import grammar, lexicon
from bot.triage.expanded import EXPANDED
from bot.triage.neutral import NEUTRAL

_VOWELS = dict(zip("अआइईउऊऋएऐओऔऑऍ", "a aa i ee u oo ri e ai o au o e".split(), strict=True))
_SIGNS = dict(zip("ािीुूृेैोौॉॅ", "aa i ee u oo ri e ai o au o e".split(), strict=True))
_CONSONANTS = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
        "k kh g gh n ch chh j jh n t th d dh n t th d dh n p ph b bh m y r l v sh sh s h l".split(),
        strict=True,
    )
)
_VIRAMA = "्"
_SAME_SOUND = tuple(
    pair.split(">") for pair in "chh>ch sh>s ph>f z>j w>v q>k ck>k ee>i oo>u ii>i uu>u aa>a ae>e".split()
)
_HELD = re.compile(r"([aeiou])\1")
_SPLIT_FROM, _SPLIT_TO = 7, 40
_FUZZY_FROM = 5
_SMALL_PIECES = frozenset("ho hi se me ka ki ke ko pe na nh ni hu ja pa le la li aa ab no my to rh".split())


@dataclass(frozen=True, slots=True)
class Reading:
    """How one token is read: `form` for grammar, `keys` for phrases (own key first), `filler` if it carries nothing."""

    form: str
    keys: tuple[str, ...]
    filler: bool
    known: bool


@lru_cache(maxsize=20_000)
def latin(word: str) -> str:
    """`word` in Latin letters: Devanagari transliterated as people type it (final and middle silent `a` left out)."""
    if not any("\u0900" <= character <= "\u097f" for character in word):
        return word
    sounds: list[list[str]] = []  # consonant, vowel
    for character in word:
        if character in _CONSONANTS:
            sounds.append([_CONSONANTS[character], "a"])
        elif character in _SIGNS and sounds:
            sounds[-1][1] = _SIGNS[character]
        elif character == _VIRAMA and sounds:
            sounds[-1][1] = ""
        elif character in _VOWELS:
            sounds.append(["", _VOWELS[character]])
        elif character in "ंँ" and sounds:
            sounds.append(["n", ""])
        elif character.isascii():
            sounds.append([character, ""])
    _drop_silent(sounds)
    return "".join(consonant + vowel for consonant, vowel in sounds)


def _drop_silent(sounds: list[list[str]]) -> None:
    """Leave out the `a` nobody says: at the end, and between a vowel and a consonant that has its own vowel."""
    if len(sounds) > 1 and sounds[-1][0] and sounds[-1][1] == "a":
        sounds[-1][1] = ""
    for at in range(len(sounds) - 2, 0, -1):
        before, here, after = sounds[at - 1], sounds[at], sounds[at + 1]
        if here[1] == "a" and here[0] and before[1] and after[0] and after[1]:
            here[1] = ""


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """One spelling for the many of romanised Hindi (rule 5.4): `peshaab`, `pesab`, `peeshab` come close together."""
    for many, one in _SAME_SOUND:
        word = word.replace(many, one)
    folded: list[str] = []
    for letter in word:
        if not folded or folded[-1] != letter:
            folded.append(letter)
    return "".join(folded)


class Speller:
    """Reads tokens with the lexicon, the grammar and the words of the phrases. Pure; remembers what it has read."""

    def __init__(self, phrase_words: Iterable[str]) -> None:
        self._exact: dict[str, Reading] = {}
        self._folded: dict[str, Reading] = {}
        self._prefixes: dict[str, Reading] = {}
        self._stems: set[str] = set()
        self._near: dict[str, list[str]] = {}
        self._shuffled: dict[str, list[tuple[str, Reading]]] = {}
        self._cache: dict[str, tuple[Reading, ...]] = {}
        self._classes: Mapping[str, tuple[str, ...]] = {}
        self._fill_grammar()
        self._fill_lexicon()
        for word in sorted(set(phrase_words)):
            if self._known(word) is None and not word[0].isdigit():
                key = fold(latin(word))
                self._add(word, Reading(latin(word), (key,), filler=False, known=True))
        for word in sorted({*grammar.PLAIN, *grammar.UNITS, *NEUTRAL}):
            if word not in self._exact:
                own = Reading(latin(word), (fold(word),), filler=False, known=False)
                self._exact[word] = own
                self._folded.setdefault(fold(word), own)
        self._index_near()

    def read(self, token: str) -> tuple[Reading, ...]:
        """The readings of a normalised token; several for contractions (`cant`) and words written together."""
        known = self._cache.get(token)
        if known is None:
            known = tuple(map(self._classed, self._read(token)))
            if len(self._cache) < 50_000:
                self._cache[token] = known
        return known

    def classify(self, classes: Mapping[str, tuple[str, ...]]) -> None:
        """From now on a word with one of these keys has those of its classes too, after its own."""
        self._classes = classes
        self._cache.clear()

    def _classed(self, reading: Reading) -> Reading:
        more = [name for key in reading.keys for name in self._classes.get(key, ())]
        return replace(reading, keys=tuple(dict.fromkeys((*reading.keys, *more)))) if more else reading

    def _read(self, token: str) -> tuple[Reading, ...]:
        word = latin(token)
        spelt = (word, fold(word), _HELD.sub(r"\1", word))
        expanded = next((EXPANDED[one] for one in spelt if one in EXPANDED), None)
        if expanded:
            return tuple(reading for part in expanded for reading in self._read(part))
        found = (
            self._exact.get(token)
            or (self._held(word) if word == token else None)
            or self._known(token)
            or self._swapped(word)
            or self._fuzzy(word)
        )
        if found is not None:
            return (found,)
        split = self._split(word)
        if split:
            return split
        return (Reading(word, (fold(word),), filler=False, known=False),)

    def _known(self, token: str) -> Reading | None:
        word = latin(token)
        found = self._exact.get(token) or self._exact.get(word) or self._folded.get(fold(word))
        if found is not None:
            return found
        return self._prefix(word)

    def _prefix(self, word: str) -> Reading | None:
        folded = fold(word)
        for end in range(len(folded), 3, -1):
            found = self._prefixes.get(folded[:end])
            if found is not None:
                return found
        return None

    def _held(self, word: str) -> Reading | None:
        """A vowel held longer than it is written: `leeeg` (normalised `leeg`), `boool`, `teeez`."""
        short = _HELD.sub(r"\1", word)
        return None if word in self._exact or short == word else self._exact.get(short) or self._prefix(short)

    def _fuzzy(self, word: str) -> Reading | None:
        """The one known word a single slip away (a letter more, less, other, or two swapped); never a negation."""
        folded = fold(word)
        if len(word) < _FUZZY_FROM or len(folded) < _FUZZY_FROM - 1:
            return None
        best: str | None = None
        for shorter in _deletions(folded):
            for candidate in self._near.get(shorter, ()):
                if candidate[0] == folded[0] and OSA.distance(candidate, folded, score_cutoff=1) <= 1:
                    best = candidate if best is None else min(best, candidate)
        return self._folded[best] if best else None

    def _swapped(self, word: str) -> Reading | None:
        """The known word, or its stem, of which two letters beside each other are swapped: `bledeing`, `voimted`."""
        for end in range(len(word), _FUZZY_FROM - 1, -1):
            for candidate, reading in self._shuffled.get("".join(sorted(word[:end])), ()):
                whole = end == len(word) or candidate in self._stems
                if whole and candidate[0] == word[0] and OSA.distance(candidate, word[:end], score_cutoff=1) <= 1:
                    return reading
        return None

    def _split(self, word: str) -> tuple[Reading, ...]:
        """Words written together (`peshabnahihoraha`), when every part is known."""
        if not _SPLIT_FROM <= len(word) <= _SPLIT_TO or not word.isascii():
            return ()
        parts: list[tuple[Reading, ...] | None] = [()] + [None] * len(word)
        for end in range(2, len(word) + 1):
            for start in range(max(0, end - 12), end - 1):
                before = parts[start]
                if before is None:
                    continue
                if end - start == 2 and word[start:end] not in _SMALL_PIECES:
                    continue
                found = self._exact.get(word[start:end])
                if found is not None and (found.known or found.filler):
                    joined = (*before, found)
                    here = parts[end]
                    if here is None or len(joined) < len(here):
                        parts[end] = joined
        whole = parts[-1] or ()
        return whole if any(not reading.filler and len(reading.form) >= 4 for reading in whole) else ()

    def _fill_grammar(self) -> None:
        for form, others in grammar.FORMS.items():
            keys = ("NOT",) if form in grammar.NEGATORS else ("ABLE",) if form == "able" else (form,)
            reading = Reading(form, keys, filler=form in grammar.FILLER, known=True)
            for word in (form, *others.split()):
                self._exact[normalise(word).replace("'", "")] = reading
        for form in grammar.FILLER:
            self._exact.setdefault(form, Reading(form, (form,), filler=True, known=True))
        for form in (*self._exact,):
            self._folded.setdefault(fold(form), self._exact[form])

    def _fill_lexicon(self) -> None:
        keys_of: dict[str, list[str]] = {}
        for table in (lexicon.BODY, lexicon.SYMPTOMS, lexicon.DOINGS):
            for key, words in table.items():
                for word in words.split():
                    own = keys_of.setdefault(normalise(word), [])
                    own += [name for name in (key, *lexicon.WIDER.get(key, ())) if name not in own]
        for word, keys in keys_of.items():
            if word.endswith("*"):
                stem = word[:-1]
                self._stems.add(stem)
                self._prefixes[fold(stem)] = Reading(stem, tuple(keys), filler=False, known=True)
                self._add(stem, Reading(stem, tuple(keys), filler=False, known=True))
            else:
                self._add(word, Reading(latin(word), tuple(keys), filler=False, known=True))

    def _add(self, word: str, reading: Reading) -> None:
        self._exact.setdefault(word, reading)
        if not word.isascii():
            return  # Devanagari that transliteration would mix up with another word
        self._folded.setdefault(fold(latin(word)), reading)

    def _index_near(self) -> None:
        for word, reading in self._exact.items():
            if len(word) >= _FUZZY_FROM and word.isascii() and reading.known and not reading.filler:
                self._shuffled.setdefault("".join(sorted(word)), []).append((word, reading))
        for folded, reading in self._folded.items():
            if len(folded) >= _FUZZY_FROM - 1 and reading.known and not reading.filler and "NOT" not in reading.keys:
                for shorter in _deletions(folded):
                    self._near.setdefault(shorter, []).append(folded)


def _deletions(word: str) -> set[str]:
    """`word` and every form with one letter less: two words one slip apart share one of these."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}
