"""The way out to Telegram."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from telegram import LinkPreviewOptions, Message
from telegram.constants import ParseMode
from telegram.error import ChatMigrated, TelegramError

from bot.channels.telegram import errors, formatting
from bot.channels.telegram.api import Api
from bot.channels.telegram.updates import CHANNEL
from scheduler.sender import Body, Limits, NotSent, Outcome, Outgoing, Refused, Sent

LIMITS = Limits(per_second=30, spacing=1.05, in_flight=60, timeout=20.0)
"""Telegram's FAQ for bots: about 30 messages a second to different people, about one a second in one chat. Two seconds'
worth of calls may be under way, and a call ends by itself (`transport`) before the timeout."""

_PICTURE_NAME = "picture.png"
"""Says nothing about anybody."""

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
        """Send it as HTML; as plain text if Telegram cannot read that, which then was certainly not shown.

        In the same way the text goes alone if Telegram does not take the picture.
        """
        body = outgoing.body
        result = await self._try(int(outgoing.to), body, ParseMode.HTML)
        if body.picture is not None and result in (Refused(errors.BAD_PICTURE), NotSent(errors.TOO_LARGE)):
            body = replace(body, picture=None)
            result = await self._try(int(outgoing.to), body, ParseMode.HTML)
        if result == Refused(errors.CANNOT_PARSE):
            return await self._try(int(outgoing.to), body, None)
        return result

    async def _try(self, chat: int, body: Body, mode: ParseMode | None, *, moved: bool = False) -> Outcome:
        try:
            message = await self._post(chat, body, mode)
        except ChatMigrated as error:
            # A group became a supergroup under another id. Once is enough: there is no third kind.
            return errors.outcome(error) if moved else await self._try(error.new_chat_id, body, mode, moved=True)
        except TelegramError as error:
            return errors.outcome(error)
        return Sent(str(message.message_id))

    async def _post(self, chat: int, body: Body, mode: ParseMode | None) -> Message:
        text = formatting.html(body.text) if mode else body.text
        keyboard = formatting.keyboard(body.buttons)
        if body.picture is None:
            return await self._api.send_message(
                chat, text, parse_mode=mode, link_preview_options=_NO_PREVIEW, reply_markup=keyboard
            )
        return await self._api.send_photo(
            chat, body.picture, caption=text, parse_mode=mode, reply_markup=keyboard, filename=_PICTURE_NAME
        )
