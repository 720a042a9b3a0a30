"""What of a message asks, and what only tells whose case it is: "my father had his operation, can he sit". Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.faq.features import blocks
from bot.faq.parts import asks, clauses, without_courtesies, without_names
from bot.faq.spelling import fold
from bot.text import tokens

GENERAL = frozenset(
    f"={name}"
    for name in "when how how-long how-much which why time day week month hour minute safe need same-day".split()
)
"""Meanings that ask, and say nothing of what about."""
FRAME = frozenset({"=surgery", "=when", "=how", "=how-long", "=which", "=why", "=day"})
"""Meanings that leave nothing to ask about beside the name of an operation."""

_CASE = frozenset(
    f"={name}"
    for name in (
        "surgery spine disc slip discectomy decompress fusion endoscope microscope mis neck family child doctor "
        "hospital discharge day week month home night morning"
    ).split()
)
"""Meanings of whom and when: a clause with no others tells a case."""
_TOLD = frozenset(
    fold(word)
    for word in tokens(
        "hai hain h tha thi gaya gaye gye gayi gya hua hue hui ago है हैं था थी गया गए गई हुआ हुए हुई चुका चुकी chuka chuki"
    )
)
"""Words a clause that tells something ends with."""


def without_case(text: str) -> str:
    """`text` in normal form without courtesies and what only tells a case; all of it if nothing is asked in the rest.

    What stands around a question must not choose its answer: whose operation it was, and how long ago.
    """
    parts = [part for clause in clauses(without_courtesies(text)) for part in _cut(tokens(clause))]
    rest = [part for part in parts if not _is_case(part)]
    kept = rest if any(asks(" ".join(part)) for part in rest) and _is_telling(rest) else parts
    return " ".join(word for part in kept for word in part)


def without_operation(said: str) -> str:
    """`said` with operations by one name, if something else is asked about: the cost of a fusion is about the cost."""
    bare = without_names(tuple(said.split()))
    return " ".join(bare) if _is_telling([bare]) else said


def _cut(clause: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    start = 0
    for place, word in enumerate(clause, 1):
        if fold(word) in _TOLD or place == len(clause):
            yield clause[start:place]
            start = place


def _is_case(part: tuple[str, ...]) -> bool:
    """Whether `part` says nothing but whom it is about, which operation, and when."""
    return not asks(" ".join(part)) and not _about(part) - _CASE


def _is_telling(parts: Iterable[tuple[str, ...]]) -> bool:
    """Whether `parts` name a thing to ask about."""
    named = {name for part in parts for name in _about(part) if name.startswith("=")}
    return bool(named - FRAME - GENERAL - _CASE)


def _about(words: tuple[str, ...]) -> set[str]:
    """The meanings of `words`, without numbers and the letters beside them ("L4", "S1")."""
    return {name for name in blocks(words)[2] if not name[:1].isdigit() and len(name) > 1}
