"""What the virtual ward staff do: enrol, correct dates, enter medicine times, give new links, end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, time, timedelta

from bot.simulate.people import Case, Somebody, some_medicine
from bot.simulate.world import World
from scheduler import enrolments, links
from scheduler.enrolments import NewEnrolment
from scheduler.errors import BadRequestError
from scheduler.plans import MedicineTimes


class Staff:
    """The ward of a world."""

    def __init__(self, world: World) -> None:
        """Work in `world`."""
        self._world = world
        self.night_times: set[tuple[int, time]] = set()
        """(enrolment, local time) of every medicine time a patient agreed to inside the quiet hours."""
        self.refused = 0
        """Entries the system did not accept, such as a discharge before the surgery."""

    def begin(self, somebody: Somebody, days: int) -> None:
        """Put everything staff will do for somebody into the next `days` days."""
        for case in somebody.cases:
            self._world.at(case.enrolled_at, lambda c=case: self.enrol(somebody, c))  # type: ignore[misc]
            self._plan_changes(somebody, case, days)

    def _plan_changes(self, somebody: Somebody, case: Case, days: int) -> None:
        luck = somebody.luck

        def some_day(chance: float, last: int, act: Callable[[], Awaitable[None]]) -> None:
            if luck.random() < chance:
                delay = timedelta(days=luck.randrange(1, max(2, min(last, days))), minutes=luck.randrange(0, 8 * 60, 5))
                self._world.at(case.enrolled_at + delay, act)

        some_day(0.6, 4, lambda: self._discharge(somebody, case))
        some_day(0.12, 6, lambda: self._move_surgery(somebody, case))
        some_day(0.04, 40, lambda: self._move_surgery(somebody, case))
        some_day(0.2, 20, lambda: self._new_medicine(somebody, case))
        some_day(0.03, 60, lambda: self._pause(somebody, case))
        some_day(0.03, 80, lambda: self._end(somebody, case))

    async def enrol(self, somebody: Somebody, case: Case) -> None:
        """Enter the patient; the link's token is what the QR card would hold."""
        request = NewEnrolment(
            name=case.name,
            language=case.language,
            journey=case.journey,
            surgery_on=case.surgery_on,
            year_of_birth=case.year_of_birth or None,
            surgery_time=case.surgery_time,
            zone=case.zone,
            morning=case.morning,
            evening=case.evening,
            medicine=case.medicine,
        )
        world = self._world
        async with world.store.write() as conn:
            enrolled = await enrolments.enrol(conn, world.store.keys, world.content, request, world.now)
        case.enrolment_id, case.token = enrolled.enrolment_id, enrolled.token
        self._note_nights(case, case.medicine)
        self._remark(somebody, f"staff enrol {case.name}: {case.journey}, surgery on {case.surgery_on:%d %b}")

    async def new_link(self, case: Case, somebody: Somebody) -> None:
        """Give a new link; the old one stops working."""
        if not case.enrolment_id:
            return
        async with self._world.store.write() as conn:
            issued = await links.issue(conn, self._world.store.keys, case.enrolment_id, self._world.now)
        case.token = issued.token
        self._remark(somebody, f"staff give {case.name} a new link")

    async def end_all(self, reason: str) -> None:
        """End every follow-up that still runs."""
        world = self._world
        async with world.store.read() as conn:
            running = [view.id for view in await enrolments.everybody(conn, world.store.keys) if view.state != "ended"]
        for enrolment_id in running:
            async with world.store.write() as conn:
                await enrolments.end(conn, world.content, enrolment_id, world.now, reason)

    async def _discharge(self, somebody: Somebody, case: Case) -> None:
        day = self._today(somebody)
        await self._change(somebody, case, f"staff enter: home on {day:%d %b}", discharge_on=day)

    async def _move_surgery(self, somebody: Somebody, case: Case) -> None:
        day = case.surgery_on + timedelta(days=somebody.luck.choice((-2, -1, 1, 2, 5)))
        if await self._change(somebody, case, f"staff move the surgery to {day:%d %b}", surgery_on=day):
            case.surgery_on = day

    async def _new_medicine(self, somebody: Somebody, case: Case) -> None:
        medicine = some_medicine(somebody.luck, self._today(somebody))
        if case.enrolment_id:
            world = self._world
            async with world.store.write() as conn:
                await enrolments.set_medicine(
                    conn, world.store.keys, world.content, case.enrolment_id, world.now, medicine
                )
            self._note_nights(case, medicine)
            self._remark(somebody, f"staff enter {sum(len(times.at) for times in medicine)} medicine times a day")

    async def _pause(self, somebody: Somebody, case: Case) -> None:
        if case.enrolment_id:
            until = self._world.now + timedelta(days=somebody.luck.randrange(1, 6))
            async with self._world.store.write() as conn:
                await enrolments.pause(conn, self._world.content, case.enrolment_id, self._world.now, until)
            self._remark(somebody, f"staff pause the messages until {until.astimezone(somebody.zone):%d %b %H:%M}")

    async def _end(self, somebody: Somebody, case: Case) -> None:
        if case.enrolment_id:
            async with self._world.store.write() as conn:
                await enrolments.end(
                    conn, self._world.content, case.enrolment_id, self._world.now, "moved to another hospital"
                )
            self._remark(somebody, "staff end the follow-up")

    async def _change(self, somebody: Somebody, case: Case, remark: str, **values: object) -> bool:
        if not case.enrolment_id:
            return False
        try:
            async with self._world.store.write() as conn:
                await enrolments.change(conn, self._world.content, case.enrolment_id, self._world.now, **values)
        except BadRequestError:
            self.refused += 1
            return False
        self._remark(somebody, remark)
        return True

    def _note_nights(self, case: Case, medicine: tuple[MedicineTimes, ...]) -> None:
        self.night_times |= {(case.enrolment_id, at) for times in medicine if times.at_night for at in times.at}

    def _today(self, somebody: Somebody) -> date:
        return self._world.now.astimezone(somebody.zone).date()

    def _remark(self, somebody: Somebody, text: str) -> None:
        self._world.transcript.remark(somebody.address, self._world.now, text)
