"""What a person sees, as Telegram wants it: text in its HTML, buttons in rows. Pure.

Our texts hold no markup: whatever looks like some is meant as it stands, so all of it is escaped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from scheduler.sender import Body, Button
from scheduler.splitting import MOST_CAPTION, units

MOST_TEXT = 4096
"""Characters of a text after its markup was read (Bot API, sendMessage), counted here in UTF-16 units to be safe."""
MOST_DATA_BYTES = 64
"""What a button carries, in bytes of UTF-8 (Bot API, InlineKeyboardButton.callback_data)."""
MOST_BUTTONS = 100
"""Buttons under one message; not in the documentation, refused by the server beyond it."""

_WIDTHS = ((2, 6), (4, 5), (6, 4), (10, 3), (15, 2))
"""(letters of the longest label, buttons side by side) on a phone of 360 px; longer labels have a row each."""


def html(text: str) -> str:
    """`text` as HTML that shows exactly it."""
    return escape(text, quote=False)


def keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """The buttons in rows; nothing if there are none."""
    shown = [button for button in buttons if button.url is None or opens(button.url)]
    if not shown:
        return None
    return InlineKeyboardMarkup([[_button(button) for button in row] for row in rows(shown)])


def opens(url: str) -> bool:
    """Whether Telegram takes a button with this address: it refuses the message for one such as http://localhost."""
    address = urlsplit(url)
    return address.scheme in ("http", "https") and "." in (address.hostname or "")


def rows(buttons: Sequence[Button]) -> list[list[Button]]:
    """Short labels side by side, in order: a scale of 0 to 10 is two rows, long answers have one each."""
    room = {_side_by_side(button.label) for button in buttons}
    if len(room) == 1:
        return _evenly(buttons, room.pop())
    laid: list[list[Button]] = []
    for button in buttons:
        row = laid[-1] if laid else []
        if row and len(row) < min(_side_by_side(other.label) for other in (*row, button)):
            row.append(button)
        else:
            laid.append([button])
    return laid


def flaw(body: Body) -> str | None:
    """Why Telegram would refuse `body`, in words for staff; nothing if it would not."""
    if all(unicodedata.category(character)[0] in "ZC" for character in body.text):
        return "the message has no text"
    if units(body.text) > MOST_TEXT:
        return f"the text is longer than Telegram takes ({MOST_TEXT} characters)"
    if body.picture is not None and units(body.text) > MOST_CAPTION:
        return f"the text under the picture is longer than Telegram takes ({MOST_CAPTION} characters)"
    if len(body.buttons) > MOST_BUTTONS:
        return f"there are more buttons than Telegram takes ({MOST_BUTTONS})"
    for button in body.buttons:
        if not button.label.strip():
            return "a button shows nothing"
        if button.url is None and not 0 < len(button.data.encode("utf-8", "surrogatepass")) <= MOST_DATA_BYTES:
            return f"a button carries nothing, or more than Telegram takes ({MOST_DATA_BYTES} bytes)"
    return None


def _button(button: Button) -> InlineKeyboardButton:
    if button.url is not None:
        return InlineKeyboardButton(button.label, url=button.url)
    return InlineKeyboardButton(button.label, callback_data=button.data)


def _side_by_side(label: str) -> int:
    """How many buttons as long as this one fit beside each other. Vowel signs and the like take no room."""
    letters = sum(unicodedata.category(character) not in ("Mn", "Me", "Cf") for character in label)
    return next((count for longest, count in _WIDTHS if letters <= longest), 1)


def _evenly(buttons: Sequence[Button], most: int) -> list[list[Button]]:
    """As few rows as possible, and none of them nearly empty."""
    lines = -(-len(buttons) // most)
    size, left_over = divmod(len(buttons), lines)
    laid, start = [], 0
    for line in range(lines):
        end = start + size + (line < left_over)
        laid.append(list(buttons[start:end]))
        start = end
    return laid
