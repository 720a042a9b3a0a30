"""What a text is made of, for comparing: pieces of spelling, meanings and their neighbours, meanings alone. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, combinations, pairwise

from bot.faq.lexicon import COMMON, meaning
from bot.faq.spelling import fold
from bot.text import tokens

Block = Counter[str]
Blocks = tuple[Block, Block, Block, Block]
"""Pieces of spelling; meanings and helping words, single and in pairs; meanings alone; any two meanings together."""

_SHORTEST_PIECE, _LONGEST_PIECE = 2, 4
_PAIRED = 12
"""So many meanings are paired, in the order of their names: a long story has no end of pairs."""


def blocks(words: tuple[str, ...]) -> Blocks:
    """The features of a text, given as its tokens (`bot.text.tokens`), each with how often it occurs.

    Every block is compared by itself, so that many letters do not drown a few meanings.
    """
    spelt: Block = Counter(chain.from_iterable(pieces(fold(word)) for word in words))
    named = [meaning(word) for word in words]
    said = [fold(word) if name == COMMON else name for word, name in zip(words, named, strict=True)]
    phrases: Block = Counter([*said, *(f"{first} {second}" for first, second in pairwise(said))])
    meanings: Block = Counter([name for name in named if name != COMMON])
    # Word order differs between the languages: "stitches ... when" is "when ... stitches".
    together: Block = Counter([f"{first}&{second}" for first, second in combinations(sorted(meanings)[:_PAIRED], 2)])
    return spelt, phrases, meanings, together


def text_blocks(text: str) -> Blocks:
    """The features of a text as it was typed."""
    return blocks(tokens(text))


@lru_cache(maxsize=20_000)
def pieces(word: str) -> tuple[str, ...]:
    """The pieces of a folded word, two to four letters long, its edges included."""
    return tuple(_cut(f" {word} "))


def _cut(framed: str) -> Iterator[str]:
    for length in range(_SHORTEST_PIECE, _LONGEST_PIECE + 1):
        if len(framed) <= length:
            yield framed
            return
        for start in range(len(framed) - length + 1):
            yield framed[start : start + length]
