"""The program `saathi`. Each command is a few lines; what it does lives in `bot/commands`."""

from __future__ import annotations

import sys

import typer

from bot import logs
from bot.commands.asking import ask
from bot.commands.contents import contents
from bot.commands.databases import db
from bot.commands.enrolling import enrol
from bot.commands.keys import keys
from bot.commands.running import demo, health, run
from bot.commands.simulating import simulate
from bot.commands.staff import staff
from bot.commands.triaging import triage
from bot.settings import SettingsError
from content.problems import ContentError
from scheduler.errors import SaathiError

CANNOT_START = 2
BROKEN = 1

cli = typer.Typer(
    name="saathi",
    help="Follows patients after minimally invasive spine surgery, and answers their questions.",
    no_args_is_help=True,
    add_completion=False,
    # A pretty traceback prints the values of variables, which may be a patient's.
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (demo, run, health, ask, simulate, enrol):
    cli.command()(command)
cli.add_typer(contents, name="content")
cli.add_typer(db, name="db")
cli.add_typer(keys, name="keys")
cli.add_typer(staff, name="staff")
cli.add_typer(triage, name="triage")


def main() -> None:
    """Run the command line. What is wrong with settings, content or data is said in plain sentences; exit code 2."""
    try:
        cli(prog_name="saathi")
    except SettingsError as error:
        _end(error.problems)
    except ContentError as error:
        _end([str(problem) for problem in error.problems])
    except SaathiError as error:
        _end([str(error)])
    except Exception as error:  # noqa: BLE001 - the last wall: a message may quote a patient, the code lines do not
        _end([f"Something is broken in Saathi itself: {logs.describe(error)}."], BROKEN)


def _end(sentences: list[str], code: int = CANNOT_START) -> None:
    for sentence in sentences:
        typer.echo(sentence, err=True)
    sys.exit(code)
