"""`saathi db`: the database's schema."""

from __future__ import annotations

import asyncio

import typer

from bot import settings as settings_module

db = typer.Typer(no_args_is_help=True, help="The database.")


@db.callback()
def _db() -> None:
    """Keep the command's name needed even while there is only one."""


@db.command()
def upgrade() -> None:
    """Bring the database up to date; harmless if it is already."""
    settings = settings_module.load()
    from bot import bootstrap, database

    if settings.on_sqlite:
        bootstrap.prepare_folder(settings)
    asyncio.run(database.upgrade(settings.database))
    typer.echo(f"The database is up to date: revision {database.newest()}.")
