from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.serve import address_of, listen
from bot.settings import Settings
from bot.start import _demo_listener

SAATHI = str(Path(sys.executable).with_name("saathi"))


@contextmanager
def program(*words: str, folder: Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """The program running in `folder`; it does not outlive the test."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("SAATHI_")}
    process = subprocess.Popen(
        [SAATHI, *words],
        cwd=folder,
        env=own | environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    """The address it prints once it is ready."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://[\d.]+:\d+", line):
            return found.group()
    assert process.stderr is not None
    raise AssertionError(process.stderr.read())


def test_the_demo_shows_its_page_and_stops_cleanly(tmp_path: Path) -> None:
    """One command, no settings, no account: the page, health and metrics are there, and SIGTERM ends it with 0."""
    with program("demo", folder=tmp_path, SAATHI_PORT="0") as demo:
        url = address(demo)
        page = httpx.get(f"{url}/demo")
        assert page.status_code == 200
        assert "Asha" in page.text
        found = httpx.get(f"{url}/health").json()
        assert found["ok"], found["problems"]
        assert "saathi_messages_sent_total" in httpx.get(f"{url}/metrics").text
        with program("demo", folder=tmp_path, SAATHI_PORT="0") as second:
            _, said = second.communicate()
            assert second.returncode == 2
            assert said.strip() == "Another Saathi is running on the data in data/demo: stop it first."
        demo.send_signal(signal.SIGTERM)
        assert demo.wait() == 0
        assert demo.stderr is not None
        assert demo.stderr.read() == ""


def test_a_taken_port_is_one_clear_sentence(tmp_path: Path) -> None:
    """Whoever chose the port is told that it is taken."""
    taken = listen("127.0.0.1", 0)
    port = taken.getsockname()[1]
    with program("run", folder=tmp_path, SAATHI_PORT=str(port)) as second:
        _, said = second.communicate()
    taken.close()
    assert second.returncode == 2
    assert said.strip() == (
        f"Nothing can listen at 127.0.0.1:{port}, probably because another program does: set SAATHI_PORT to another."
    )


def test_the_demo_takes_the_next_port_when_nobody_chose_one() -> None:
    """The usual port being taken does not keep anybody from trying the demo."""
    taken = listen("127.0.0.1", 0)
    port = taken.getsockname()[1]
    chosen = Settings.model_construct(_fields_set=set(), host="127.0.0.1", port=port)
    other = _demo_listener(chosen)
    assert address_of(other) != address_of(taken)
    taken.close()
    other.close()
