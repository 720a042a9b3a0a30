"""Photos, stickers, voice, and texts that cannot be read: answered kindly, never looked into."""

from __future__ import annotations

from bot.channels.inbound import Kind
from bot.conversation.flows import question
from bot.conversation.turn import Turn

LONGEST = 1500
"""Letters a question may have; all of a longer text has passed triage, but it is not searched for an answer."""

_REPLIES = {Kind.PHOTO: "photo", Kind.VOICE: "voice", Kind.STICKER: "sticker", Kind.OTHER: "other-kind"}


def handle(turn: Turn) -> bool:
    """Answer what is no text; a question in a caption is answered as well."""
    reply = _REPLIES.get(turn.event.kind)
    if reply is None:
        return False
    turn.say(reply)
    if turn.text.strip() and len(turn.text) <= LONGEST and turn.context.address.language:
        question.ask(turn, turn.text)
    return True


def unreadable(turn: Turn) -> bool:
    """Empty and very long texts."""
    if not turn.text.strip():
        turn.say("empty")
    elif len(turn.text) > LONGEST:
        turn.say("too-long")
    else:
        return False
    return True
