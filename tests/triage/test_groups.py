"""Groups of words in phrases: every member stands for every other."""

from __future__ import annotations

import pytest

from bot.triage import Triage
from bot.triage.patterns import GROUP, Index
from content.heard import groups
from content.loader import Content


def test_every_member_of_a_group_alerts(content: Content, triage: Triage) -> None:
    """Each phrase with groups alerts with its sign, whichever member stands there."""
    index = Index(content.signs.values())
    for sign in content.signs.values():
        for phrase in (*sign.phrases.all(), *sign.same_day_phrases.all(), *sign.emergency_phrases.all()):
            if not GROUP.search(phrase) or any(mark in phrase for mark in ("+", ">=", "..", "#")):
                continue
            for variant in index.variants(phrase):
                text = GROUP.sub(lambda found: groups()[found[1]][0], variant)
                verdict = triage.judge(text)
                assert verdict.outcome == "alert", (sign.id, text)
                assert sign.id in {match.sign for match in verdict.matches}, (sign.id, text)


def test_every_group_is_used(content: Content) -> None:
    """No group without a phrase, no phrase with a group that is not there."""
    written = str([sign.model_dump() for sign in content.signs.values()])
    assert set(GROUP.findall(written)) == set(groups())


def test_an_unknown_group_is_refused(content: Content) -> None:
    """A slip in a group's name is found when the program starts, with what to do."""
    with pytest.raises(ValueError, match=r"groups\.yaml"):
        Index(content.signs.values(), {"limb": ("leg",)})
