"""The history of the schema leads to what the code expects, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot import database
from bot.store.tables import inbound

T = TypeVar("T")

metadata = inbound.metadata
"""The one metadata of all tables."""

# What the database itself says it has: every table, constraint and index with its condition, in its own words.
_CATALOGUE = {
    "sqlite": ("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND sql IS NOT NULL",),
    "postgresql": (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace",
        "SELECT table_name, column_name, ordinal_position, data_type, character_maximum_length, is_nullable, "
        "column_default FROM information_schema.columns WHERE table_schema = 'public'",
    ),
}


_NO_SIGNS = str.maketrans({",": " ", '"': None})


async def _on(url: str, read: Callable[[Connection], T]) -> T:
    engine = create_async_engine(url)
    async with engine.begin() as conn:
        result = await conn.run_sync(read)
    await engine.dispose()
    return result


def _catalogue(conn: Connection) -> set[str]:
    rows: list[Any] = []
    for query in _CATALOGUE[conn.dialect.name]:
        rows += conn.execute(text(query)).all()
    # The same parts of a table may stand in another order, and the name of one that was made anew in quotes.
    # The same parts of a table may stand in another order, and the name of one that was made anew in quotes.
    lines = {" ".join(sorted(" ".join(str(value) for value in row).translate(_NO_SIGNS).split())) for row in rows}
    return {line for line in lines if "alembic_version" not in line}


def _downgrade(url: str) -> None:
    command.downgrade(database._config(url), "base")


@pytest.mark.asyncio
async def test_the_migrated_schema_is_the_one_of_the_models(empty_database_url: str) -> None:
    """Alembic finds no difference, and the database itself describes both schemas with the same words."""
    url = empty_database_url
    await _on(url, metadata.create_all)
    made = await _on(url, _catalogue)
    await _on(url, metadata.drop_all)
    await database.upgrade(url)
    assert await _on(url, lambda conn: compare_metadata(MigrationContext.configure(conn), metadata)) == []
    migrated = await _on(url, _catalogue)
    assert migrated == made
    assert any("WHERE" in line for line in migrated), "the partial indexes were compared"


@pytest.mark.asyncio
async def test_upgrading_twice_is_harmless(empty_database_url: str) -> None:
    """A second `saathi db upgrade` changes nothing, and keeps what is stored."""
    url = empty_database_url
    await database.upgrade(url)
    before = await _on(url, _catalogue)
    await _on(
        url, lambda c: c.execute(text("INSERT INTO channel_gate VALUES ('x', '2026-03-02 00:00:00+00', NULL, NULL)"))
    )
    await database.upgrade(url)
    assert await _on(url, _catalogue) == before
    assert await _on(url, lambda conn: conn.scalar(text("SELECT channel FROM channel_gate"))) == "x"


@pytest.mark.asyncio
async def test_every_step_can_be_taken_back_and_made_again(empty_database_url: str) -> None:
    """Down to nothing and up again gives the same schema."""
    url = empty_database_url
    await database.upgrade(url)
    before = await _on(url, _catalogue)
    await asyncio.to_thread(_downgrade, url)
    assert await _on(url, _catalogue) == set()
    await database.upgrade(url)
    assert await _on(url, _catalogue) == before
