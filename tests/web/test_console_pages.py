"""The list, the alerts and the questions: what they show, and what each action there does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape

import pytest
import pytest_asyncio
from sqlalchemy import insert, select

from bot.bootstrap import App
from bot.staff.tables import staff_notice
from scheduler.store.tables import enrolment, person
from tests.web.conftest import NOW
from tests.web.ward import QUESTION, TROUBLE, Ward, ask_team, names, on_the_ward, raise_alarm, shown, statements

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def ward(demo_app: App) -> AsyncIterator[Ward]:
    """A nurse at the console of the sample clinic."""
    async with on_the_ward(demo_app) as made:
        yield made


# The list


async def test_the_list_begins_with_who_needs_somebody(ward: Ward) -> None:
    """Alerts stand before questions, those before who is not connected, and then everybody by day."""
    assert names(await ward.see("/")) == ["Farida Example", "Ramesh Example", "Asha Example"]
    await ask_team(ward, "asha")
    assert names(await ward.see("/")) == ["Asha Example", "Farida Example", "Ramesh Example"]
    await raise_alarm(ward, "ramesh")
    html = await ward.see("/")
    assert names(html) == ["Ramesh Example", "Asha Example", "Farida Example"]
    assert "Emergency alert" in html
    assert "1 question" in html


async def test_an_emergency_stands_before_a_same_day_alert_and_a_seen_one_after_both(ward: Ward) -> None:
    """The tier decides first; what somebody has seen waits behind what nobody has."""
    await raise_alarm(ward, "asha", "ghaav se pus nikal raha hai")
    seen = await raise_alarm(ward, "ramesh", TROUBLE)
    assert names(await ward.see("/"))[:2] == ["Ramesh Example", "Asha Example"]
    await ward.do(f"/alerts/{seen}/acknowledge")
    html = await ward.see("/")
    assert names(html)[:2] == ["Asha Example", "Ramesh Example"]
    assert "1 alert seen, not closed" in html


async def test_each_line_tells_day_language_state_last_answer_and_next_message(ward: Ward) -> None:
    """What a nurse asks first about a patient stands in the list, in words."""
    words = shown(await ward.see("/"))
    assert "Asha Example MIS decompression (laminectomy, foraminotomy) 12 English Followed Leg pain 5 of 10" in words
    assert "Farida Example MIS-TLIF (lumbar fusion) 0 Hindi Not connected yet for 25 min None yet" in words
    assert re.search(r"Ramesh Example Lumbar microdiscectomy 3 Hindi Followed .* Today 14:00", words)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=ram", ["Ramesh Example"]),
        ("?q=EXAMPLE+asha", ["Asha Example"]),
        ("?q=amesh", []),
        ("?q=" + "x" * 5000, []),
        ("?state=waiting", ["Farida Example"]),
        ("?state=active", ["Ramesh Example", "Asha Example"]),
        ("?state=silent", []),
        ("?state=ended", []),
        ("?state=nonsense&page=99999999", ["Farida Example", "Ramesh Example", "Asha Example"]),
        ("?page=-1", ["Farida Example", "Ramesh Example", "Asha Example"]),
    ],
)
async def test_the_list_is_searched_and_filtered(ward: Ward, query: str, found: list[str]) -> None:
    """By the beginning of a name and by state; an address that makes no sense shows the whole list."""
    assert names(await ward.see("/" + query)) == found


async def test_a_thousand_patients_cost_the_same_queries_as_three(ward: Ward) -> None:
    """The number of queries does not follow the number of patients; a page holds a hundred of them."""
    with statements(ward.app) as few:
        await ward.see("/")
    now = ward.now
    async with ward.app.store.write(wake=False) as conn:
        keys = ward.app.store.keys
        people_ = [{"name": keys.seal("person.name", f"Person{n} Example"), "created_at": now} for n in range(1000)]
        await conn.execute(insert(person), people_)
        ids = (await conn.scalars(select(person.c.id).order_by(person.c.id.desc()).limit(1000))).all()
        row = (await conn.execute(select(enrolment).limit(1))).one()._asdict()
        same = {key: value for key, value in row.items() if key not in ("id", "person_id", "request")}
        await conn.execute(insert(enrolment), [same | {"person_id": one} for one in ids])
    with statements(ward.app) as many:
        html = await ward.see("/")
    assert len(many) == len(few) < 12
    assert len(names(html)) == 100
    assert "Page 1 of 11" in html
    assert "Person77 Example" in await ward.see("/?q=person77")


async def test_an_open_list_is_sent_again_only_when_it_changed(ward: Ward) -> None:
    """A page left open hears 304 until something happens; then it gets the new list."""
    first = await ward.client.get("/", headers={"x-saathi-live": "1"})
    same = {"x-saathi-live": "1", "if-none-match": first.headers["etag"]}
    assert (await ward.client.get("/", headers=same)).status_code == 304
    await raise_alarm(ward)
    again = await ward.client.get("/", headers=same)
    assert again.status_code == 200
    assert "Emergency alert" in again.text


# Alerts, questions, notices


async def test_acknowledging_tells_the_patient_who_has_seen_it(ward: Ward) -> None:
    """One press: the state, the audit trail and the patient's phone say so; a second press says nothing again."""
    alert_id = await raise_alarm(ward)
    patient = await ward.patient("Ramesh")
    assert f'action="/alerts/{alert_id}/acknowledge"' in await ward.see("/alerts")
    answer = await ward.do(f"/alerts/{alert_id}/acknowledge")
    assert answer.headers["location"] == f"/alerts?said=acknowledged#a{alert_id}"
    html = await ward.see("/alerts?said=acknowledged")
    assert "Seen by Sister Example" in html
    assert "The patient is told" in html
    assert (ward.actor, "alert acknowledged") in await ward.trail(patient.id)
    told = [line for line in await ward.chat("ramesh") if "Sister Example" in line.text]
    assert len(told) == 1
    again = await ward.do(f"/alerts/{alert_id}/acknowledge", patient=str(patient.id))
    assert again.headers["location"] == f"/patients/{patient.id}?said=already"
    assert len([line for line in await ward.chat("ramesh") if "Sister Example" in line.text]) == 1


async def test_closing_an_alert_needs_an_outcome(ward: Ward) -> None:
    """How it ended is kept with who closed it; without it nothing is closed."""
    alert_id = await raise_alarm(ward)
    await ward.do(f"/alerts/{alert_id}/close", 400, outcome="")
    await ward.do(f"/alerts/{alert_id}/close", outcome="called")
    html = await ward.see("/alerts")
    assert "No alert is waiting." in html
    assert "Called the patient. Closed by Sister Example" in shown(html)


async def test_an_answer_goes_to_the_patient_under_the_nurses_name(ward: Ward) -> None:
    """What is typed arrives with its lines; the question is answered, and the page shows what was sent."""
    question_id = await ask_team(ward)
    assert QUESTION in unescape(await ward.see("/questions"))
    await ward.do(f"/questions/{question_id}/answer", text="Any colour.\r\nSleep well.")
    said = next(line.text for line in await ward.chat("asha") if "Any colour." in line.text)
    assert "Any colour.\nSleep well." in said
    assert "Sister Example" in said
    html = await ward.see("/questions?said=answered")
    assert "No question is waiting." in html
    assert "Answered by Sister Example" in html
    assert "Any colour." in html


async def test_an_empty_answer_is_refused_and_a_long_one_stays_in_its_box(ward: Ward) -> None:
    """Nothing typed is lost: the page comes again with the text and one sentence."""
    question_id = await ask_team(ward)
    assert "Write the answer first." in (await ward.do(f"/questions/{question_id}/answer", 422, text=" ")).text
    answer = await ward.do(f"/questions/{question_id}/answer", 422, text="word " * 2000)
    assert "too long" in answer.text
    assert answer.text.count("word ") >= 2000


async def test_a_question_is_closed_without_an_answer(ward: Ward) -> None:
    """It no longer waits, and nothing is sent."""
    question_id = await ask_team(ward)
    before = len(await ward.chat("asha"))
    await ward.do(f"/questions/{question_id}/close")
    assert "Closed without an answer by Sister Example" in await ward.see("/questions")
    assert len(await ward.chat("asha")) == before


async def test_a_notice_says_what_to_do_and_is_done_once(ward: Ward) -> None:
    """What happened to a link stands on the alerts page and on the patient's until somebody has dealt with it."""
    patient = await ward.patient("Farida")
    async with ward.app.store.write() as conn:
        await conn.execute(insert(staff_notice).values(kind="link-locked", enrolment_id=patient.id, created_at=NOW))
    assert "make a new card" in await ward.see("/alerts")
    html = await ward.see(f"/patients/{patient.id}")
    notice = re.search(r'action="(/notices/\d+/done)"', html)
    assert notice
    answer = await ward.do(notice[1], patient=str(patient.id))
    assert answer.headers["location"] == f"/patients/{patient.id}?said=done"
    assert "make a new card" not in await ward.see("/alerts")


@pytest.mark.parametrize("path", ["/alerts/999/acknowledge", "/questions/999/close", "/notices/999/done"])
async def test_what_does_not_exist_is_not_found(ward: Ward, path: str) -> None:
    """A number nobody has, and an address that is no number, end in one plain sentence."""
    await ward.do(path, 404)
    await ward.do(path.replace("999", "abc"), 404)
    await ward.see("/patients/999", status=404)
    await ward.see("/patients/abc", status=404)


async def test_an_auditor_sees_no_patient(demo_app: App) -> None:
    """Whoever may only check what was done opens none of these pages."""
    async with on_the_ward(demo_app, "auditor") as ward:
        for path in ("/patients/1", "/alerts", "/questions"):
            await ward.see(path, status=403)
        assert (await ward.client.get("/")).headers["location"] == "/account"
        await ward.do("/patients/1/pause", 403, days="3")
