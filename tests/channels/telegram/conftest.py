"""A fake Bot API server, and whole systems that talk to it."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import bootstrap, logs
from bot.answering import Answering
from bot.bootstrap import App
from bot.serve import address_of, listen, serve
from bot.settings import Settings
from tests.fakes.telegram.server import FakeTelegram
from tests.support.answering import shipped_answering
from tests.support.world import shipped

PUBLIC = "https://saathi.example.org"
SECRET = "a-made-up-secret"

Run = Callable[..., AbstractAsyncContextManager[App]]


@pytest.fixture(scope="session")
def answering() -> Answering:
    """What knows the answers; building it takes a second."""
    return shipped_answering()


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything the process logs, at the level of debug, as it leaves the wall of `bot.logs`."""
    root = logging.getLogger()
    before = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("debug", "json", stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    """Telegram, for one bot."""
    with FakeTelegram(retry_scale=0.05) as fake:
        yield fake


async def until(true: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait until `true` says so; a test fails if it never does."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(true):  # noqa: ASYNC110 - what happens is in another thread
            await asyncio.sleep(0.02)


@pytest.fixture
def running(telegram: FakeTelegram, tmp_path: Path, answering: Answering) -> Run:
    """`async with running(...) as app` runs a whole system on `telegram` meanwhile; settings may be given."""

    @asynccontextmanager
    async def run(**more: Any) -> AsyncIterator[App]:
        chosen: dict[str, Any] = {
            "data_dir": tmp_path / "data",
            "telegram_token": telegram.token,
            "telegram_api_url": telegram.url,
        }
        listener = listen("127.0.0.1", 0)
        telegram.site(PUBLIC, address_of(listener))
        stop = asyncio.Event()
        async with await bootstrap.build(Settings(**chosen | more), content=shipped(), answering=answering) as app:
            task = asyncio.create_task(serve(app, listener, stop=stop))
            try:
                yield app
            finally:
                stop.set()
                await task

    return run


@pytest.fixture(params=["polling", "webhook"])
def mode(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings for either way in; the test runs once with each."""
    return {"public_url": PUBLIC, "telegram_webhook_secret": SECRET} if request.param == "webhook" else {}
