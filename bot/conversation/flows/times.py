"""The patient's own morning and evening time. Medicine times are the ward's and stay as they are."""

from __future__ import annotations

from datetime import time
from typing import Literal

from bot.conversation import words
from bot.conversation.model import AwaitTime
from bot.conversation.turn import Turn
from bot.conversation.wishes import ChangeTimes

Part = Literal["morning", "evening"]


def ask(turn: Turn, part: Part = "morning") -> None:
    """Ask for a time; a chat without a plan has none."""
    followed = turn.context.living
    if not followed:
        turn.say("time-nothing")
        return
    turn.remember(pending=AwaitTime(part=part))
    data = {button: f"1t:{button}" for button in _buttons(turn, part)}
    first = followed[0]
    turn.say(f"ask-{part}", data=data, morning=f"{first.morning:%H:%M}", evening=f"{first.evening:%H:%M}")


def press(turn: Turn, button: str) -> None:
    """An hour was tapped."""
    for part in ("morning", "evening"):
        if button in _buttons(turn, part):
            _set(turn, part, _hour(button))
            return
    turn.say("button-old")


def typed(turn: Turn) -> bool:
    """An hour was typed while we wait for one."""
    pending = turn.state.pending
    if not isinstance(pending, AwaitTime):
        return False
    chosen = words.clock(turn.text, pending.part)
    if chosen is None:
        return False
    hours = [_hour(button) for button in _buttons(turn, pending.part)]
    if chosen == "bad" or not min(hours) <= chosen <= max(hours):
        turn.say("time-unclear", earliest=f"{min(hours):%H:%M}", latest=f"{max(hours):%H:%M}")
    else:
        _set(turn, pending.part, chosen)
    return True


def _set(turn: Turn, part: Part, chosen: time) -> None:
    followed = turn.context.living
    if not followed:
        turn.say("time-nothing")
        return
    for enrolment in followed:
        turn.do(ChangeTimes(enrolment.id, **{part: chosen}))
    if part == "morning":
        ask(turn, "evening")
        return
    turn.remember(pending=None)
    turn.say("times-set", morning=f"{followed[0].morning:%H:%M}", evening=f"{chosen:%H:%M}")


def _buttons(turn: Turn, part: Part) -> tuple[str, ...]:
    return turn.context.content.replies[f"ask-{part}"].buttons


def _hour(button: str) -> time:
    """The time an id like `morning-0830` ends in."""
    digits = button.rsplit("-", 1)[1]
    return time(int(digits[:2]), int(digits[2:]))
