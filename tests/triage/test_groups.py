"""Groups of words in phrases: every member stands for every other."""

from __future__ import annotations

import pytest

from bot.triage import Triage
from bot.triage.patterns import GROUP, Index
from content.heard import groups
from content.loader import Content


def test_every_member_of_a_group_alerts(content: Content, triage: Triage) -> None:
    """Each phrase with groups alerts with its sign; each member of a group stands in some of them."""
    members = groups()
    unseen = {name: list(words) for name, words in members.items()}
    for sign in content.signs.values():
        for phrase in (*sign.phrases.all(), *sign.same_day_phrases.all(), *sign.emergency_phrases.all()):
            if not GROUP.search(phrase) or any(mark in phrase for mark in ("+", ">=", "..", "#")):
                continue
            for turn in range(max(1, *(len(unseen[name]) for name in GROUP.findall(phrase)))):
                text = phrase
                for name in GROUP.findall(phrase):
                    text = text.replace(f"<{name}>", _next(unseen[name], members[name], turn), 1)
                verdict = triage.judge(text)
                assert verdict.outcome == "alert", (sign.id, text)
                assert sign.id in {match.sign for match in verdict.matches}, (sign.id, text)
            for name in GROUP.findall(phrase):
                unseen[name].clear()


def _next(unseen: list[str], members: tuple[str, ...], turn: int) -> str:
    return unseen[turn % len(unseen)] if unseen else members[turn % len(members)]


def test_every_group_is_used(content: Content) -> None:
    """No group without a phrase, no phrase with a group that is not there."""
    written = str([sign.model_dump() for sign in content.signs.values()])
    assert set(GROUP.findall(written)) == set(groups())


def test_an_unknown_group_is_refused(content: Content) -> None:
    """A slip in a group's name is found when the program starts, with what to do."""
    with pytest.raises(ValueError, match=r"groups\.yaml"):
        Index(content.signs.values(), {"limb": ("leg",)})
