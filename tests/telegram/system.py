"""A whole Saathi as `saathi run` starts it, on the fake Telegram, with a clock that can be set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr

from bot import bootstrap, driver, serve
from bot.bootstrap import App
from bot.settings import Settings
from bot.staff import accounts
from scheduler.clock import SettableClock
from scheduler.crypto import KeyRing
from scheduler.enrolments import Enrolled, NewEnrolment, enrol
from tests.dialogues.player import local
from tests.fakes.telegram.people import User
from tests.fakes.telegram.server import FakeTelegram
from tests.support.answering import shipped_answering
from tests.support.world import shipped
from tests.telegram.browser import Browser

SITE = "https://saathi.example.org"
SECRET = "a-secret-for-the-tests"
PASSWORD = "a long phrase for the tests"
SHORT = timedelta(seconds=5)
"""Waits up to this long are skipped: between two messages to one chat, before a call is tried again."""
SURGERY = date(2026, 3, 2)
START = local(SURGERY, "15:00")

Mode = Literal["polling", "webhook"]
MODES: tuple[Mode, ...] = ("polling", "webhook")


@dataclass
class System:
    """Saathi that runs, and the Telegram it runs on."""

    app: App
    fake: FakeTelegram
    clock: SettableClock
    address: str
    """Where its pages are on this machine."""

    def user(self, number: int, language: str = "hi", name: str = "Asha") -> User:
        """Somebody with a phone."""
        return self.fake.user(number, language, name)

    async def until(self, day: date, clock: str) -> None:
        """Let time pass, everything leaving at its own minute."""
        await driver.advance(self.app, local(day, clock))

    async def eventually(self, is_so: Any, what: str) -> None:
        """Wait until something is so."""
        for _ in range(12_000):
            if is_so():
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"it never came to this: {what}")

    async def skip_short_waits(self) -> None:
        """For ever: whatever is due in a few seconds is due now. Reminders, hours away, wait for `until`."""
        while True:
            await asyncio.sleep(0.02)
            due = await self.app.dispatcher.next_due()
            if due is not None and timedelta(0) < due - self.clock.now() <= SHORT:
                self.clock.set(due)
                self.app.dispatcher.wake()

    async def taken_in(self) -> None:
        """Wait until Saathi has everything that people did."""
        await self.eventually(lambda: not self.fake.waiting, "every update is confirmed")

    async def member(self, name: str, login: str, role: str = "nurse") -> Browser:
        """A new member of staff, who has used the invitation and is logged in."""
        async with self.app.store.write() as conn:
            added = await accounts.add(conn, self.app.store.keys, name, login, role, self.clock.now())
        browser = Browser(self.address)
        await browser.open(f"/invitation/{added.token}")
        await browser.send(browser.action(f"/invitation/{added.token}"), password=PASSWORD, again=PASSWORD)
        return browser

    async def enrol(self, name: str = "Asha Example", **more: Any) -> Enrolled:
        """Staff enrol somebody, without the form."""
        values: dict[str, Any] = {
            "language": "en",
            "journey": "lumbar-microdiscectomy",
            "surgery_on": SURGERY,
            "discharge_on": SURGERY,
            "year_of_birth": 1971,
            "phone": "+919000000001",
        }
        async with self.app.store.write() as conn:
            request = NewEnrolment(name=name, **(values | more))
            return await enrol(conn, self.app.store.keys, self.app.content, request, self.clock.now())


@asynccontextmanager
async def running(folder: Path, mode: Mode, *, start: datetime = START) -> AsyncIterator[System]:
    """Start everything on the data folder `folder`, and wait until it has found Telegram."""
    clock = SettableClock(start)
    listener = serve.listen("127.0.0.1", 0)
    address = serve.address_of(listener)
    with FakeTelegram(now=lambda: clock.now().timestamp(), sites={SITE: address}, retry_scale=0.01) as fake:
        settings = Settings(
            data_dir=folder,
            encryption_keys=SecretStr(KeyRing.generate().spec()),
            public_url=SITE,
            telegram_token=SecretStr(fake.token),
            telegram_api_url=fake.url,
            telegram_webhook_secret=SecretStr(SECRET if mode == "webhook" else ""),
        )
        app = await bootstrap.build(settings, clock=clock, content=shipped(), answering=shipped_answering())
        stop = asyncio.Event()
        async with app:
            serving = asyncio.create_task(serve.serve(app, listener, stop=stop))
            system = System(app, fake, clock, address)
            try:
                await system.eventually(lambda: fake.calls["setmycommands"] or serving.done(), "Telegram was asked")
                skipping = asyncio.create_task(system.skip_short_waits())
                yield system
                skipping.cancel()
            finally:
                stop.set()
                await serving
