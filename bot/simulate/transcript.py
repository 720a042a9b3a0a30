"""A readable record of every chat: who wrote what, when by the clock on the patient's wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler.sender import Body

SAATHI = "Saathi"
_INDENT = " " * 8
_HARMLESS = "\n\u200c\u200d"
"""Not printable by themselves; the last two belong to Devanagari and to emoji."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a chat, or a remark between the lines."""

    at: datetime
    who: str
    """Nobody for a remark."""
    text: str
    buttons: tuple[str, ...] = ()


class Transcript:
    """Chats by phone; keeps nothing if nobody wants to read it."""

    def __init__(self, *, wanted: bool) -> None:
        """Keep what is said only if it is `wanted`."""
        self._wanted = wanted
        self._chats: dict[str, tuple[str, ZoneInfo, list[Entry]]] = {}

    def begin(self, address: str, title: str, zone: ZoneInfo) -> None:
        """Open the chat of a phone; times are written in `zone`."""
        self._chats.setdefault(address, (title, zone, []))

    def out(self, address: str, at: datetime, body: Body) -> None:
        """Saathi wrote."""
        self._add(address, Entry(at, SAATHI, body.text, tuple(button.label for button in body.buttons)))

    def came_in(self, address: str, at: datetime, who: str, text: str) -> None:
        """The patient wrote or did something."""
        self._add(address, Entry(at, who, text))

    def remark(self, address: str, at: datetime, text: str) -> None:
        """Something happened that is not in the chat."""
        self._add(address, Entry(at, "", text))

    def _add(self, address: str, entry: Entry) -> None:
        if self._wanted and address in self._chats:
            self._chats[address][2].append(entry)

    def write(self, path: Path) -> None:
        """Write all chats, one after the other. Raises OSError if that is impossible."""
        text = "\n\n".join(_chat(*chat) for chat in self._chats.values()) + "\n"
        # Patients also type what is no proper text; it shows as a question mark.
        path.write_text(text, encoding="utf-8", errors="replace")


def _chat(title: str, zone: ZoneInfo, entries: list[Entry]) -> str:
    lines = [f"=== {title} (times in {zone.key}) ==="]
    day = ""
    for entry in entries:
        local = entry.at.astimezone(zone)
        today = f"{local:%a %d %b %Y}"
        if today != day:
            lines += ["", f"--- {today} ---"]
            day = today
        lines += _entry(f"{local:%H:%M}", entry)
    return "\n".join(lines)


def _entry(at: str, entry: Entry) -> list[str]:
    if not entry.who:
        return [f"{at}   ({entry.text})"]
    first, *rest = _visible(entry.text).split("\n")
    lines = [f"{at}   {entry.who}: {first}", *(_INDENT + line if line else "" for line in rest)]
    if entry.buttons:
        lines.append(_INDENT + " ".join(f"[{label}]" for label in entry.buttons))
    return lines


def _visible(text: str) -> str:
    """The text with a sign for whatever cannot be seen or would turn the line around."""
    return "".join(letter if letter.isprintable() or letter in _HARMLESS else "\ufffd" for letter in text)
