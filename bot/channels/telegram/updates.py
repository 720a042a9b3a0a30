"""What Telegram tells, in the words of every channel. Pure.

An edited message is an event of its own, with the id of its own update: whoever corrects "I can walk" to "I can't walk"
must be judged by what stands there in the end. Only the text is looked at again: an edit without one (a place that
moves, another picture) says nothing new. Groups, channels and other bots are not talked to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.channels.inbound import Inbound, Kind, MalformedError

CHANNEL = "telegram"

WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of updates asked for: named, because what is left out keeps an earlier setting."""

Raw = Mapping[str, Any]

log = structlog.get_logger(__name__)

_LOOKS = {"photo": Kind.PHOTO, "sticker": Kind.STICKER, "voice": Kind.VOICE, "video_note": Kind.VOICE}
_OTHERS = frozenset(
    "animation audio checklist contact dice document game live_photo location paid_media poll story venue video".split()
)
"""What people send besides; a message with none of these is one of Telegram's own ("pinned a message")."""


def number(update: object) -> int:
    """The update's own id. Raises MalformedError if there is none."""
    found = update.get("update_id") if isinstance(update, Mapping) else None
    if not isinstance(found, int) or isinstance(found, bool):
        raise MalformedError("an update without a number")
    return found


def read(update: Raw, now: datetime) -> Inbound | None:
    """The event in `update`; nothing if it is none of ours. `now` dates a tap, which Telegram does not.

    Raises MalformedError for what does not have Telegram's form.
    """
    event_id = str(number(update))
    try:
        if "callback_query" in update:
            return _tap(update["callback_query"], event_id, now)
        if "my_chat_member" in update:
            return _presence(update["my_chat_member"], event_id)
        if "edited_message" in update:
            return _message(update["edited_message"], event_id, edited=True)
        return _message(update["message"], event_id, edited=False) if "message" in update else None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise MalformedError(f"an update without Telegram's form ({type(error).__name__})") from None


def understood(update: Raw, now: datetime) -> Inbound | None:
    """The same, but an update in a form Telegram never documented counts as none of ours, and is logged.

    Refusing it would not help: Telegram would bring it again for a day, and hold back the chat's other messages.
    """
    try:
        return read(update, now)
    except MalformedError:
        log.error("an update without Telegram's form is left out", channel=CHANNEL)
        return None


def tap_id(update: Raw) -> str | None:
    """The id by which Telegram's app waits for an answer to a tap, whether or not the tap concerns us."""
    query = update.get("callback_query")
    found = query.get("id") if isinstance(query, Mapping) else None
    return found if isinstance(found, str) else None


def _message(message: Raw, event_id: str, *, edited: bool) -> Inbound | None:
    sender = message.get("from", {})
    if message["chat"]["type"] != "private" or sender.get("is_bot"):
        return None
    kind = _kind(message)
    text = message.get("text") or message.get("caption") or ""
    if kind is None or (edited and not text):
        return None
    return Inbound(
        channel=CHANNEL,
        event_id=event_id,
        address=str(int(message["chat"]["id"])),
        kind=kind,
        at=_instant(message["edit_date"] if edited and "edit_date" in message else message["date"]),
        text=_text(text),
        reply_to=_message_id(message.get("reply_to_message")),
        language_hint=sender.get("language_code"),
        own_phone=_own_phone(message.get("contact"), sender),
        picture=_picture(message) if kind is Kind.PHOTO and not edited else None,
    )


def _kind(message: Raw) -> Kind | None:
    if "text" in message:
        return Kind.TEXT
    looks = next((kind for field, kind in _LOOKS.items() if field in message), None)
    if _is_picture(message.get("document")):
        return Kind.PHOTO
    return looks or (Kind.OTHER if _OTHERS & message.keys() else None)


def _is_picture(document: Raw | None) -> bool:
    """Whether a file is said to be a picture; whether it is one is looked at when it is fetched."""
    return document is not None and str(document.get("mime_type", "")).startswith("image/")


def _picture(message: Raw) -> str | None:
    """The id of the file: of a photo, which comes in several sizes, the largest."""
    sizes = message.get("photo") or [message.get("document") or {}]
    largest = max(sizes, key=lambda size: size.get("width", 0) * size.get("height", 0))
    found = largest.get("file_id")
    return found if isinstance(found, str) else None


def _own_phone(contact: Raw | None, sender: Raw) -> str | None:
    """Only their own card counts: anybody can pass on anybody's. Telegram leaves out the plus sign now and then."""
    if contact is None or contact.get("user_id") is None or contact["user_id"] != sender.get("id"):
        return None
    digits = "".join(character for character in str(contact["phone_number"]) if character.isdecimal())
    return f"+{digits}" if digits else None


def _tap(query: Raw, event_id: str, now: datetime) -> Inbound | None:
    message, data = query.get("message"), query.get("data")
    if message is None or not isinstance(data, str) or message["chat"]["type"] != "private":
        return None
    return Inbound(
        channel=CHANNEL,
        event_id=event_id,
        address=str(int(message["chat"]["id"])),
        kind=Kind.BUTTON,
        at=now,
        text=_label(message, data),
        data=data,
        reply_to=_message_id(message),
        language_hint=query["from"].get("language_code"),
        receipt=tap_id({"callback_query": query}),
    )


def _label(message: Raw, data: str) -> str:
    """What the button shows; a message too old for Telegram to show comes without its buttons."""
    keyboard = message.get("reply_markup", {}).get("inline_keyboard", ())
    return next(
        (_text(button["text"]) for row in keyboard for button in row if button.get("callback_data") == data), ""
    )


def _presence(change: Raw, event_id: str) -> Inbound | None:
    """In a private chat this comes only when somebody blocks the bot or lets it in again."""
    if change["chat"]["type"] != "private":
        return None
    kind = {"kicked": Kind.BLOCKED, "member": Kind.UNBLOCKED}.get(change["new_chat_member"]["status"])
    if kind is None:
        return None
    return Inbound(
        channel=CHANNEL,
        event_id=event_id,
        address=str(int(change["chat"]["id"])),
        kind=kind,
        at=_instant(change["date"]),
        language_hint=change.get("from", {}).get("language_code"),
    )


def _message_id(message: Raw | None) -> str | None:
    return None if message is None else str(int(message["message_id"]))


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text that is none")
    return value
