"""Judges how urgent a message is: pure, before everything else, independent of how answers are found.

`Triage(signs).judge(text)` gives a `Verdict`, each of whose matches names the sign, the words and the rule.
The phrases are content (`content/triage/`); only spelling and grammar live here.
"""

from __future__ import annotations

from bot.triage.judging import Triage
from bot.triage.model import Match, Verdict, is_guess

__all__ = ["Match", "Triage", "Verdict", "is_guess"]
