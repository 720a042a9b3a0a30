"""Finding the answer to a question, or refusing to: sure, up to three choices, or hand over. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from bot.faq.context import GENERAL, without_case, without_operation
from bot.faq.features import text_blocks
from bot.faq.index import Index, Ranked
from bot.faq.learning import Learn, learn
from bot.faq.lexicon import ELSEWHERE, meaning
from bot.faq.parts import asks, clauses, follow_up, questions, without_courtesies
from bot.faq.smalltalk import PREFIX, SmallTalk
from bot.faq.spelling import fold
from bot.text import tokens
from content.model import FaqItem, Outside

Kind = Literal["answer", "choices", "handoff", "smalltalk"]

MOST_CHOICES = 3
HAND_OVER = "handoff"
"""The reply of subjects of which there is nothing to answer, and which the care team should see."""
LONGEST = 600
"""Characters of a message that are looked at; a longer one is a story for people, not a question for the FAQ."""

# Set with `saathi content evaluate`, on the questions beside tests/faq; see docs/faq-methods.md.
SURE = 0.98
"""An answer is given from this share of belief on."""
LIKELY = 0.85
"""From this share on a message is about a subject that is none of ours, or about an item however strange its words."""
SURE_COVERED = 0.4
"""... if the item talks about at least this much of what the message talks about."""
TOO_STRANGE = 0.34
"""From this much of words that stand in no phrasing of ours on, nothing is sure."""
FOREIGN = 0.01
"""From this much belief in subjects that are none of ours on, nothing is sure."""
UNKNOWN_COVERED = 0.12
"""A best item that talks about less of the message is not even offered."""
LOST = 0.65
"""From this much of words that stand in no phrasing of ours on, only a likely item is offered."""
MANY = 5
"""A message about one thing ("pain") that more items than this talk about is vague: choices, never an answer."""
_LOOKED_AT = 8
_OF_WHOLE = 0.34
_UNLIKELY = 0.05
"""What is left of the belief in an item that this person hardly asks for."""
_NEVER_EXACT = 0.999
"""A score of 1 means word for word."""
_SPINE = frozenset({"=spine", "=back", "=neck", "=mis", "=disc", "=slip", "=nerve", "=fusion", "=screw", "=leg"})
"""Meanings that keep a question ours although it names another part of the body too."""
_OTHERS = "=other-hospital"
"""The meaning of other hospitals' names: their hours and prices are not ours to tell."""
_OURS = _SPINE | {"=surgery", "=wound", "=stitches", "=dressing", "=medicine", "=painkiller", "=physio", "=belt"}
"""Meanings with which a question is never thought to be none of ours."""


@dataclass(frozen=True)
class Found:
    """What was found: for `answer` and `smalltalk` one id, for `choices` up to three, for `handoff` none."""

    kind: Kind
    ids: tuple[str, ...]
    score: float
    """0 to 1, the belief in the best item; 1 for a phrasing word for word."""
    outside: str | None = None
    """For `handoff`: the subject (`content/outside.yaml`) that is none of ours, if it is one."""


class Retriever:
    """Finds items by how people write. The same message always finds the same."""

    def __init__(self, items: Iterable[FaqItem], outside: Iterable[Outside] = (), learn: Learn = learn) -> None:
        """`items`: the FAQ, small talk included. Raises nothing; of equal phrasings the first item's counts.

        `learn`: what learns from the phrasings, or has done so before (`bot.faq.kept`).
        """
        every = tuple(items)
        self._smalltalk = SmallTalk(item for item in every if item.id.startswith(PREFIX))
        phrasings: list[tuple[str, str]] = []
        for item in every:
            if item.id.startswith(PREFIX):
                continue
            texts = (*item.phrasings.all(), *item.question.all(), *item.label.all())
            phrasings += [(item.id, text) for text in texts]
        subjects = tuple(outside)
        # None for what is ours, but for people to see to: a fan that stands still, lost slippers.
        self._outside = {f"={one.id}": one.id if one.reply != HAND_OVER else None for one in subjects}
        foreign = [(f"={subject.id}", text) for subject in subjects for text in subject.phrasings.all()]
        self._elsewhere = next((subject.id for subject in subjects), None)
        self._next = {item.id: frozenset(item.next) for item in every if not item.id.startswith(PREFIX)}
        learnt = learn(phrasings, foreign)
        self._index = Index(learnt)
        self._exact: dict[str, str] = {}
        self._elsewhere_words: dict[str, set[str]] = {}
        for (name, _), plain in zip(phrasings, learnt.plain, strict=True):
            self._exact.setdefault(plain, name)
            if words := _elsewhere(plain.split()):
                self._elsewhere_words.setdefault(name, set()).update(words)

    def find(self, text: str, last: str | None = None, unlikely: frozenset[str] = frozenset()) -> Found:
        """The items `text` asks for, whichever of the three forms it is written in.

        Several questions in one message are answered each, at most three. `last` is the item answered before, if that
        was a moment ago: "and bathing?" and "how long does it take?" are then understood (`bot.faq.context`).
        `unlikely` are items this person hardly asks for: what to eat before an operation that is over.
        """
        if len(text) > LONGEST:
            return Found("handoff", (), 0.0)
        greeting = self._smalltalk.find(text)
        if greeting is not None:
            return Found("smalltalk", (greeting,), 1.0)
        if last in self._next:
            found = self._followed(text, last, unlikely)
            if found is not None:
                return found
        whole = self._one(text, unlikely)
        return whole if whole.score == 1.0 else self._several(text, whole, unlikely)

    def nearest(self, text: str, most: int) -> tuple[str, ...]:
        """The `most` items that fit `text` best, however little; small talk and what is none of ours left out."""
        ranked = self._index.rank(without_case(text[:LONGEST]), most + len(self._outside))
        return tuple(found.name for found in ranked if found.name not in self._outside)[:most]

    def _one(self, text: str, unlikely: frozenset[str]) -> Found:
        """What is found for one question."""
        said = _plain(without_courtesies(text))
        exact = self._exact.get(_plain(text)) or self._exact.get(said)
        if exact is not None:
            return Found("answer", (exact,), 1.0)
        said = without_case(text)
        return self._decide(said, _without(unlikely, self._ranked(said)))

    def _ranked(self, said: str) -> list[Ranked]:
        """The likeliest classes of the message `said`; the name of an operation in it counts for less."""
        whole = self._index.rank(said, _LOOKED_AT)
        bare = without_operation(said)
        return whole if bare == said else _together(whole, self._index.rank(bare, _LOOKED_AT))

    def _several(self, text: str, whole: Found, unlikely: frozenset[str]) -> Found:
        """What is found for the questions in `text`, if they are several; `whole` is what was found for all of it.

        What asks counts, what only tells does not, unless nothing asks.
        """
        if _elsewhere(tokens(text)):
            return whole
        parts = [part for part in questions(text) if self._smalltalk.find(part) is None]
        heard = [self._one(part, unlikely) for part in [part for part in parts if asks(part)] or parts]
        sure = [found for found in heard if found.kind == "answer"]
        ids = tuple(dict.fromkeys(found.ids[0] for found in sure))[:MOST_CHOICES]
        if len(ids) > 1 and len(sure) == len(heard):
            return Found("answer", ids, min(found.score for found in sure))
        if len(ids) == 1 and len(sure) == len(heard) and whole.outside is None:
            # What is told around the question may be about something else: then neither is sure.
            other = tuple(name for name in whole.ids if name != ids[0])
            agreed = whole.kind != "answer" or not other
            return sure[0] if agreed else Found("choices", (*other, *ids)[:MOST_CHOICES], whole.score)
        if whole.kind == "answer" or whole.outside is not None:
            return whole
        # A story with one question in it, in one sentence: the question counts if it makes sense alone.
        asked = [clause for clause in clauses(text) if asks(clause)]
        alone = self._one(asked[0], unlikely) if len(asked) == 1 else whole
        if alone.kind != "answer":
            return whole
        if whole.kind == "handoff" or alone.ids[0] in whole.ids:
            return alone
        return Found("choices", (whole.ids[0], *alone.ids, *whole.ids[1:])[:MOST_CHOICES], whole.score)

    def _followed(self, text: str, last: str, unlikely: frozenset[str]) -> Found | None:
        """What is meant by a message that only makes sense after the answer `last`; None if it makes sense alone."""
        rest = follow_up(text)
        if rest is None:
            return None
        if not text_blocks(rest)[2].keys() - GENERAL:
            return Found("answer", (last,), SURE)
        found = self._one(rest, unlikely)
        near = [name for name in found.ids if name in self._next[last]]
        return Found("answer", (near[0],), found.score) if found.kind == "choices" and near else found

    def _decide(self, said: str, ranked: list[Ranked]) -> Found:
        if not ranked:
            return Found("handoff", (), 0.0)
        best = ranked[0]
        meanings = text_blocks(said)[2]
        elsewhere = _elsewhere(tokens(said)) - self._elsewhere_words.get(best.name, set())
        if elsewhere and not meanings.keys() & _SPINE:
            return Found("handoff", (), best.share, self._elsewhere)
        ours = [found for found in ranked if found.name not in self._outside]
        if not ours or self._is_outside(best, ours[0], meanings):
            return Found("handoff", (), best.share, self._outside[best.name])
        little = meanings and ours[0].covered < UNKNOWN_COVERED
        if little or (best.share < LIKELY and (not meanings or best.strange >= LOST)):
            return Found("handoff", (), best.share)
        foreign = sum(found.share for found in ranked if found.name in self._outside)
        clear = foreign < FOREIGN and not elsewhere and _OTHERS not in meanings and not self._is_vague(meanings)
        if best is ours[0] and clear and self._is_sure(best):
            return Found("answer", (best.name,), min(best.share, _NEVER_EXACT))
        return Found("choices", tuple(found.name for found in ours[:MOST_CHOICES]), min(best.share, _NEVER_EXACT))

    def _is_outside(self, best: Ranked, ours: Ranked, meanings: Mapping[str, int]) -> bool:
        if best.name not in self._outside or best.share < LIKELY:
            return False
        if self._outside[best.name] is None:  # for the care team, be it about the operation: its date, the room
            return best.covered >= ours.covered
        return best.covered > ours.covered and not meanings.keys() & _OURS

    def _is_sure(self, best: Ranked) -> bool:
        return best.share >= SURE and best.covered >= SURE_COVERED and best.strange < TOO_STRANGE

    def _is_vague(self, meanings: Mapping[str, int]) -> bool:
        """Whether a message names only one thing, one that many items talk about."""
        return len(meanings) == 1 and self._index.knows(next(iter(meanings))) > MANY


def talks_of(text: str) -> frozenset[str]:
    """What a message talks about, asking words left out: two messages with much of it in common are alike."""
    return frozenset(text_blocks(text[:LONGEST])[2].keys() - GENERAL)


def _together(whole: list[Ranked], bare: list[Ranked]) -> list[Ranked]:
    """Both rankings of one message in one: belief is shared between them, two thirds for the bare question.

    Where both put the same first it is as sure as the surer of them.
    """
    found: dict[str, Ranked] = {}
    for part, ranked in ((_OF_WHOLE, whole), (1 - _OF_WHOLE, bare)):
        for one in ranked:
            before = found.get(one.name)
            share = part * one.share + (before.share if before else 0.0)
            covered = max(one.covered, before.covered if before else 0.0)
            found[one.name] = Ranked(one.name, share, covered, one.strange)
    if whole and bare and whole[0].name == bare[0].name:
        first = found[whole[0].name]
        found[first.name] = replace(first, share=max(whole[0].share, bare[0].share))
    return sorted(found.values(), key=lambda one: (-one.share, one.name))


def _without(unlikely: frozenset[str], ranked: list[Ranked]) -> list[Ranked]:
    """The ranking with less belief in the `unlikely`; what they lose goes to the others, each in its proportion."""
    if not any(found.name in unlikely for found in ranked):
        return ranked
    weighed = [replace(one, share=one.share * (_UNLIKELY if one.name in unlikely else 1.0)) for one in ranked]
    total = sum(one.share for one in weighed) / (sum(one.share for one in ranked) or 1.0)
    shared = [replace(one, share=one.share / total) for one in weighed]
    return sorted(shared, key=lambda one: (-one.share, one.name))


def _elsewhere(words: Iterable[str]) -> set[str]:
    """Those of `words` about other parts of the body and other illnesses, folded."""
    return {fold(word) for word in words if meaning(word) == ELSEWHERE}


def _plain(text: str) -> str:
    return " ".join(tokens(text))
