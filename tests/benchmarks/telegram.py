"""Telegram: the whole dispatcher against python-telegram-bot's own client, the shared rate, and how soon we answer.

The Bot API server is the tests' own, in a process of its own.
"""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from pydantic import SecretStr
from sqlalchemy import func, select
from telegram import Bot
from telegram.request import HTTPXRequest

from bot import bootstrap, serve
from bot.channels.telegram import CHANNEL, TelegramChannel
from bot.channels.telegram.sender import LIMITS
from bot.settings import Settings
from scheduler.clock import SettableClock
from scheduler.crypto import KeyRing
from scheduler.dispatcher import Dispatcher
from scheduler.sender import Limits
from scheduler.store.engine import Store
from scheduler.store.tables import message
from tests.benchmarks.figures import Figure, median, median_ratio, percentile
from tests.benchmarks.grounds import Databases, Due, fill, forty_steps, run, settle, utc_now, zone_at_noon
from tests.benchmarks.telegram_worker import Job, Worker
from tests.fakes.telegram.process import FakeProcess

ROUNDS = 3
MESSAGES = 3_000
AT_ONCE = 10_000
PEER_CONNECTIONS = 8
"""At which the library's default client is fastest (docs/speed.md)."""
REMINDERS = 5_000
QUESTIONS = 60
ASK_EVERY = 0.25
"""Seconds: the answers alone take a part of the rate, the reminders the rest."""
RATE = 30
SETTLED = 0.3
LOOK_EVERY = 0.02
"""Seconds between two looks at whether everything is recorded."""
PATIENCE = 120.0
WARM = 6.0
"""Seconds until all has started, and for the last answer."""
SITE = "https://saathi.example.org"
FIRST_ASKER = 5_000_000
FREE = Limits(in_flight=LIMITS.in_flight, timeout=LIMITS.timeout)
"""As in production but for the rate: what is measured is the client, and a server that takes whatever comes."""


def measure(databases: Databases, kind: str, seconds: float) -> Iterator[Figure]:
    """Speed, ten thousand at once, the rate, and the time to an answer."""
    with FakeProcess(strict_rates=False) as fake:
        yield from _speed(databases, kind, fake)
    yield from _rate(databases, kind, seconds)
    yield from _answers(databases, kind)


def _speed(databases: Databases, kind: str, fake: FakeProcess) -> Iterator[Figure]:
    ours, peer = [], []
    fake.crowd(1, AT_ONCE)
    for _ in range(ROUNDS):
        peer.append(run(_library(fake, MESSAGES)))
        with databases.fresh(kind) as url:
            ours.append(run(_fire(url, fake, MESSAGES)).per_second)
    yield Figure("telegram", kind, f"messages sent and recorded, {MESSAGES:,} due", median(ours), "/s")
    what = f"python-telegram-bot's default client, {PEER_CONNECTIONS} in flight"
    yield Figure("telegram", kind, what, median(peer), "/s")
    yield Figure("telegram", kind, "times the default client", median_ratio(ours, peer), "x", ">= 2")
    with databases.fresh(kind) as url:
        fired = run(_fire(url, fake, AT_ONCE))
    yield Figure("telegram", kind, f"{AT_ONCE:,} due at once", fired.per_second, "/s")
    yield Figure("telegram", kind, f"{AT_ONCE:,} due at once: not sent", AT_ONCE - fired.recorded, "messages", "0")
    yield Figure("telegram", kind, f"{AT_ONCE:,} due at once: not seen", AT_ONCE - fired.seen, "messages", "0")


@dataclass(frozen=True, slots=True)
class Fired:
    """What one round took."""

    per_second: float
    recorded: int
    seen: int


async def _fire(url: str, fake: FakeProcess, messages: int) -> Fired:
    """Let a running dispatcher find them all due at once."""
    fake.forget()
    now = utc_now()
    due = now + timedelta(hours=1)
    clock = SettableClock(now, frozen=True)
    store = Store.open(url, KeyRing.generate())
    waiting = (Due(n, due) for n in range(messages))
    await fill(store, messages, waiting, now, zone_at_noon(now), channel=CHANNEL, chat=str)
    channel = TelegramChannel(fake.token, forty_steps(), api_url=fake.url, limits=FREE)
    stop = asyncio.Event()
    dispatcher = Dispatcher(store, forty_steps(), clock, [channel.sender])
    settle()
    running = asyncio.create_task(dispatcher.run(stop))
    await asyncio.sleep(SETTLED)
    began = perf_counter()
    clock.set(due)
    dispatcher.wake()
    while (recorded := await _recorded(store)) < messages and perf_counter() - began < PATIENCE:  # noqa: ASYNC110
        await asyncio.sleep(LOOK_EVERY)
    took = perf_counter() - began
    stop.set()
    await running
    await channel.close()
    await store.close()
    return Fired(messages / took, recorded, fake.count())


async def _recorded(store: Store) -> int:
    async with store.read() as conn:
        return await conn.scalar(select(func.count()).select_from(message).where(message.c.state == "sent")) or 0


async def _library(fake: FakeProcess, messages: int) -> float:
    """The library as it comes, with as many calls under way as suit it; it stores and records nothing."""
    fake.forget()
    bot = Bot(fake.token, base_url=f"{fake.url}/bot", request=HTTPXRequest(httpx_kwargs={"trust_env": False}))
    await bot.initialize()
    numbers = iter(range(1, messages + 1))

    async def send() -> None:
        for number in numbers:
            await bot.send_message(number, f"step for Asha{number}, day 2.", parse_mode="HTML")

    settle()
    began = perf_counter()
    await asyncio.gather(*(send() for _ in range(PEER_CONNECTIONS)))
    took = perf_counter() - began
    await bot.shutdown()
    return messages / took


def _rate(databases: Databases, kind: str, seconds: float) -> Iterator[Figure]:
    """Telegram's own limits, by one worker and by two."""
    for workers in (1, 2) if kind == "postgresql" else (1,):
        number = int(RATE * seconds)
        with databases.fresh(kind) as url, FakeProcess(strict_rates=True) as fake:
            keys = KeyRing.generate()
            fake.crowd(1, number)
            run(_plan(url, keys, number))
            job = Job(url, fake.url, fake.token)
            started = [Worker(job, keys) for _ in range(workers)]
            for worker in started:
                worker.wait(fake, number)
            times = sorted(at for _, at in fake.seen())
            refused = fake.answers().get(429, 0)
        who = f"{RATE}/s for {seconds:.0f} s, {workers} worker{'s' * (workers - 1)}"
        used = 100 * (len(times) - 1) / (times[-1] - times[0]) / RATE
        yield Figure("telegram", kind, f"{who}: of the rate used", used, "%", ">= 97")
        yield Figure("telegram", kind, f"{who}: answers 429", refused, "answers", "0")


async def _plan(url: str, keys: KeyRing, number: int) -> None:
    now = utc_now()
    store = Store.open(url, keys)
    due = (Due(n, now) for n in range(number))
    await fill(store, number, due, now, zone_at_noon(now), channel=CHANNEL, chat=str)
    await store.close()


def _answers(databases: Databases, kind: str) -> Iterator[Figure]:
    """From the update handed to us until our answer was accepted, while thousands of reminders are due."""
    for mode in ("polling", "webhook"):
        listener = serve.listen("127.0.0.1", 0)
        sites = {SITE: serve.address_of(listener)}
        with (
            databases.fresh(kind) as url,
            FakeProcess(strict_rates=True, sites=sites) as fake,
            tempfile.TemporaryDirectory() as folder,
        ):
            settings = Settings(
                data_dir=Path(folder),
                database_url=SecretStr(url),
                encryption_keys=SecretStr(KeyRing.generate().spec()),
                public_url=SITE,
                telegram_token=SecretStr(fake.token),
                telegram_api_url=fake.url,
                telegram_webhook_secret=SecretStr("a-secret-for-the-benchmark" if mode == "webhook" else ""),
            )
            times = run(_ask(settings, listener, fake))
        what = f"answer while {REMINDERS:,} are due, {mode}:"
        yield Figure("telegram", kind, f"{what} half within", percentile(times, 50), "ms")
        yield Figure("telegram", kind, f"{what} 95 of 100 within", percentile(times, 95), "ms", "< 150")
        yield Figure("telegram", kind, f"{what} not answered", QUESTIONS - len(times), "answers", "0")


async def _ask(settings: Settings, listener: socket.socket, fake: FakeProcess) -> list[float]:
    """Milliseconds from update to answer, of each question that was answered."""
    now = utc_now()
    async with await bootstrap.build(settings, content=forty_steps()) as app:
        waiting = (Due(n, now) for n in range(REMINDERS))
        await fill(app.store, REMINDERS, waiting, now, zone_at_noon(now), channel=CHANNEL, chat=str)
        fake.crowd(1, REMINDERS)
        fake.crowd(FIRST_ASKER, QUESTIONS)
        settle()
        stop = asyncio.Event()
        serving = asyncio.create_task(serve.serve(app, listener, stop=stop))
        await asyncio.sleep(WARM)
        asked = {}
        for number in range(FIRST_ASKER, FIRST_ASKER + QUESTIONS):
            asked[str(number)] = await asyncio.to_thread(fake.type, number, "kab naha sakta hu?")
            await asyncio.sleep(ASK_EVERY)
        await asyncio.sleep(WARM)
        stop.set()
        await serving
    handed = fake.handed()
    first: dict[str, float] = {}
    for to, at in fake.seen():
        first.setdefault(to, at)
    return [1000 * (first[to] - handed[update]) for to, update in asked.items() if to in first and update in handed]
