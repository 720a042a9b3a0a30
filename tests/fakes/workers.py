"""Dispatchers in processes of their own, to be killed at any moment.

Starting Python and reading the content takes a second, so one process does that once and then forks a worker for each
job it is told: `python -m tests.fakes.workers` reads jobs as lines of JSON and answers each with the worker's number.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog
from sqlalchemy import select

from bot.channels.telegram.api import Api
from bot.channels.telegram.sender import TelegramSender
from scheduler import reminders
from scheduler.clock import SettableClock
from scheduler.crypto import KeyRing
from scheduler.dispatcher import Dispatcher
from scheduler.sender import Limits, Sender
from scheduler.store.engine import Store
from scheduler.store.tables import enrolment
from tests.fakes.ledger import Ledger, LedgerSender
from tests.support.repository import ROOT
from tests.support.world import sample_content

STEPS = 2000
"""So often at most a worker that is to finish moves its clock: a tenth of it is usual."""


@dataclass(frozen=True)
class Job:
    """What a worker is to do. Instants are ISO."""

    url: str
    keys: str
    ledger: str
    start: str
    """What its clock shows at the beginning."""
    since: float | None = None
    """When to begin, by the machine's clock, for workers that are to begin together and agree about the time."""
    seed: int = 0
    faults: bool = True
    until: str | None = None
    """Do everything that is due until then, moving the clock, and end; nothing: go on until killed."""
    per_second: float | None = None
    replan: bool = True
    """Plan somebody again now and then, as staff's changes and a repeated event do."""
    telegram: tuple[str, str] | None = None
    """Address and token of a Bot API server to send through; its ledger is then the patients' eyes, and its faults
    are what goes wrong."""


class Workers:
    """The process that forks workers."""

    def __enter__(self) -> Self:
        """Start it, and wait until it has read the content."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.workers"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        assert self._answer() == "ready"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it and every worker that is left."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def start(self, job: Job) -> int:
        """Fork a worker; its process number."""
        return int(self._ask({"job": asdict(job)}))

    def kill(self, worker: int) -> None:
        """SIGKILL: no handler, no clean-up, no flush. Fails if the worker had ended by itself."""
        os.kill(worker, signal.SIGKILL)
        assert self.wait(worker) == -signal.SIGKILL

    def wait(self, worker: int) -> int:
        """Wait until a worker has ended; its exit status."""
        return int(self._ask({"wait": worker}))

    def _ask(self, question: dict[str, Any]) -> str:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().decode().strip()


def _serve() -> None:
    answers = os.dup(1)
    os.dup2(2, 1)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    sample_content()
    children: set[int] = set()
    os.write(answers, b"ready\n")
    # Not sys.stdin: a forked worker must not inherit lines that were read ahead.
    while line := _line():
        question = json.loads(line)
        if "wait" in question:
            _, status = os.waitpid(question["wait"], 0)
            children.discard(question["wait"])
            os.write(answers, f"{os.waitstatus_to_exitcode(status)}\n".encode())
            continue
        child = os.fork()
        if child == 0:
            _become(Job(**question["job"]))
        children.add(child)
        os.write(answers, f"{child}\n".encode())
    for child in children:
        os.kill(child, signal.SIGKILL)


def _line() -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return b""
        line += byte
    return line


def _become(job: Job) -> None:
    status = 1
    try:
        asyncio.run(_work(job))
        status = 0
    except Exception:  # noqa: BLE001 - told, and then this process ends
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


async def _work(job: Job) -> None:
    chance = random.Random(job.seed)
    store = Store.open(job.url, KeyRing.parse(job.keys))
    content = sample_content()
    api, sender = _way_out(job)
    async with store.read() as conn:
        everybody = (await conn.scalars(select(enrolment.c.id))).all()
    end = datetime.fromisoformat(job.until) if job.until else None
    if job.since:
        await asyncio.sleep(max(job.since - time.time(), 0))
    passed = timedelta(seconds=time.time() - job.since if job.since else 0)
    clock = SettableClock(datetime.fromisoformat(job.start) + passed)
    dispatcher = Dispatcher(store, content, clock, [sender])
    for _ in range(STEPS) if end else count():
        await dispatcher.reap()
        await dispatcher.drain()
        if job.replan:
            async with store.write() as conn:
                await reminders.replan(conn, content, chance.choice(everybody), clock.now())
        if end is None:
            await asyncio.sleep(0.002)
            continue
        due = await dispatcher.next_due()
        if due is None or due > end:
            break
        if job.since and not job.faults:
            # Their clocks must agree: one that ran ahead would find the other's leases ended.
            await asyncio.sleep(min((due - clock.now()).total_seconds(), 0.5))
        else:
            clock.set(due)
    else:
        raise RuntimeError("there is no end to what is due")
    if api is not None:
        await api.close_connections()
    await store.close()


def _way_out(job: Job) -> tuple[Api | None, Sender]:
    limits = Limits(per_second=job.per_second, in_flight=20 if job.per_second else 8, timeout=5.0)
    if job.telegram is None:
        return None, LedgerSender(Ledger(Path(job.ledger)), seed=job.seed, faults=job.faults, limits=limits)
    url, token = job.telegram
    api = Api.open(token, url)
    return api, TelegramSender(api, limits)


if __name__ == "__main__":
    _serve()
