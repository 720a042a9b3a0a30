"""docker-compose.yml: its shape, and each service's command run for real against a real PostgreSQL."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml

from bot.settings import PREFIX, Settings
from scheduler.crypto import KeyRing
from tests.support.postgres import Server
from tests.support.repository import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("migrate", "web", "worker")
SAATHI = Path(sys.executable).with_name("saathi")
PATIENCE = 300
"""Seconds until a service that hangs is given up; a working one needs a few."""
OF_UVICORN = ("FORWARDED_ALLOW_IPS",)
"""What the web server reads itself."""
GRACE = 10
"""Seconds Docker waits between SIGTERM and SIGKILL unless told otherwise."""


def _dockerfile(instruction: str) -> str:
    found: list[str] = re.findall(rf"^{instruction} (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    return found[-1]


def test_the_services() -> None:
    """PostgreSQL, one migration, web, worker, and Caddy for TLS; nothing else."""
    assert set(SERVICES) == {"postgres", "caddy", *OURS}
    assert SERVICES["postgres"]["image"].startswith("postgres:")
    assert SERVICES["caddy"]["image"].startswith("caddy:")
    assert {SERVICES[name]["image"] for name in OURS} == {COMPOSE["x-saathi"]["image"]}


def test_only_caddy_is_open_to_the_outside() -> None:
    """Database, console and webhooks are reached through TLS only."""
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]


def test_everything_waits_for_what_it_needs() -> None:
    """Tables before work, a healthy database before tables."""
    assert SERVICES["postgres"]["healthcheck"]["test"]
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert SERVICES["migrate"]["restart"] == "no"
    for name in ("web", "worker"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert SERVICES["caddy"]["depends_on"]["web"]["condition"] == "service_healthy"


def test_health_is_watched() -> None:
    """The image asks `saathi health`; only the one-shot migration is left alone."""
    assert '["saathi", "health"]' in (ROOT / "Dockerfile").read_text()
    assert [name for name in OURS if "healthcheck" in SERVICES[name]] == ["migrate"]
    assert SERVICES["migrate"]["healthcheck"] == {"disable": True}


def test_no_secret_stands_in_the_files() -> None:
    """Secrets come from .env, which git does not keep; its example is empty."""
    example = (ROOT / ".env.example").read_text().splitlines()
    assert all(line.endswith("=") for line in example if line and not line.startswith("#"))
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if any(word in name for word in ("PASSWORD", "KEYS", "TOKEN", "SECRET", "DATABASE_URL")):
                assert "${" in value, name


def test_nobody_is_root() -> None:
    """The image's processes run as a user of their own and cannot change its files."""
    assert _dockerfile("USER") == "saathi"
    assert all(SERVICES[name]["read_only"] and SERVICES[name]["cap_drop"] == ["ALL"] for name in OURS)


def test_the_caddyfile_leads_to_the_web_service() -> None:
    """Caddy passes on to the port the web service listens on, and keeps the metrics inside."""
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    port = Settings.model_fields["port"].default
    assert f"reverse_proxy web:{port}" in text
    assert "/metrics" in text


def test_telegram_is_the_same_for_everybody() -> None:
    """The web service takes what Telegram posts and the worker answers it: one token, one secret, and from .env."""
    for setting in ("TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET"):
        name = f"{PREFIX}{setting}"
        assert {SERVICES[service]["environment"][name] for service in OURS} == {f"${{{name}:-}}"}
        assert f"\n{name}=\n" in (ROOT / ".env.example").read_text()


def test_the_browsers_address_is_known() -> None:
    """Behind Caddy every login would else seem to come from one address, and one guesser would slow down all."""
    assert SERVICES["web"]["environment"]["FORWARDED_ALLOW_IPS"] == "*"
    assert "ports" not in SERVICES["web"]


def test_services_set_only_known_settings() -> None:
    """A typing slip in the compose file would otherwise pass unseen."""
    for name in OURS:
        for variable in SERVICES[name]["environment"]:
            assert variable in OF_UVICORN or variable.removeprefix(PREFIX).lower() in Settings.model_fields


@dataclass
class Site:
    """One deployment: a database and what .env would hold."""

    env: dict[str, str]
    folder: Path

    def environment(self, service: str, **more: str) -> dict[str, str]:
        """What compose would hand to `service`, with this machine's database and folder."""
        given = {name: str(value) for name, value in SERVICES[service]["environment"].items()}
        filled = {
            name: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: self.env[found[1]], value) for name, value in given.items()
        }
        here = {name: self.env[name] for name in (f"{PREFIX}DATABASE_URL", f"{PREFIX}DATA_DIR")}
        return {**os.environ, **filled, **here, **more}

    def run(self, service: str) -> subprocess.CompletedProcess[str]:
        """Run the command of a one-shot service to its end."""
        return subprocess.run(
            self.command(service),
            env=self.environment(service),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    @contextmanager
    def start(self, service: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start the command of a service; whatever happens, it does not outlive the test."""
        with (self.folder / f"{service}.log").open("wb") as log:
            process = subprocess.Popen(
                self.command(service),
                env=self.environment(service, **more),
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                yield process
            finally:
                process.kill()
                process.wait()

    def command(self, service: str) -> list[str]:
        """The command of `service` behind the image's entry point, which is the command `saathi`."""
        assert json.loads(_dockerfile("ENTRYPOINT")) == ["saathi"]
        return [str(SAATHI), *SERVICES[service]["command"]]

    def log(self, service: str) -> str:
        """What `service` has written so far."""
        return (self.folder / f"{service}.log").read_text()

    def wait_for_start(self, service: str, process: subprocess.Popen[bytes]) -> None:
        """Wait until `service` says that it has started."""
        deadline = time.monotonic() + PATIENCE
        while '"event": "started"' not in self.log(service):
            assert process.poll() is None, self.log(service)
            assert time.monotonic() < deadline, self.log(service)
            time.sleep(0.05)


@pytest.fixture(scope="module")
def empty_site(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A deployment whose database is still empty."""
    folder = tmp_path_factory.mktemp("site")
    name = f"c{uuid4().hex}"
    url = postgres_server.create(name)
    env = {
        "POSTGRES_PASSWORD": "made-up",
        "DOMAIN": "saathi.example.org",
        f"{PREFIX}ENCRYPTION_KEYS": KeyRing.generate().spec(),
        f"{PREFIX}TELEGRAM_TOKEN": "",
        f"{PREFIX}TELEGRAM_WEBHOOK_SECRET": "",
        f"{PREFIX}DATABASE_URL": url,
        f"{PREFIX}DATA_DIR": str(folder / "data"),
    }
    yield Site(env, folder)
    postgres_server.drop(name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def too_early(empty_site: Site) -> dict[str, tuple[int, str]]:
    """What becomes of each service that is started before the migration: how it ended, and what it said."""
    more = {f"{PREFIX}HOST": "127.0.0.1", f"{PREFIX}PORT": str(_free_port())}
    ended = {}
    for service in ("web", "worker"):
        with empty_site.start(service, **more) as process:
            ended[service] = process.wait(timeout=PATIENCE), empty_site.log(service)
    return ended


@pytest.fixture(scope="module")
def site(empty_site: Site, too_early: object) -> Site:
    """The deployment after its migration."""
    done = empty_site.run("migrate")
    assert done.returncode == 0, done.stderr
    return empty_site


def test_the_migration_runs_and_may_run_again(site: Site) -> None:
    """`docker compose up` runs the migration each time; the second time changes nothing."""
    again = site.run("migrate")
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("service", ["web", "worker"])
def test_without_tables_nothing_starts(too_early: dict[str, tuple[int, str]], service: str) -> None:
    """A service that is started before the migration says so in one sentence and ends."""
    code, log = too_early[service]
    assert code != 0
    assert "saathi db upgrade" in log
    assert "Traceback" not in log


def test_services_work_say_so_and_stop_cleanly(site: Site) -> None:
    """Beside running services the HEALTHCHECK of the image, `saathi health`, says yes for each, and so does the web
    service's own page; a SIGTERM ends each with 0 before Docker would kill it.
    """
    port = str(_free_port())
    more = {f"{PREFIX}HOST": "127.0.0.1", f"{PREFIX}PORT": port}
    with site.start("web", **more) as web, site.start("worker", **more) as worker:
        running = {"web": web, "worker": worker}
        for service, process in running.items():
            site.wait_for_start(service, process)
        answer = httpx.get(f"http://127.0.0.1:{port}/health", timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        for service in running:
            asked = subprocess.run(
                [str(SAATHI), "health"],
                env=site.environment(service, **more),
                cwd=site.folder,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
            assert asked.returncode == 0, asked.stdout + asked.stderr
        for service, process in running.items():
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=GRACE) == 0, site.log(service)
