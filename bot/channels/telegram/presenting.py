"""How the bot presents itself on Telegram: its commands and what stands in the empty chat, in each language."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from bot.channels.telegram.api import Api
from content.loader import Content

COMMANDS = ("start", "menu", "team", "time", "pause", "resume", "stop", "language", "help")
"""What the menu button lists, most wanted first. Each is a word of `content/replies/words.yaml`."""

LANGUAGES = (("", "en"), ("hi", "hi"))
"""(Telegram's code of the app's language, ours); the first is shown where no other fits."""

_DESCRIPTION = "bot-description"
_SHORT = "bot-short-description"


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown to people whose app speaks one language."""

    code: str
    commands: tuple[tuple[str, str], ...]
    """(command, what it does)"""
    description: str
    """In the empty chat, above Start: at most 512 characters."""
    short: str
    """In the bot's profile: at most 120 characters."""


def cards(content: Content) -> tuple[Card, ...]:
    """The cards that `content/replies/telegram.yaml` describes."""
    return tuple(_card(content, code, language) for code, language in LANGUAGES)


def fingerprint(content: Content) -> str:
    """The same for the same cards: Telegram allows few changes a day, so they are sent when they have changed."""
    shown = json.dumps([[c.code, c.commands, c.description, c.short] for c in cards(content)])
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


async def present(api: Api, content: Content) -> None:
    """Tell Telegram. Raises TelegramError; doing it again is harmless."""
    for card in cards(content):
        await api.set_my_commands(card.commands, language_code=card.code or None)
        await api.set_my_description(card.description, language_code=card.code or None)
        await api.set_my_short_description(card.short, language_code=card.code or None)


def _card(content: Content, code: str, language: str) -> Card:
    def said(name: str) -> str:
        return content.fill(content.replies[name].text[language])

    commands = tuple((name, said(f"command-{name}")) for name in COMMANDS)
    return Card(code, commands, said(_DESCRIPTION), said(_SHORT))
