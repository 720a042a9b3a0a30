"""`saathi db`: the database's schema, its backup and its restore."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot import settings as settings_module

db = typer.Typer(no_args_is_help=True, help="The database.")


@db.command()
def upgrade() -> None:
    """Bring the database up to date; harmless if it is already."""
    settings = settings_module.load()
    from bot import bootstrap, database

    if settings.on_sqlite:
        bootstrap.prepare_folder(settings)
    asyncio.run(database.upgrade(settings.database))
    typer.echo(f"The database is up to date: revision {database.newest()}.")


@db.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; only its owner may read it.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write everything in the database to one file, while Saathi runs or rests. The keys are not in it."""
    settings = settings_module.load()
    from bot import copies

    for sentence in asyncio.run(copies.back_up(settings, file, force=force)):
        typer.echo(sentence)


@db.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that saathi db backup has written.", dir_okay=False)],
    force: Annotated[bool, typer.Option("--force", help="Delete what is in the database first.")] = False,
) -> None:
    """Fill the database from a backup. Stop Saathi first. What may have been sent since is not sent again."""
    settings = settings_module.load()
    from bot import copies

    for sentence in asyncio.run(copies.restore(settings, file, force=force)):
        typer.echo(sentence)
