"""A browser without scripts on the console, and a system to look at with it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route

from bot import bootstrap
from bot.bootstrap import App
from bot.settings import Settings
from bot.staff import sessions
from bot.staff.accounts import Staff
from bot.web.app import create_app
from bot.web.console.access import GuardedRoute, cookie_name
from scheduler.clock import SettableClock
from scheduler.crypto import KeyRing
from scheduler.store.tables import metadata
from tests.support.answering import shipped_answering
from tests.support.members import PASSWORD, cheap_passwords, member
from tests.support.world import shipped

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
HERE = "http://127.0.0.1"

_CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
_SENTENCE = re.compile(r'class="notice notice-bad"[^>]*>([^<]*)<')


@dataclass
class House:
    """A system with its pages, and a clock that stands still."""

    app: App
    clock: SettableClock
    pages: Starlette
    base: str

    @property
    def host(self) -> str:
        """The host name by which it is reached."""
        return urlsplit(self.base).hostname or ""

    async def member(self, login: str = "sister", role: str = "nurse", *, password: bool = True) -> Staff:
        """A new member of staff, whose password is PASSWORD."""
        return await member(self.app.store, self.clock.now(), login, role, password=password)

    @asynccontextmanager
    async def browser(self, network: str = "192.0.2.1") -> AsyncIterator[Browser]:
        """A browser without scripts, which nobody is logged in with."""
        transport = httpx.ASGITransport(self.pages, client=(network, 1234))
        async with httpx.AsyncClient(transport=transport, base_url=self.base) as client:
            yield Browser(self, client)

    @asynccontextmanager
    async def logged_in(self, staff: Staff) -> AsyncIterator[Browser]:
        """A browser in which `staff` logged in just now."""
        async with self.browser() as browser:
            await browser.enter(staff)
            yield browser

    async def content_of_database(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table, to compare before and after."""
        async with self.app.store.read() as conn:
            return {
                table.name: [tuple(row) for row in await conn.execute(table.select().order_by(*table.primary_key))]
                for table in metadata.sorted_tables
            }

    def guarded(self) -> list[tuple[GuardedRoute, str]]:
        """Each guarded route with each of its methods."""
        routes = [route for route in self.pages.routes if isinstance(route, GuardedRoute)]
        return [(route, method) for route in routes for method in sorted((route.methods or set()) - {"HEAD"})]

    def open_routes(self) -> set[str]:
        """The addresses anybody may ask for."""
        return {
            route.path
            for route in self.pages.routes
            if not isinstance(route, GuardedRoute) and (isinstance(route, Route) or hasattr(route, "path"))
        }


@dataclass
class Browser:
    """Asks for pages and sends forms, and keeps cookies."""

    house: House
    client: httpx.AsyncClient

    async def enter(self, staff: Staff) -> str:
        """Hold a fresh session of `staff`; its CSRF token."""
        async with self.house.app.store.write() as conn:
            opened = await sessions.open(conn, self.house.app.store.keys, staff.id, self.house.clock.now())
        self.hold(opened.token)
        return sessions.csrf_of(self.house.app.store.keys, opened.token)

    def hold(self, token: str) -> None:
        """Keep this cookie, whoever it came from."""
        self.client.cookies.clear()
        self.client.cookies.set(cookie_name(self.house.app), token, domain=self.house.host)

    async def log_in(self, login: str = "sister", password: str = PASSWORD, wanted: str = "") -> httpx.Response:
        """Fill in the login form."""
        data = {"login": login, "password": password} | ({"next": wanted} if wanted else {})
        return await self.client.post("/login", data=data)

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self.client.get(path, headers={"accept": "text/html"})

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form with the CSRF token of this session."""
        return await self.client.post(path, data={"csrf": self.csrf} | fields, headers={"accept": "text/html"})

    @property
    def token(self) -> str:
        """The session's cookie."""
        return self.client.cookies.get(cookie_name(self.house.app)) or ""

    @property
    def csrf(self) -> str:
        """What the forms of this session carry."""
        return sessions.csrf_of(self.house.app.store.keys, self.token)


@asynccontextmanager
async def house(
    folder: Path, url: str, *, public_url: str = "", base: str = HERE, demo: bool = False
) -> AsyncIterator[House]:
    """An empty system at `NOW` on the database at `url`, with its keys in `folder`, reached at `base`."""
    clock = SettableClock(NOW, frozen=True)
    KeyRing.load_or_create(folder / "keys")
    settings = Settings(data_dir=folder, public_url=public_url, database_url=SecretStr(url))
    async with await bootstrap.build(settings, clock=clock, content=shipped(), answering=shipped_answering()) as app:
        yield House(app, clock, create_app(app, demo=demo, passwords=cheap_passwords()), base)


def csrf_in(page: httpx.Response) -> str:
    """The CSRF token in the forms of a page."""
    found = set(_CSRF.findall(page.text))
    assert len(found) == 1, found
    return str(found.pop())


def sentence_in(page: httpx.Response) -> str:
    """What the page says went wrong."""
    found = _SENTENCE.search(page.text)
    return unescape(found.group(1)) if found else ""
