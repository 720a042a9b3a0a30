"""Words that mean the same in English, Hindi and Hinglish, for the FAQ. Pure.

The words are in `lexicon.yaml`; here is how a typed word is recognised as one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from bot.faq.spelling import fold, skeleton
from bot.text import tokens

_FILE = Path(__file__).with_name("lexicon.yaml")
_ENDINGS = ("ings", "ing", "ed", "es", "s")
_SHORTEST_STEM = 4
_HINDI_ENDING = re.compile(
    r"(?:van|v)?(?:ane|ana|ani|ne|na|ni|ata|ate|ati|ta|te|ti|aunga|aungi|unga|ungi|enge|ega|egi|aie|iye|ie|aya|aye|ayi|kar|"
    r"on|en|un|an|au|e|a|i|o|u)$"
)
"""Endings of Hindi verbs and nouns in folded spelling: what is left of `chadhane` and `chadhunga` is one."""
_SHORTEST_HINDI_STEM = 3
_SPOKEN = re.compile(r"[aeiou\u0900-\u097f]")
_LONG_SKELETON = 4
"""Shorter skeletons stand for too many words."""

COMMON = "common"
_ELSEWHERE = "elsewhere"
ELSEWHERE = f"={_ELSEWHERE}"
"""The meaning of words about other parts of the body and other illnesses."""


@dataclass(frozen=True)
class _Tables:
    """Words to meanings, from the surest to the loosest way of comparing; a spelling of two meanings is in none."""

    itself: frozenset[str]
    """Words that stand for themselves, however much they sound like others."""
    exact: dict[str, str]
    folded: dict[str, str]
    skeletons: dict[str, str]
    shortened: dict[str, str]
    """For words typed without vowels: `drd`, `srgry`."""
    hindi: dict[str, str]
    """For forms of a word nobody listed: `chadhane` beside `chadhna`."""


@cache
def _tables() -> _Tables:
    words = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    pairs = [(word, COMMON) for word in tokens(words["common"])]
    pairs += [(word, _ELSEWHERE) for word in tokens(words["elsewhere"])]
    for name, same in words["same"].items():
        pairs += [("".join(tokens(word)), name) for word in (name, *same.split())]
    exact = dict(pairs)
    return _Tables(
        frozenset(tokens(words["itself"])),
        exact,
        _unambiguous(pairs, fold, 2),
        _unambiguous(pairs, skeleton, _LONG_SKELETON),
        _unambiguous(pairs, skeleton, 3),
        _unambiguous(pairs, _hindi_stem, _SHORTEST_HINDI_STEM),
    )


def _unambiguous(pairs: list[tuple[str, str]], key: Callable[[str], str], shortest: int) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for word, name in pairs:
        found.setdefault(key(word), set()).add(name)
    only = ((said, names.pop()) for said, names in found.items() if len(names) == 1 and len(said) >= shortest)
    # To send somebody away because of a word, the word must be that word.
    return {said: name for said, name in only if key is fold or name != _ELSEWHERE}


@lru_cache(maxsize=20_000)
def meaning(word: str) -> str:
    """What `word` (normalised) stands for: `=name` of a listed meaning, `common`, or its folded spelling."""
    tables = _tables()
    if word in tables.itself:
        return fold(word)
    name = (
        tables.exact.get(word)
        or tables.folded.get(fold(word))
        or _stemmed(word)
        or tables.skeletons.get(skeleton(word))
        or tables.hindi.get(_hindi_stem(word))
    )
    if name is None and not _SPOKEN.search(word):
        name = tables.shortened.get(skeleton(word))
    if name is None:
        return fold(word)
    return name if name == COMMON else f"={name}"


def _stemmed(word: str) -> str | None:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return _tables().exact.get(word.removesuffix(ending))
    return None


def _hindi_stem(word: str) -> str:
    return _HINDI_ENDING.sub("", fold(word))
