"""What the benchmarks run on: fresh databases, a journey of forty steps, patients by the thousand, silent senders."""

from __future__ import annotations

import asyncio
import gc
import itertools
import tempfile
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

import uvloop
from sqlalchemy import Table, func, select

from content.loader import Content
from scheduler.sender import Limits, Outcome, Outgoing, Sent
from scheduler.store.engine import Store
from scheduler.store.statements import insert_many
from scheduler.store.tables import address, consent, enrolment, person, recipient, reminder
from tests.support import postgres
from tests.support.databases import make_tables, sqlite_address
from tests.support.world import JOURNEY, sample_content, step

T = TypeVar("T")

STEPS = 40
CHANNEL = "simulator"
KINDS = ("sqlite", "postgresql")

_CHUNK = 20_000
_TOPICS = ("activity", "warning", "logistics", "checkin")


class Databases:
    """Fresh databases of either kind, durable as in production; all gone at the end."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="saathi-bench-")))
        self._numbers = itertools.count()
        self._server: postgres.Server | None = None

    @property
    def server(self) -> postgres.Server:
        """The PostgreSQL of this run, started at the first use."""
        if self._server is None:
            self._server = self._open.enter_context(postgres.running())
            # The tests' server forgets durability; a measured one may not.
            self._server.execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")
        return self._server

    @contextmanager
    def empty(self, kind: str) -> Iterator[str]:
        """The address of a database without tables."""
        name = f"bench{next(self._numbers)}"
        if kind == "sqlite":
            path = self._folder / f"{name}.db"
            yield sqlite_address(path)
            for file in self._folder.glob(f"{name}.db*"):
                file.unlink()
        else:
            yield self.server.create(name)
            self.server.drop(name)

    @contextmanager
    def fresh(self, kind: str) -> Iterator[str]:
        """The address of a database with all tables."""
        with self.empty(kind) as url:
            make_tables(url)
            yield url

    def close(self) -> None:
        """Stop the server and remove the files."""
        self._open.close()


def forty_steps() -> Content:
    """The shipped content with a journey of `STEPS` steps over 90 days, at most one a morning and one an evening."""
    steps = [
        step(f"step-{n}", _TOPICS[n % 4], 1 + n * 2, "evening" if n % 3 else "morning")
        | ({"ask": ["pain-back"]} if _TOPICS[n % 4] == "checkin" else {})
        for n in range(STEPS)
    ]
    return sample_content(*steps)


def zone_at_noon(now: datetime) -> str:
    """A time zone in which it is about noon at `now`, so that no quiet hours stop a benchmark at night."""
    hours = round(12 - now.hour - now.minute / 60)
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder to put down: for which patient (from 0), and when."""

    patient: int
    due_at: datetime


def numbered_chat(number: int) -> str:
    """The chat of patient `number`, from 1."""
    return f"chat-{number}"


async def fill(
    store: Store,
    patients: int,
    waiting: Iterable[Due],
    now: datetime,
    zone: str = "Asia/Kolkata",
    *,
    channel: str = CHANNEL,
    chat: Callable[[int], str] = numbered_chat,
) -> None:
    """Put down joined patients and their planned reminders, in bulk: what enrolling does is measured elsewhere."""
    keys = store.keys
    numbers = range(1, patients + 1)
    language, at = "en", time(9)
    surgery: date = now.date() - timedelta(days=2)
    rows: list[tuple[Table, dict[str, Callable[[int], Any]]]] = [
        (
            person,
            {
                "id": int,
                "name": lambda n: keys.seal("person.name", f"Asha{n} Example"),
                "created_at": lambda _: now,
            },
        ),
        (
            address,
            {
                "id": int,
                "channel": lambda _: channel,
                "value": lambda n: keys.seal("address.value", chat(n)),
                "value_hash": lambda n: keys.hash(f"address.{channel}", chat(n)),
                "created_at": lambda _: now,
            },
        ),
        (
            enrolment,
            {
                "id": int,
                "person_id": int,
                "journey": lambda _: JOURNEY,
                "surgery_on": lambda _: surgery,
                "zone": lambda _: zone,
                "language": lambda _: language,
                "morning": lambda _: at,
                "evening": lambda _: at,
                "state": lambda _: "active",
                "late_choices": lambda _: {},
                "plan_version": lambda _: 1,
                "created_at": lambda _: now,
            },
        ),
        (
            recipient,
            {
                "id": int,
                "enrolment_id": int,
                "person_id": int,
                "address_id": int,
                "role": lambda _: "patient",
                "since": lambda _: now,
            },
        ),
        (
            consent,
            {
                "person_id": int,
                "enrolment_id": int,
                "purpose": lambda _: "reminders",
                "version": lambda _: "1",
                "language": lambda _: language,
                "given_at": lambda _: now,
            },
        ),
    ]
    async with store.write(wake=False) as conn:
        for table, columns in rows:
            made = ([make(n) for make in columns.values()] for n in numbers)
            for chunk in _chunks(made):
                await insert_many(conn, table, tuple(columns), chunk)
        names = ("enrolment_id", "step", "occurrence", "topic", "due_at", "expires_at", "state", "plan_version")
        planned = (
            (d.patient + 1, f"step-{n % STEPS}", f"day {n}", _TOPICS[n % 4], d.due_at, d.due_at + timedelta(hours=12),
             "planned", 1)
            for n, d in enumerate(waiting)
        )  # fmt: skip
        for chunk in _chunks(planned):
            await insert_many(conn, reminder, names, chunk)
        if store.dialect == "postgresql":
            # Rows with an id of our choice do not move the counter: the next row would get an id that is taken.
            for table in (person, address, enrolment, recipient):
                counter = func.pg_get_serial_sequence(table.name, "id")
                await conn.execute(select(func.setval(counter, select(func.max(table.c.id)).scalar_subquery())))


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    rows = iter(rows)
    while chunk := list(itertools.islice(rows, _CHUNK)):
        yield chunk


@dataclass
class Silent:
    """A sender that sends nothing and calls `seen` for each message."""

    seen: Callable[[Outgoing], None]
    limits: Limits = field(default_factory=Limits)
    channel: str = CHANNEL

    def law(self, outgoing: Outgoing, now: datetime) -> str | None:
        """Everything is allowed."""
        return None

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Arrive at once."""
        self.seen(outgoing)
        return Sent(str(outgoing.message_id))


def utc_now() -> datetime:
    """This instant."""
    return datetime.now(UTC)


def settle() -> None:
    """Let the garbage collector forget what is there, as `saathi run` does when it has started."""
    gc.collect()
    gc.freeze()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in an event loop as `saathi run` makes it."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
