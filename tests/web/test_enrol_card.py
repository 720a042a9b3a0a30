"""The card over HTTP: its link, whether it was used, and a new one for a lost one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.bootstrap import App
from bot.channels.simulator import CHANNEL, Phone
from bot.store.tables import audit
from scheduler import links, people
from scheduler.store.tables import link, person
from tests.web.bedside import Nurse, at_work, code_on, join, newest, state_of
from tests.web.conftest import NOW
from tests.web.staffed import BOT, telegram_is_up

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def nurse(demo_app: App) -> AsyncIterator[Nurse]:
    """A nurse's browser on the sample clinic."""
    async with at_work(demo_app) as found:
        yield found


async def test_the_card_has_a_qr_of_the_deep_link(demo_app: App, nurse: Nurse) -> None:
    """With Telegram up the card bears the link twice (a side for each language), the code, the phone and the date."""
    await telegram_is_up(demo_app.store)
    card = await nurse.enrol()
    url = re.search(r'alt="QR code of the link ([^"]+)"', card.text)
    assert url
    token = unescape(url[1]).removeprefix(f"https://t.me/{BOT}?start=")
    assert re.fullmatch(r"[A-Za-z0-9_-]{22,64}", token)
    assert await state_of(demo_app, token) == await state_of(demo_app, code_on(card)) == "not opened"
    assert card.text.count("data:image/svg+xml") == 2
    assert 'lang="hi"' in card.text
    assert 'lang="en"' in card.text
    assert "0522-000-0100" in card.text
    assert "4 दिसंबर" in card.text
    assert "4 December" in card.text
    assert "TLIF" not in card.text
    assert "discectomy" not in card.text


async def test_the_card_says_when_the_patient_is_connected(demo_app: App, nurse: Nurse) -> None:
    """Not connected, opened, waiting for a yes, connected: the live line follows."""
    card = await nurse.enrol(year_of_birth="1962")
    found = re.search(r'data-connection="([^"]+)"', card.text)
    assert found
    address = found[1]

    async def line() -> tuple[bool, str]:
        answer = (await nurse.get(address)).json()
        return answer["connected"], answer["state"]

    phone = Phone("kamla", demo_app.inbox, demo_app.clock)
    assert await line() == (False, "not opened")
    async with demo_app.store.write() as conn:
        address_id = await people.ensure_address(conn, demo_app.store.keys, CHANNEL, "kamla", demo_app.clock.now())
        await links.open_link(conn, int(address.partition("?card=")[2]), address_id)
    assert await line() == (False, "opened")
    await join(demo_app, phone, code_on(card), "1962", "hi")
    assert await line() == (True, "used")
    assert (await nurse.get(address)).json()["words"] == "Connected"
    missing = await nurse.get("/patients/999999/connected")
    assert missing.status_code == 404


async def test_a_new_card_ends_the_old_one(demo_app: App, nurse: Nurse) -> None:
    """A lost card is replaced; the old page says that its card is dead; the trail names who did it."""
    card = await nurse.enrol()
    view = await newest(demo_app)
    old = re.search(r'data-connection="([^"]+)"', card.text)
    assert old
    status = await nurse.get(f"/patients/{view.id}/card")
    assert "Make a new card" in status.text
    assert "data:image" not in status.text
    fresh = await nurse.post(f"/patients/{view.id}/card", {})
    assert fresh.status_code == 200
    assert (await state_of(demo_app, code_on(card)), await state_of(demo_app, code_on(fresh))) == (
        "revoked",
        "not opened",
    )
    assert (await nurse.get(old[1])).json()["state"] == "revoked"
    async with demo_app.store.read() as conn:
        rows = (await conn.execute(select(audit.c.actor, audit.c.action).where(audit.c.enrolment_id == view.id))).all()
    actor = f"staff:{nurse.passed.staff_id}"
    assert [tuple(row) for row in rows if row.action in ("enrolled", "card made")] == [
        (actor, "enrolled"),
        (actor, "card made"),
    ]


@pytest.mark.parametrize(
    ("change", "state"), [({"wrong_tries": 3}, "locked"), ({"expires_at": NOW - timedelta(days=1)}, "expired")]
)
async def test_a_card_that_does_not_work_says_why(
    demo_app: App, nurse: Nurse, change: dict[str, Any], state: str
) -> None:
    """Locked after three wrong answers, or expired: staff read it and make a new card."""
    await nurse.enrol()
    view = await newest(demo_app)
    async with demo_app.store.write() as conn:
        await conn.execute(update(link).where(link.c.enrolment_id == view.id).values(**change))
    answer = (await nurse.get(f"/patients/{view.id}/connected")).json()
    assert (answer["connected"], answer["state"]) == (False, state)
    assert "make a new card" in answer["words"]


async def test_a_patient_whose_name_cannot_be_read_gets_no_card(demo_app: App, nurse: Nurse) -> None:
    """One bad row is said plainly, and the form goes on working for everybody else with that phone."""
    await nurse.enrol()
    view = await newest(demo_app)
    async with demo_app.store.write() as conn:
        await conn.execute(update(person).where(person.c.id == view.person_id).values(name=b"\x07" * 60))
    answer = await nurse.post(f"/patients/{view.id}/card", {})
    assert answer.status_code == 500
    assert "cannot be read" in answer.text
    assert (await nurse.preview()).status_code == 200


async def test_the_demo_phone_leaves_the_card_alone(demo_app: App, nurse: Nurse) -> None:
    """The demo hands each waiting phone a link of its own; the code on the card goes on working."""
    card = await nurse.enrol()
    view = await newest(demo_app)
    assert (await nurse.get(f"/demo?chat=new-{view.id}")).status_code == 200
    assert await state_of(demo_app, code_on(card)) == "not opened"
    found = re.search(r'data-connection="([^"]+)"', card.text)
    assert found
    assert (await nurse.get(found[1])).json()["state"] == "not opened"
