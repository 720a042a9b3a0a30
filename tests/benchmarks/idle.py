"""Idle and growth: what a dispatcher costs while ten thousand, a hundred thousand or a million reminders wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from scheduler.crypto import KeyRing
from scheduler.store.engine import Store
from tests.benchmarks.figures import Figure
from tests.benchmarks.grounds import STEPS, Databases, Due, fill, run, utc_now, zone_at_noon
from tests.benchmarks.worker import Job, Worker

SIZES = (10_000, 100_000, 1_000_000)

IDLE = 3.0
"""Seconds a worker idles before its memory is read."""


def measure(databases: Databases, kind: str) -> Iterator[Figure]:
    """Memory, the cost of a tick and the first message after a start, by what waits."""
    memory = []
    for size in SIZES:
        with databases.fresh(kind) as url:
            keys = KeyRing.generate()
            run(_wait(url, keys, size))
            worker = Worker(Job(url, IDLE), keys)
            seen = worker.seen()
        memory.append(seen.rss_mb)
        (_, first), *_ = seen.sent
        yield Figure("idle", kind, f"memory with {size:,} waiting", seen.rss_mb, "MB")
        yield Figure("idle", kind, f"tick with {size:,} waiting, nothing due", seen.tick_ms, "ms", "<= 5")
        started = first - worker.started_at
        yield Figure("idle", kind, f"first message after a start, {size:,} waiting", started, "s", "<= 2")
    yield Figure("idle", kind, "memory, largest less smallest", max(memory) - min(memory), "MB", "<= 20")


async def _wait(url: str, keys: KeyRing, size: int) -> None:
    """Put down `size` reminders of the coming weeks, and one that is due now."""
    now = utc_now()
    store = Store.open(url, keys)
    coming = (Due(n // STEPS, now + timedelta(days=1, minutes=n % 50_000)) for n in range(size))
    await fill(store, size // STEPS + 1, (Due(size // STEPS, now), *coming), now, zone_at_noon(now))
    await store.close()
