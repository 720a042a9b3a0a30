"""The way out to Telegram."""

from __future__ import annotations

from datetime import datetime

from telegram import LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import ChatMigrated, TelegramError

from bot.channels.telegram import errors, formatting
from bot.channels.telegram.api import Api
from bot.channels.telegram.updates import CHANNEL
from scheduler.sender import Body, Limits, Outcome, Outgoing, Refused, Sent

LIMITS = Limits(per_second=30, spacing=1.05, in_flight=60, timeout=20.0)
"""Telegram's FAQ for bots: about 30 messages a second to different people, about one a second in one chat. Two seconds'
worth of calls may be under way, and a call ends by itself (`transport`) before the timeout."""

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramSender:
    """A `Sender` on the Bot API."""

    channel = CHANNEL

    def __init__(self, api: Api, limits: Limits = LIMITS) -> None:
        """Send by `api`; another Bot API server may bear other `limits`."""
        self._api = api
        self.limits = limits

    def law(self, outgoing: Outgoing, now: datetime) -> str | None:
        """Whatever Telegram would take may be sent at any time, to anybody who has not blocked us."""
        if not outgoing.to.lstrip("-").isdecimal():
            return "the address is no Telegram chat"
        return formatting.flaw(outgoing.body)

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Send it as HTML; as plain text if Telegram cannot read that, which then was certainly not shown."""
        result = await self._try(int(outgoing.to), outgoing.body, ParseMode.HTML)
        if result == Refused(errors.CANNOT_PARSE):
            return await self._try(int(outgoing.to), outgoing.body, None)
        return result

    async def _try(self, chat: int, body: Body, mode: ParseMode | None, *, moved: bool = False) -> Outcome:
        try:
            message = await self._api.send_message(
                chat,
                formatting.html(body.text) if mode else body.text,
                parse_mode=mode,
                link_preview_options=_NO_PREVIEW,
                reply_markup=formatting.keyboard(body.buttons),
            )
        except ChatMigrated as error:
            # A group became a supergroup under another id. Once is enough: there is no third kind.
            return errors.outcome(error) if moved else await self._try(error.new_chat_id, body, mode, moved=True)
        except TelegramError as error:
            return errors.outcome(error)
        return Sent(str(message.message_id))
