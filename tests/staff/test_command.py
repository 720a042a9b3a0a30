from __future__ import annotations

import asyncio
import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from bot import cli
from bot.commands.staff import address
from bot.lock import InUseError, alone_in, keys_changing, keys_kept
from bot.settings import Settings
from bot.staff import rotas
from bot.staff.rota import Shift
from bot.store.tables import audit
from scheduler.crypto import KeyRing
from scheduler.store.engine import Store
from tests.support.console import house
from tests.support.databases import sqlite_address

Run = Callable[..., tuple[int, str, str]]
NEW = {"password": "eleven quiet brass bells", "again": "eleven quiet brass bells"}


@pytest.fixture
def saathi(
    tmp_path: Path, _sqlite_template: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Runs the program in a folder whose database has all tables: exit code, output, errors."""
    root = logging.getLogger()
    before = list(root.handlers), root.level
    (tmp_path / "data").mkdir()
    shutil.copyfile(_sqlite_template, tmp_path / "data" / "saathi.db")
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["saathi", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    yield run
    # The program sends its logs to a standard error that is gone after the test.
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


def link_in(out: str) -> str:
    """The address that was printed."""
    return out.split("http://127.0.0.1:8000", 1)[1].strip()


def test_staff_are_added_listed_and_shut_out(saathi: Run) -> None:
    """Each command says in a line what it did; a new link may be had at any time."""
    code, out, _ = saathi("staff", "list")
    assert (code, out) == (0, 'Nobody yet: saathi staff add "Your Name" yourlogin --role admin\n')
    assert saathi("staff", "add", "Dr Example", "dr", "--role", "admin")[0] == 0
    code, out, _ = saathi("staff", "add", "Sister Example", "sister")
    assert code == 0
    assert link_in(out).startswith("/invitation/")
    assert saathi("staff", "list")[1].splitlines() == [
        "dr\tDr Example\tadmin\tinvited\tno chat linked",
        "sister\tSister Example\tnurse\tinvited\tno chat linked",
    ]
    assert link_in(saathi("staff", "invite", "SISTER")[1]) != link_in(out)
    assert saathi("staff", "disable", "sister")[0] == 0
    assert "disabled" in saathi("staff", "list")[1]
    assert "/invitation/" in saathi("staff", "enable", "sister")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "Other Example", "DR"), "This login is taken: choose another."),
        (
            ("add", "Other Example", "other", "--role", "boss"),
            "There is no such role: choose one of nurse, clinician, admin, auditor.",
        ),
        (("add", "Other Example", "two words"), "Choose a login without spaces, at most 64 letters."),
        (("disable", "dr"), "This is the last administrator: add another one first."),
        (("disable", "nobody"), "Nobody has this login: saathi staff list prints those there are."),
        (("invite", "nobody"), "Nobody has this login: saathi staff list prints those there are."),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(saathi: Run, words: tuple[str, ...], sentence: str) -> None:
    """Exit code 2, one line on standard error, nothing changed."""
    saathi("staff", "add", "Dr Example", "dr", "--role", "admin")
    before = saathi("staff", "list")[1]
    code, out, err = saathi("staff", *words)
    assert (code, out, err) == (2, "", sentence + "\n")
    assert saathi("staff", "list")[1] == before


@pytest.mark.asyncio
async def test_staff_are_added_while_saathi_runs(saathi: Run, tmp_path: Path) -> None:
    """The running server holds its folder; the link works there at once, and disabling is felt at once."""
    data = tmp_path / "data"
    with alone_in(data):
        async with house(data, sqlite_address(data / "saathi.db")) as home, home.browser() as browser:
            await asyncio.to_thread(saathi, "staff", "add", "Dr Example", "dr", "--role", "admin")
            code, out, _ = await asyncio.to_thread(saathi, "staff", "add", "Sister Example", "sister")
            assert code == 0
            assert (await browser.client.post(link_in(out), data=NEW)).status_code == 303
            assert "Sister Example" in (await browser.get("/account")).text
            assert (await asyncio.to_thread(saathi, "staff", "disable", "sister"))[0] == 0
            assert (await browser.get("/account")).status_code == 303
            async with home.app.store.read() as conn:
                lines = (await conn.scalars(select(audit.c.action).where(audit.c.actor == "system"))).all()
            assert lines == ["staff added", "staff added", "staff disabled"]


def test_no_command_writes_while_the_keys_change(saathi: Run, tmp_path: Path) -> None:
    """What it sealed with the old key would never be opened again; a rotation waits for commands in turn."""
    data = tmp_path / "data"
    saathi("staff", "list")
    with keys_changing(data):
        code, _, err = saathi("staff", "add", "Sister Example", "sister")
        assert (code, err) == (2, "The keys are being changed: try again when that is done.\n")
    with keys_kept(data), keys_kept(data):
        code, _, err = saathi("keys", "rotate")
        assert (code, err) == (2, "Another command is at work on the data: try again in a moment.\n")
        with pytest.raises(InUseError), keys_changing(data):
            pass
    saathi("staff", "add", "Sister Example", "sister")
    assert saathi("keys", "rotate")[0] == 0
    assert "Sister Example" in saathi("staff", "list")[1]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"public_url": "https://saathi.example.org/"}, "https://saathi.example.org"),
        ({"host": "0.0.0.0", "port": 9000}, "http://127.0.0.1:9000"),  # noqa: S104 - nothing listens
        ({"host": "::1"}, "http://[::1]:8000"),
        ({"host": "192.0.2.5"}, "http://192.0.2.5:8000"),
    ],
)
def test_links_lead_where_staff_find_the_console(settings: dict[str, str], expected: str) -> None:
    """The public address, else the one this machine listens at."""
    assert address(Settings(**settings)) == expected  # type: ignore[arg-type]


def test_rota_prints_the_coming_week(saathi: Run) -> None:
    """Without a rota it says whom alerts go to; with one, who is on call from when to when."""
    code, out, _ = saathi("staff", "rota")
    assert (code, "There is no rota" in out) == (0, True)
    saathi("staff", "add", "Sister Example", "sister")
    asyncio.run(_on_call())
    code, out, _ = saathi("staff", "rota")
    assert code == 0
    assert "Sister Example" in out
    assert "nobody: everybody is told at once" in out


async def _on_call() -> None:
    """The first member has Mondays."""
    store = Store.open(sqlite_address(Path("data") / "saathi.db"), KeyRing.generate())
    async with store.write() as conn:
        hours = Shift(1, 0, time(8), time(20))
        await rotas.add_shift(conn, None, hours, datetime(2026, 3, 2, tzinfo=UTC))
    await store.close()


def test_what_staff_saved_is_handed_out_and_never_into_the_content(saathi: Run, tmp_path: Path) -> None:
    """Drafts and labelled messages are printed or written; a folder that patients are answered from is refused."""
    code, out, _ = saathi("content", "drafts")
    assert (code, out.count("no patient gets any of this")) == (0, 1)
    code, _, _ = saathi("content", "drafts", "--out", str(tmp_path / "drafts"))
    assert code == 0
    assert {path.name for path in (tmp_path / "drafts").iterdir()} == {"phrasings.yaml", "drafts.yaml"}
    code, _, err = saathi("content", "drafts", "--out", str(Path(cli.__file__).parents[1] / "content" / "faq"))
    assert (code, "outside content/" in err) == (2, True)
    code, out, _ = saathi("triage", "export")
    assert (code, "Read every line" in out) == (0, True)
    code, _, _ = saathi("triage", "export", "--out", str(tmp_path / "labelled.yaml"))
    assert (code, (tmp_path / "labelled.yaml").is_file()) == (0, True)
