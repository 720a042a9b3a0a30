"""A member of staff who is logged in: what a browser brings along, made without the login page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from typing import TypeVar

import httpx
from sqlalchemy import insert

from bot.bootstrap import App
from bot.staff import accounts, sessions
from bot.store.tables import channel_state
from bot.web.console.access import cookie_name
from scheduler.store.engine import Store
from tests.web.conftest import Eyes

T = TypeVar("T")

BOT = "SaathiExampleBot"


@dataclass(frozen=True, slots=True)
class Pass:
    """The cookie of a session, and the token its forms carry."""

    staff_id: int
    cookie: str
    token: str
    csrf: str


async def log_in(app: App, role: str = "nurse", login: str = "bedside", store: Store | None = None) -> Pass:
    """Add a member of staff with a session that has just begun."""
    keys, now = app.store.keys, app.clock.now()
    async with (store or app.store).write() as conn:
        added = await accounts.add(conn, keys, "Sister Example", login, role, now)
        opened = await sessions.open(conn, keys, added.staff_id, now)
    return Pass(added.staff_id, cookie_name(app), opened.token, sessions.csrf_of(keys, opened.token))


async def telegram_is_up(store: Store) -> None:
    """Telegram has told the bot's name, as it does when the channel comes up."""
    async with store.write() as conn:
        await conn.execute(insert(channel_state).values(channel="telegram", username=BOT, info={}))


def from_outside(eyes: Eyes, work: Callable[[Store], Awaitable[T]]) -> T:
    """Do something to the database of a system that runs in another thread, through a connection of its own."""

    async def inside() -> T:
        store = Store.open(eyes.app.settings.database, eyes.app.store.keys)
        try:
            return await work(store)
        finally:
            await store.close()

    # A thread of its own: while Playwright runs, no other event loop can run in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, inside()).result()


def log_in_from_outside(eyes: Eyes, *, telegram: bool) -> Pass:
    """Somebody logged in, in a system that runs in another thread; with or without Telegram."""

    async def work(store: Store) -> Pass:
        if telegram:
            await telegram_is_up(store)
        return await log_in(eyes.app, store=store)

    return from_outside(eyes, work)


def hidden(page: httpx.Response, form: str) -> dict[str, str]:
    """The hidden fields of the page's form with this action, as a browser would send them."""
    html = page.text[page.text.index(f'action="{form}"') :]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html[: html.index("</form>")])
    return {name: unescape(value) for name, value in found}
