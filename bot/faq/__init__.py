"""Finding the answer to a question, or refusing to: sure, up to three choices, or hand over. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.faq.index import Index
from bot.faq.smalltalk import PREFIX, SmallTalk
from bot.text import tokens
from content.model import FaqItem

Kind = Literal["answer", "choices", "handoff", "smalltalk"]

MOST_CHOICES = 3
LONGEST = 600
"""Characters of a message that are looked at; a longer one is a story for people, not a question for the FAQ."""

# Calibrated on tests/faq/development.yaml; see tests/faq/test_retriever.py for what they must achieve there.
SURE = 0.46
SURE_MARGIN = 0.1
"""How far the second best item must be behind for an answer."""
UNSURE = 0.28
NEAR = 0.6
"""A choice is offered if it scores at least this share of the best one."""
MANY = 3
"""A message about one thing ("pain") that more items than this talk about is vague: choices, never an answer."""
VAGUE_NEAR = 0.45


@dataclass(frozen=True)
class Found:
    """What was found: for `answer` and `smalltalk` one id, for `choices` up to three, for `handoff` none."""

    kind: Kind
    ids: tuple[str, ...]
    score: float
    """0 to 1, of the best item; 1 for a phrasing word for word."""


class Retriever:
    """Finds items by how people write. The same message always finds the same."""

    def __init__(self, items: Iterable[FaqItem]) -> None:
        """`items`: the FAQ, small talk included. Raises nothing; of equal phrasings the first item's counts."""
        every = tuple(items)
        self._smalltalk = SmallTalk(item for item in every if item.id.startswith(PREFIX))
        self._exact: dict[str, str] = {}
        indexed: list[tuple[str, str]] = []
        for item in every:
            if item.id.startswith(PREFIX):
                continue
            texts = (*item.phrasings.all(), item.question.en, item.question.hi, item.label.en, item.label.hi)
            indexed += [(item.id, text) for text in texts]
            for text in texts:
                self._exact.setdefault(_plain(text), item.id)
        self._index = Index(indexed)

    def find(self, text: str) -> Found:
        """The items `text` asks for, whichever of the three forms it is written in."""
        if len(text) > LONGEST:
            return Found("handoff", (), 0.0)
        greeting = self._smalltalk.find(text)
        if greeting is not None:
            return Found("smalltalk", (greeting,), 1.0)
        said = _plain(text)
        exact = self._exact.get(said)
        if exact is not None:
            return Found("answer", (exact,), 1.0)
        ranked = self._index.nearest(said)
        return _decide(ranked, self._index.subjects(said), elsewhere=self._index.is_elsewhere(said))


def _decide(ranked: list[tuple[str, float]], subjects: list[int], *, elsewhere: bool) -> Found:
    """`subjects`: for each thing the message talks about, how many items do so too."""
    if not ranked or ranked[0][1] < UNSURE:
        return Found("handoff", (), ranked[0][1] if ranked else 0.0)
    first, score = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    single = len(subjects) == 1
    vague = single and subjects[0] > MANY
    unsafe = vague or elsewhere
    near = score * (VAGUE_NEAR if vague else NEAR)
    clear = second < near if single else score - second >= SURE_MARGIN
    if score >= SURE and clear and not unsafe:
        return Found("answer", (first,), score)
    return Found("choices", tuple(item for item, found in ranked[:MOST_CHOICES] if found >= near), score)


def _plain(text: str) -> str:
    return " ".join(tokens(text))
