"""Anything may happen in any order: what patients see keeps the promises, and what is unsent equals the plan."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from scheduler import people
from scheduler.claims import Rules, claim
from scheduler.outbox import TERMINAL
from scheduler.plans import MEDICINE_STEP, MedicineTimes
from scheduler.policy import ALERT, POLICIES, REPLY, URGENT, in_quiet_hours
from scheduler.reminders import ReminderView
from scheduler.rendering import again
from scheduler.sender import Body, Limited, NotSent, Outcome, Outgoing, Refused, Sent, Unknown
from scheduler.store.tables import message, reminder
from tests.support.databases import sqlite_address
from tests.support.world import SURGERY, Phone, World, india, sample_content, shipped, step

T = TypeVar("T")

CHATS = ("chat-1", "chat-2", "chat-1")
"""Where each of the three patients reads; the first and the last share a phone."""
SLOTS = ("morning", "midday", "evening")
STEPS = (
    *(step(f"tip-{day}-{slot}", "activity", day, slot) for day in range(12) for slot in SLOTS[:2]),
    *(step(f"warn-{day}", "warning", day, "evening", late_minutes=60) for day in range(1, 14, 2)),
    *(step(f"home-{day}", "logistics", day, "afternoon", anchor="discharge") for day in (1, 4, 9)),
    step("pain", "checkin", 3, "evening", ask=["pain-back"]),
)
NOTE = again(shipped(), Body(""), "en").text
NOTES = (NOTE, again(shipped(), Body(""), "hi").text)

FINE = Sent("")

who = st.integers(0, len(CHATS) - 1)
chats = st.sampled_from(sorted(set(CHATS)))
awake = st.sampled_from([time(8), time(9, 30), time(12), time(17, 45), time(20, 50)])


@dataclass
class Sighting:
    """One message on a phone."""

    at: datetime
    message_id: int
    reminder_id: int | None
    patient: int
    kind: str
    text: str


class Watch(Phone):
    """A phone that judges each message by what is true at that moment."""

    world: World
    sightings: list[Sighting]
    wrong: list[str]
    quiet_for: set[int]
    """Enrolments that may get nothing proactive now."""

    async def see(self, outgoing: Outgoing) -> None:
        """It stands on the phone."""
        now = self.world.clock.now()
        query = (
            select(
                message.c.enrolment_id, message.c.reminder_id, message.c.expires_at, reminder.c.step, reminder.c.due_at
            )
            .outerjoin(reminder, reminder.c.id == message.c.reminder_id)
            .where(message.c.id == outgoing.message_id)
        )
        async with self.world.store.read() as conn:
            row = (await conn.execute(query)).one()
        self.sightings.append(
            Sighting(
                now, outgoing.message_id, row.reminder_id, row.enrolment_id or 0, outgoing.kind, outgoing.body.text
            )
        )
        if not POLICIES[outgoing.kind].proactive:
            return
        slots, zone = self.world.content.defaults.slots, "Asia/Kolkata"
        agreed_for_night = row.step == MEDICINE_STEP and in_quiet_hours(row.due_at, zone, slots)
        if row.enrolment_id in self.quiet_for:
            self.wrong.append(f"{row.step} after STOP, pause, end or without consent")
        if row.expires_at <= now:
            self.wrong.append(f"{row.step} too late")
        if in_quiet_hours(now, zone, slots) and not agreed_for_night:
            self.wrong.append(f"{row.step} in the night")

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Arrive, or fail as the next fault says; `lost after` arrives and is not known to."""
        outcome = self.faults.pop(0)(outgoing) if self.faults else FINE
        if outcome in (FINE, Unknown("lost after")):
            await self.see(outgoing)
        return Sent(f"p{next(self._ids)}") if outcome is FINE else outcome


class Anything(RuleBasedStateMachine):
    """Staff, patients, time, providers and power cuts."""

    template: Path
    folder: Path

    @initialize()
    def begin(self) -> None:
        """Three patients have joined on the eve of surgery."""
        self.runner = asyncio.Runner()
        path = self.folder / f"{uuid4().hex}.db"
        shutil.copyfile(self.template, path)
        self.phone = Watch()
        self.phone.sightings, self.phone.wrong, self.phone.quiet_for = [], [], set()
        self.world = World.build(sqlite_address(path), content=sample_content(*STEPS), phone=self.phone)
        self.phone.world = self.world
        self.stopped: set[str] = set()
        self.agreed, self.paused, self.ended = {0, 1, 2}, set[int](), set[int]()
        self.ids = [self._do(self.world.patient(f"P{n} Example", chat)) for n, chat in enumerate(CHATS)]

    def _do(self, action: Coroutine[Any, Any, T]) -> T:
        result = self.runner.run(action)
        self.phone.quiet_for = {
            self.ids[n][0]
            for n, chat in enumerate(CHATS)
            if len(getattr(self, "ids", ())) == len(CHATS)
            and (chat in self.stopped or n not in self.agreed or n in self.paused or n in self.ended)
        }
        return result

    @rule(minutes=st.sampled_from([1, 12, 61, 300, 700, 1440, 4320]))
    def time_passes(self, minutes: int) -> None:
        """Everything leaves at its own minute."""
        self._do(self.world.until(self.world.clock.now() + timedelta(minutes=minutes)))

    @rule(minutes=st.sampled_from([2, 45, 130, 800, 2000]))
    def all_is_off(self, minutes: int) -> None:
        """Nothing runs for a while; then all that is due is done at once."""
        self.world.clock.advance(timedelta(minutes=minutes))
        self._do(self.world.until(self.world.clock.now()))

    @rule(n=who, days=st.integers(-4, 10))
    def surgery_moves(self, n: int, days: int) -> None:
        """Staff correct the date."""
        day = SURGERY + timedelta(days=days)
        self._do(self.world.change(self.ids[n][0], surgery_on=day, discharge_on=None))

    @rule(n=who, morning=awake, evening=awake)
    def other_times(self, n: int, morning: time, evening: time) -> None:
        """The patient chooses when to be written to."""
        self._do(self.world.change(self.ids[n][0], morning=morning, evening=evening))

    @rule(n=who, language=st.sampled_from(["en", "hi"]))
    def another_language(self, n: int, language: str) -> None:
        """The patient chooses a language."""
        self._do(self.world.change(self.ids[n][0], language=language))

    @rule(
        n=who,
        at=st.lists(
            st.sampled_from([time(2), time(8), time(9), time(14), time(20, 30), time(23)]), max_size=4, unique=True
        ),
        first=st.integers(-1, 6),
        days=st.integers(1, 5),
    )
    def medicine(self, n: int, at: list[time], first: int, days: int) -> None:
        """Staff copy another prescription, or none."""
        first_on = self.world.clock.now().date() + timedelta(days=first)
        times = [MedicineTimes(tuple(at), first_on, days, at_night=True)] if at else []
        self._do(self.world.medicine(self.ids[n][0], *times))

    @rule(n=who, hours=st.none() | st.integers(1, 100))
    def pause(self, n: int, hours: int | None) -> None:
        """For some hours, or until resumed."""
        until = self.world.clock.now() + timedelta(hours=hours) if hours else None
        self._do(self.world.pause(self.ids[n][0], until))
        if n not in self.ended:
            # One with an end is over by itself; the machine knows only those without.
            (self.paused.add if hours is None else self.paused.discard)(n)
            self._do(asyncio.sleep(0))

    @rule(n=who)
    def resume(self, n: int) -> None:
        """The pause is over."""
        self.paused.discard(n)
        self._do(self.world.resume(self.ids[n][0]))

    @rule(chat=chats)
    def stop(self, chat: str) -> None:
        """STOP."""
        self.stopped.add(chat)
        self.agreed -= {n for n, where in enumerate(CHATS) if where == chat}
        self._do(self.world.stop(self._address(chat), acknowledge=f"stopped {uuid4().hex}"))

    @rule(chat=chats)
    def start(self, chat: str) -> None:
        """START."""
        self.stopped.discard(chat)
        self.agreed |= {n for n, where in enumerate(CHATS) if where == chat}
        self._do(self.world.start(self._address(chat)))

    @rule(n=who)
    def withdraw(self, n: int) -> None:
        """No more reminders, please."""
        self.agreed.discard(n)
        self._do(self.world.withdraw(self.ids[n][0]))

    @rule(n=who)
    def agree(self, n: int) -> None:
        """Yes to reminders."""
        self.agreed.add(n)
        self._do(self.world.agree(self.ids[n][0]))

    @rule(n=st.just(2))
    def end(self, n: int) -> None:
        """The follow-up of one of them is over."""
        self.ended.add(n)
        self.paused.discard(n)
        self._do(self.world.end(self.ids[n][0]))

    @rule(n=who, kind=st.sampled_from([ALERT, REPLY, URGENT]))
    def something_is_said(self, n: int, kind: str) -> None:
        """An alert or reply."""
        self._do(self.world.put(self.ids[n][1], kind, f"{kind} {uuid4().hex}"))

    @rule(n=who, times=st.integers(1, 3))
    def replayed(self, n: int, times: int) -> None:
        """The same change arrives again and again."""
        before = self._planned(n)
        for _ in range(times):
            self._do(self.world.replan(self.ids[n][0]))
        waiting = {"queued", "sending"}
        after = self._planned(n)
        settled = {
            r.id: r for r in before if r.state not in waiting | {"expired"} and r.expires_at > self.world.clock.now()
        }
        assert {r.id: r for r in after if r.id in settled} == settled

    def _planned(self, n: int) -> list[ReminderView]:
        """The reminders; what is held without its minute, which is given anew when it is let go.

        After an outage late ones are spread over minutes of their own; a new plan takes those of the plan.
        """
        plan = self._do(self.world.plan(self.ids[n][0]))
        return [replace(r, due_at=r.expires_at) if r.state == "held" else r for r in plan]

    @rule(
        what=st.lists(
            st.sampled_from(["fine", "lost before", "lost after", "busy", "no connection", "refused"]),
            min_size=1,
            max_size=4,
        )
    )
    def the_provider_fails(self, what: list[str]) -> None:
        """The next calls go wrong."""
        answers: dict[str, Outcome] = {
            "fine": FINE,
            "lost before": Unknown("lost before"),
            "lost after": Unknown("lost after"),
            "busy": Limited(7.0),
            "no connection": NotSent("no connection"),
            "refused": Refused("bad"),
        }
        self.phone.faults = [lambda _, answer=answers[one]: answer for one in what]  # type: ignore[misc]

    @rule(sent=st.booleans())
    def the_power_fails(self, sent: bool) -> None:
        """The worker dies with messages claimed: before they left, or after and before it could write that down."""
        self._do(self._die(sent))

    async def _die(self, sent: bool) -> None:
        await self.world.dispatcher._release()
        rules = Rules(self.world.content, self.world.store.keys, require_signed=False, lease_for=timedelta(seconds=50))
        async with self.world.store.write() as conn:
            got = await claim(conn, self.phone, rules, str(uuid4()), 3, self.world.clock.now())
        for one in got.messages if sent else ():
            await self.phone.see(one.outgoing)

    @rule(chat=chats)
    def blocked_and_back(self, chat: str) -> None:
        """The bot is blocked for an hour."""
        for way, minutes in ((people.block, 60), (people.unblock, 0)):
            self._do(self._turn(way, self._address(chat)))
            if minutes:
                self.time_passes(minutes)

    async def _turn(self, way: Any, address_id: int) -> None:
        async with self.world.store.write() as conn:
            await way(conn, self.world.content, address_id, self.world.clock.now())

    def _address(self, chat: str) -> int:
        return self.ids[CHATS.index(chat)][1]

    @invariant()
    def nothing_wrong_was_seen(self) -> None:
        """Nothing after STOP, pause, end or a withdrawn yes; nothing too late; nothing in the night."""
        assert self.phone.wrong == []

    @invariant()
    def nothing_was_seen_twice(self) -> None:
        """A reminder at most once; anything else again only with the line that says so."""
        reminders_ = Counter(s.reminder_id for s in self.phone.sightings if s.reminder_id)
        assert not [r for r, times in reminders_.items() if times > 1]
        plain = Counter(s.message_id for s in self.phone.sightings if not s.text.startswith(NOTES))
        assert not [m for m, times in plain.items() if times > 1]

    @invariant()
    def what_is_unsent_is_the_plan(self) -> None:
        """Whatever happened, what is still to come is what the facts of now say."""
        for enrolment_id, _ in self.ids:
            unsent, planned = self._do(self.world.unsent_and_planned(enrolment_id))
            assert unsent == planned

    def teardown(self) -> None:
        """Months later nothing is under way, and every row says what became of it."""
        if not hasattr(self, "ids"):
            return
        try:
            self.phone.faults.clear()
            self._do(self.world.until(india(1) + timedelta(days=60)))
            for enrolment_id, _ in self.ids:
                for r in self._do(self.world.plan(enrolment_id)):
                    assert r.state in {"sent", "failed", "expired", "cancelled", "unknown", "skipped", "folded"}
                    assert r.state == "sent" or r.reason, (r.step, r.state)
            assert not [row for row in self._do(self.world.messages()) if row.state not in TERMINAL]
            self.nothing_wrong_was_seen()
            self.nothing_was_seen_twice()
        finally:
            self.runner.run(self.world.close())
            self.runner.close()


def _run(template: Path, folder: Path, examples: int, steps: int, *, shrink: bool = False) -> None:
    machine = type("Machine", (Anything,), {"template": template, "folder": folder})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # A story takes a second: making a failing one shorter would take minutes, and is for `make torture`.
            phases=[Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] if shrink else [])],
        ),
    )


def test_anything_in_any_order(sqlite_url: str, tmp_path: Path) -> None:
    """A few stories of changes, failures and power cuts."""
    _run(Path(sqlite_url.partition(":///")[2]), tmp_path, examples=5, steps=12)


@pytest.mark.torture
def test_anything_in_any_order_for_long(sqlite_url: str, tmp_path: Path) -> None:
    """Many long ones."""
    _run(Path(sqlite_url.partition(":///")[2]), tmp_path, examples=300, steps=50, shrink=True)


def test_what_was_folded_before_its_end_stays_so(sqlite_url: str, tmp_path: Path) -> None:
    """What found no room before its end rides along with the next message, however often the plan is made again."""
    story: Any = type("Story", (Anything,), {"template": Path(sqlite_url.partition(":///")[2]), "folder": tmp_path})()
    story.begin()
    story.other_times(0, time(8), time(12))
    story.blocked_and_back("chat-1")
    story.time_passes(1440)
    story.time_passes(1440)
    story.blocked_and_back("chat-1")
    assert "folded" in {r.state for r in story._planned(0)}
    story.replayed(0, 1)
    story.teardown()
