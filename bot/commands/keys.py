"""`saathi keys`: where the encryption keys are, and changing them."""

from __future__ import annotations

import asyncio

import typer

from bot import settings as settings_module
from bot.settings import PREFIX

keys = typer.Typer(no_args_is_help=True, help="The encryption keys.")


@keys.command()
def show_path() -> None:
    """Print where the keys are kept."""
    settings = settings_module.load()
    if settings.encryption_keys.get_secret_value():
        typer.echo(f"The keys are in the setting {PREFIX}ENCRYPTION_KEYS.")
    elif settings.key_file.exists():
        typer.echo(str(settings.key_file.resolve()))
    else:
        typer.echo(f"There are no keys yet; the first start makes them in {settings.key_file.resolve()}.")


@keys.command()
def generate() -> None:
    """Print a new key ring for the setting SAATHI_ENCRYPTION_KEYS. It is kept nowhere else."""
    from scheduler.crypto import KeyRing

    typer.echo(KeyRing.generate().spec())


@keys.command()
def rotate() -> None:
    """Put a new key in front and seal every value with it. Stop every Saathi process first."""
    settings = settings_module.load()
    from bot import rotation

    for sentence in asyncio.run(rotation.rotate(settings)):
        typer.echo(sentence)
