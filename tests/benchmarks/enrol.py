"""Enrol: patients with forty reminders each, one transaction a patient."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from scheduler import enrolments
from scheduler.crypto import KeyRing
from scheduler.store.engine import Store
from tests.benchmarks import bare, peers
from tests.benchmarks.figures import Figure, median, median_ratio
from tests.benchmarks.grounds import STEPS, Databases, forty_steps, run, settle, utc_now
from tests.support.world import JOURNEY

ROUNDS = 5
PATIENTS = 200
"""A round; all rounds together are the thousand patients."""

PEER_JOBS = 240
"""A round."""


def measure(databases: Databases, kind: str) -> Iterator[Figure]:
    """Reminders a second, and what share of the bare limit that is; everybody has a turn in each round."""
    ours, limit, peer = [], [], []
    keys = KeyRing.generate()
    with databases.fresh(kind) as url:
        for turn in range(1, ROUNDS + 1):
            limited, mine = run(_round(url, keys, turn))
            limit.append(limited)
            ours.append(mine)
            with databases.empty(kind) as other:
                peer.append(peers.call("apscheduler-enrol", other, PEER_JOBS))
    yield Figure("enrol", kind, "reminders stored, a transaction a patient", median(ours), "/s")
    yield Figure("enrol", kind, "bare inserts of the same rows", median(limit), "/s")
    yield Figure("enrol", kind, "share of the bare limit", median_ratio(ours, limit), "x", ">= 0.3")
    told = [rate for rate in peer if rate]
    if len(told) == ROUNDS:
        yield Figure("enrol", kind, "APScheduler SQLAlchemyJobStore add_job", median(told), "/s")
        yield Figure("enrol", kind, "times APScheduler", median_ratio(ours, told), "x", ">= 10")


async def _round(url: str, keys: KeyRing, turn: int) -> tuple[float, float]:
    """Reminders a second: the bare limit's, and ours."""
    content = forty_steps()
    store = Store.open(url, keys)
    plain = bare.engine(url)

    async def enrol(number: int) -> int:
        now = utc_now()
        request = enrolments.NewEnrolment(
            name=f"Asha{number} Example", language="en", journey=JOURNEY, surgery_on=now.date()
        )
        async with store.write() as conn:
            return (await enrolments.enrol(conn, store.keys, content, request, now)).enrolment_id

    rows = await bare.example(plain, await enrol(0))
    copies = [bare.copied(rows, turn * 1_000_000 + n) for n in range(PATIENTS)]
    settle()
    began = perf_counter()
    await bare.enrol(plain, copies)
    limit = PATIENTS * STEPS / (perf_counter() - began)
    began = perf_counter()
    for number in range(PATIENTS):
        await enrol(number)
    ours = PATIENTS * STEPS / (perf_counter() - began)
    await plain.dispose()
    await store.close()
    return limit, ours
