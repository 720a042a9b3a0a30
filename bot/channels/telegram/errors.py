"""What a failed call means. Pure.

Telegram's own words never get further than this file: they may quote what we sent. Stored are our short names for them.
"""

from __future__ import annotations

from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, TelegramError

from bot.channels.telegram.transport import BadStatusError, NotConnectedError, WaitError
from scheduler.sender import Halted, Limited, NotSent, Outcome, Refused, Unknown, Unreachable

CANNOT_PARSE = "cannot-parse"
BAD_PICTURE = "picture"
TOO_LARGE = "http-413"

_GONE = {
    "bot was blocked by the user": "blocked",
    "user is deactivated": "deactivated",
    "bot can't initiate conversation": "never-started",
    "chat not found": "chat-not-found",
    "user not found": "user-not-found",
    "peer_id_invalid": "user-not-found",
    "input_user_deactivated": "deactivated",
}
"""What says that this person cannot be reached, whatever the message (answers 400 and 403)."""

_MALFORMED = {
    "can't parse entities": CANNOT_PARSE,
    "text is empty": "text-empty",
    "text must be non-empty": "text-empty",
    "message is too long": "text-too-long",
    "caption is too long": BAD_PICTURE,
    "photo_": BAD_PICTURE,
    "image_process_failed": BAD_PICTURE,
    "there is no photo": BAD_PICTURE,
    "file must be non-empty": BAD_PICTURE,
    "button_data_invalid": "button-data",
    "reply_markup_too_long": "too-many-buttons",
    "button_url_invalid": "button-url",
    "wrong http url": "button-url",
    "reply markup": "buttons",
}
"""What says that this message will never be taken (answer 400)."""

_SERVER_ERROR = 500


def outcome(error: TelegramError) -> Outcome:
    """What became of a message whose sending raised `error`.

    BadRequest and TimedOut are NetworkErrors in this library, so the order matters: whatever is not certainly refused,
    and did not certainly stay here, may have arrived.
    """
    match error:
        case WaitError():
            return Limited(error.seconds)
        case NotConnectedError():
            return NotSent("no-connection")
        case BadStatusError():
            code = f"http-{error.status}"
            return Unknown(code) if error.status >= _SERVER_ERROR else NotSent(code)
        case InvalidToken():
            return Halted("token")
        case Conflict():
            return NotSent("conflict")
        case Forbidden() | ChatMigrated() | BadRequest():
            return _refusal(error)
        case _:
            return Unknown("answer-lost")


def _refusal(error: TelegramError) -> Outcome:
    gone = _named(error, _GONE) or ("forbidden" if isinstance(error, Forbidden) else None)
    if gone:
        return Unreachable(gone)
    if isinstance(error, ChatMigrated):
        return Refused("chat-migrated")
    return Refused(_named(error, _MALFORMED) or "bad-request")


def problem(error: TelegramError) -> str:
    """Why the channel cannot work while calls end with `error`, in a sentence of at most 120 characters."""
    match error:
        case WaitError():
            return f"Telegram asks us to wait {error.seconds:.0f} seconds."
        case InvalidToken():
            return "Telegram refuses the token: put the one BotFather shows into SAATHI_TELEGRAM_TOKEN."
        case Conflict():
            return "Another program fetches this bot's messages (409): stop it, or give it a bot of its own."
        case BadStatusError():
            return f"Telegram answers with an error of its own (HTTP {error.status}). It is asked again."
        case BadRequest() if "webhook" in error.message.lower():
            return "Telegram does not take our webhook: SAATHI_PUBLIC_URL must be reachable from the Internet."
        case BadRequest():
            return "Telegram refuses a request of ours (400). It is asked again."
        case _:
            return "Telegram cannot be reached. It is asked again; look at this machine's way to the Internet."


def _named(error: TelegramError, names: dict[str, str]) -> str | None:
    said = error.message.lower()
    return next((name for words, name in names.items() if words in said), None)
