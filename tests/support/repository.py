"""The repository on disk."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds pyproject.toml."""

_CACHES = {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "__pycache__"}
_NEVER = {".git", ".venv", ".venv-bench", "data", "build"} | _CACHES


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, tracked or not yet, but what .gitignore names. Without git: all but the caches."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = subprocess.run(
            [git, "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        found = (ROOT / name for name in listed.stdout.split("\0") if name)
    else:
        found = (path for path in ROOT.rglob("*") if not _NEVER & set(path.relative_to(ROOT).parts))
    return tuple(sorted(path for path in found if path.is_file()))


def text_of(path: Path) -> str | None:
    """The text of `path`, None for a picture or other bytes."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
