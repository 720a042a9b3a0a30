"""A world on each kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.world import World


@pytest_asyncio.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A fresh world; the test runs once on SQLite and once on PostgreSQL."""
    built = World.build(database_url)
    yield built
    await built.close()
