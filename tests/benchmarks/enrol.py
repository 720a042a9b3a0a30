"""Enrol: patients with forty reminders each, one transaction a patient."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from scheduler import enrolments
from scheduler.crypto import KeyRing
from scheduler.store.engine import Store
from tests.benchmarks import bare, peers
from tests.benchmarks.figures import Figure, median
from tests.benchmarks.grounds import STEPS, Databases, forty_steps, run, utc_now
from tests.support.world import JOURNEY

ROUNDS = 5
PATIENTS = 200
"""A round; all rounds together are the thousand patients."""

PEER_JOBS = 400


def measure(databases: Databases, kind: str) -> Iterator[Figure]:
    """Reminders a second, and what share of the bare limit that is."""
    with databases.fresh(kind) as url:
        ours, limit = run(_rounds(url))
    yield Figure("enrol", kind, "reminders stored, a transaction a patient", median(ours), "/s")
    yield Figure("enrol", kind, "bare inserts of the same rows", median(limit), "/s")
    ratios = [one / other for one, other in zip(ours, limit, strict=True)]
    yield Figure("enrol", kind, "share of the bare limit", median(ratios), "x", ">= 0.3")
    with databases.empty(kind) as url:
        peer = peers.call("apscheduler-enrol", url, PEER_JOBS)
    if peer:
        yield Figure("enrol", kind, "APScheduler SQLAlchemyJobStore add_job", peer, "/s")
        yield Figure("enrol", kind, "times APScheduler", median(ours) / peer, "x", ">= 10")


async def _rounds(url: str) -> tuple[list[float], list[float]]:
    """Reminders a second of each round: ours, and the bare limit's."""
    content = forty_steps()
    store = Store.open(url, KeyRing.generate())
    ours, limit = [], []
    number = 0

    async def enrol() -> int:
        nonlocal number
        number += 1
        now = utc_now()
        request = enrolments.NewEnrolment(
            name=f"Asha{number} Example", language="en", journey=JOURNEY, surgery_on=now.date()
        )
        async with store.write() as conn:
            return (await enrolments.enrol(conn, store.keys, content, request, now)).enrolment_id

    rows = await bare.example(store.engine, await enrol())
    for turn in range(ROUNDS):
        copies = [bare.copied(rows, (turn + 1) * 1_000_000 + n) for n in range(PATIENTS)]
        began = perf_counter()
        await bare.enrol(store.engine, copies)
        limit.append(PATIENTS * STEPS / (perf_counter() - began))
        began = perf_counter()
        for _ in range(PATIENTS):
            await enrol()
        ours.append(PATIENTS * STEPS / (perf_counter() - began))
    await store.close()
    return ours, limit
