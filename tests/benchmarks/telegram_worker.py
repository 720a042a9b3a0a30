"""A dispatcher that sends through Telegram, in a process of its own (`python -m tests.benchmarks.telegram_worker`)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass

from bot.channels.telegram import TelegramChannel
from scheduler.clock import SystemClock
from scheduler.crypto import KeyRing
from scheduler.dispatcher import Dispatcher
from scheduler.store.engine import Store
from tests.benchmarks.grounds import forty_steps, run, settle
from tests.fakes.telegram.process import FakeProcess
from tests.support.repository import ROOT

_KEYS = "SAATHI_ENCRYPTION_KEYS"
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker does: send whatever is due, as fast as the channel allows, until it is told to stop."""

    url: str
    telegram: str
    token: str


class Worker:
    """A worker that was started."""

    def __init__(self, job: Job, keys: KeyRing) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.telegram_worker", json.dumps(asdict(job))],
            cwd=ROOT,
            env=os.environ | {_KEYS: keys.spec()},
        )

    def wait(self, fake: FakeProcess, number: int) -> None:
        """Until `number` messages have been seen, or nothing has come for long; then it ends."""
        last, at = -1, time.monotonic()
        while (count := fake.count()) < number and time.monotonic() - at < _PATIENCE:
            if count != last:
                last, at = count, time.monotonic()
            time.sleep(0.2)
        self._process.send_signal(signal.SIGTERM)
        if self._process.wait():
            raise RuntimeError("a worker ended with an error")


async def work(job: Job) -> None:
    """Run the dispatcher until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    content = forty_steps()
    store = Store.open(job.url, KeyRing.parse(os.environ[_KEYS]))
    channel = TelegramChannel(job.token, content, api_url=job.telegram)
    dispatcher = Dispatcher(store, content, SystemClock(), [channel.sender])
    settle()
    with suppress(asyncio.CancelledError):
        await dispatcher.run(stop)
    await channel.close()
    await store.close()


if __name__ == "__main__":
    run(work(Job(**json.loads(sys.argv[1]))))
