from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import driver, sample
from bot.bootstrap import App
from bot.channels.inbound import Kind
from bot.channels.simulator import Phone
from scheduler import enrolments, outbox, people, reminders
from scheduler.clock import SystemClock
from scheduler.enrolments import NewEnrolment
from scheduler.plans import MEDICINE_STEP, MedicineTimes

INDIA = ZoneInfo("Asia/Kolkata")
SURGERY = date(2026, 3, 2)


async def patient(app: App, **more: object) -> int:
    """Somebody who joined; the enrolment's id."""
    async with app.store.write() as conn:
        now = app.clock.now()
        request = NewEnrolment(name="Asha Example", language="en", journey="mis-tlif", surgery_on=SURGERY, **more)  # type: ignore[arg-type]
        made = await enrolments.enrol(conn, app.store.keys, app.content, request, now)
        address_id = await people.ensure_address(conn, app.store.keys, "simulator", "phone-1", now)
        await enrolments.connect(conn, made.enrolment_id, made.person_id, address_id, "patient", now)
        await enrolments.agree(conn, app.content, made.enrolment_id, made.person_id, "reminders", "en", now)
    return made.enrolment_id


@pytest.mark.asyncio
async def test_every_message_leaves_at_its_own_minute(app: App) -> None:
    """Three days in one call look like three days: each medicine time is sent when it is due."""
    times = MedicineTimes((time(8), time(14)), SURGERY + timedelta(days=1), 3)
    enrolment_id = await patient(app, medicine=(times,))
    await driver.advance(app, datetime(2026, 3, 6, 0, 0, tzinfo=UTC))
    async with app.store.read() as conn:
        plan = [one for one in await reminders.plan_of(conn, enrolment_id) if one.step == MEDICINE_STEP]
    local = [one.sent_at.astimezone(INDIA).replace(tzinfo=None) for one in plan if one.sent_at]
    expected = [datetime.combine(date(2026, 3, day), at) for day in (3, 4, 5) for at in (time(8), time(14))]
    assert local == expected


@pytest.mark.asyncio
async def test_it_ends_where_it_was_told_to(app: App) -> None:
    """Whether or not anything was due."""
    until = app.clock.now() + timedelta(days=2, minutes=7)
    await driver.advance(app, until)
    assert app.clock.now() == until


@pytest.mark.asyncio
async def test_a_clock_that_cannot_be_set_is_refused(app: App) -> None:
    """The real time cannot be moved."""
    object.__setattr__(app, "clock", SystemClock())
    with pytest.raises(TypeError, match="settable"):
        await driver.advance(app, app.clock.now())


@pytest.mark.asyncio
async def test_the_sample_clinic_has_three_patients_with_a_real_history(app: App) -> None:
    """Day 12 in English, day 3 in Hindi, one just enrolled; what they got was sent by day."""
    await sample.settle_in(app)
    now = app.clock.now()
    async with app.store.read() as conn:
        everybody = await enrolments.everybody(conn, app.store.keys)
        assert [(one.language, one.day(now), one.state) for one in everybody] == [
            ("en", 12, "active"),
            ("hi", 3, "active"),
            ("hi", 0, "invited"),
        ]
        address_id = await people.find_address(conn, app.store.keys, "simulator", "ramesh")
        assert address_id is not None
        lines = await outbox.transcript(conn, app.store.keys, address_id)
    assert {line.state for line in lines} <= {"sent", "cancelled"}
    planned = [line for line in lines if line.kind not in ("reply", "urgent")]
    assert len(planned) > 8
    assert all(time(8) <= line.at.astimezone(INDIA).time() < time(21) for line in planned)
    assert any("\u0900" <= letter <= "\u097f" for line in planned for letter in (line.body.text if line.body else ""))


@pytest.mark.asyncio
async def test_a_phone_of_the_simulator_gets_one_answer(app: App) -> None:
    """What is typed on a simulated phone takes the same way in and out as everything else."""
    phone = Phone("stranger", app.inbox, app.clock)
    event = phone.event(Kind.TEXT, "hello")
    assert not (await phone.receive(event)).duplicate
    assert (await phone.receive(event)).duplicate
    await driver.settle(app)
    async with app.store.read() as conn:
        address_id = await people.find_address(conn, app.store.keys, "simulator", "stranger")
        assert address_id is not None
        (line,) = await outbox.transcript(conn, app.store.keys, address_id)
    assert (line.kind, line.state) == ("reply", "sent")
