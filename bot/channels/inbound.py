"""What somebody did in a chat, in the words every channel translates into."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ForgedError(Exception):
    """What was posted does not come from the provider."""


class MalformedError(ValueError):
    """What was posted does not have the provider's form; the words say what is missing, never what is there."""


class Kind(StrEnum):
    """What came in."""

    TEXT = "text"
    BUTTON = "button"
    """A button was pressed; `data` holds what the button carried, `text` its label if known."""
    PHOTO = "photo"
    STICKER = "sticker"
    VOICE = "voice"
    OTHER = "other"
    """A place, a contact card, a file that is no picture: anything else."""
    BLOCKED = "blocked"
    """This person blocked the bot."""
    UNBLOCKED = "unblocked"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event from a channel."""

    channel: str
    event_id: str
    """The provider's id of the event; the same id twice has one effect."""
    address: str
    """The provider's name for the chat (chat id, number)."""
    kind: Kind
    at: datetime
    """When the person did it, UTC."""
    text: str = ""
    """What they wrote; for a photo its caption."""
    data: str | None = None
    reply_to: str | None = None
    """The provider's id of the message this answers or whose button was pressed, if told."""
    language_hint: str | None = None
    """The app's language, a first guess only."""
    own_phone: str | None = None
    """This person's own number in international form, if the provider vouches for it: never one of a card passed on."""
    picture: str | None = field(default=None, repr=False)
    """How the channel finds the picture that came along; kept only where the care team shall see it."""
    receipt: str | None = None
    """What the provider wants back once the event is stored, so that its app stops waiting; not kept."""
