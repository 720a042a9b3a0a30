from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import cli
from scheduler.crypto import KeyRing


@dataclass(frozen=True)
class Done:
    """How the program ended and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


class Saathi:
    """Runs the program in this process, in a folder of its own."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._patch = patch
        self._capture = capture

    def __call__(self, *words: str, stdin: str = "", **environ: str) -> Done:
        """Run it with these words on the command line."""
        with self._patch.context() as patch:
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", ["saathi", *words])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
            for name, value in environ.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                cli.main()
        out, err = self._capture.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Done(code or 0, out, err)


@pytest.fixture
def saathi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Saathi:
    """The program."""
    return Saathi(tmp_path, monkeypatch, capsys)


def test_it_is_a_program(tmp_path: Path) -> None:
    """`saathi` is a command of its own: no traceback, one line for each wrong setting, exit code 2."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("SAATHI_")}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("saathi")), "run"],
        cwd=tmp_path,
        env=own | {"SAATHI_PORT": "x", "SAATHI_TIMEZONE": "Mars"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "SAATHI_PORT must be a whole number from 1 to 65535, or 0 for any free port.",
        "SAATHI_TIMEZONE must be a time zone name such as Asia/Kolkata.",
    ]


@pytest.mark.parametrize("part", ["web", "worker"])
def test_sqlite_serves_one_process(saathi: Saathi, part: str) -> None:
    """Splitting the work needs PostgreSQL, and the sentence says so."""
    done = saathi("run", "--only", part)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "SQLite serves one process: leave out --only, or set SAATHI_DATABASE_URL to a PostgreSQL database."
    ]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("run", "--only", "everything"), "is not one of 'web', 'worker'"),
        (("ask",), 'give either a "text" or --jsonl FILE'),
        (("ask", "x", "--procedure", "tonsils"), "choose one of"),
        (("ask", "--jsonl", "nowhere.jsonl"), "cannot be read"),
        (("content", "preview", "tonsils", "--surgery", "2026-03-02"), "choose one of"),
        (("content", "preview", "mis-tlif", "--surgery", "soon"), "does not match"),
        (
            ("content", "preview", "mis-tlif", "--surgery", "2026-03-02", "--language", "fr"),
            "choose one of en, hi, hi-Latn",
        ),
        (("simulate", "--patients", "0"), "greater than or equal to 1"),
        (("nonsense",), "No such command"),
    ],
)
def test_bad_options_get_one_clear_sentence(saathi: Saathi, words: tuple[str, ...], hint: str) -> None:
    """Each wrong word is answered with what would be right, and exit code 2."""
    done = saathi(*words)
    assert done.returncode == 2
    assert hint in done.stderr
    assert "Traceback" not in done.stderr


def test_the_content_that_ships_is_in_order(saathi: Saathi) -> None:
    """`saathi content check` finds nothing wrong and says what there is."""
    done = saathi("content", "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "The content is in order: 3 journeys" in done.stdout


def test_a_clinics_file_with_a_slip_is_named_with_its_line(saathi: Saathi) -> None:
    """Whoever edits the clinic's numbers is told where the mistake is."""
    (saathi.folder / "clinic.yaml").write_text("lift_kg: 2\nlift_kilos: 2\n")
    done = saathi("content", "check", SAATHI_CLINIC_FILE=str(saathi.folder / "clinic.yaml"))
    assert done.returncode == 1
    assert "clinic.yaml:2:" in done.stderr


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_preview_shows_every_message_with_its_local_time(saathi: Saathi, language: str) -> None:
    """A clinician reads the whole journey with dates, in either language."""
    done = saathi("content", "preview", "mis-tlif", "--surgery", "2026-03-02", "--language", language)
    assert done.returncode == 0, done.stderr
    heads = [line for line in done.stdout.splitlines() if " 2026, " in line]
    assert len(heads) > 20
    assert any("day 90" in head or "day 8" in head for head in heads)
    assert "{" not in done.stdout


def test_one_answer_as_json(saathi: Saathi) -> None:
    """`saathi ask --json` has the fields programs rely on, needs no database, and keeps what was learnt."""
    done = saathi("ask", "peshab nahi ho raha", "--json")
    assert list((Path(os.environ["XDG_CACHE_HOME"]) / "saathi").glob("faq-*.learnt"))
    answer = json.loads(done.stdout)
    assert set(answer) == {"kind", "faq", "tier", "sign", "language", "text", "ms"}
    assert (answer["kind"], answer["tier"]) == ("alert", "emergency")
    assert list(saathi.folder.iterdir()) == []


def test_a_file_of_questions_gives_a_line_each(saathi: Saathi) -> None:
    """Ids come back in order; a line that is no question is named and left out."""
    lines = [json.dumps({"id": "a", "text": "When can I drive?"}), "not json", json.dumps({"id": 2, "text": "STOP"})]
    done = saathi("ask", "--jsonl", "-", stdin="\n".join(lines))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in answers] == ["a", 2]
    assert answers[1]["kind"] == "command"
    assert done.returncode == 1
    assert done.stderr.splitlines() == ['Line 2 is not a JSON object with "id" and "text": it was left out.']


def test_health_of_nothing_is_said_plainly(saathi: Saathi) -> None:
    """Asking for health makes no database and no keys."""
    done = saathi("health", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"]) == (1, False)
    assert found["problems"] == ["There is no database yet: run saathi run or saathi db upgrade."]
    assert list(saathi.folder.iterdir()) == []


def test_a_database_can_be_made_and_is_healthy(saathi: Saathi) -> None:
    """`saathi db upgrade` twice changes nothing the second time; then `saathi health` is content."""
    assert saathi("db", "upgrade").returncode == 0
    assert saathi("db", "upgrade").returncode == 0
    done = saathi("health")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "Saathi can work.")


def test_keys_are_shown_and_rotated(saathi: Saathi) -> None:
    """The path is told; a rotation keeps the old keys aside, readable by their owner only."""
    assert "There are no keys yet" in saathi("keys", "show-path").stdout
    assert saathi("db", "upgrade").returncode == 0
    assert saathi("keys", "rotate").returncode == 2
    before, _ = KeyRing.load_or_create(saathi.folder / "data" / "keys")
    assert saathi("keys", "show-path").stdout.strip() == str(saathi.folder / "data" / "keys")
    done = saathi("keys", "rotate")
    assert done.returncode == 0, done.stderr
    after, _ = KeyRing.load_or_create(saathi.folder / "data" / "keys")
    assert after.spec() != before.spec()
    (kept,) = (saathi.folder / "data").glob("keys.until-*")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert KeyRing.load_or_create(kept)[0].spec() == before.spec()
