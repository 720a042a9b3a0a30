"""A rough common spelling for Devanagari and for Hindi in Latin letters, so that both meet. Pure.

People write one word in many ways: `टांके`, `taanke`, `tanke`. The fold keeps what they share (consonants without
breath, merged vowels) and loses the rest. It is for comparing only and is never shown.
"""

from __future__ import annotations

import re
from functools import lru_cache

_CONSONANTS = {
    "क": "k", "ख": "kh", "ग": "g", "घ": "gh", "ङ": "n", "च": "ch", "छ": "chh", "ज": "j", "झ": "jh", "ञ": "n",
    "ट": "t", "ठ": "th", "ड": "d", "ढ": "dh", "ण": "n", "त": "t", "थ": "th", "द": "d", "ध": "dh", "न": "n",
    "प": "p", "फ": "f", "ब": "b", "भ": "bh", "म": "m", "य": "y", "र": "r", "ल": "l", "ळ": "l", "व": "v",
    "श": "sh", "ष": "sh", "स": "s", "ह": "h",
}  # fmt: skip
_VOWELS = {
    "अ": "a", "आ": "a", "इ": "i", "ई": "i", "उ": "u", "ऊ": "u", "ऋ": "ri", "ए": "e", "ऐ": "e", "ओ": "o", "औ": "o",
    "ऑ": "o", "ऍ": "e",
}  # fmt: skip
_SIGNS = {
    "ा": "a", "ि": "i", "ी": "i", "ु": "u", "ू": "u", "ृ": "ri", "े": "e", "ै": "e", "ो": "o", "ौ": "o", "ॉ": "o", "ॅ": "e",
}  # fmt: skip
_VIRAMA = "\u094d"
_NASALS = "\u0901\u0902"
_UNSPOKEN = "~"
"""Stands for the vowel a Devanagari consonant carries without a sign; spoken or not, depending on its neighbours."""

_MEDIAL = re.compile(r"(?<=[aeiou~][bcdfghjklmnpqrstvyz])~(?=[bcdfghjklmnpqrstvyz]h?[aeiou])")
_STEPS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"ksh|x", "ks"),
        (r"ee|ii|ea", "i"),
        (r"oo|uu", "u"),
        (r"aa", "a"),
        (r"ai|ei|ay|ey", "e"),
        (r"au|ou|ow", "o"),
        (r"ph", "f"),
        (r"ck|q", "k"),
        (r"c(?=[eiy])", "s"),
        (r"c(?!h)", "k"),
        (r"ch+", "c"),
        (r"w", "v"),
        (r"z", "j"),
        (r"y$", "i"),
        (r"(?<=[bcdgjklprstv])h", ""),
        (r"(?<=.)h", ""),
        (r"(.)\1+", r"\1"),
        (r"(?<=..)(?<=[eiu])n$", ""),
        (r"ie", "e"),
        (r"iy(?=[aeiou])", "i"),
    )
)


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """The common spelling of one word, already normalised by `bot.text`; numbers stay as they are."""
    if not word or word[0].isdigit():
        return word
    said = _latin(word) if any("\u0900" <= letter <= "\u097f" for letter in word) else word
    for pattern, replacement in _STEPS:
        said = pattern.sub(replacement, said)
    return said


@lru_cache(maxsize=20_000)
def skeleton(word: str) -> str:
    """`word` folded, without any `a` behind the first letter: `karna`, `krna` and `करना` become one."""
    said = fold(word)
    return said[:1] + said[1:].replace("a", "")


def _latin(word: str) -> str:
    """Devanagari in Latin letters, with the unspoken vowels left out as well as a rule can tell."""
    out: list[str] = []
    for letter in word:
        if letter in _CONSONANTS:
            out += [_CONSONANTS[letter], _UNSPOKEN]
        elif letter in _SIGNS:
            _drop_unspoken(out)
            out.append(_SIGNS[letter])
        elif letter == _VIRAMA:
            _drop_unspoken(out)
        elif letter in _NASALS:
            out.append("n")
        else:
            out.append(_VOWELS.get(letter, letter if letter.isascii() else ""))
    if len(out) > 2:  # a consonant and its vowel are a word of their own, as in `न`
        _drop_unspoken(out)
    return _MEDIAL.sub("", "".join(out)).replace(_UNSPOKEN, "a")


def _drop_unspoken(out: list[str]) -> None:
    if out and out[-1] == _UNSPOKEN:
        out.pop()
