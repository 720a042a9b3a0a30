"""`saathi content evaluate` and `saathi content coverage`: how well questions find answers, and what answers cover."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from bot import settings as settings_module
from bot.faq import Retriever
from bot.faq.coverage import page
from bot.faq.evaluation import Figures, Labelled, measure
from bot.faq.kept import Keeper
from bot.triage import Triage
from bot.triage import evaluation as triage_evaluation
from content.heard import Heard
from content.heard import read as read_messages
from content.loader import load as load_content

_QUESTIONS = Path("tests/faq/development.yaml")
_MESSAGES = Path("tests/triage/development.yaml")
_PAGE = Path("docs/coverage.md")


def evaluate(
    file: Annotated[
        Path | None, typer.Argument(help="Labelled questions: a YAML list of form, text and faq; or messages.")
    ] = None,
    misses: Annotated[
        bool, typer.Option("--misses", help="Also print each question or message that did not get it right.")
    ] = False,
    triage: Annotated[
        bool, typer.Option("--triage", help="Measure the warning signs on labelled messages, by language and sign.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --triage: the figures as JSON.")] = False,
) -> None:
    """Print how well labelled questions find their answers, by language form; or how well warning signs are caught."""
    if triage:
        _measure_triage(_read_messages(file or _MESSAGES), misses=misses, as_json=as_json)
    else:
        _measure_answers(_read(file or _QUESTIONS), misses=misses)


def _measure_answers(questions: list[Labelled], *, misses: bool) -> None:
    content = load_content(clinic_file=settings_module.load().clinic_file)
    retriever = Retriever(content.faq.values(), content.outside.values(), Keeper(settings_module.cache_folder()).learn)
    for row in questions:  # The first look at a word is slower than all others: a bot that has run a while has seen it.
        retriever.find(row.text)
    typer.echo("form     asked  right first  offered  answered alone  wrong  outside  false answers  p50 ms  p99 ms")
    for figures in measure(retriever.find, questions, time.perf_counter):
        typer.echo(_line(figures))
    if misses:
        _print_misses(retriever, questions)


def _measure_triage(messages: list[Heard], *, misses: bool, as_json: bool) -> None:
    triage = Triage(load_content(clinic_file=settings_module.load().clinic_file).signs.values())
    for message in messages:  # As above: the first look at a word is the slowest.
        triage.judge(message.text)
    figures, mistakes = triage_evaluation.measure(triage, messages, time.perf_counter)
    if as_json:
        typer.echo(json.dumps({group: one.as_dict() for group, one in figures.items()}, ensure_ascii=False))
        return
    for line in triage_evaluation.table(figures):
        typer.echo(line)
    for one in mistakes if misses else ():
        rule = next((match.rule for match in one.verdict.matches), "nothing found")
        typer.echo(f"{one.kind}: {one.message.sign} {one.message.want}: {one.message.text} | {rule}")


def coverage(
    file: Annotated[Path, typer.Argument(help="The page to write.")] = _PAGE,
    check: Annotated[bool, typer.Option("--check", help="Only say whether the page is up to date.")] = False,
) -> None:
    """Write the page that says which answer covers which statement and question."""
    text = page(load_content())
    if not check:
        file.write_text(text, encoding="utf-8")
        typer.echo(f"Written: {file}")
    elif not file.is_file() or file.read_text(encoding="utf-8") != text:
        typer.echo(f"{file} is not up to date: run `saathi content coverage`.", err=True)
        raise typer.Exit(1)


def _read(file: Path) -> list[Labelled]:
    try:
        rows: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        return [Labelled(row["form"], row["text"], frozenset(row["faq"])) for row in rows]
    except (OSError, yaml.YAMLError, TypeError, KeyError) as error:
        raise typer.BadParameter(f"{file} is no list of questions with form, text and faq.") from error


def _read_messages(file: Path) -> list[Heard]:
    try:
        return list(read_messages(file.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, AttributeError, TypeError) as error:
        raise typer.BadParameter(f"{file} is no file of messages: sign, want, language, texts.") from error


def _line(figures: Figures) -> str:
    return (
        f"{figures.form:<8} {figures.asked:>5} {figures.top1:>11.1%} {figures.offered:>9.1%} {figures.answered:>14.1%} "
        f"{figures.wrong:>6.1%} {figures.outside:>8} {figures.false_answers:>13.1%} "
        f"{figures.p50:>8.2f} {figures.p99:>7.2f}"
    )


def _print_misses(retriever: Retriever, questions: list[Labelled]) -> None:
    for row in questions:
        found = retriever.find(row.text)
        right = found.kind != "answer" if not row.faq else bool(found.ids) and found.ids[0] in row.faq
        if not right:
            wanted = ", ".join(sorted(row.faq)) or "nothing"
            typer.echo(f"{row.form}: {row.text} | wanted {wanted} | {found.kind} {', '.join(found.ids)}")
