"""Enrolling: five fields in any spelling, and one clear sentence for whatever cannot be."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from scheduler import enrolments, people
from scheduler.consents import history
from scheduler.errors import BadRequestError, KeyMissingError, NotFoundError
from scheduler.plans import MedicineTimes
from scheduler.store.tables import enrolment, person, reminder
from tests.support.world import SURGERY, World, india

TODAY = date(2026, 3, 1)
EIGHT = MedicineTimes((time(8),), SURGERY, 7)


@pytest.mark.parametrize(
    "raw",
    ["9000000001", "90000 00001", "+91 90000 00001", "+91-90000-00001", "09000000001", "0 90000-00001", "919000000001",
     " 9000000001 ", "(+91) 9000000001", "+919000000001"],
)  # fmt: skip
def test_a_phone_number_may_be_written_in_any_way(raw: str) -> None:
    """With spaces, dashes, a leading 0 or the country's code: it is one number."""
    assert people.normal_phone(raw) == "+919000000001"


@pytest.mark.parametrize("raw", ["", "   ", "abc", "12", "+91 90000", "9" * 40, "90000 00001 x y z 7777777777"])
def test_what_is_no_phone_number_is_told_so(raw: str) -> None:
    """The sentence says how to write one, and does not repeat what was typed."""
    with pytest.raises(BadRequestError, match="phone number") as caught:
        people.normal_phone(raw)
    assert not raw.strip() or raw not in str(caught.value)


def test_a_number_from_abroad_stays_as_it_is() -> None:
    """A relative's number in another country keeps its code."""
    assert people.normal_phone("+44 20 7946 0958") == "+442079460958"


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": "  "}, "Enter the patient's name, at most 80 letters."),
    "endless name": ({"name": "x" * 81}, "Enter the patient's name, at most 80 letters."),
    "unknown plan": ({"journey": "heart"}, "There is no plan called 'heart': choose one of sample."),
    "unknown language": ({"language": "xx"}, "The language must be en (English) or hi (Hindi)."),
    "unknown zone": ({"zone": "Asia/Lucknow"}, "This time zone is not known: write it like Asia/Kolkata."),
    "a path as zone": ({"zone": "../../etc/passwd"}, "This time zone is not known: write it like Asia/Kolkata."),
    "empty zone": ({"zone": ""}, "This time zone is not known: write it like Asia/Kolkata."),
    "two-digit year": ({"year_of_birth": 68}, "The year of birth must be a year with four digits, like 1968."),
    "not born yet": ({"year_of_birth": 2027}, "The year of birth must be a year with four digits, like 1968."),
    "long ago": (
        {"surgery_on": TODAY - timedelta(days=91)},
        "The surgery was more than 90 days ago, when every plan has ended: check the date.",
    ),
    "five years ahead": (
        {"surgery_on": date(2031, 3, 1)}, "The surgery date is more than a year ahead: check the year."
    ),
    "home before surgery": (
        {"discharge_on": SURGERY - timedelta(days=1)},
        "The discharge date must be on or up to 60 days after the surgery date.",
    ),
    "home much later": (
        {"discharge_on": SURGERY + timedelta(days=61)},
        "The discharge date must be on or up to 60 days after the surgery date.",
    ),
    "morning at night": ({"morning": time(6)}, "Choose a time between 08:00 and 21:00."),
    "evening at night": ({"evening": time(21)}, "Choose a time between 08:00 and 21:00."),
    "no medicine time": (
        {"medicine": (MedicineTimes((), SURGERY, 7),)}, "Enter at least one medicine time, for 1 to 90 days."
    ),
    "endless medicine": (
        {"medicine": (MedicineTimes((time(8),), SURGERY, 91),)}, "Enter at least one medicine time, for 1 to 90 days."
    ),
    "medicine five years ahead": (
        {"medicine": (MedicineTimes((time(8),), date(2031, 3, 1), 7),)},
        "The first day of a medicine time is more than 90 days ago or a year ahead: check it.",
    ),
    "medicine of last year": (
        {"medicine": (MedicineTimes((time(8),), date(2025, 3, 1), 7),)},
        "The first day of a medicine time is more than 90 days ago or a year ahead: check it.",
    ),
    "medicine at night": (
        {"medicine": (MedicineTimes((time(2),), SURGERY, 7),)},
        "A medicine time lies in the quiet hours: ask the patient, and tick that they agreed.",
    ),
    "no choice": ({"late_choices": {"warning": "later"}}, "For each past step choose skip, send or fold."),
    "no phone": ({"phone": "12"}, "This phone number has too few or too many digits: an Indian mobile number has ten."),
}  # fmt: skip


@pytest.mark.asyncio
@pytest.mark.parametrize("what", BAD)
async def test_what_cannot_be_gets_one_sentence_and_nothing_is_stored(sqlite_world: World, what: str) -> None:
    """Each mistake says what to change, and leaves no half enrolment."""
    values, sentence = BAD[what]
    with pytest.raises(BadRequestError) as caught:
        await sqlite_world.enrol(**values)
    assert str(caught.value) == sentence
    async with sqlite_world.store.read() as conn:
        for table in (person, enrolment, reminder):
            assert await conn.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "what", ["long ago", "five years ahead", "home before surgery", "morning at night", "unknown language", "no choice"]
)
async def test_a_change_that_cannot_be_changes_nothing(sqlite_world: World, what: str) -> None:
    """The same sentences guard later changes; the plan stays as it was."""
    enrolment_id, _ = await sqlite_world.patient()
    before = await sqlite_world.plan(enrolment_id)
    values, sentence = BAD[what]
    with pytest.raises(BadRequestError) as caught:
        await sqlite_world.change(enrolment_id, **values)
    assert str(caught.value) == sentence
    assert await sqlite_world.plan(enrolment_id) == before


@pytest.mark.asyncio
@pytest.mark.parametrize("what", ["no medicine time", "medicine five years ahead", "medicine at night"])
async def test_medicine_times_that_cannot_be_leave_the_old_ones(sqlite_world: World, what: str) -> None:
    """Staff's typing error takes no reminder away."""
    enrolment_id, _ = await sqlite_world.patient(medicine=(EIGHT,))
    before = await sqlite_world.plan(enrolment_id)
    values, sentence = BAD[what]
    with pytest.raises(BadRequestError) as caught:
        await sqlite_world.medicine(enrolment_id, *values["medicine"])
    assert str(caught.value) == sentence
    assert await sqlite_world.plan(enrolment_id) == before


@pytest.mark.asyncio
async def test_who_does_not_exist_is_told_so(world: World) -> None:
    """Every call about a missing enrolment or address names it in one sentence."""
    for call in (world.change(7), world.medicine(7, EIGHT), world.replan(7), world.withdraw(7)):
        with pytest.raises(NotFoundError, match=r"There is no enrolment 7\."):
            await call
    async with world.store.read() as conn:
        with pytest.raises(NotFoundError, match=r"There is no address 7\."):
            await people.open_address(conn, world.store.keys, 7)


@pytest.mark.asyncio
async def test_only_known_things_can_be_changed(sqlite_world: World) -> None:
    """A misspelt field is a programmer's error, not silently ignored."""
    enrolment_id = await sqlite_world.enrol()
    with pytest.raises(TypeError, match="journey"):
        await sqlite_world.change(enrolment_id, journey="sample")


@pytest.mark.asyncio
async def test_an_enrolment_is_read_as_it_was_entered(world: World) -> None:
    """Everything staff typed comes back; what they left out has the clinic's defaults."""
    enrolment_id = await world.enrol("  आशा Example ", year_of_birth=1968, phone="90000 00001", morning=time(8, 30))
    async with world.store.read() as conn:
        view = await enrolments.view(conn, world.store.keys, enrolment_id)
        rows = list(await conn.execute(select(person)))
    assert (view.name, view.year_of_birth, view.morning, view.evening) == (
        "आशा Example",
        1968,
        time(8, 30),
        time(18, 30),
    )
    assert (view.state, view.zone, view.joined_at) == ("invited", "Asia/Kolkata", None)
    assert [view.day(india(day)) for day in (1, 2, 3)] == [-1, 0, 1]
    assert "1968" not in repr(rows)
    assert "90000" not in repr(rows)
    assert rows[0].phone_hash == world.store.keys.hash("phone", "+919000000001")


@pytest.mark.asyncio
async def test_a_new_phone_takes_the_place_of_the_old_one(world: World) -> None:
    """Connecting in another chat moves the plan there: nothing ever comes twice."""
    enrolment_id, _ = await world.patient()
    await world.until(india(3, "12:00"))
    await world.join(enrolment_id, "chat-new")
    seen = await world.until(india(20, "12:00"))
    assert {m.to for m in seen} == {"chat-new"}
    assert len(seen) == 4


@pytest.mark.asyncio
async def test_the_record_of_consent_keeps_every_yes_and_its_end(world: World) -> None:
    """Who agreed to which version when, and how it ended, stays; a second yes to the same changes nothing."""
    enrolment_id, address_id = await world.patient()
    await world.agree(enrolment_id)
    await world.stop(address_id)
    await world.start(address_id)
    await world.withdraw(enrolment_id)
    async with world.store.read() as conn:
        lines = await history(conn, enrolment_id)
    assert [(line.purpose, line.withdrawn_how) for line in lines] == [("reminders", "STOP"), ("reminders", "menu")]
    assert {line.version for line in lines} == {world.content.notices["reminders"].version}


@pytest.mark.asyncio
async def test_a_pause_ends_by_itself_and_what_passed_is_settled(world: World) -> None:
    """Nothing comes during the pause; afterwards the plan goes on."""
    enrolment_id, _ = await world.patient()
    await world.pause(enrolment_id, india(5, "08:00"))
    assert await world.until(india(5, "07:59")) == []
    seen = await world.until(india(20, "12:00"))
    assert [m.body.text.split()[0] for m in seen] == ["pain", "visit"]
    assert {r.state for r in await world.plan(enrolment_id)} <= {"sent", "skipped", "folded"}


@pytest.mark.asyncio
async def test_a_second_pause_takes_the_place_of_the_first(world: World) -> None:
    """Who pauses for a day and then for a week is left alone for a week."""
    enrolment_id, _ = await world.patient()
    await world.pause(enrolment_id, india(3, "08:00"))
    await world.pause(enrolment_id, india(9, "08:00"))
    assert await world.until(india(9, "07:59")) == []
    assert await world.until(india(20, "12:00"))


@pytest.mark.asyncio
@pytest.mark.parametrize("blob", [b"", b"\x01" * 60, b"\x09" * 60], ids=["cut short", "damaged", "key missing"])
@pytest.mark.parametrize("column", ["name", "year_of_birth"])
async def test_one_patient_who_cannot_be_read_hides_no_other(world: World, column: str, blob: bytes) -> None:
    """Promise 15: in lists the row is marked as unreadable; in the chat it is left out, and the others are there."""
    first, address_id = await world.patient(year_of_birth=1968)
    second, _ = await world.patient("Farida Example")
    keys = world.store.keys
    async with world.store.write() as conn:
        person_id = (await enrolments.view(conn, keys, first)).person_id
        if column == "year_of_birth" and not blob:
            blob = b"\x01"
        await conn.execute(update(person).where(person.c.id == person_id).values({column: blob}))
    async with world.store.read() as conn:
        everybody = await enrolments.everybody(conn, keys)
        here = await enrolments.at_address(conn, keys, address_id)
        with pytest.raises(KeyMissingError):
            await enrolments.view(conn, keys, first)
    assert [(one.id, one.readable) for one in everybody] == [(first, False), (second, True)]
    assert (everybody[0].name, everybody[0].year_of_birth) == (enrolments.UNREADABLE, None)
    assert [one.id for one in here] == [second]


@pytest.mark.asyncio
async def test_one_form_makes_one_enrolment(world: World) -> None:
    """The same request a second time is refused by the database itself, and the first is found again."""
    enrolment_id = await world.enrol(request="form-1")
    with pytest.raises(IntegrityError):
        await world.enrol(request="form-1")
    await world.enrol(request="form-2")
    await world.enrol()
    await world.enrol()
    async with world.store.read() as conn:
        assert await enrolments.by_request(conn, "form-1") == enrolment_id
        assert await enrolments.by_request(conn, "form-3") is None
        assert await conn.scalar(select(func.count()).select_from(enrolment)) == 4


@pytest.mark.asyncio
async def test_patients_are_found_by_their_phone(world: World) -> None:
    """However it was written; a family's phone finds everybody."""
    one = await world.enrol(phone="90000 00001")
    two = await world.enrol("Farida Example", phone="+919000000001")
    await world.enrol("Ramesh Example", phone="9000000002")
    async with world.store.read() as conn:
        found = await enrolments.with_phone(conn, world.store.keys, people.normal_phone("09000000001"))
    assert [view.id for view in found] == [one, two]


@pytest.mark.asyncio
async def test_a_spelling_and_a_year_can_be_put_right(world: World) -> None:
    """What is not given stays as it is."""
    enrolment_id = await world.enrol(year_of_birth=1968)
    keys = world.store.keys
    async with world.store.write() as conn:
        await enrolments.correct(conn, keys, enrolment_id, name="Asha Devi Example")
        await enrolments.correct(conn, keys, enrolment_id)
        await enrolments.correct(conn, keys, enrolment_id, year_of_birth=1969)
        view = await enrolments.view(conn, keys, enrolment_id)
    assert (view.name, view.year_of_birth) == ("Asha Devi Example", 1969)
    async with world.store.write() as conn:
        with pytest.raises(NotFoundError):
            await enrolments.correct(conn, keys, 999, name="Nobody Example")
