"""What others do, each in a process of its own (`python tests/benchmarks/peers.py PEER DATABASE N`).

The process runs in `.venv-bench` (requirements-bench.lock) if `make bench` has made it; it imports nothing of ours.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve()
_PYTHON = _HERE.parents[2] / ".venv-bench" / "bin" / "python"

PATIENT = 40
"""Jobs that are added before the event loop has its turn again: one patient's."""


def call(peer: str, url: str, number: int) -> float | None:
    """Jobs a second of `peer` on the empty database at `url`; nothing, and a line that says so, where it cannot run."""
    python = _PYTHON if _PYTHON.exists() else Path(sys.executable)
    done = subprocess.run([python, _HERE, peer, url, str(number)], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["it ended without a word"]
        print(f"{peer} is left out ({reason[0]}); `make bench` installs it in .venv-bench.")
        return None
    return float(json.loads(done.stdout.splitlines()[-1]))


def do_nothing(*_: object) -> None:
    """The job."""


def apscheduler_enrol(url: str, number: int) -> float:
    """APScheduler 3 with its SQLAlchemy job store, as its documentation starts it: `add_job` for each reminder."""
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    async def run() -> float:
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_jobstore(SQLAlchemyJobStore(url=_sync(url)))
        scheduler.start()
        due = datetime.now(UTC) + timedelta(days=3)
        began = time.perf_counter()
        for n in range(number):
            scheduler.add_job("__main__:do_nothing", "date", run_date=due, args=[n])
            if n % PATIENT == PATIENT - 1:
                await asyncio.sleep(0)
        took = time.perf_counter() - began
        scheduler.shutdown(wait=False)
        return number / took

    return asyncio.run(run())


def procrastinate_fire(url: str, number: int) -> float:
    """Procrastinate with 100 jobs at once, 20 connections and a poll each half second; jobs that do nothing."""
    procrastinate: Any = import_module("procrastinate")

    async def run() -> float:
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=_conninfo(url), max_size=20))

        async def send(n: int) -> None:
            do_nothing(n)

        task = app.task(send, name="send")

        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            due = datetime.now(UTC) - timedelta(seconds=1)
            for first in range(0, number, 1000):
                jobs = [{"n": n} for n in range(first, min(first + 1000, number))]
                await task.configure(schedule_at=due).batch_defer_async(*jobs)
            began = time.perf_counter()
            await app.run_worker_async(
                concurrency=100, wait=False, fetch_job_polling_interval=0.5, install_signal_handlers=False
            )
            return number / (time.perf_counter() - began)

    return asyncio.run(run())


def _sync(url: str) -> str:
    return url.replace("+aiosqlite", "").replace("+asyncpg", "+psycopg")


def _conninfo(url: str) -> str:
    from sqlalchemy.engine import make_url

    parts = make_url(url)
    return f"host={parts.query['host']} user={parts.username} dbname={parts.database}"


PEERS = {"apscheduler-enrol": apscheduler_enrol, "procrastinate-fire": procrastinate_fire}

if __name__ == "__main__":
    print(json.dumps(PEERS[sys.argv[1]](sys.argv[2], int(sys.argv[3]))))
