"""The command line and its documentation stay together."""

from __future__ import annotations

import re
from collections.abc import Iterator

import typer.main

from bot.cli import cli
from tests.support.repository import ROOT

PAGE = (ROOT / "docs" / "commands.md").read_text()


def _commands(command: object, name: str) -> Iterator[tuple[str, list[str]]]:
    """Every command by its full name, with its options."""
    inside = getattr(command, "commands", None)
    if inside is None:
        yield name, [option for one in getattr(command, "params", ()) for option in one.opts if option[:2] == "--"]
        return
    for word, one in inside.items():
        yield from _commands(one, f"{name} {word}")


COMMANDS = dict(_commands(typer.main.get_command(cli), "saathi"))


def _lines(name: str) -> list[str]:
    return re.findall(rf"`({re.escape(name)}(?: [^`]*)?)`", PAGE)


def test_each_command_is_documented_with_its_options() -> None:
    """docs/commands.md names every command, and each of its options."""
    missing = {
        f"{name} {option}"
        for name, options in COMMANDS.items()
        for option in ["", *options]
        if not any(option in line for line in _lines(name))
    }
    assert not missing


def test_no_document_promises_a_command_that_is_not() -> None:
    """Whatever the documents call `saathi <word>` at the beginning of a line or in code exists."""
    called = re.compile(r"(?:^|`|\.venv/bin/)saathi ([a-z][a-z-]+(?: [a-z][a-z-]+)?)", re.MULTILINE)
    groups = {name.split()[1] for name in COMMANDS if len(name.split()) > 2}
    unknown = set()
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for words in called.findall(path.read_text()):
            first, _, second = words.partition(" ")
            name = f"saathi {first} {second}" if first in groups else f"saathi {first}"
            if name not in COMMANDS and not (first in groups and not second):
                unknown.add(f"{path.name}: {name}")
    assert not unknown
