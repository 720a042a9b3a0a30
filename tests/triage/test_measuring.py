"""`saathi content evaluate --triage`: the figures of the docs, for anybody's labelled messages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import cli

MESSAGES = """
RF02:
  emergency:
    en: [cannot pass urine since morning]
    hi-Latn: [peshab nahi ho raha]
general:
  none:
    en: [when will my stitches come out, thank you doctor]
    hi: [बुखार है]
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("messages") / "labelled.yaml"
    path.write_text(MESSAGES, encoding="utf-8")
    return path


def _run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["content", "evaluate", "--triage", *words])
    return result.exit_code, result.output


def test_it_prints_figures_and_misses(file: Path) -> None:
    """A line for all, each language and each sign, and each message that was judged otherwise."""
    code, printed = _run(str(file), "--misses")
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines() if line.startswith("|")]
    assert code == 0
    assert [line[0] for line in lines[2:]] == ["all", "en", "hi", "hi-Latn", "RF02", "general"]
    assert lines[2][1:8] == ["2", "100.0%", "2", "100.0%", "3", "33.3%", "0.0%"]
    assert "false alerts: general none: बुखार है | reported: a phrase of the sign (5.2)" in printed


def test_it_prints_json(file: Path) -> None:
    """With `--json` the same as one object, shares from 0 to 1."""
    code, printed = _run(str(file), "--json")
    told = json.loads(printed)
    assert (code, told["all"]["recall"], told["all"]["false_alerts"]) == (0, 1.0, pytest.approx(1 / 3))
    assert set(told["RF02"]) >= {"outright", "false_questions", "p50_ms", "p99_ms"}


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    """One sentence says what the file should be."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("- one\n- two\n", encoding="utf-8")
    code, printed = _run(str(wrong))
    assert code != 0
    assert "no file of messages" in printed.replace("\n", " ").replace("│", "")
