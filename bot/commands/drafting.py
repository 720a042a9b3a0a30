"""`saathi content drafts`: what staff saved from answered questions, for a clinician to read."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import settings as settings_module

if TYPE_CHECKING:
    from bot.settings import Settings


def drafts(
    out: Annotated[
        Path | None, typer.Option(help="A folder to write the files into; without it they are printed.")
    ] = None,
) -> None:
    """Hand out phrasings and drafts of answers that staff saved from questions. Nothing of it is used by itself."""
    settings = settings_module.load()
    if out is not None:
        _check(out)
    for name, text in asyncio.run(_files(settings)).items():
        if out is None:
            typer.echo(f"# {name}\n{text}")
        else:
            out.mkdir(parents=True, exist_ok=True)
            (out / name).write_text(text, encoding="utf-8")
            typer.echo(f"Written: {out / name}")


def _check(out: Path) -> None:
    """Raise BadRequestError for a folder Saathi reads its words from."""
    import content
    from scheduler.errors import BadRequestError

    if out.resolve().is_relative_to(Path(content.__file__).resolve().parent):
        raise BadRequestError("Choose a folder outside content/: what is in there is said to patients.")
    if out.exists() and not out.is_dir():
        raise BadRequestError(f"{out} is no folder.")


async def _files(settings: Settings) -> dict[str, str]:
    from bot.commands.visiting import visiting
    from bot.staff import drafts, learning, trail
    from scheduler.clock import SystemClock

    async with visiting(settings) as store, store.write(wake=False) as conn:
        found = await learning.lessons(conn, store.keys)
        await trail.note(conn, trail.SYSTEM, "drafts handed out", SystemClock().now(), count=len(found))
    return drafts.files(found)
