"""`saathi run`, `saathi demo` and `saathi health`."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from bot import settings as settings_module


def run(
    only: Annotated[
        Literal["web", "worker"] | None,
        typer.Option(help="Run one part in this process: web (pages, messages in) or worker (messages out)."),
    ] = None,
) -> None:
    """Run Saathi until it is told to stop."""
    settings = settings_module.load()
    from bot import start

    start.run(settings, only)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Go on with the demo of last time, not with a new one.")] = False,
) -> None:
    """Show Saathi in the browser: a sample clinic, fictional patients, a clock that can be moved. Needs no account."""
    settings = settings_module.load()
    from bot import start

    start.demo(settings, keep=keep)


def health(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Say whether Saathi can work, and what is wrong if not. Exit code 1 if it cannot."""
    settings = settings_module.load()
    from bot import start

    found = start.health(settings)
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        typer.echo("Saathi can work." if found.ok else "Saathi cannot work.")
        for sentence in (*found.problems, *found.warnings):
            typer.echo(f"- {sentence}")
        typer.echo(f"{found.queue_depth} messages wait, {found.alerts_open} alerts are open.")
    raise typer.Exit(0 if found.ok else 1)
