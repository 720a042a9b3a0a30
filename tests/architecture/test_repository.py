"""What no file of the repository may hold, and how its folders look."""

from __future__ import annotations

import os
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.repository import ROOT, files, text_of

PACKAGES = ("content", "scheduler", "bot", "tests")
MOST_LINES = 400

# Put together here, so that this file does not hold what it looks for.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("npmjs", "org"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
        ("conda", "anaconda", "org"),
        ("jfrog", "io"),
        ("artifactory", ""),
    )
)
MACHINE_PATH = re.compile(r"(?<![\w./~-])/(work|root|home|Users)/[\w.-]+")

LOCKS = ("requirements.lock", "deploy/requirements.lock")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.IGNORECASE)


def _lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files()
        for number, line in enumerate((text_of(path) or "").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_registry_address() -> None:
    """No file names a package registry: where packages come from is the business of the machine that installs."""
    found = _lines_that_match(re.compile("|".join(map(re.escape, REGISTRIES)), re.IGNORECASE))
    assert not found, f"a registry's address stands in {found}"


def test_no_path_of_a_machine() -> None:
    """No file names a folder that exists on one machine only."""
    found = _lines_that_match(MACHINE_PATH)
    assert not found, f"a path of some machine stands in {found}"


def test_every_package_has_an_init() -> None:
    """A folder with Python files is a package: setuptools leaves out others, and pytest mixes up their modules."""
    folders = {path.parent for path in files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PACKAGES}
    assert not [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").is_file()]


def test_modules_stay_short() -> None:
    """A module that grows past 400 lines has come to do two things."""
    python = [path for path in files() if path.suffix == ".py"]
    assert python
    counted = {str(path.relative_to(ROOT)): len((text_of(path) or "").splitlines()) for path in python}
    assert not {name: lines for name, lines in counted.items() if lines > MOST_LINES}


def _pins(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text().splitlines()
    return {found[1].lower(): found[2] for line in lines if (found := PIN.match(line))}


@pytest.mark.parametrize("lock", LOCKS)
def test_each_pin_has_a_hash(lock: str) -> None:
    """Whatever is installed is checked against a hash that was written down before."""
    lines = [line for line in (ROOT / lock).read_text().splitlines() if line.strip()]
    assert len(_pins(lock)) > 20
    assert all(PIN.match(line) or line.startswith("    --hash=sha256:") for line in lines)
    for line, following in pairwise([*lines, ""]):
        if PIN.match(line):
            assert following.startswith("    --hash=sha256:"), line


def test_the_image_gets_what_was_tested() -> None:
    """The lock of the image is a part of the lock that the tests ran with."""
    tested, image = _pins(LOCKS[0]), _pins(LOCKS[1])
    assert image.items() <= tested.items()
    assert "pytest" in tested
    assert "pytest" not in image


def test_locks_hold_every_dependency() -> None:
    """What pyproject.toml asks for is in the locks: forgetting `make lock` shows here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    image, everything = _pins(LOCKS[1]), _pins(LOCKS[0])

    def missing(wanted: list[str], pins: dict[str, str]) -> list[str]:
        names = [re.split(r"[\s\[<>=;!~]", one)[0].lower().replace("_", "-") for one in wanted]
        return [name for name in names if name not in pins]

    assert not missing(project["dependencies"], image)
    assert not missing(project["optional-dependencies"]["dev"], everything)


def test_the_build_server_has_a_script() -> None:
    """`.ci/run` can be started."""
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("name", ["LICENSE", "README.md", "CHANGELOG.md", "docs/where-code-lives.md"])
def test_the_papers_are_there(name: str) -> None:
    """Who comes new finds what they look for first."""
    assert (ROOT / name).stat().st_size > 100


def test_documents_point_at_what_exists() -> None:
    """A link of a document to a file of the repository leads somewhere."""
    link = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in files()
        if path.suffix == ".md"
        for target in link.findall(text_of(path) or "")
        if not (path.parent / Path(target)).exists()
    ]
    assert not broken
