"""`saathi simulate`: whole journeys of virtual patients in set time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import settings as settings_module

if TYPE_CHECKING:
    from bot.simulate.report import Report


def simulate(
    patients: Annotated[int, typer.Option(help="How many virtual patients.", min=1, max=5000)] = 20,
    days: Annotated[int, typer.Option(help="How many days to live through.", min=1, max=365)] = 90,
    seed: Annotated[int, typer.Option(help="The same seed plays the same story.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    transcript: Annotated[Path | None, typer.Option(help="Write every message in and out to this file.")] = None,
) -> None:
    """Let virtual patients live through their journeys, and count what was lost, doubled or sent at night.

    They tap, type, stay silent, block, stop and report trouble; staff move dates; the channel fails and the process is
    restarted. Exit code 1 if anything is wrong at the end.
    """
    settings = settings_module.load()
    from bot import logs
    from bot.simulate.runner import Plan, simulate_all
    from bot.start import in_loop

    logs.configure("error", settings.log_format)
    report = in_loop(simulate_all(Plan(patients=patients, days=days, seed=seed, transcript=transcript), settings))
    typer.echo(json.dumps(report.as_json(), ensure_ascii=False) if as_json else _readable(report))
    raise typer.Exit(0 if report.ok else 1)


def _readable(report: Report) -> str:
    lines = [
        f"{report.patients} patients, {report.days} days: {report.messages} messages out, {report.inbound} events in.",
        f"lost: {report.lost}, seen twice: {report.duplicated}, outside quiet hours: {report.outside_quiet_hours}, "
        f"unfinished: {report.unfinished}",
        "states: " + ", ".join(f"{state} {count}" for state, count in sorted(report.states.items())),
    ]
    lines += report.findings
    lines.append("All is in order." if report.ok else "Something is wrong.")
    return "\n".join(lines)
