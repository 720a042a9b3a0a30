"""`saathi ask`: one answer without a database, for authors and for measuring."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import settings as settings_module
from bot.answering import Answer, Answering
from bot.faq.kept import Keeper
from content.loader import Content
from content.loader import load as load_content


def ask(
    text: Annotated[str | None, typer.Argument(help="What somebody writes, in any of the three languages.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    procedure: Annotated[str | None, typer.Option(help="Answer as for a patient of this journey.")] = None,
    day: Annotated[
        int | None, typer.Option(help="The day after surgery; 0 is the day itself.", min=-7, max=365)
    ] = None,
    jsonl: Annotated[
        Path | None,
        typer.Option(
            help='A file with {"id","text"} a line, - for standard input; prints one JSON object a line.',
            allow_dash=True,
        ),
    ] = None,
) -> None:
    """Print what Saathi would answer."""
    if (text is None) == (jsonl is None):
        raise typer.BadParameter('give either a "text" or --jsonl FILE.')
    content = load_content(clinic_file=settings_module.load().clinic_file)
    if procedure is not None and procedure not in content.journeys:
        raise typer.BadParameter(f"choose one of {', '.join(content.journeys)}.", param_hint="--procedure")
    answering = Answering(content, Keeper(settings_module.cache_folder()).learn)
    if jsonl is not None:
        _ask_all(answering, jsonl, procedure, day)
        return
    answer, spent = _timed(answering, text or "", procedure, day)
    typer.echo(json.dumps(answer.as_json(spent), ensure_ascii=False) if as_json else _readable(answer, content))


def _ask_all(answering: Answering, path: Path, procedure: str | None, day: int | None) -> None:
    wrong = 0
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        row = _row(line)
        if row is None:
            typer.echo(f'Line {number} is not a JSON object with "id" and "text": it was left out.', err=True)
            wrong += 1
            continue
        answer, spent = _timed(answering, row["text"], procedure, day)
        typer.echo(json.dumps({"id": row["id"], **answer.as_json(spent)}, ensure_ascii=False))
    if wrong:
        raise typer.Exit(1)


def _lines(path: Path) -> Iterator[str]:
    if str(path) == "-":
        yield from typer.get_text_stream("stdin", encoding="utf-8", errors="replace")
        return
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            yield from file
    except OSError as error:
        raise typer.BadParameter(f"the file {path} cannot be read.", param_hint="--jsonl") from error


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and "id" in row and isinstance(row.get("text"), str) else None


def _timed(answering: Answering, text: str, procedure: str | None, day: int | None) -> tuple[Answer, float]:
    begun = time.perf_counter()
    answer = answering.ask(text, journey=procedure, day=day)
    return answer, (time.perf_counter() - begun) * 1000


def _readable(answer: Answer, content: Content) -> str:
    lines = [answer.text, "", f"kind: {answer.kind}, language: {answer.language}, urgency: {answer.tier}"]
    if answer.sign:
        lines.append(f"sign: {answer.sign} ({content.signs[answer.sign].name['en']})")
    if answer.faq:
        lines.append(f"from: {', '.join(answer.faq)}")
    return "\n".join(lines)
