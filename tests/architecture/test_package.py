"""What is built is what was written: the wheel holds every file the code reads at run time."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.repository import ROOT, files

SHIPPED = ("content", "scheduler", "bot")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The project's wheel, built from a copy so that nothing is left in the checkout."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path in files():
        relative = path.relative_to(ROOT)
        if relative.parts[0] in (*SHIPPED, "pyproject.toml", "README.md", "LICENSE"):
            (source / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, source / relative)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-index"]
    built = subprocess.run(
        [*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return zipfile.ZipFile(next(out.glob("saathi-*.whl")))


def test_every_file_ships(wheel: zipfile.ZipFile) -> None:
    """Every YAML file, page, style, picture and migration of the three packages is in the wheel."""
    written = {path.relative_to(ROOT).as_posix() for path in files() if path.relative_to(ROOT).parts[0] in SHIPPED}
    shipped = set(wheel.namelist())
    assert written <= shipped
    assert any(Path(name).suffix == ".yaml" for name in shipped)


def test_nothing_else_ships(wheel: zipfile.ZipFile) -> None:
    """Tests, documents and data stay at home."""
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {*SHIPPED, next(top for top in tops if top.endswith(".dist-info"))}


def test_the_command_and_the_licence_ship(wheel: zipfile.ZipFile) -> None:
    """The wheel brings the command `saathi` and the licence's text."""
    info = next(name.split("/")[0] for name in wheel.namelist() if ".dist-info/" in name)
    assert "saathi = bot.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()
    assert any(name.startswith(info) and name.endswith("LICENSE") for name in wheel.namelist())
