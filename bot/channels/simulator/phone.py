"""The simulator's way in: what somebody does with a simulated phone becomes events, like from any channel."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from bot.channels.inbound import Inbound, Kind
from bot.channels.simulator.pictures import sent
from bot.channels.simulator.sender import CHANNEL
from bot.inbox import Inbox, Received
from scheduler.clock import Clock
from scheduler.sender import Button


def _random_id() -> str:
    return secrets.token_hex(8)


class Phone:
    """One simulated phone; `address` is its number or any other name that is unique among the phones."""

    def __init__(self, address: str, inbox: Inbox, clock: Clock, new_id: Callable[[], str] = _random_id) -> None:
        """Act as `address` towards `inbox`; `new_id` names the events, each once in the life of the database."""
        self.address = address
        self._inbox = inbox
        self._clock = clock
        self._new_id = new_id

    async def type(self, text: str, reply_to: str | None = None) -> Received:
        """Send a text; `reply_to` is the provider's id of a message it answers."""
        return await self.do(Kind.TEXT, text=text, reply_to=reply_to)

    async def tap(self, button: Button, under: str | None = None) -> Received:
        """Press `button`, shown under the message with the provider's id `under`."""
        return await self.do(Kind.BUTTON, text=button.label, data=button.data, reply_to=under)

    async def send_picture(self, content: bytes, caption: str = "") -> Received:
        """Send a photo."""
        return await self.receive(replace(self.event(Kind.PHOTO, caption), picture=sent(content)))

    async def do(self, kind: Kind, text: str = "", data: str | None = None, reply_to: str | None = None) -> Received:
        """Anything else: a sticker, a photo that never arrives, blocking, unblocking."""
        return await self.receive(self.event(kind, text, data, reply_to))

    def event(self, kind: Kind, text: str = "", data: str | None = None, reply_to: str | None = None) -> Inbound:
        """The event of doing it now, not yet handed in."""
        return Inbound(
            channel=CHANNEL,
            event_id=self._new_id(),
            address=self.address,
            kind=kind,
            at=self._clock.now(),
            text=text,
            data=data,
            reply_to=reply_to,
        )

    async def receive(self, event: Inbound) -> Received:
        """Hand in `event`; handing in the same one twice has one effect."""
        return await self._inbox.receive(event)
