"""What may stand under a message: inline buttons, or a keyboard in place of the phone's own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tests.fakes.telegram.errors import ApiError, bad_request
from tests.fakes.telegram.fields import Fields

MOST_DATA = 64
"""Bytes of UTF-8 that a button may carry."""
MOST_BUTTONS = 100
"""Not documented; seen in practice."""
_ACTIONS = frozenset(
    "url callback_data web_app login_url switch_inline_query switch_inline_query_current_chat "
    "switch_inline_query_chosen_chat copy_text callback_game pay".split()
)


def read(fields: Fields) -> dict[str, Any] | None:
    """The checked `reply_markup`, or None. Raises ApiError as Telegram does."""
    markup: dict[str, Any] | None = fields.json("reply_markup", dict)
    if markup is None:
        return None
    if "inline_keyboard" in markup:
        return {"inline_keyboard": _rows(markup["inline_keyboard"], _inline, "inline keyboard")}
    if "keyboard" in markup:
        return markup | {"keyboard": _rows(markup["keyboard"], _reply, "reply keyboard")}
    if markup.get("remove_keyboard") is True or markup.get("force_reply") is True:
        return dict(markup)
    if markup:
        raise bad_request("object expected as reply markup")
    return None


def _rows(rows: Any, check: Any, what: str) -> list[list[dict[str, Any]]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{what.replace(" ", "_")}" must be an Array of Arrays')
    checked = [[check(button) for button in row] for row in rows]
    if sum(len(row) for row in checked) > MOST_BUTTONS:
        raise ApiError(400, "Bad Request: reply markup is too long")
    return [row for row in checked if row]


def _inline(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    actions = _ACTIONS & button.keys()
    if not actions:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("can't parse inline keyboard button: exactly one action must be given")
    if "callback_data" in button:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode("utf-8", "surrogatepass")) <= MOST_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button:
        _check_url(button["url"])
    return dict(button)


def _check_url(url: Any) -> None:
    if not isinstance(url, str) or not url.strip():
        raise bad_request("inline keyboard button URL is empty")
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme in ("tg", "ton"):
        return
    if parts.scheme not in ("http", "https"):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: unsupported URL protocol")
    host = parts.hostname or ""
    if "." not in host.strip(".") or any(letter.isspace() for letter in url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _reply(given: Any) -> dict[str, Any]:
    button = {"text": given} if isinstance(given, str) else given
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request('can\'t parse keyboard button: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("keyboard button text must be non-empty")
    return dict(button)
