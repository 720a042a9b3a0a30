"""`saathi enrol`: a list of patients, with a verdict for each row. Works while Saathi runs."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import settings as settings_module

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.staff.imports import Verdict
    from bot.staff.sheets import Sheet

REJECTED = 1


def enrol(
    file: Annotated[Path, typer.Argument(help="A CSV file; its first line names the columns.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a row.")] = False,
    new_cards: Annotated[
        bool, typer.Option("--new-cards", help="Make new cards for all who are not connected; old ones stop working.")
    ] = False,
) -> None:
    """Enrol the patients of a list: name, phone, language, procedure, surgery_at, year_of_birth.

    May also hold surgery_time, discharge_on, morning, evening, medicine, at_night. Rows are counted as a spreadsheet
    does: the line with the names is row 1. Ends with exit code 1 if any row was rejected.
    """
    settings = settings_module.load()
    from bot.staff import sheets

    sheet = sheets.read(_bytes(file))
    counts = asyncio.run(_enrol(settings, sheet, dry=dry_run, as_json=as_json, new_cards=new_cards))
    if sheet.left_out:
        typer.echo(f"These columns were left out: {', '.join(sheet.left_out)}.", err=True)
    if not as_json:
        words = [f"{counts[verdict]} {verdict}" for verdict in ("created", "updated", "rejected")]
        typer.echo(f"\n{', '.join(words)}.{' Nothing was written.' if dry_run else ''}")
    if counts["rejected"]:
        raise typer.Exit(REJECTED)


async def _enrol(settings: Settings, sheet: Sheet, *, dry: bool, as_json: bool, new_cards: bool) -> Counter[str]:
    from bot.commands.visiting import visiting
    from bot.staff.imports import Import
    from content.loader import load
    from scheduler.clock import SystemClock

    content = load(clinic_file=settings.clinic_file)
    counts: Counter[str] = Counter()
    if not as_json:
        typer.echo(f"{'row':>5}  {'verdict':<8}  {'code':<9}  reason")
    async with visiting(settings) as store:
        work = Import(store, content, SystemClock(), settings.timezone, dry=dry, new_cards=new_cards)
        async for verdict in work.take(sheet):
            counts[verdict.verdict] += 1
            typer.echo(json.dumps(verdict.as_json(), ensure_ascii=False) if as_json else _line(verdict))
    return counts


def _line(verdict: Verdict) -> str:
    line = f"{verdict.row:>5}  {verdict.verdict:<8}  {verdict.code or '':<9}  {verdict.reason or ''}".rstrip()
    return f"{line}\n{'':>16}{verdict.telegram_link}" if verdict.telegram_link else line


def _bytes(file: Path) -> bytes:
    from bot.staff.sheets import MOST_BYTES
    from scheduler.errors import BadRequestError, NotFoundError

    if file.is_dir():
        raise BadRequestError(f"{file} is a folder: name the CSV file in it.")
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no file {file}.") from error
    except OSError as error:
        raise BadRequestError(f"The file {file} cannot be read: check its rights.") from error
