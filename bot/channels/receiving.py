"""Events to the inbox: none is lost while the database is away, and one that fails by itself holds up nobody."""

from __future__ import annotations

import structlog
from sqlalchemy import exc, text

from bot.channels.inbound import Inbound
from bot.inbox import Inbox
from scheduler.store.engine import Store

MOST_TRIES = 3
"""So often an event may fail while the database works. The inbox has set it aside by then, if that was possible."""

_AWAY = (OSError, exc.OperationalError, exc.InterfaceError, exc.TimeoutError)

log = structlog.get_logger(__name__)


class NotStoredError(Exception):
    """The event is not stored: the provider must bring it again."""


class Receiver:
    """Takes the events of one channel in."""

    def __init__(self, inbox: Inbox, store: Store) -> None:
        """Count in this process how often an event failed."""
        self._inbox = inbox
        self._store = store
        self._tries: dict[str, int] = {}

    async def receive(self, event: Inbound) -> None:
        """Store `event` and do what follows from it. Raises NotStoredError if it must come again.

        An event that fails again and again although the database works is given up, and logged: its provider would
        hold back everything behind it.
        """
        try:
            await self._inbox.receive(event)
        except Exception as error:
            if isinstance(error, _AWAY) or not await self._database_answers() or not self._given_up(event, error):
                raise NotStoredError from error
        self._tries.pop(event.event_id, None)

    async def _database_answers(self) -> bool:
        try:
            async with self._store.read() as conn:
                await conn.execute(text("SELECT 1"))
        except Exception:  # noqa: BLE001 - drivers have many names for a database that is away
            return False
        return True

    def _given_up(self, event: Inbound, error: Exception) -> bool:
        tries = self._tries.get(event.event_id, 0) + 1
        self._tries[event.event_id] = tries
        if tries < MOST_TRIES:
            return False
        log.error("inbound event given up", exc_info=error, channel=event.channel, kind=event.kind.value, tries=tries)
        return True
