"""What every channel with a provider is to the rest of the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.channels.inbound import Inbound
from bot.inbox import Inbox
from scheduler.clock import Clock
from scheduler.sender import Sender
from scheduler.store.engine import Store


class PictureAwayError(Exception):
    """The picture cannot be had now; perhaps later."""


class PictureGoneError(Exception):
    """The picture can never be had; `reason` is our short name for why, `too-large` among others."""

    def __init__(self, reason: str) -> None:
        """Keep why."""
        self.reason = reason
        super().__init__(reason)


class PictureSource(Protocol):
    """Where the pictures are that people sent on one channel."""

    async def fetch(self, source: str, most: int) -> bytes:
        """The picture that came with an event as `Inbound.picture`, of at most `most` bytes.

        Raises PictureAwayError or PictureGoneError, and nothing else.
        """
        ...


class Channel(Protocol):
    """One provider: a way out, events in, and what has to be looked after at the provider's side."""

    name: str

    @property
    def sender(self) -> Sender:
        """The way out."""
        ...

    @property
    def takes_webhooks(self) -> bool:
        """Whether the provider posts events to `/webhooks/<name>`; otherwise `run` fetches them."""
        ...

    def webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[Inbound]:
        """The events in what was posted, to be stored before it is acknowledged.

        `headers` find their values whatever the case of the name. Raises ForgedError or MalformedError.
        """
        ...

    def stored(self, event: Inbound) -> None:
        """`event` is committed: tell the provider what it waits for. Returns at once and raises nothing."""
        ...

    async def fetch(self, source: str, most: int) -> bytes:
        """As `PictureSource.fetch`."""
        ...

    async def run(self, inbox: Inbox, store: Store, clock: Clock, stop: asyncio.Event) -> None:
        """Look after the provider's side, and fetch events unless they are posted, until `stop`.

        One process at a time does so, the others wait to take over. Raises nothing: what is wrong stands in
        `channel_state`, and is tried again.
        """
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...
