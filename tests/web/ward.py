"""The console over ASGI, with a nurse logged in: what a browser without scripts can do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from html import unescape

import httpx
from sqlalchemy import event, select

from bot.bootstrap import App
from bot.channels.simulator import CHANNEL, Phone
from bot.store import reading
from bot.store.tables import alert, audit, question
from bot.web.app import create_app
from scheduler import enrolments
from scheduler.enrolments import EnrolmentView
from scheduler.people import find_address
from tests.web.staffed import Pass, log_in

TROUBLE = "peshab nahi ho raha"
QUESTION = "Which colour may my curtains have?"


@dataclass
class Ward:
    """A nurse at the console, and the patients' phones."""

    app: App
    client: httpx.AsyncClient
    nurse: Pass

    async def see(self, path: str, status: int = 200, headers: Mapping[str, str] | None = None) -> str:
        """The page at `path`."""
        answer = await self.client.get(path, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.text

    async def do(self, path: str, status: int = 303, /, **fields: str) -> httpx.Response:
        """Send a form with this session's token."""
        answer = await self.client.post(path, data={"csrf": self.nurse.csrf, **fields})
        assert answer.status_code == status, answer.text
        return answer

    async def say(self, phone: str, *texts: str) -> None:
        """Write on a patient's phone, and let what follows from it be sent."""
        for text in texts:
            await Phone(phone, self.app.inbox, self.app.clock).type(text)
        await self.app.dispatcher.drain()

    async def chat(self, phone: str) -> list[reading.ChatLine]:
        """What stands on a phone once everything due was sent."""
        await self.app.dispatcher.drain()
        async with self.app.store.read() as conn:
            address_id = await find_address(conn, self.app.store.keys, CHANNEL, phone)
            assert address_id is not None
            return await reading.chat(conn, self.app.store.keys, address_id)

    async def patient(self, name: str) -> EnrolmentView:
        """The patient whose name begins so."""
        async with self.app.store.read() as conn:
            everybody = await enrolments.everybody(conn, self.app.store.keys)
        return next(one for one in everybody if one.name.startswith(name))

    async def trail(self, enrolment_id: int) -> list[tuple[str, str]]:
        """Who did what to a patient, oldest first."""
        async with self.app.store.read() as conn:
            rows = await conn.execute(
                select(audit.c.actor, audit.c.action).where(audit.c.enrolment_id == enrolment_id).order_by(audit.c.id)
            )
            return [(row.actor, row.action) for row in rows]

    @property
    def actor(self) -> str:
        """How the audit trail names the nurse."""
        return f"staff:{self.nurse.staff_id}"

    @property
    def now(self) -> datetime:
        """The set time."""
        return self.app.clock.now()


@asynccontextmanager
async def on_the_ward(app: App, role: str = "nurse") -> AsyncIterator[Ward]:
    """A member of staff with `role`, logged in."""
    entry = await log_in(app, role, login=f"{role}-on-duty")
    transport = httpx.ASGITransport(create_app(app, demo=True))
    cookies = {entry.cookie: entry.token}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", cookies=cookies) as client:
        yield Ward(app, client, entry)


@contextmanager
def statements(app: App) -> Iterator[list[str]]:
    """Every statement the database gets meanwhile."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")):
            seen.append(statement)

    event.listen(app.store.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(app.store.engine.sync_engine, "before_cursor_execute", note)


def names(html: str) -> list[str]:
    """Whom the list shows, in its order."""
    return [unescape(name) for name in re.findall(r'class="patient"><a [^>]*><bdi>(.*?)</bdi>', html)]


def shown(html: str) -> str:
    """What is read on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def ask_team(ward: Ward, phone: str = "asha") -> int:
    """Hand QUESTION over from a phone; its id."""
    await ward.say(phone, "TEAM", QUESTION)
    async with ward.app.store.read() as conn:
        found: int = (await conn.scalars(select(question.c.id).order_by(question.c.id.desc()))).first() or 0
    return found


async def raise_alarm(ward: Ward, phone: str = "ramesh", words: str = TROUBLE) -> int:
    """Write something alarming on a phone; the alert's id."""
    await ward.say(phone, words)
    async with ward.app.store.read() as conn:
        found: int = (await conn.scalars(select(alert.c.id).order_by(alert.c.id.desc()))).first() or 0
    return found
