"""The demo's clinic: three made-up patients at different days, with a history that really happened, and a nurse.

They are enrolled as staff do it, join and answer through the simulator as patients do, and the clock is moved through
their days, so what the page shows was planned, sent and stored by the real parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot import driver
from bot.bootstrap import App
from bot.channels.simulator import CHANNEL, Phone
from bot.simulate.reading import Reading
from bot.staff import accounts
from bot.staff.accounts import Staff
from bot.store.tables import inbound
from content.model import Question
from scheduler import enrolments, outbox
from scheduler.buttons import parse_answer
from scheduler.enrolments import NewEnrolment
from scheduler.outbox import Line
from scheduler.people import find_address
from scheduler.plans import MedicineTimes
from scheduler.sender import Button
from scheduler.store.tables import message

HISTORY = timedelta(days=13)
"""How long before its own present the sample clinic begins."""

_PAUSE = timedelta(minutes=2)
"""Between two messages of somebody who is writing."""
_LATER = timedelta(minutes=12)
"""Between a check-in and the answer."""
_MOST_TURNS = 12
"""Joining takes fewer messages than this, or has gone wrong."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a patient writes by themselves."""

    day: int
    at: time
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One patient of the clinic; `days_ago` counts from the present to the surgery."""

    phone: str
    name: str
    number: str
    """Their telephone's, plainly made up."""
    year_of_birth: int
    language: str
    journey: str
    days_ago: int
    enrolled: time
    home_after: int | None = None
    medicine_days: int = 0
    remarks: tuple[Remark, ...] = ()
    first_pain: int = 6
    skips: tuple[int, ...] = ()
    """Days on which they do not answer."""


ENGLISH = Sample(
    phone="asha",
    name="Asha Example",
    number="+919000000011",
    year_of_birth=1971,
    language="en",
    journey="mis-decompression",
    days_ago=12,
    enrolled=time(11),
    home_after=2,
    medicine_days=10,
    remarks=(
        Remark(2, time(17, 5), "When can I take a bath?"),
        Remark(6, time(10, 40), "Thank you"),
        Remark(8, time(19, 30), "How long can I sit at a time?"),
    ),
    skips=(5, 9),
)
HINDI = Sample(
    phone="ramesh",
    name="Ramesh Example",
    number="+919000000012",
    year_of_birth=1964,
    language="hi",
    journey="lumbar-microdiscectomy",
    days_ago=3,
    enrolled=time(12, 30),
    home_after=1,
    medicine_days=7,
    remarks=(Remark(1, time(16, 20), "सीढ़ियाँ कब चढ़ सकते हैं?"), Remark(2, time(11, 15), "naha sakte hain kya?")),
    first_pain=5,
)
WAITING = Sample(
    phone="",
    name="Farida Example",
    number="+919000000013",
    year_of_birth=1958,
    language="hi",
    journey="mis-tlif",
    days_ago=0,
    enrolled=time(0),
    medicine_days=5,
)


NURSE = "Sister Example"
NURSE_LOGIN = "sister"


async def nurse(app: App) -> Staff:
    """The made-up nurse of the clinic; added at the first call. Nobody knows a password of hers: there is none."""
    async with app.store.write(wake=False) as conn:
        found = await accounts.by_login(conn, app.store.keys, NURSE_LOGIN)
        if found is not None:
            return found
        added = await accounts.add(conn, app.store.keys, NURSE, NURSE_LOGIN, "nurse", app.clock.now())
        return await accounts.by_id(conn, app.store.keys, added.staff_id)


async def settle_in(app: App) -> None:
    """Live through `HISTORY` from the clock's present on: afterwards one patient is at day 12, one at day 3, one new.

    Raises TypeError if the clock of `app` cannot be set.
    """
    clock = driver.settable(app)
    await nurse(app)
    zone = ZoneInfo(app.settings.timezone)
    present = clock.now() + HISTORY
    today = present.astimezone(zone).date()
    followed = [_Patient(app, sample, today, zone) for sample in (ENGLISH, HINDI)]
    for patient in followed:
        await _live(app, [one for one in followed if one.joined], patient.enrolled_at)
        await patient.join()
    just_now = present - timedelta(minutes=25)
    await _live(app, followed, just_now)
    await _enrol(app, WAITING, today, zone)
    await _live(app, followed, present)


async def last_instant(app: App) -> datetime | None:
    """When the newest thing in the database happened; nothing if it is empty."""
    async with app.store.read() as conn:
        found = [
            await conn.scalar(select(func.max(message.c.created_at))),
            await conn.scalar(select(func.max(inbound.c.received_at))),
        ]
    return max((at for at in found if at is not None), default=None)


async def _live(app: App, patients: list[_Patient], until: datetime) -> None:
    """Go through time to `until`; patients answer what they get and write what comes to their minds."""
    clock = driver.settable(app)
    while clock.now() < until:
        coming = [at for patient in patients if (at := patient.next_remark()) is not None]
        due = await app.dispatcher.next_due()
        if due is not None:
            coming.append(driver.whole_second(due))
        await driver.advance(app, min([until, *(at for at in coming if at > clock.now())]))
        for patient in patients:
            await patient.write_remarks()
            await patient.answer(until)


async def _enrol(app: App, sample: Sample, today: date, zone: ZoneInfo) -> str:
    """Enrol as staff do; the link's token."""
    surgery = today - timedelta(days=sample.days_ago)
    first_dose = surgery + timedelta(days=1)
    request = NewEnrolment(
        name=sample.name,
        phone=sample.number,
        language=sample.language,
        journey=sample.journey,
        surgery_on=surgery,
        discharge_on=surgery + timedelta(days=sample.home_after) if sample.home_after is not None else None,
        year_of_birth=sample.year_of_birth,
        zone=zone.key,
        medicine=(MedicineTimes((time(8), time(14), time(20)), first_dose, sample.medicine_days),),
    )
    async with app.store.write() as conn:
        enrolled = await enrolments.enrol(conn, app.store.keys, app.content, request, app.clock.now())
    return enrolled.token


class _Patient:
    """Somebody with a phone who joins, answers and asks."""

    def __init__(self, app: App, sample: Sample, today: date, zone: ZoneInfo) -> None:
        self._app = app
        self._clock = driver.settable(app)
        self._sample = sample
        self._today = today
        self._zone = zone
        self._surgery = today - timedelta(days=sample.days_ago)
        self._phone = Phone(sample.phone, app.inbox, app.clock)
        self._reading = Reading(app.content)
        self._remarks = [(self._local(one.day, one.at), one.text) for one in sample.remarks]
        self._seen = 0
        self.joined = False
        self.enrolled_at = self._local(0, sample.enrolled)

    def _local(self, day: int, at: time) -> datetime:
        return datetime.combine(self._surgery + timedelta(days=day), at, self._zone)

    async def join(self) -> None:
        """Be enrolled, open the link and agree. Raises RuntimeError if the conversation does not get there."""
        token = await _enrol(self._app, self._sample, self._today, self._zone)
        await self._after(_LATER)
        await self._phone.type(f"/start {token}")
        for _ in range(_MOST_TURNS):
            await self._after(_PAUSE)
            new = await self._new_lines()
            if not new:
                break
            for line in new:
                await self._go_on(line)
        async with self._app.store.read() as conn:
            everybody = await enrolments.everybody(conn, self._app.store.keys)
        self.joined = any(one.name == self._sample.name and one.joined_at is not None for one in everybody)
        if not self.joined:
            raise RuntimeError("the sample patient could not join: the conversation goes another way")

    async def _go_on(self, line: Line) -> None:
        if line.body is None:
            return
        buttons = {self._reading.means(button): button for button in line.body.buttons}
        wanted = buttons.get("agree") or buttons.get(f"language-{self._sample.language}")
        if self._reading.is_reply(line.body.text, "ask-year"):
            await self._phone.type(str(self._sample.year_of_birth))
        elif wanted is not None:
            await self._phone.tap(wanted, line.provider_id)

    def next_remark(self) -> datetime | None:
        """When something comes to their mind next."""
        return min((at for at, _ in self._remarks), default=None)

    async def write_remarks(self) -> None:
        """Write what has come to their mind by now."""
        now = self._clock.now()
        for at, text in [one for one in self._remarks if one[0] <= now]:
            self._remarks.remove((at, text))
            await self._phone.type(text)
            await driver.settle(self._app)

    async def answer(self, until: datetime) -> None:
        """Answer the check-ins that came, if there is time for it before `until`."""
        wait = _LATER
        while self._clock.now() + wait < until and (question := await self._question()) is not None:
            await self._after(wait)
            button, under = question
            await self._phone.tap(button, under)
            await driver.settle(self._app)
            wait = timedelta(minutes=1)

    async def _question(self) -> tuple[Button, str | None] | None:
        """The answer they give to the newest question, if one came."""
        for line in reversed(await self._new_lines()):
            for button in line.body.buttons if line.body else ():
                found = parse_answer(button.data)
                if found is None or self._day() in self._sample.skips:
                    continue
                if found.answer == self._choose(self._app.content.questions[found.question]):
                    return button, line.provider_id
        return None

    def _choose(self, question: Question) -> str:
        day = self._day()
        if question.kind == "choice":
            harmless = (choice.id for choice in question.choices if choice.sign is None)
            return next(harmless, question.choices[0].id)
        if question.kind == "minutes":
            return next(str(minutes) for minutes in (60, 45, 30, 20, 15, 10, 5) if minutes <= 10 + 4 * day)
        return str(max(1, self._sample.first_pain - day // 2))

    def _day(self) -> int:
        return (self._clock.now().astimezone(self._zone).date() - self._surgery).days

    async def _after(self, wait: timedelta) -> None:
        await driver.advance(self._app, self._clock.now() + wait)

    async def _new_lines(self) -> list[Line]:
        """What arrived since last looked."""
        keys = self._app.store.keys
        async with self._app.store.read() as conn:
            address_id = await find_address(conn, keys, CHANNEL, self._phone.address)
            lines = await outbox.transcript(conn, keys, address_id) if address_id is not None else []
        new = [line for line in lines if line.id > self._seen and line.state == "sent"]
        self._seen = max([self._seen, *(line.id for line in new)])
        return new
