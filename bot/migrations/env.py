"""How Alembic meets the database: the asynchronous driver of the URL, batch mode for SQLite."""

from __future__ import annotations

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.store import tables as bot_tables
from scheduler.store import tables

target_metadata = tables.metadata
# Importing the tables of talking and of staff puts them onto the same metadata: one metadata, one history.
assert bot_tables.inbound.metadata is target_metadata  # noqa: S101 - a mistake of ours


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        user_module_prefix="types.",
    )
    with context.begin_transaction():
        context.run_migrations()


async def _run_online() -> None:
    url: Any = context.config.get_main_option("sqlalchemy.url")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_run)
        await connection.commit()
    await engine.dispose()


asyncio.run(_run_online())
