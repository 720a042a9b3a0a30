"""How the bot presents itself."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.channels.telegram import presenting
from bot.conversation.words import Commands
from tests.support.world import shipped

CARDS = presenting.cards(shipped())


@pytest.mark.parametrize("name", presenting.COMMANDS)
def test_every_command_of_the_menu_is_understood(name: str) -> None:
    """Whoever taps it gets more than 'I do not know this command'; with the bot's name behind it as well."""
    commands = Commands(shipped().words)
    assert commands.find(f"/{name}") is not None
    assert commands.find(f"/{name}@saathi_example_bot") == commands.find(f"/{name}")
    assert re.fullmatch(r"[a-z0-9_]{1,32}", name)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code or "default")
def test_everything_fits_where_telegram_shows_it(card: presenting.Card) -> None:
    """Bot API: 512 characters, 120, and 256 for a command, of which a phone shows some forty."""
    assert 0 < len(card.description) <= 512
    assert 0 < len(card.short) <= 120
    assert all(0 < len(said) <= 40 for _, said in card.commands)


def test_other_words_are_another_fingerprint() -> None:
    """So that a changed text reaches Telegram, and an unchanged one costs no call."""
    content = shipped()
    other = content.replies["command-help"]
    changed = replace(content, replies={**content.replies, "command-help": content.replies["command-stop"]})
    assert other is not changed.replies["command-help"]
    assert presenting.fingerprint(content) == presenting.fingerprint(content)
    assert presenting.fingerprint(content) != presenting.fingerprint(changed)
