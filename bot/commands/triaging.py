"""`saathi triage`: what staff made of alerts, for the next set of messages that triage is measured on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import settings as settings_module

if TYPE_CHECKING:
    from bot.settings import Settings

triage = typer.Typer(no_args_is_help=True, help="Judging urgency: what staff made of alerts.")


@triage.callback()
def _group() -> None:
    """Judging urgency: what staff made of alerts."""


@triage.command()
def export(
    out: Annotated[Path | None, typer.Option(help="The file to write; without it the messages are printed.")] = None,
) -> None:
    """Hand out the messages behind closed alerts, labelled by how staff closed them, without names and numbers.

    Only of patients who agree to sharing with the care team. Read each line before the file leaves this machine.
    """
    settings = settings_module.load()
    text, count = asyncio.run(_text(settings))
    if out is None:
        typer.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8")
    typer.echo(f"Written: {out}, {count} messages. Read each line before it leaves this machine.")


async def _text(settings: Settings) -> tuple[str, int]:
    from bot.commands.visiting import visiting
    from bot.staff import labelling, trail
    from content.loader import load
    from scheduler.clock import SystemClock

    watching = load(clinic_file=settings.clinic_file).watching
    async with visiting(settings) as store, store.write(wake=False) as conn:
        found = await labelling.examples(conn, store.keys, watching)
        await trail.note(conn, trail.SYSTEM, "closed alerts handed out", SystemClock().now(), count=len(found))
    return labelling.as_yaml(found), len(found)
