"""One patient's page: what it shows and hides, what each action does, and that nothing anybody wrote can hurt it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from html import unescape

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.bootstrap import App
from bot.store.tables import alert
from scheduler import enrolments, people, reminders
from scheduler.enrolments import NewEnrolment
from scheduler.store.tables import consent, message, person
from tests.web.conftest import NOW
from tests.web.ward import TROUBLE, Ward, ask_team, names, on_the_ward, raise_alarm, shown

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def ward(demo_app: App) -> AsyncIterator[Ward]:
    """A nurse at the console of the sample clinic."""
    async with on_the_ward(demo_app) as made:
        yield made


async def test_the_patients_page_shows_all_that_is_known(ward: Ward) -> None:
    """Header, plan with states and reasons, answers, conversation, consents, medicine times and audit trail."""
    patient = await ward.patient("Asha")
    html = await ward.see(f"/patients/{patient.id}")
    words = shown(html)
    for wanted in ("Day 12", "Followed", "Tue 10 Nov", "Planned", "Left out", "past when the patient joined"):
        assert wanted in words
    assert 'href="tel:+919000000011"' in html
    assert "When can I take a bath?" in words
    assert "How many minutes did you walk today" in words
    assert "yes on Sun 8 Nov" in words
    assert "10 days from Mon 9 Nov" in words
    assert "Consent given" in words


async def test_what_was_sent_stands_in_the_plan_word_for_word(ward: Ward) -> None:
    """The plan shows the text that left, not what would leave today."""
    patient = await ward.patient("Asha")
    async with ward.app.store.read() as conn:
        sent = (await conn.execute(select(message.c.id).where(message.c.reminder_id.is_not(None)))).first()
    assert sent is not None
    lines = {line.text for line in await ward.chat("asha") if line.out and line.kind == "activity"}
    assert lines
    html = unescape(await ward.see(f"/patients/{patient.id}"))
    assert all(line in html for line in lines)


async def test_looking_at_a_patient_is_in_the_audit_trail_once_in_a_while(ward: Ward) -> None:
    """Who looked is noted, but not again within a quarter of an hour, nor for a page left open."""
    patient = await ward.patient("Asha")
    await ward.see(f"/patients/{patient.id}", headers={"x-saathi-live": "1"})
    assert (ward.actor, "patient page seen") not in await ward.trail(patient.id)
    await ward.see(f"/patients/{patient.id}")
    await ward.see(f"/patients/{patient.id}")
    assert (await ward.trail(patient.id)).count((ward.actor, "patient page seen")) == 1


async def test_pause_and_resume(ward: Ward) -> None:
    """For the days that were entered; the page says until when, and the plan why nothing leaves."""
    patient = await ward.patient("Asha")
    answer = await ward.do(f"/patients/{patient.id}/pause", days="3")
    assert answer.headers["location"] == f"/patients/{patient.id}?said=paused"
    html = await ward.see(f"/patients/{patient.id}?said=paused")
    assert "Paused until Mon 23 Nov 09:10" in html
    assert "Paused. No message leaves" in html
    assert (await ward.patient("Asha")).paused_until == NOW + timedelta(days=3)
    await ward.do(f"/patients/{patient.id}/resume")
    assert (await ward.patient("Asha")).state == "active"
    assert [what for who, what in await ward.trail(patient.id) if who == ward.actor] == [
        "paused", "patient page seen", "resumed",
    ]  # fmt: skip


async def test_medicine_times_are_changed_as_they_were_entered(ward: Ward) -> None:
    """The form shows what there is in the words it reads; saving replaces it, plans again and leaves a line."""
    patient = await ward.patient("Asha")
    html = unescape(await ward.see(f"/patients/{patient.id}"))
    before = re.search(r'<textarea id="medicine"[^>]*>\s*([^<]*)</textarea>', html)
    assert before is not None
    path = f"/patients/{patient.id}/medicine"
    answer = await ward.do(path, 422, medicine=before[1])
    assert "change one first" in answer.text
    answer = await ward.do(path, 422, medicine="22:00 for 3 days")
    assert "quiet hours" in answer.text
    assert "22:00 for 3 days" in answer.text
    await ward.do(path, medicine="8:00, 20:30 for 3 days from 2026-11-21: Tablet Example")
    assert "20:30, 08:00" in await _medicine_times(ward, patient.id)
    assert "Tablet Example" in shown(await ward.see(f"/patients/{patient.id}"))
    assert (ward.actor, "medicine times changed") in await ward.trail(patient.id)
    await ward.do(path, medicine="")
    assert await _medicine_times(ward, patient.id) == ""


async def _medicine_times(ward: Ward, enrolment_id: int) -> str:
    """The times of day of the medicine reminders that are still to come."""
    async with ward.app.store.read() as conn:
        plan = await reminders.plan_of(conn, enrolment_id)
    coming = {one.occurrence[11:] for one in plan if one.step == "medicine" and one.state == "planned"}
    return ", ".join(sorted(coming, reverse=True))


@pytest.mark.parametrize(
    ("action", "fields", "sentence"),
    [
        ("pause", {"days": "0"}, "from 1 to 60"),
        ("pause", {"days": "many"}, "from 1 to 60"),
        ("resume", {}, "not paused"),
        ("end", {"reason": "whim"}, "Choose why"),
        ("stop", {}, "Tick that the patient asked"),
        ("language", {"language": "fr"}, "en (English) or hi (Hindi)"),
        ("dates", {"surgery_on": ""}, "Enter the date of the surgery."),
        ("dates", {"surgery_on": "tomorrow"}, "Write a date like"),
        ("dates", {"surgery_on": "2031-01-01"}, "more than a year ahead"),
        ("dates", {"surgery_on": "2026-11-08", "discharge_on": "2026-11-01"}, "after the surgery date"),
    ],
)
async def test_what_cannot_be_done_is_said_on_the_page(
    ward: Ward, action: str, fields: dict[str, str], sentence: str
) -> None:
    """A refused form changes nothing, and the patient's page says in one sentence what to change."""
    patient = await ward.patient("Asha")
    answer = await ward.client.post(f"/patients/{patient.id}/{action}", data={"csrf": ward.nurse.csrf, **fields})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await ward.patient("Asha") == patient
    assert ward.actor not in [who for who, _ in await ward.trail(patient.id)]


async def test_moving_dates_is_shown_before_it_is_saved(ward: Ward) -> None:
    """The first form only tells in numbers what would change; the second does exactly that."""
    patient = await ward.patient("Asha")
    fields = {"surgery_on": "2026-11-10", "surgery_time": "09:30", "discharge_on": "2026-11-12"}
    preview = await ward.do(f"/patients/{patient.id}/dates", 200, **fields)
    assert re.search(r"<strong>\d+</strong> messages? moves? ", preview.text)
    assert await ward.patient("Asha") == patient
    await ward.do(f"/patients/{patient.id}/dates", **fields, confirm="yes")
    moved = await ward.patient("Asha")
    assert (moved.surgery_on, moved.discharge_on) == (date(2026, 11, 10), date(2026, 11, 12))
    assert "Dates moved (surgery on 2026-11-08 to 2026-11-10" in await ward.see(f"/patients/{patient.id}")


async def test_the_language_changes_plan_and_chat(ward: Ward) -> None:
    """From then on the messages come in the other language, and the page shows them so."""
    patient = await ward.patient("Asha")
    await ward.do(f"/patients/{patient.id}/language", language="hi")
    html = await ward.see(f"/patients/{patient.id}")
    assert re.search(r'class="gist" lang="hi"', html)
    await ward.say("asha", "/help")
    assert re.search("[ऀ-ॿ]", (await ward.chat("asha"))[-1].text)


async def test_stop_on_request_is_told_once_and_only_the_patient_starts_again(ward: Ward) -> None:
    """Staff can say STOP for a patient; the patient is told as after every STOP, and START undoes it."""
    patient = await ward.patient("Asha")
    await ward.do(f"/patients/{patient.id}/stop", asked="yes")
    assert "Said STOP" in await ward.see(f"/patients/{patient.id}")
    assert "No more messages will come" in (await ward.chat("asha"))[-1].text
    assert (ward.actor, "stopped on request") in await ward.trail(patient.id)
    await ward.say("asha", "START")
    assert "Followed" in await ward.see(f"/patients/{patient.id}")


async def test_stop_for_one_on_a_shared_phone_leaves_the_other_alone(ward: Ward) -> None:
    """On a phone two patients share, only the one who asked is stopped."""
    asha, ramesh = await ward.patient("Asha"), await ward.patient("Ramesh")
    async with ward.app.store.write() as conn:
        address_id = await people.find_address(conn, ward.app.store.keys, "simulator", "asha")
        assert address_id is not None
        await enrolments.connect(conn, ramesh.id, ramesh.person_id, address_id, "patient", NOW)
    await ward.do(f"/patients/{ramesh.id}/stop", asked="yes")
    assert "Said no to messages" in await ward.see(f"/patients/{ramesh.id}")
    assert "Followed" in await ward.see(f"/patients/{asha.id}")


async def test_an_ended_follow_up_cannot_be_changed_any_more(ward: Ward) -> None:
    """The reason stands on the page; the list shows it under Ended only."""
    patient = await ward.patient("Asha")
    await ward.do(f"/patients/{patient.id}/end", reason="elsewhere")
    html = await ward.see(f"/patients/{patient.id}")
    assert "Ended: treated elsewhere now" in html
    assert f"/patients/{patient.id}/pause" not in html
    assert "Asha Example" not in names(await ward.see("/"))
    assert names(await ward.see("/?state=ended")) == ["Asha Example"]
    assert (await ward.do(f"/patients/{patient.id}/end", 422, reason="elsewhere")).status_code == 422


# What the patient allowed


async def test_without_consent_to_share_answers_and_conversation_stay_hidden(ward: Ward) -> None:
    """The notice promises it: then staff see no answer and no chat, but an emergency they do; the page says so."""
    patient = await ward.patient("Asha")
    async with ward.app.store.write() as conn:
        await conn.execute(
            update(consent)
            .where(consent.c.enrolment_id == patient.id, consent.c.purpose == "sharing")
            .values(withdrawn_at=NOW, withdrawn_how="test")
        )
    await ward.say("asha", "ghaav se pus nikal raha hai")
    html = await ward.see(f"/patients/{patient.id}")
    assert "has not agreed to share" in html
    for hidden in ("When can I take a bath?", "How many minutes did you walk today", "ghaav se pus"):
        assert hidden not in html
    assert "Not shared" in await ward.see("/")
    await ward.say("asha", TROUBLE)
    assert TROUBLE in await ward.see(f"/patients/{patient.id}")
    assert "ghaav" not in await ward.see("/alerts")


async def test_the_conversation_on_a_shared_phone_needs_everybodys_consent(ward: Ward) -> None:
    """Where two read on one phone and one said no to sharing, the other's page shows no conversation either."""
    asha, ramesh = await ward.patient("Asha"), await ward.patient("Ramesh")
    async with ward.app.store.write() as conn:
        address_id = await people.find_address(conn, ward.app.store.keys, "simulator", "asha")
        assert address_id is not None
        await enrolments.connect(conn, ramesh.id, ramesh.person_id, address_id, "patient", NOW)
        await conn.execute(
            update(consent)
            .where(consent.c.enrolment_id == ramesh.id, consent.c.purpose == "sharing")
            .values(withdrawn_at=NOW, withdrawn_how="test")
        )
    html = await ward.see(f"/patients/{asha.id}")
    assert "When can I take a bath?" not in html
    assert "Somebody else who reads on the same phone" in html


# What anybody may have written


async def test_hostile_names_and_messages_stay_text(ward: Ward) -> None:
    """A name, a message and an answer that are HTML are shown as written, everywhere."""
    async with ward.app.store.write() as conn:
        request = NewEnrolment(name=EVIL, language="en", journey="mis-tlif", surgery_on=NOW.date())
        made = await enrolments.enrol(conn, ward.app.store.keys, ward.app.content, request, NOW)
    await raise_alarm(ward, "asha", f"{EVIL} {TROUBLE}")
    question_id = await ask_team(ward, "ramesh")
    await ward.do(f"/questions/{question_id}/answer", text=EVIL)
    asha, ramesh = await ward.patient("Asha"), await ward.patient("Ramesh")
    pages = ["/", "/?q=<script>", "/alerts", "/questions", f"/patients/{made.enrolment_id}"]
    for path in [*pages, f"/patients/{asha.id}", f"/patients/{ramesh.id}"]:
        html = await ward.see(path)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
    assert EVIL in unescape(await ward.see(f"/patients/{made.enrolment_id}"))


async def test_an_unreadable_row_hides_no_other(ward: Ward) -> None:
    """A name, an alert and a message that no key opens are marked as such; list and pages go on."""
    asha, ramesh = await ward.patient("Asha"), await ward.patient("Ramesh")
    alert_id = await raise_alarm(ward, "ramesh")
    await ask_team(ward, "asha")
    async with ward.app.store.write() as conn:
        broken = b"\xff" * 60
        await conn.execute(update(person).where(person.c.id == asha.person_id).values(name=broken, phone=broken))
        await conn.execute(update(alert).where(alert.c.id == alert_id).values(words=broken))
        first = select(message.c.id).where(message.c.enrolment_id == asha.id, message.c.state == "sent").limit(1)
        await conn.execute(update(message).where(message.c.id == first.scalar_subquery()).values(body=broken))
    assert names(await ward.see("/")) == ["Ramesh Example", f"Unreadable name (record {asha.id})", "Farida Example"]
    html = await ward.see(f"/patients/{asha.id}")
    assert "The name cannot be read" in html
    assert "Cannot be read: no key here opens it." in html
    assert "When can I take a bath?" in html
    assert "These words cannot be read" in await ward.see("/alerts")
    assert "These words cannot be read" in await ward.see(f"/patients/{ramesh.id}")
    assert f"Unreadable name (record {asha.id})" in await ward.see("/questions")


async def test_hindi_is_marked_as_hindi(ward: Ward) -> None:
    """What is written in Devanagari says so to fonts and screen readers, in the plan and in the conversation."""
    patient = await ward.patient("Ramesh")
    html = await ward.see(f"/patients/{patient.id}")
    assert re.search(r'class="gist" lang="hi"', html)
    assert re.search(r'class="text" dir="auto" lang="hi">[^<]*[ऀ-ॿ]', html)
    await ward.say("ramesh", "पेशाब नहीं हो रहा")
    assert re.search(r'<blockquote dir="auto" lang="hi">पेशाब', await ward.see("/alerts"))
