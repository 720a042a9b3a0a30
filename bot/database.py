"""The schema of the database: is it there and of this version, and bringing it up to date."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from scheduler.errors import SaathiError
from scheduler.store.engine import Store

MIGRATIONS = Path(__file__).with_name("migrations")


class SchemaError(SaathiError):
    """The database cannot be used as it is; the sentence says what to do."""


def _config(url: str = "") -> Config:
    # Built here and not read from pyproject.toml, which an installed package does not have.
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def newest() -> str:
    """The revision this version of Saathi needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise SchemaError("The migrations are missing from this installation: install Saathi again.")
    return head


async def revision(store: Store) -> str | None:
    """The revision the database has; nothing if it is empty. Raises SchemaError if the database cannot be reached."""
    try:
        async with store.read() as conn:
            return await conn.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    except (SQLAlchemyError, OSError) as error:
        raise SchemaError(
            "The database cannot be reached: check SAATHI_DATABASE_URL and that it is running."
        ) from error


async def upgrade(url: str) -> None:
    """Bring the database at `url` up to date; harmless if it is already."""
    # Alembic's environment runs an event loop of its own.
    await asyncio.to_thread(command.upgrade, _config(url), "head")


async def require_newest(store: Store) -> None:
    """Raise SchemaError unless the database has the schema of this version."""
    found = await revision(store)
    if found is None:
        raise SchemaError("The database has no tables yet: run saathi db upgrade.")
    if found != newest():
        raise SchemaError(
            "The database belongs to another version of Saathi: run saathi db upgrade with the newest one."
        )
