"""A demo with its sample patients, ready in a moment: settled in once, then a copy of its folder for each test."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot import bootstrap, sample
from bot.bootstrap import App
from bot.serve import address_of, listen, serve
from bot.settings import Settings
from bot.web.app import create_app
from content.loader import Content
from scheduler.clock import SettableClock
from tests.support.answering import shipped_answering
from tests.support.sharing import once
from tests.support.tracing import untraced
from tests.support.world import shipped

NOW = datetime(2026, 11, 20, 3, 40, tzinfo=UTC)
"""The set time at which every test begins: Friday, ten past nine in Lucknow. In a browser it runs on."""

_CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
)

_PATIENCE = 30_000
"""Milliseconds until something on a page is missed; a busy machine needs seconds where an idle one needs none."""


@pytest.fixture(scope="session")
def content() -> Content:
    """The shipped content, read once."""
    return shipped()


@pytest.fixture(scope="session")
def _settled(tmp_path_factory: pytest.TempPathFactory, content: Content) -> Path:
    """A folder with the sample clinic as `make demo` shows it at `NOW`."""
    return once(tmp_path_factory, "settled", lambda: _settle(tmp_path_factory.mktemp("settled"), content))


def _settle(folder: Path, content: Content) -> Path:
    async def settle() -> None:
        clock = SettableClock(NOW - sample.HISTORY, frozen=True)
        async with await bootstrap.build(
            Settings(data_dir=folder), clock=clock, content=content, answering=shipped_answering()
        ) as app:
            await sample.settle_in(app)

    # A thread of its own: the caller may be in the midst of a running event loop.
    with untraced(), ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, settle()).result()
    return folder


@pytest.fixture
def demo_folder(_settled: Path, tmp_path: Path) -> Path:
    """A copy of the settled folder that the test may change."""
    folder = tmp_path / "demo"
    shutil.copytree(_settled, folder)
    return folder


@pytest_asyncio.fixture
async def demo_app(demo_folder: Path, content: Content) -> AsyncIterator[App]:
    """The whole system on the sample clinic, its clock standing at `NOW`."""
    clock = SettableClock(NOW, frozen=True)
    async with await bootstrap.build(
        Settings(data_dir=demo_folder), clock=clock, content=content, answering=shipped_answering()
    ) as app:
        yield app


@pytest_asyncio.fixture
async def client(demo_app: App) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without scripts, on the demo's pages."""
    transport = httpx.ASGITransport(create_app(demo_app, demo=True), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as made:
        yield made


@dataclass
class Served:
    """A demo that listens on loopback, in a thread of its own, as `saathi demo` runs it."""

    url: str
    app: App


@pytest.fixture
def served(demo_folder: Path, content: Content) -> Iterator[Served]:
    """The demo over real HTTP, with dispatcher and ticker running."""
    started: threading.Event = threading.Event()
    found: list[Served | BaseException] = []
    stopping: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def run() -> None:
        stop = asyncio.Event()
        stopping.append((asyncio.get_running_loop(), stop))
        clock = SettableClock(NOW)
        listener = listen("127.0.0.1", 0)
        async with await bootstrap.build(
            Settings(data_dir=demo_folder), clock=clock, content=content, answering=shipped_answering()
        ) as app:
            listener.listen()
            found.append(Served(address_of(listener), app))
            started.set()
            await serve(app, listener, demo=True, stop=stop)

    def run_thread() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:  # noqa: BLE001 - told to the test
            found.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=run_thread, name="demo")
    thread.start()
    started.wait()
    try:
        if isinstance(found[-1], BaseException):
            raise found[-1]
        yield found[-1]
    finally:
        loop, stop = stopping[0]
        if thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
        thread.join()
    assert not isinstance(found[-1], BaseException), found[-1]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium. SAATHI_TEST_BROWSER=require makes its absence a failure.

    One for each module and no longer: while Playwright runs, no other event loop can run in this thread.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        reason = "The browser tests need chromium: install the package chromium."
        if os.environ.get("SAATHI_TEST_BROWSER") == "require":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=_CHROMIUM)
        expect.set_options(timeout=_PATIENCE)
        yield launched
        launched.close()


DESKTOP = (1280, 800)
SMALL = (360, 740)


class Eyes:
    """Opens pages and keeps what the browser complains about."""

    def __init__(self, browser: Browser, served: Served) -> None:
        self._browser = browser
        self.url = served.url
        self.app = served.app
        self.complaints: list[str] = []
        self._open: list[Page] = []

    def open(self, path: str, size: tuple[int, int] = DESKTOP, *, scripts: bool = True) -> Page:
        page = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=scripts,
            reduced_motion="reduce",
            locale="en-IN",
            timezone_id="Asia/Kolkata",
        ).new_page()
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._failed)
        page.goto(self.url + path)
        self._open.append(page)
        return page

    def _failed(self, request: object) -> None:
        failure = getattr(request, "failure", None)
        # What is under way when a page is left is aborted; that is no complaint.
        if failure != "net::ERR_ABORTED":
            self.complaints.append(f"{getattr(request, 'url', '')}: {failure}")

    def close(self) -> None:
        for page in self._open:
            page.context.close()


@pytest.fixture
def eyes(browser: Browser, served: Served) -> Iterator[Eyes]:
    """Pages in a real browser; the test fails if the browser complained about anything."""
    made = Eyes(browser, served)
    yield made
    made.close()
    assert made.complaints == []
