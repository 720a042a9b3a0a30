"""Telegram: everything that names its methods, fields, limits and errors (Bot API, https://core.telegram.org/bots/api).

`TelegramChannel` is what the rest of the bot uses: a sender for the dispatcher, events for the inbox.
"""

from __future__ import annotations

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.duty import Webhook
from bot.channels.telegram.sender import TelegramSender
from bot.channels.telegram.updates import CHANNEL

__all__ = ["CHANNEL", "TelegramChannel", "TelegramSender", "Webhook"]
