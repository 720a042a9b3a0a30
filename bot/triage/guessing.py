"""What a guess of the learned part needs besides its probability: enough words, and nothing that asks or calms."""

from __future__ import annotations

from bot.triage import elsewhere, grammar, lexicon
from bot.triage.learned import Learned
from bot.triage.reading import Message

SURE_FROM = 0.85
"""From this one on it alerts although something in the message asks or calms; not if it is only supposed."""
_BODILY = frozenset(lexicon.BODY) | frozenset(lexicon.SYMPTOMS)
_FEWEST = 3
"""So many letters a word needs to count, and so many such words a guess needs, or two if one names body or symptom."""
_EMPTY = frozenset({"HO", "NOT", "ONE", "COME", "GO", "ABLE", "TIME"})
"""Words of which a report has any number, but which say nothing by themselves."""
_CALM = frozenset({"OK", "BETTER", "LESS", "SMALL", "OLD", "BEFORE", "RELIEF", "SAME", "UTAR"})
SHOWN = 60
"""Words of a guess that are shown to staff, and looked at for what makes it a question."""


def shown(message: Message) -> str:
    """The words of a guess as staff see them."""
    return " ".join(word.surface for word in message.words[:SHOWN] if word.surface)


def says_something(message: Message, model: Learned, *, alone: bool) -> bool:
    """Whether it is more than a name, a time, a code: three words that reports know; `alone` also two with the body."""
    words = [word for word in message.words if not word.filler and "#" not in word.keys and len(word.form) >= _FEWEST]
    heard = [word for word in words if word.keys[0] in model.signs and word.keys[0] not in _EMPTY]
    return len(heard) >= _FEWEST or (
        alone and len(heard) > 1 and any(_BODILY.intersection(word.keys) for word in heard)
    )


def is_question(message: Message) -> bool:
    """Whether it asks, by its words or by a question mark."""
    told = " ".join(word.form for word in message.words[:SHOWN])
    return bool(message.asked) or any(
        pattern.search(told) for pattern in (grammar.ASKS, grammar.ASKS_ABOUT, grammar.ASKS_FIRST)
    )


def plain_report(message: Message, rest: Message, emergency: float) -> bool:
    """Whether nothing makes it a question, a supposition, something past, or something that is better.

    `emergency`: its probability; only a supposition stands against one that is sure.
    """
    told = " ".join(word.form for word in message.words[:SHOWN])
    supposed = (grammar.IF, grammar.MIGHT)
    if emergency >= SURE_FROM:
        return not any(pattern.search(told) for pattern in supposed)
    asked = (grammar.ASKS, grammar.ASKS_ABOUT, grammar.ASKS_MILDLY)
    unlike = (*asked, *supposed, grammar.IMPROVING, grammar.LONG_AGO, grammar.OVER, elsewhere.STORY, elsewhere.JEST)
    words = [word for word in rest.words if not word.filler]
    calm = any(_CALM.intersection(word.keys) or word.form in grammar.CALM for word in message.words)
    return len(words) >= _FEWEST and not calm and not any(pattern.search(told) for pattern in unlike)
