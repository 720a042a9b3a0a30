"""The menu, help, and what a tapped or typed command leads to."""

from __future__ import annotations

from collections.abc import Callable

from bot.conversation import words
from bot.conversation.flows import consent, language, question, subscription, times
from bot.conversation.turn import Turn


def show(turn: Turn) -> None:
    """What can be done here now."""
    if not turn.context.living:
        turn.say("menu-stranger")
    elif turn.context.address.stopped_at is not None:
        turn.say("menu-stopped")
    elif any(e.state == "paused" for e in turn.context.enrolments):
        turn.say("menu", more=[turn.offer("resume")])
    else:
        turn.say("menu")


FIRST: dict[str, Callable[[Turn], None]] = {
    "stop": subscription.stop,
    "start": subscription.start,
    "pause": subscription.pause,
    "resume": subscription.resume,
    "english": lambda turn: language.choose(turn, "en"),
    "hindi": lambda turn: language.choose(turn, "hi"),
    "hinglish": lambda turn: language.choose(turn, "hi-Latn"),
    "language": language.ask,
}
"""Commands that come before any question of ours that is open."""

LATER: dict[str, Callable[[Turn], None]] = {
    "menu": show,
    "help": lambda turn: turn.say("help"),
    "time": times.ask,
    "care-team": question.ask_team,
    "delete": question.delete,
    "share": consent.share,
    "stop-sharing": consent.stop_sharing,
}
"""Commands that come after it."""


def early(turn: Turn) -> bool:
    """Stop, start, pause, resume and language words."""
    return _run(turn, FIRST)


def late(turn: Turn) -> bool:
    """The other commands, and a slash command nobody knows."""
    if _run(turn, LATER):
        return True
    if words.is_slash(turn.text):
        turn.say("unknown-command")
        return True
    return False


def press(turn: Turn, button: str) -> None:
    """A button that is a command."""
    run = FIRST.get(button) or LATER.get(button)
    if run is None:
        turn.say("button-old")
    else:
        run(turn)


def _run(turn: Turn, commands: dict[str, Callable[[Turn], None]]) -> bool:
    command = turn.context.commands.find(turn.text)
    if command not in commands:
        return False
    commands[command](turn)
    return True
