"""Enrolling over HTTP: the form, the preview that is the delivery, and saved once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot import driver
from bot.bootstrap import App
from bot.channels.simulator import Phone
from scheduler import enrolments, links, outbox
from scheduler.store.tables import enrolment, message
from tests.web.bedside import ASHA, Nurse, at_work, checked, code_on, count, join, newest, problems, shown, state_of
from tests.web.conftest import NOW
from tests.web.staffed import hidden, log_in

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def nurse(demo_app: App) -> AsyncIterator[Nurse]:
    """A nurse's browser on the sample clinic."""
    async with at_work(demo_app) as found:
        yield found


async def test_five_fields_are_enough(demo_app: App, nurse: Nurse) -> None:
    """Name, phone, language, procedure and surgery make a preview, an enrolment, and a card with a code that works."""
    before = await count(demo_app)
    page = await nurse.preview()
    assert page.status_code == 200
    assert len(shown(page)) > 15
    assert await count(demo_app) == before
    card = await nurse.save(page)
    assert card.status_code == 200
    assert await count(demo_app) == before + 1
    async with demo_app.store.read() as conn:
        found = await links.find(conn, demo_app.store.keys, code_on(card))
        assert found is not None
        view = await enrolments.view(conn, demo_app.store.keys, found.enrolment_id)
    assert (view.name, view.language, view.journey) == ("Kamla Example", "hi", "lumbar-microdiscectomy")
    assert "Not connected yet" in card.text


async def test_errors_stand_beside_their_fields_all_at_once(demo_app: App, nurse: Nurse) -> None:
    """Every wrong field has its sentence, nothing typed is lost, and nothing is stored."""
    typed = {
        "name": "=HYPERLINK(1)",
        "phone": "9.19E+11",
        "language": "Klingon",
        "procedure": "hip <b>replacement",
        "surgery_on": "3/14/2026",
        "surgery_time": "noon-ish",
        "year_of_birth": "68",
        "discharge_on": "later",
        "morning": "5:00",
        "evening": "23:00",
        "medicine": "Tablet 10 for 5 days",
        "at_night": "yes",
    }
    page = await nurse.preview(**typed)
    assert page.status_code == 422
    assert set(problems(page)) == set(typed) - {"at_night"}
    assert all(sentence.endswith((".", "?")) for sentence in problems(page).values())
    for value in typed.values():
        assert value in unescape(page.text), value
    assert "<b>replacement" not in page.text


async def test_an_empty_form_says_what_is_needed(nurse: Nurse) -> None:
    """Each of the five fields asks for itself; what has a default does not."""
    page = await nurse.preview(**dict.fromkeys(ASHA, ""))
    assert set(problems(page)) == {"name", "phone", "language", "procedure", "surgery_on"}


async def test_the_form_begins_on_today(nurse: Nurse) -> None:
    """Most patients are enrolled on the day of surgery."""
    assert 'value="20 Nov 2026"' in (await nurse.get("/enrol")).text


@pytest.mark.parametrize(("language", "ago"), [("hi", 0), ("en", 4), ("hi", 40), ("en", -10)])
async def test_what_the_form_shows_is_what_leaves(demo_app: App, nurse: Nurse, language: str, ago: int) -> None:
    """Promise 16: the times and texts of the preview, medicine times and choices included, are those of the outbox."""
    surgery = (NOW - timedelta(days=ago)).date()
    page = await nurse.preview(
        language=language,
        surgery_on=f"{surgery:%d/%m/%Y}",
        discharge_on=(surgery + timedelta(days=2)).isoformat(),
        morning="8:30",
        evening="7 pm",
        medicine="8:00, 14:00, 20:00 for 7 days\nTablet Example A: 23:00 for 3 days from 22 Nov 2026",
        at_night="yes",
        year_of_birth="1962",
    )
    if "late." in page.text:
        name = next(iter(checked(page)))
        page = await nurse.post("/enrol/preview", hidden(page, "/enrol/save") | checked(page) | {name: "send"})
    promised = shown(page)
    card = await nurse.save(page)
    phone = Phone("kamla", demo_app.inbox, demo_app.clock)
    await join(demo_app, phone, code_on(card), "1962", language)
    async with demo_app.store.read() as conn:
        newest = await conn.scalar(select(func.max(enrolment.c.id)))
    await driver.advance(demo_app, demo_app.clock.now() + timedelta(days=130))
    async with demo_app.store.read() as conn:
        rows = (
            await conn.execute(
                select(message).where(message.c.enrolment_id == newest, message.c.reminder_id.is_not(None))
            )
        ).all()
    delivered = sorted((row.sent_at, outbox.open_body(demo_app.store.keys, row.body).text) for row in rows)
    assert {row.state for row in rows} == {"sent"}
    assert delivered == promised
    assert len(promised) > 5


async def test_the_same_form_twice_makes_one_enrolment(demo_app: App, nurse: Nurse) -> None:
    """Pressed twice, or sent again by a reload: one patient, and the last card is the one that works."""
    before = await count(demo_app)
    page = await nurse.preview()
    first, second = await asyncio.gather(nurse.save(page), nurse.save(page))
    assert await count(demo_app) == before + 1
    third = await nurse.save(page)
    assert await count(demo_app) == before + 1
    assert "fresh card" in third.text
    assert [await state_of(demo_app, code_on(card)) for card in (first, second)].count("revoked") == 2
    assert await state_of(demo_app, code_on(third)) == "not opened"


async def test_a_saved_form_of_somebody_connected_leads_to_their_page(demo_app: App, nurse: Nurse) -> None:
    """No card is made for who needs none."""
    page = await nurse.preview(year_of_birth="1962")
    card = await nurse.save(page)
    await join(demo_app, Phone("kamla", demo_app.inbox, demo_app.clock), code_on(card), "1962", "hi")
    again = await nurse.save(page)
    assert again.status_code == 303
    assert again.headers["location"] == f"/patients/{(await newest(demo_app)).id}"


async def test_the_next_patient_in_the_same_form_is_another_patient(demo_app: App, nurse: Nurse) -> None:
    """Who goes back and types over the last patient enrols the next one, and changes nobody."""
    page = await nurse.preview()
    await nurse.save(page)
    kept = hidden(page, "/enrol/save")["request"]
    before = await count(demo_app)
    other = await nurse.post("/enrol/preview", ASHA | {"request": kept, "name": "Leela Example", "phone": "9000000078"})
    await nurse.save(other)
    assert await count(demo_app) == before + 1
    assert (await newest(demo_app)).name == "Leela Example"


async def test_a_changed_choice_is_shown_before_it_is_saved(demo_app: App, nurse: Nurse) -> None:
    """Without a script a new choice and 'save' come together: the messages are shown again first."""
    before = await count(demo_app)
    page = await nurse.preview(surgery_on="15/11/2026")
    name = next(iter(checked(page)))
    again = await nurse.save(page, **{name: "send"})
    assert "not those you saw" in again.text
    assert await count(demo_app) == before
    assert checked(again)[name] == "send"
    assert len(shown(again)) == len(shown(page)) + 1
    await nurse.save(again)
    assert await count(demo_app) == before + 1
    async with demo_app.store.read() as conn:
        stored = await conn.scalar(select(enrolment.c.late_choices).order_by(enrolment.c.id.desc()).limit(1))
    assert stored == {field.removeprefix("late."): chosen for field, chosen in checked(again).items()}


async def test_a_similar_patient_is_pointed_out(demo_app: App, nurse: Nurse) -> None:
    """The same operation is not enrolled again by accident; another one of the same phone is only mentioned."""
    await nurse.enrol()
    there = (await newest(demo_app)).id
    before = await count(demo_app)
    page = await nurse.preview()
    assert f'href="/patients/{there}"' in page.text
    assert "already enrolled" in page.text
    await nurse.save(page)
    assert await count(demo_app) == before
    await nurse.save(page, another="yes")
    assert await count(demo_app) == before + 1
    near = await nurse.preview(procedure="mis-tlif")
    assert "already here" in near.text
    await nurse.save(near)
    assert await count(demo_app) == before + 2
    far = await nurse.preview(procedure="mis-tlif", surgery_on="2 Apr 2027")
    assert "already here" not in far.text


async def test_coming_back_keeps_what_was_typed(nurse: Nurse) -> None:
    """'Change something' leads to the form as it was filled in, and complains about nothing."""
    typed = {"medicine": "8:00 for 3 days: Tablet <A>", "year_of_birth": "1962", "evening": "19:00"}
    page = await nurse.preview(**typed)
    form = await nurse.post("/enrol", hidden(page, "/enrol"))
    assert form.status_code == 200
    assert not problems(form)
    for value in (ASHA | typed).values():
        assert value in unescape(form.text)
    assert "Tablet <A>" not in form.text


async def test_nobody_enrols_without_the_right_to(demo_app: App, nurse: Nurse) -> None:
    """Not without a session, not as an auditor, not from a form without this session's token."""
    before = await count(demo_app)
    fields = hidden(await nurse.preview(), "/enrol/save")
    wrong = await nurse.client.post("/enrol/save", data=fields | {"csrf": "x" * 43})
    assert wrong.status_code == 403
    auditor = await log_in(demo_app, "auditor", "checker")
    nurse.client.cookies.set(auditor.cookie, auditor.token)
    for path in ("/enrol", "/patients/1/card", "/patients/1/connected"):
        assert (await nurse.get(path)).status_code == 403, path
    assert (await nurse.client.post("/enrol/save", data=fields | {"csrf": auditor.csrf})).status_code == 403
    nurse.client.cookies.clear()
    for path in ("/enrol/save", "/enrol/preview", "/patients/1/card"):
        answer = await nurse.client.post(path, data=fields)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login")
    assert await count(demo_app) == before


async def test_what_is_past_can_be_left_out_sent_or_added(nurse: Nurse) -> None:
    """On day 8 every past step stands there once with the content's choice, and the choice shows in the messages."""
    page = await nurse.preview(surgery_on="12 Nov 2026")
    choices = checked(page)
    assert len(choices) > 5
    sent = dict.fromkeys(choices, "send")
    again = await nurse.post("/enrol/preview", hidden(page, "/enrol/save") | sent)
    assert checked(again) == sent
    assert len(shown(again)) >= len(shown(page)) + len(choices) - list(choices.values()).count("send")
    wrong = await nurse.post("/enrol/preview", hidden(page, "/enrol/save") | dict.fromkeys(choices, "burn"))
    assert wrong.status_code == 422
