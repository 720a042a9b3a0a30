"""Putting an answer right by typing: "that was wrong", "sorry, 5", or simply another number soon after.

Tapping another button of the same question needs nothing of this. What was said before is kept.
"""

from __future__ import annotations

from datetime import timedelta

from bot.conversation import words
from bot.conversation.flows import checkin
from bot.conversation.turn import Turn

SOON = timedelta(minutes=30)
"""So long after an answer another number, with no question open that it could answer, corrects it."""

LATER = timedelta(days=1)
"""So long after an answer it can be called wrong."""

COMMAND = "correct"
"""Its phrases are in content/replies/words.yaml."""


def typed(turn: Turn) -> bool:
    """A correction of the last answer; any other text goes on its way."""
    last = turn.context.last_answer
    if last is None or turn.now - last.at > LATER:
        return False
    answered = checkin.find(turn, last.reminder_id, last.question)
    if answered is None:
        return False
    if turn.context.commands.find(turn.text) == COMMAND:
        lines, offers = checkin.ask(turn, answered, [turn.words("checkin-again")], again=True)
        text = turn.about(answered.enrolment) + "\n".join(lines)
        turn.say_text(text, offers, enrolment=answered.enrolment)
        return True
    value = _instead(turn, answered, soon=turn.now - last.at <= SOON)
    if value is None:
        return False
    checkin.take(turn, answered, value)
    return True


def _instead(turn: Turn, answered: checkin.Open, *, soon: bool) -> str | None:
    """The value that is to count: behind or before words of correction, or a bare number soon after."""
    phrases = turn.context.content.words[COMMAND].all()
    for rest in words.without(turn.text, phrases):
        value = checkin.read(turn, answered.question, rest)
        if value is not None and value != "bad":
            return value
    if not soon or answered.question.kind == "choice":
        return None
    value = checkin.read(turn, answered.question, turn.text)
    return None if value == "bad" else value
