"""A dispatcher in a process of its own (`python -m tests.benchmarks.worker`), which tells in one line what it saw."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from time import perf_counter

import psutil

from scheduler.clock import SystemClock
from scheduler.crypto import KeyRing
from scheduler.dispatcher import Dispatcher
from scheduler.sender import Limits, Outgoing
from scheduler.store.engine import Store
from tests.benchmarks.figures import median
from tests.benchmarks.grounds import Silent, forty_steps, run, settle
from tests.support.repository import ROOT

_KEYS = "SAATHI_ENCRYPTION_KEYS"
_TICKS = 15


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker does: send at `per_second` (nothing: no limit) until `seconds` after its first message."""

    url: str
    seconds: float
    per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What it tells. Instants are seconds since 1970."""

    sent: list[tuple[int, float]]
    """Message and instant of each call to the sender, in order."""
    rss_mb: float
    tick_ms: float
    """Median of a look at everything that finds nothing due."""


class Worker:
    """A worker that was started, and when."""

    def __init__(self, job: Job, keys: KeyRing) -> None:
        self.started_at = time.time()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.worker", json.dumps(asdict(job))],
            cwd=ROOT,
            env=os.environ | {_KEYS: keys.spec()},
            stdout=subprocess.PIPE,
            text=True,
        )

    def seen(self) -> Seen:
        """Wait for its end. Raises RuntimeError if it failed."""
        told, _ = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError("a worker ended with an error")
        return Seen(**json.loads(told.splitlines()[-1]))


async def work(job: Job) -> Seen:
    """Run the dispatcher as long as the job says, then tick with nothing due."""
    sent: list[tuple[int, float]] = []
    first = asyncio.Event()

    def seen(outgoing: Outgoing) -> None:
        sent.append((outgoing.message_id, time.time()))
        first.set()

    store = Store.open(job.url, KeyRing.parse(os.environ[_KEYS]))
    sender = Silent(seen, Limits(per_second=job.per_second))
    dispatcher = Dispatcher(store, forty_steps(), SystemClock(), [sender])
    settle()
    stop = asyncio.Event()
    running = asyncio.create_task(dispatcher.run(stop))
    await first.wait()
    await asyncio.sleep(job.seconds)
    stop.set()
    await running
    ticks = []
    idle = Dispatcher(store, forty_steps(), SystemClock(), [sender])
    # Where a queue is left over (a limit was measured), a tick would go on sending.
    for _ in range(_TICKS if job.per_second is None else 0):
        began = perf_counter()
        await idle.drain()
        ticks.append((perf_counter() - began) * 1000)
    await store.close()
    return Seen(sent, psutil.Process().memory_info().rss / 2**20, median(ticks or [0.0]))


if __name__ == "__main__":
    print(json.dumps(asdict(run(work(Job(**json.loads(sys.argv[1])))))))
