"""A world on each kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.dialogues.chats import START
from tests.dialogues.player import Talk
from tests.support.world import World


@pytest_asyncio.fixture
async def sqlite_world(sqlite_url: str) -> AsyncIterator[World]:
    """A fresh world on SQLite alone, for what no database has a say in."""
    built = World.build(sqlite_url)
    yield built
    await built.close()


@pytest_asyncio.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A fresh world; the test runs once on SQLite and once on PostgreSQL."""
    built = World.build(database_url)
    yield built
    await built.close()


@pytest_asyncio.fixture
async def talk(database_url: str) -> AsyncIterator[Talk]:
    """The shipped content in an empty world, with the inbox; on either kind of database."""
    built = Talk.build(database_url, START)
    yield built
    await built.world.close()
