"""A day on which the power fails again and again: workers are killed at random moments, and what is left is told."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from scheduler import outbox, people
from scheduler.plans import MedicineTimes
from scheduler.policy import ALERT, POLICIES, REPLY
from scheduler.records import MAX_REPEATS
from scheduler.rendering import again
from scheduler.sender import Body
from scheduler.store.tables import attempt, message, reminder
from tests.fakes.ledger import Ledger, Seen
from tests.fakes.telegram.faults import Kind
from tests.fakes.telegram.server import FakeTelegram
from tests.fakes.workers import Job, Workers
from tests.support.world import SURGERY, Phone, World, india, shipped

PATIENTS = 24
KILLS = 10
"""Between two set-ups."""
PAUSE = timedelta(minutes=2)
"""From one power cut to the next start: longer than a lease."""
BEGIN = india(3, "09:00")
END = india(3, "13:00")
TOGETHER = 0.1
"""Seconds that two workers get to be ready."""
LONGEST = 0.2
"""Seconds after its start within which a worker is killed."""
FIRST_CHAT = 90_000
TELEGRAM_FAULTS: dict[Kind, float] = {
    "none": 60,
    "slow": 10,
    "too many": 1,
    "broken before": 4,
    "broken after": 4,
    "dropped before": 5,
    "dropped after": 5,
    "nonsense": 3,
    "gateway": 3,
}
"""How often each happens where messages leave through Telegram, in a hundred or so calls."""


@dataclass
class Message:
    """What the database says at the end about something a patient was to get, and what the patient saw."""

    kind: str
    state: str
    reason: str | None
    text: str | None
    doubts: int = 0
    """How many attempts ended without anybody knowing whether it arrived."""
    seen: list[Seen] = field(default_factory=list)

    @property
    def given_up_too_soon(self) -> bool:
        """Whether an alert or reply did not leave with repeats left, or a reminder is in doubt without an attempt."""
        if self.repeats:
            return self.state != "sent" and self.doubts <= MAX_REPEATS
        return self.state == "unknown" and not self.doubts

    @property
    def repeats(self) -> bool:
        """Whether its class may come again, saying so."""
        return POLICIES[self.kind].repeats

    @property
    def unsaid(self) -> int:
        """How often it was seen without the line that says it may have come before."""
        return sum(one.text == self.text for one in self.seen)


@dataclass
class Aftermath:
    """What is left after the last restart."""

    kills: int = 0
    messages: list[Message] = field(default_factory=list)
    stray: list[Seen] = field(default_factory=list)
    """Seen, but nothing in the database knows of it."""
    unfinished: list[tuple[str, str]] = field(default_factory=list)
    """Rows of any table that are still under way: table and state."""


def tear(
    url: str,
    folder: Path,
    workers: Workers,
    *,
    kills: int,
    at_once: int,
    seed: int,
    telegram: FakeTelegram | None = None,
) -> Aftermath:
    """Set up, kill `kills` times (each time all of `at_once` workers), let the last worker finish, look.

    With `telegram` everything leaves through it, and what patients saw is read there.
    """
    chance = random.Random(seed)
    ledger = folder / f"ledger-{seed}"
    channel = "telegram" if telegram else "simulator"
    keys = asyncio.run(_set_up(url, chance, channel))
    way_out = None
    if telegram:
        way_out = telegram.url, telegram.token
        telegram.forget()
        telegram.crowd(FIRST_CHAT, PATIENTS)
        telegram.faults.at_random(TELEGRAM_FAULTS, seed, seconds=0.05)
    start = BEGIN
    for _ in range(kills):
        # Two begin at the same instant, so that they want the same messages.
        since = time.time() + TOGETHER if at_once > 1 else None
        seeds = [chance.getrandbits(32) for _ in range(at_once)]
        jobs = [
            Job(url, keys, str(ledger), start.isoformat(), since=since, seed=seed, telegram=way_out) for seed in seeds
        ]
        running = [workers.start(job) for job in jobs]
        time.sleep(TOGETHER if since else 0)
        for worker in running:
            time.sleep(chance.random() * LONGEST)
            workers.kill(worker)
        start += PAUSE
    last = Job(
        url,
        keys,
        str(ledger),
        start.isoformat(),
        seed=chance.getrandbits(32),
        until=END.isoformat(),
        telegram=way_out,
    )
    assert workers.wait(workers.start(last)) == 0
    read = [Seen(one.to, "", one.text, one.at) for one in telegram.ledger] if telegram else Ledger(ledger).read()
    aftermath = asyncio.run(_look(url, keys, read))
    aftermath.kills = kills
    return aftermath


async def _set_up(url: str, chance: random.Random, channel: str) -> str:
    """Patients with a medicine time, a tip and a check-in between nine and twelve, an alert and a reply each."""
    world = World.build(url, phone=Phone(channel=channel))
    for number in range(PATIENTS):
        at = BEGIN + timedelta(minutes=chance.randrange(0, 24))
        local = (at + timedelta(hours=5, minutes=30)).time()
        chat = str(FIRST_CHAT + number)
        _, address_id = await world.patient(
            f"Patient{number} Example", chat, morning=local, medicine=(MedicineTimes((local,), SURGERY, 5),)
        )
        async with world.store.write() as conn:
            for kind in (ALERT, REPLY):
                await outbox.put(
                    conn,
                    world.store.keys,
                    address_id=address_id,
                    channel=channel,
                    kind=kind,
                    body=Body(f"{kind} {number}"),
                    now=BEGIN + timedelta(minutes=chance.randrange(0, 24)),
                )
    await world.close()
    return world.store.keys.spec()


async def _look(url: str, keys: str, read: list[Seen]) -> Aftermath:
    world = World.build(url, keys=keys)
    found = Aftermath()
    async with world.store.read() as conn:
        due = await conn.execute(select(reminder.c.state).where(reminder.c.due_at < END, reminder.c.due_at >= BEGIN))
        found.unfinished += [("reminder", s) for s in due.scalars() if s in ("planned", "held")]
        lost = await conn.execute(select(message.c.state).where(message.c.state.not_in(outbox.TERMINAL)))
        found.unfinished += [("message", s) for s in lost.scalars()]
        started = await conn.execute(select(attempt.c.outcome).where(attempt.c.outcome == "started"))
        found.unfinished += [("attempt", s) for s in started.scalars()]
        rows: list[Any] = list(await conn.execute(select(message).where(message.c.state != "cancelled")))
        counted = select(attempt.c.message_id, func.count()).where(attempt.c.outcome == "unknown")
        doubts: dict[int, int] = {row[0]: row[1] for row in await conn.execute(counted.group_by(attempt.c.message_id))}
        to = {row.address_id: (await people.open_address(conn, world.store.keys, row.address_id)).value for row in rows}
    notes = again(shipped(), Body(""), "en").text, again(shipped(), Body(""), "hi").text
    seen: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for one in read:
        seen[one.to, _without(one.text, notes)].append(one)
    for row in rows:
        text = _without(outbox.open_body(world.store.keys, row.body).text, notes) if row.body else None
        found.messages.append(
            Message(
                row.kind,
                row.state,
                row.reason,
                text,
                doubts.get(row.id, 0),
                seen.pop((to[row.address_id], text or ""), []),
            )
        )
    found.stray = [one for several in seen.values() for one in several]
    await world.close()
    return found


def _without(text: str, notes: tuple[str, ...]) -> str:
    for note in notes:
        text = text.removeprefix(note)
    return text
