"""A whole system on a SQLite file of its own, with a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio

from bot import bootstrap
from bot.bootstrap import App
from bot.settings import Settings
from scheduler.clock import SettableClock
from tests.support.answering import shipped_answering
from tests.support.world import shipped

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
"""Half past eleven in Lucknow."""


@pytest_asyncio.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    """The system at `NOW`, empty."""
    clock = SettableClock(NOW, frozen=True)
    settings = Settings(data_dir=tmp_path / "data")
    async with await bootstrap.build(settings, clock=clock, content=shipped(), answering=shipped_answering()) as built:
        yield built
