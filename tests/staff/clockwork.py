"""A ward in set time: staff with chats, a patient's phone, a clock that is moved, and lines that can be cut."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.staff import rotas
from bot.staff.rota import Shift
from bot.staff.watch import Watch
from bot.store import reading
from bot.store.reading import AlertView
from scheduler.dispatcher import Dispatcher
from scheduler.sender import NotSent, Outcome, Outgoing, Unreachable
from tests.dialogues.chats import START
from tests.dialogues.members import Member
from tests.dialogues.player import CONSOLE, Talk
from tests.support.world import Phone

MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """The process ends in the midst of a statement."""


@dataclass
class Line(Phone):
    """A phone that notes when each message arrived; some chats, or all, can be out of reach."""

    blocked: set[str] = field(default_factory=set)
    down: bool = False
    arrived: list[tuple[datetime, Outgoing]] = field(default_factory=list)
    clock: Any = None

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Arrive, unless the chat or everything is out of reach."""
        if self.down:
            return NotSent("no network")
        if outgoing.to in self.blocked:
            return Unreachable("blocked")
        self.arrived.append((self.clock.now(), outgoing))
        return await super().send(outgoing)


@dataclass
class Ward:
    """Staff with chats, a patient's phone, and a clock that is moved."""

    talk: Talk
    line: Line
    watch: Watch

    @property
    def now(self) -> datetime:
        """The set time."""
        return self.talk.world.clock.now()

    async def settle(self) -> None:
        """Do all that is due now."""
        await self.talk.world.dispatcher.reap()
        await self.talk.world.dispatcher.drain()
        while await self.watch.tick():
            await self.talk.world.dispatcher.drain()

    async def until(self, instant: datetime) -> None:
        """Let time pass."""
        await self.settle()
        while self.now < instant:
            found = [await self.talk.world.dispatcher.next_due(), await self.watch.next_due()]
            due = min([instant, *(at for at in found if at is not None and at > self.now)])
            self.talk.world.clock.set(due)
            await self.settle()

    def times(self, chat: str, *fragments: str, since: datetime = START) -> list[float]:
        """At which minutes messages came to a chat, those with one of `fragments`."""
        return [
            round((at - since) / MINUTE, 2)
            for at, out in self.line.arrived
            if out.to == chat and (not fragments or any(one in out.body.text for one in fragments))
        ]

    async def case(self) -> AlertView:
        """The one alert there is."""
        async with self.talk.world.store.read() as conn:
            (one,) = await reading.alerts(conn, self.talk.world.store.keys)
        return one

    async def on_call(self, *groups: Member) -> None:
        """A rota: these, one after the other, at all hours."""
        async with self.talk.world.store.write() as conn:
            for place, member in enumerate(groups, 1):
                for weekday in range(7):
                    await rotas.add_shift(
                        conn, None, Shift(member.id, weekday, START.time(), START.time(), place), self.now
                    )


def staffed(talk: Talk) -> Ward:
    """An empty ward on the database of `talk`."""
    world = talk.world
    line = Line(clock=world.clock)
    world.phone = line
    world.dispatcher = Dispatcher(world.store, world.content, world.clock, [line])
    return Ward(talk, line, Watch(world.store, world.content, world.clock, public_url=CONSOLE))


async def three(ward: Ward) -> tuple[Member, Member, Member]:
    """A nurse on call, a doctor as the backup, and an administrator who is off duty; each with a chat."""
    nurse = await ward.talk.employ("Sister Example", chat="nurse")
    doctor = await ward.talk.employ("Dr Example", "clinician", chat="doctor")
    admin = await ward.talk.employ("Mr Example", "admin", chat="admin")
    await ward.on_call(nurse, doctor)
    ward.line.arrived.clear()
    return nurse, doctor, admin
