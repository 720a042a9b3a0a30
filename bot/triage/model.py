"""What triage says about a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from content.model import Tier

SOUNDS_LIKE = "sounds like"
"""How the rule of a match begins that no phrase made: the learned part guessed the sign."""

Outcome = Literal["alert", "confirm", "none"]


def is_guess(rule: str) -> bool:
    """Whether `rule` (also after a yes: `confirmed sounds like ...`) speaks of a guessed sign."""
    return SOUNDS_LIKE in rule


@dataclass(frozen=True)
class Match:
    """One sign found in a message, and why it counts or does not: staff see it."""

    sign: str
    tier: Tier
    """The tier this match stands for; `none` when a rule silenced it."""
    phrase: str
    """The phrase of the content that matched."""
    words: str
    """The words of the message that matched, as typed but normalised."""
    rule: str
    """The rule that decided, as one plain English sentence part, with its number in the clinical facts."""

    @property
    def guessed(self) -> bool:
        """Whether no phrase matched and the sign is only the likeliest one."""
        return is_guess(self.rule)


@dataclass(frozen=True)
class Verdict:
    """`alert`: act now. `confirm`: one yes/no question under the emergency line. `none`: nothing is reported.

    `tier` and `sign` are those of the gravest match that counts; for `confirm`, what a yes would mean.
    `matches` holds what counts first, gravest first, then what was silenced and why.
    `card`: the message asks about a sign without reporting it, so the answer carries the short safety card.
    """

    outcome: Outcome
    tier: Tier
    sign: str | None
    matches: tuple[Match, ...]
    card: bool = False
