"""The directions of imports, checked by import-linter with the contracts of pyproject.toml."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.repository import ROOT, files

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

BREACHES = {
    "content/planted.py": "import scheduler.clock",
    "scheduler/planted.py": "import bot.text",
    "scheduler/dispatcher.py": "import apscheduler",
    "bot/triage/planted.py": "import sqlalchemy",
    "bot/faq/planted.py": "import scheduler.store.tables",
    "bot/conversation/planted.py": "import asyncio",
    "bot/inbox.py": "import fastapi",
}
"""One line each that must not stand there."""


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(LINT_IMPORTS), "--config", str(folder / "pyproject.toml"), "--no-cache"]
    here = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=here, capture_output=True, text=True, check=False)


def test_imports_run_one_way() -> None:
    """content knows nobody, scheduler knows content, bot knows both; what decides is pure."""
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """What the check says of a copy of the three packages in which every breach stands."""
    folder = tmp_path_factory.mktemp("copy")
    for path in files():
        relative = path.relative_to(ROOT)
        if (
            relative.parts[0] in ("content", "scheduler", "bot") and path.suffix == ".py"
        ) or path.name == "pyproject.toml":
            (folder / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / relative)
    for place, line in BREACHES.items():
        with (folder / place).open("a") as module:
            module.write(f"\n{line}\n")
    return _lint(folder)


@pytest.mark.parametrize("place", BREACHES)
def test_a_breach_is_seen(planted: subprocess.CompletedProcess[str], place: str) -> None:
    """The contracts are not empty words: an import that must not be is named by the check."""
    module, imported = place.removesuffix(".py").replace("/", "."), BREACHES[place].split()[1]
    assert planted.returncode == 1
    assert re.search(rf"{re.escape(module)} -> {re.escape(imported)}\b", planted.stdout), planted.stdout
