"""Taken, Later and Not taken under a reminder of a medicine time: once, in time, never after STOP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, time

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.conversation.words import Commands
from bot.web.console.doses import dose_facts
from scheduler import doses, enrolments
from scheduler.buttons import DOSE_WORDS, parse_dose
from scheduler.enrolments import Enrolled
from scheduler.plans import AGAIN_STEP, MedicineTimes
from scheduler.sender import Outcome, Outgoing, Unknown
from scheduler.store.tables import dose, reminder
from tests.dialogues import chats
from tests.dialogues.player import Talk, local
from tests.scheduler.plan_facts import at, plan
from tests.support.world import shipped

DAY = date(2026, 3, 3)


@pytest_asyncio.fixture
async def talk(sqlite_url: str) -> AsyncIterator[Talk]:
    """The shipped content on SQLite."""
    built = Talk.build(sqlite_url, chats.START)
    yield built
    await built.world.close()


@pytest_asyncio.fixture
async def both(database_url: str) -> AsyncIterator[Talk]:
    """The same on either kind of database."""
    built = Talk.build(database_url, chats.START)
    yield built
    await built.world.close()


async def _patient(talk: Talk, *clocks: str, at_night: bool = False) -> Enrolled:
    patient = await chats.joined(talk, "phone")
    times = MedicineTimes(tuple(map(time.fromisoformat, clocks)), DAY, 3, at_night=at_night)
    await talk.world.medicine(patient.enrolment_id, times)
    return patient


def _medicine(messages: list[Outgoing]) -> list[str]:
    return [one.body.text for one in messages if one.kind == "medicine" and "Reminder for" in one.body.text]


async def _rows(talk: Talk) -> list[str]:
    """The states of the reminders that come back."""
    async with talk.world.store.read() as conn:
        return list(await conn.scalars(select(reminder.c.state).where(reminder.c.step == AGAIN_STEP)))


@pytest.mark.asyncio
async def test_later_pressed_twice_and_planned_again_is_one_row(both: Talk) -> None:
    """One occurrence more, however often it is pressed or planned; its text names the first time, not its own."""
    talk = both
    patient = await _patient(talk, "14:10")
    await talk.world.until(local(DAY, "14:12"))
    for _ in range(2):
        await talk.taps("phone", "Later")
    for _ in range(2):
        await talk.world.replan(patient.enrolment_id)
    assert await _rows(talk) == ["planned"]
    stored, planned = await talk.world.unsent_and_planned(patient.enrolment_id)
    assert stored == planned
    came = _medicine(list(await talk.world.until(local(DAY, "15:30"))))
    assert len(came) == 1
    assert "3 March, 14:10" in came[0]
    async with talk.world.store.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(dose)) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("how", ["stop", "pause", "end", "withdraw"])
async def test_it_never_comes_back_after_silence_was_asked_for(talk: Talk, how: str) -> None:
    """STOP, pause, the end of the follow-up or a withdrawn yes between Later and its time."""
    patient = await _patient(talk, "14:10")
    await talk.world.until(local(DAY, "14:12"))
    await talk.taps("phone", "Later")
    if how == "stop":
        await talk.says("phone", "STOP")
    else:
        await getattr(talk.world, how)(patient.enrolment_id)
    assert _medicine(list(await talk.world.until(local(DAY, "20:00")))) == []
    (said,) = [one for one in await talk.taps("phone", "Later") if one.to == "phone"]
    assert "cannot remind you" in said.body.text


@pytest.mark.asyncio
async def test_one_whose_arrival_is_unknown_is_not_repeated(talk: Talk) -> None:
    """Nobody knows whether it came back: it stays so, because a repeated one could double a dose."""
    await _patient(talk, "14:10")
    await talk.world.until(local(DAY, "14:12"))
    await talk.taps("phone", "Later")

    def lost(_: Outgoing) -> Outcome:
        return Unknown("timeout")

    talk.world.phone.faults.append(lost)
    assert _medicine(list(await talk.world.until(local(DAY, "20:00")))) == []
    (row,) = [one for one in await talk.world.messages() if one.state == "unknown"]
    assert row.kind == "medicine"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("clock", "pressed", "comes"), [("14:10", "14:49", True), ("14:10", "14:50", False), ("20:30", "20:41", False)]
)
async def test_later_keeps_to_the_limit_and_the_quiet_hours(talk: Talk, clock: str, pressed: str, comes: bool) -> None:
    """An hour after its time, or when the quiet hours begin, it is too late; then nothing is promised."""
    await _patient(talk, clock)
    await talk.world.until(local(DAY, pressed))
    (said,) = await talk.taps("phone", "Later")
    assert ("once more, at" in said.body.text) is comes
    assert bool(_medicine(list(await talk.world.until(local(DAY, "23:59"))))) is comes


@pytest.mark.asyncio
async def test_a_time_agreed_for_the_night_comes_back_in_the_night(talk: Talk) -> None:
    """The patient agreed to 22:00: Later brings it back at 22:25."""
    await _patient(talk, "22:00", at_night=True)
    await talk.world.until(local(DAY, "22:05"))
    await talk.taps("phone", "Later")
    assert len(_medicine(list(await talk.world.until(local(DAY, "23:59"))))) == 1


@pytest.mark.asyncio
async def test_staff_read_what_was_said_and_when(talk: Talk) -> None:
    """'14:10 taken 14:15' and what was not answered, on the patient's page; the last word counts, all are kept."""
    patient = await _patient(talk, "11:10", "14:10")
    await talk.world.until(local(DAY, "14:14"))
    await talk.says("phone", "nahi li")
    await talk.world.until(local(DAY, "14:15"))
    await talk.says("phone", "ले ली")
    async with talk.world.store.read() as conn:
        view = await enrolments.view(conn, talk.world.store.keys, patient.enrolment_id)
        facts = await dose_facts(conn, view.id, view.zone, talk.world.clock.now())
        rows = list(await conn.scalars(select(dose.c.said).order_by(dose.c.id)))
    assert [(fact.label, fact.value) for fact in facts] == [("Today", "11:10 no answer · 14:10 taken 14:15")]
    assert rows == ["skipped", "taken"]


@pytest.mark.asyncio
async def test_two_patients_on_one_phone_are_told_apart(talk: Talk) -> None:
    """Typed words could be about either: it is asked for whom, and the tap counts."""
    first = await _patient(talk, "14:10")
    second = await chats.enrolled(talk, "Ravi Example", year_of_birth=1961)
    for text in (second.code, "1961", "yes", "yes"):
        await talk.says("phone", text)
    await talk.world.medicine(second.enrolment_id, MedicineTimes((time(14, 10),), DAY, 1))
    await talk.world.until(local(DAY, "14:12"))
    (asked,) = await talk.says("phone", "le li")
    assert sorted(button.label for button in asked.body.buttons) == ["Asha", "Ravi"]
    await talk.taps("phone", "Ravi")
    async with talk.world.store.read() as conn:
        said = await doses.last(conn, first.enrolment_id, second.enrolment_id)
    assert [key[0] for key in said] == [second.enrolment_id]


def test_a_time_that_comes_back_is_in_the_plan_once_and_only_in_time() -> None:
    """The plan holds it between its time and the limit, and leaves it out where the time is gone or it is too late."""
    times = MedicineTimes((time(8),), DAY, 1)
    name = "2026-03-03 08:00"
    for clock, there in (("08:20", True), ("09:00", False)):
        rows = plan(medicine=(times,), again={name: at(DAY, clock)})
        assert [o.step for o in rows if o.occurrence == name] == ["medicine", *([AGAIN_STEP] if there else [])]
    assert AGAIN_STEP not in {o.step for o in plan(again={name: at(DAY, "08:20")})}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Taken", "taken"),
        ("le li", "taken"),
        ("दवा ले ली", "taken"),
        ("haan le li ji", "taken"),
        ("baad me", "later"),
        ("बाद में", "later"),
        ("remind me later please", "later"),
        ("nahi li", "skipped"),
        ("नहीं ली", "skipped"),
        ("I didn't take it", "skipped"),
        ("yes", None),
        ("ok", None),
        ("nahi", None),
        ("should I take it now?", None),
    ],
)
def test_what_typing_means(text: str, said: str | None) -> None:
    """Each button in three languages; a bare yes or no says nothing about a medicine."""
    content = shipped()
    commands = Commands(content.words)
    buttons = {said: content.buttons[name] for said, name in DOSE_WORDS.items()}
    found = [said for said, one in buttons.items() if commands.means(text, (*one.label.all(), *one.words))]
    assert found == ([said] if said else [])


def test_only_our_own_buttons_are_read() -> None:
    """Anything else is nothing."""
    assert parse_dose("1d:7:taken") is not None
    for data in ("1d:7:doubled", "1d:x:taken", "1a:7:pain:3", "", "2d:7:taken"):
        assert parse_dose(data) is None


def test_the_texts_never_advise_on_the_dose() -> None:
    """What is said after Not taken or a late Later points to the care team alone."""
    for name in ("dose-skipped-noted", "dose-no-later"):
        for text in shipped().replies[name].text.all():
            assert "{hospital_phone}" in text
            for word in ("take it", "next", "double", "tablet", "अगली", "गोली", "agli", "goli"):
                assert word not in text.lower()
