"""What is no text: photos for the care team, voice, stickers; and texts that are empty or far too long."""

from __future__ import annotations

from datetime import timedelta

from bot.channels.inbound import Kind
from bot.conversation.flows import question
from bot.conversation.turn import Turn
from bot.conversation.wishes import KeepPhoto

LONGEST = 1500
"""Letters a question may have; all of a longer text has passed triage, but it is not searched for an answer."""

ALBUM = timedelta(minutes=1)
"""Photos that come within this are answered once: a messenger sends several of one hand one by one."""

_REPLIES = {Kind.VOICE: "voice", Kind.STICKER: "sticker", Kind.OTHER: "other-kind"}


def keep(turn: Turn) -> None:
    """Ask for a photo to be kept, if one came and this chat may send the care team some. Says nothing."""
    if turn.event.picture is not None and question.keeps_photos(turn):
        living = turn.context.living
        turn.do(KeepPhoto(living[0].id if len(living) == 1 else None, turn.event.picture))


def handle(turn: Turn) -> bool:
    """Answer what is no text; a question in a caption is answered as well."""
    if turn.event.kind is Kind.PHOTO:
        _say_what_becomes_of_it(turn)
    elif turn.event.kind in _REPLIES:
        turn.say(_REPLIES[turn.event.kind])
    else:
        return False
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


def _say_what_becomes_of_it(turn: Turn) -> None:
    if not turn.context.living or turn.event.picture is None:
        turn.say("photo")
    elif not question.keeps_photos(turn):
        turn.say("photo-not-shared")
    elif turn.state.photo_at is None or turn.now - turn.state.photo_at > ALBUM:
        turn.remember(photo_at=turn.now)
        turn.say("photo-kept")
