"""A small world for tests of the scheduler: a journey of a few steps, a set clock, a phone that keeps what it got."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from content.loader import Content, load
from content.model import Journey
from scheduler import enrolments, outbox, people, reminders, standing
from scheduler.clock import SettableClock
from scheduler.crypto import KeyRing
from scheduler.dispatcher import Dispatcher
from scheduler.drawing import Drawer
from scheduler.plans import MEDICINE_STEP, MedicineTimes, occurrences
from scheduler.policy import REPLY
from scheduler.sender import Body, Limits, Outcome, Outgoing, Sent
from scheduler.store.engine import Store
from scheduler.store.tables import message
from scheduler.store.types import AnyRow
from tests.support.tracing import untraced

Planned = tuple[str, str, datetime | None]
"""Step, occurrence, when it is due."""

INDIA = timedelta(hours=5, minutes=30)
SURGERY = date(2026, 3, 2)
JOURNEY = "sample"


def india(day: int, clock: str = "00:00", month: int = 3) -> datetime:
    """An instant of March 2026 by the wall clock of Lucknow, in UTC."""
    return datetime.combine(date(2026, month, day), time.fromisoformat(clock), UTC) - INDIA


def step(name: str, topic: str, day: int, slot: str = "morning", **more: Any) -> dict[str, Any]:
    """One step of the sample journey, as YAML would give it."""
    text = {"en": f"{name} for {{name}}, day {{day}}.", "hi": "{name} जी, दिन {day} का संदेश।"}
    return {"id": name, "topic": topic, "day": day, "slot": slot, "text": text} | more


@cache
def shipped() -> Content:
    """The content that ships."""
    with untraced():
        return load()


def sample_content(*steps: dict[str, Any], per_day: int = 3) -> Content:
    """The shipped content with one small journey in place of the shipped ones."""
    steps = steps or (
        step("walk", "activity", 1),
        step("pills", "medicine", 1, "evening"),
        step("wound", "warning", 2),
        step("pain", "checkin", 3, ask=["pain-back"]),
        step("visit", "logistics", 10),
    )
    journey = Journey.model_validate(
        {
            "id": JOURNEY,
            "title": {"en": "Sample", "hi": "नमूना"},
            "short": {"en": "sample", "hi": "नमूना"},
            "per_day": per_day,
            "review": "pending",
            "sources": [],
            "steps": list(steps),
        }
    )
    return replace(shipped(), journeys={JOURNEY: journey})


@dataclass
class Phone:
    """A sender that keeps what patients would have seen, and fails on demand."""

    channel: str = "simulator"
    limits: Limits = field(default_factory=Limits)
    seen: list[Outgoing] = field(default_factory=list)
    faults: list[Callable[[Outgoing], Outcome]] = field(default_factory=list)
    """Taken one by one; when there are none left, everything arrives."""
    forbidden: str | None = None
    _ids: itertools.count[int] = field(default_factory=itertools.count)

    def law(self, outgoing: Outgoing, now: datetime) -> str | None:
        """What the test forbids."""
        return self.forbidden

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Arrive, or fail as the next fault says."""
        if self.faults:
            return self.faults.pop(0)(outgoing)
        self.seen.append(outgoing)
        return Sent(f"p{next(self._ids)}")

    @property
    def texts(self) -> list[str]:
        """What was seen, in order."""
        return [outgoing.body.text for outgoing in self.seen]


@dataclass
class World:
    """Store, clock, content, phone and dispatcher, and what staff and patients do with them."""

    store: Store
    clock: SettableClock
    content: Content
    phone: Phone
    dispatcher: Dispatcher

    @classmethod
    def build(
        cls,
        url: str,
        *,
        content: Content | None = None,
        start: datetime | None = None,
        phone: Phone | None = None,
        keys: str | None = None,
        drawer: Drawer | None = None,
    ) -> World:
        """A world at `start` (default 1 March 2026, 10:00 in Lucknow) on the database at `url`."""
        content = content or sample_content()
        store = Store.open(url, KeyRing.parse(keys) if keys else KeyRing.generate())
        clock = SettableClock(start or india(1, "10:00"), frozen=True)
        phone = phone or Phone()
        return cls(store, clock, content, phone, Dispatcher(store, content, clock, [phone], drawer=drawer))

    async def enrol(self, name: str = "Asha Example", **more: Any) -> int:
        """Staff enrol somebody; the enrolment's id."""
        values: dict[str, Any] = {"language": "en", "journey": JOURNEY, "surgery_on": SURGERY} | more
        async with self.store.write() as conn:
            request = enrolments.NewEnrolment(name=name, **values)
            return (await enrolments.enrol(conn, self.store.keys, self.content, request, self.clock.now())).enrolment_id

    async def join(self, enrolment_id: int, chat: str = "chat-1", role: str = "patient") -> int:
        """The patient connects in a chat and agrees to reminders; the address's id."""
        now = self.clock.now()
        async with self.store.write() as conn:
            view = await enrolments.view(conn, self.store.keys, enrolment_id)
            address_id = await people.ensure_address(conn, self.store.keys, self.phone.channel, chat, now)
            await enrolments.connect(conn, enrolment_id, view.person_id, address_id, role, now)
            await enrolments.agree(conn, self.content, enrolment_id, view.person_id, "reminders", "en", now)
        return address_id

    async def patient(self, name: str = "Asha Example", chat: str = "chat-1", **more: Any) -> tuple[int, int]:
        """Enrolled and joined: ids of the enrolment and the address."""
        enrolment_id = await self.enrol(name, **more)
        return enrolment_id, await self.join(enrolment_id, chat)

    async def plan(self, enrolment_id: int) -> list[reminders.ReminderView]:
        """Every reminder and what became of it."""
        async with self.store.read() as conn:
            return await reminders.plan_of(conn, enrolment_id)

    async def states(self, enrolment_id: int) -> dict[str, str]:
        """The state of each step; of medicine times, of each occurrence."""
        return {r.occurrence if r.step == MEDICINE_STEP else r.step: r.state for r in await self.plan(enrolment_id)}

    async def unsent_and_planned(self, enrolment_id: int) -> tuple[set[Planned], set[Planned]]:
        """What is still to come as it is stored, and as the facts of now say; the two should be equal.

        What is due by now already may have been put off a little, so its time is left out.
        """
        now = self.clock.now()
        async with self.store.read() as conn:
            rows = await reminders.plan_of(conn, enrolment_id)
            case = await standing.load(conn, enrolment_id)
        plan = occurrences(self.content.journeys[case.journey], self.content.defaults, case.facts)
        due = {o.key: o.due_at if o.due_at > now else None for o in plan if o.expires_at > now}
        unsent = {r for r in rows if r.state in ("planned", "held") and r.expires_at > now}
        # Decided already: sent or leaving, left out, or part of another message.
        gone = {(r.step, r.occurrence) for r in rows if r.state not in ("planned", "held")}
        sent_late = {o.key for o in plan if o.expires_at <= now}
        stored = {
            (r.step, r.occurrence, r.due_at if due.get((r.step, r.occurrence)) else None)
            for r in unsent
            if (r.step, r.occurrence) not in sent_late
        }
        planned = set() if case.state == "cancelled" else {(*key, at) for key, at in due.items() if key not in gone}
        return stored, planned

    async def change(self, enrolment_id: int, **values: Any) -> None:
        """Staff change dates, times or the language."""
        async with self.store.write() as conn:
            await enrolments.change(conn, self.content, enrolment_id, self.clock.now(), **values)

    async def medicine(self, enrolment_id: int, *times: MedicineTimes) -> None:
        """Staff replace the medicine times."""
        async with self.store.write() as conn:
            await enrolments.set_medicine(conn, self.store.keys, self.content, enrolment_id, self.clock.now(), times)

    async def pause(self, enrolment_id: int, until: datetime | None = None) -> None:
        """Nothing until then, or until resumed."""
        async with self.store.write() as conn:
            await enrolments.pause(conn, self.content, enrolment_id, self.clock.now(), until)

    async def resume(self, enrolment_id: int) -> None:
        """Go on after a pause."""
        async with self.store.write() as conn:
            await enrolments.resume(conn, self.content, enrolment_id, self.clock.now())

    async def end(self, enrolment_id: int) -> None:
        """The follow-up is over."""
        async with self.store.write() as conn:
            await enrolments.end(conn, self.content, enrolment_id, self.clock.now(), "recovered")

    async def withdraw(self, enrolment_id: int) -> None:
        """The patient takes the yes to reminders back."""
        async with self.store.write() as conn:
            view = await enrolments.view(conn, self.store.keys, enrolment_id)
            await enrolments.withdraw(
                conn, self.content, enrolment_id, view.person_id, "reminders", self.clock.now(), "menu"
            )

    async def agree(self, enrolment_id: int) -> None:
        """The patient says yes to reminders."""
        async with self.store.write() as conn:
            view = await enrolments.view(conn, self.store.keys, enrolment_id)
            await enrolments.agree(
                conn, self.content, enrolment_id, view.person_id, "reminders", "en", self.clock.now()
            )

    async def stop(self, address_id: int, acknowledge: str | None = None) -> None:
        """STOP is said in a chat, and acknowledged in the same transaction."""
        async with self.store.write() as conn:
            await people.stop(conn, self.content, address_id, self.clock.now(), "STOP")
            if acknowledge:
                await self._put(conn, address_id, REPLY, acknowledge)

    async def start(self, address_id: int) -> None:
        """START is said in a chat."""
        async with self.store.write() as conn:
            await people.start(conn, self.content, address_id, self.clock.now(), "en")

    async def put(self, address_id: int, kind: str, text: str) -> int:
        """Something goes to the outbox; its id."""
        async with self.store.write() as conn:
            return await self._put(conn, address_id, kind, text)

    async def _put(self, conn: AsyncConnection, address_id: int, kind: str, text: str) -> int:
        return await outbox.put(
            conn,
            self.store.keys,
            address_id=address_id,
            channel=self.phone.channel,
            kind=kind,
            body=Body(text),
            now=self.clock.now(),
        )

    async def messages(self, *where: ColumnElement[bool]) -> list[AnyRow]:
        """Rows of the outbox, oldest first."""
        async with self.store.read() as conn:
            return list(await conn.execute(select(message).where(*where).order_by(message.c.id)))

    async def replan(self, enrolment_id: int) -> None:
        """Plan again, as any change does."""
        async with self.store.write() as conn:
            await reminders.replan(conn, self.content, enrolment_id, self.clock.now())

    async def until(self, instant: datetime) -> Sequence[Outgoing]:
        """Let time pass until `instant`, everything leaving at its own minute; what was seen meanwhile."""
        before = len(self.phone.seen)
        while (due := await self.dispatcher.next_due()) and due <= instant:
            self.clock.set(due)
            await self.dispatcher.reap()
            await self.dispatcher.drain()
        self.clock.set(instant)
        await self.dispatcher.reap()
        await self.dispatcher.drain()
        return self.phone.seen[before:]

    async def close(self) -> None:
        """Let go of the database."""
        await self.store.close()
