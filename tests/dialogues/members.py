"""What members of staff do in the console, as its pages do it: each act in a transaction of its own."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import accounts, alerts, notices, questions, tokens
from bot.staff.accounts import Staff
from bot.staff.tokens import Purpose
from content.loader import Content
from scheduler.crypto import KeyRing
from tests.support.world import World


@dataclass
class Member:
    """A member of staff: what they do in the console."""

    world: World
    id: int

    async def code(self) -> str:
        """A fresh code that links a chat."""
        async with self._write() as conn:
            return await tokens.make(conn, self._keys, Purpose.CHAT, self.id, self._now)

    async def staff(self) -> Staff:
        """As the account is now."""
        async with self.world.store.read() as conn:
            return await accounts.by_id(conn, self._keys, self.id)

    async def acknowledge(self, alert_id: int) -> bool:
        """Press Acknowledge in the console."""
        staff = await self.staff()
        async with self._write() as conn:
            return await alerts.acknowledge(conn, self._keys, self._content, alert_id, staff, self._now)

    async def close(self, alert_id: int, outcome: str) -> None:
        """Close an alert in the console."""
        staff = await self.staff()
        async with self._write() as conn:
            await alerts.close(conn, self._keys, self._content, alert_id, staff, outcome, self._now)

    async def answer(self, question_id: int, text: str) -> None:
        """Answer a question in the console."""
        staff = await self.staff()
        async with self._write() as conn:
            await questions.answer(conn, self._keys, self._content, question_id, staff, text, self._now)

    async def close_question(self, question_id: int) -> None:
        """Close a question in the console."""
        staff = await self.staff()
        async with self._write() as conn:
            await questions.close(conn, question_id, staff, self._now)

    async def done(self, notice_id: int) -> None:
        """Take a notice off the list in the console."""
        staff = await self.staff()
        async with self._write() as conn:
            await notices.done(conn, notice_id, staff, self._now)

    async def disable(self) -> None:
        """Somebody disables this member."""
        async with self._write() as conn:
            await accounts.disable(conn, self.id, self._now)

    def _write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self.world.store.write()

    @property
    def _keys(self) -> KeyRing:
        return self.world.store.keys

    @property
    def _content(self) -> Content:
        return self.world.content

    @property
    def _now(self) -> datetime:
        return self.world.clock.now()
