"""A nurse at the bedside: enrols over HTTP without scripts, and what the tests read from the pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from html import unescape
from typing import Any

import httpx
from sqlalchemy import func, select

from bot import driver
from bot.bootstrap import App
from bot.channels.simulator import CHANNEL, Phone
from bot.web.app import create_app
from scheduler import enrolments, links, outbox, people
from scheduler.store.tables import enrolment
from tests.web.staffed import Pass, hidden, log_in

ASHA = {
    "name": "Kamla Example",
    "phone": "90000 00077",
    "language": "hi",
    "procedure": "lumbar-microdiscectomy",
    "surgery_on": "2026-11-20",
    "surgery_time": "07:30",
}


class Nurse:
    """A browser without scripts in which somebody is logged in."""

    def __init__(self, client: httpx.AsyncClient, passed: Pass) -> None:
        self.client = client
        self.passed = passed

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def post(self, path: str, fields: dict[str, str]) -> httpx.Response:
        return await self.client.post(path, data={"csrf": self.passed.csrf} | fields)

    async def preview(self, **fields: str) -> httpx.Response:
        empty = await self.get("/enrol")
        return await self.post("/enrol/preview", hidden(empty, "/enrol/preview") | ASHA | fields)

    async def save(self, preview: httpx.Response, **fields: str) -> httpx.Response:
        return await self.post("/enrol/save", hidden(preview, "/enrol/save") | checked(preview) | fields)

    async def enrol(self, **fields: str) -> httpx.Response:
        return await self.save(await self.preview(**fields))


@asynccontextmanager
async def at_work(app: App) -> AsyncIterator[Nurse]:
    """A nurse's browser on the pages of `app`."""
    passed = await log_in(app)
    transport = httpx.ASGITransport(create_app(app, demo=True), raise_app_exceptions=True)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", cookies={passed.cookie: passed.token}
    ) as client:
        yield Nurse(client, passed)


def checked(page: httpx.Response) -> dict[str, str]:
    """The radios that are checked."""
    return dict(re.findall(r'type="radio" name="([^"]+)" value="([^"]*)" checked', page.text))


def problems(page: httpx.Response) -> dict[str, str]:
    """The sentence beside each field."""
    found = re.findall(r'<p class="problem" id="f-([a-z_]+)-problem">([^<]*)</p>', page.text)
    return {name: unescape(sentence) for name, sentence in found}


def shown(page: httpx.Response) -> list[tuple[datetime, str]]:
    """Every message of a preview: when and what, in order of time."""
    pattern = r'<li class="shown" data-at="([^"]+)">.*?<div class="shown-text"[^>]*>(.*?)</div>'
    found = re.findall(pattern, page.text, re.DOTALL)
    return sorted((datetime.fromisoformat(at), unescape(text)) for at, text in found)


def code_on(page: httpx.Response) -> str:
    found = re.search(r'class="code[^"]*">([A-Z2-9]{4}-[A-Z2-9]{4})<', page.text)
    assert found
    return found[1]


async def count(app: App, what: Any = enrolment) -> int:
    async with app.store.read() as conn:
        return await conn.scalar(select(func.count()).select_from(what)) or 0


async def join(app: App, phone: Phone, code: str, year: str, language: str) -> None:
    """Open the link and agree, while the clock stands still."""
    await phone.type(code)
    await driver.settle(app)
    for _ in range(6):
        async with app.store.read() as conn:
            address_id = await people.find_address(conn, app.store.keys, CHANNEL, phone.address)
            assert address_id is not None
            lines = await outbox.transcript(conn, app.store.keys, address_id)
        body = lines[-1].body
        assert body is not None
        labels = {button.label: button for button in body.buttons}
        wanted = [b for label, b in labels.items() if label in ("English", "हिन्दी")]
        if wanted:
            await phone.tap(labels["English" if language == "en" else "हिन्दी"], lines[-1].provider_id)
        elif agree := [b for label, b in labels.items() if label in ("Yes, I agree", "हाँ, मंज़ूर है")]:
            await phone.tap(agree[0], lines[-1].provider_id)
        else:
            await phone.type(year)
        await driver.settle(app)


async def newest(app: App) -> enrolments.EnrolmentView:
    async with app.store.read() as conn:
        return (await enrolments.everybody(conn, app.store.keys))[-1]


async def state_of(app: App, code: str) -> str:
    """How the link behind a code stands."""
    async with app.store.read() as conn:
        found = await links.find(conn, app.store.keys, code)
    assert found is not None
    return found.state(app.clock.now())
