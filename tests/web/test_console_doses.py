"""What staff see on the patient's page of medicine times and of answers that were put right."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.bootstrap import App
from bot.channels.simulator import Phone
from scheduler.sender import Button
from scheduler.store.tables import message, reminder
from tests.web.ward import on_the_ward, shown


@pytest.mark.asyncio
async def test_the_page_says_what_was_taken_and_what_was_corrected(demo_app: App) -> None:
    """'20:00 taken 09:30' under the medicine times; a corrected answer with what it was before."""
    async with on_the_ward(demo_app) as ward:
        patient = await ward.patient("Asha")
        async with ward.app.store.read() as conn:
            sent = select(reminder.c.id, reminder.c.step).join(message, message.c.reminder_id == reminder.c.id)
            mine = reminder.c.enrolment_id == patient.id, message.c.state == "sent"
            rows = (await conn.execute(sent.where(*mine).order_by(reminder.c.due_at.desc()))).all()
        dose = next(row.id for row in rows if row.step == "medicine")
        walked = next(row.id for row in rows if row.step == "tablets-and-bowels")
        phone = Phone("asha", ward.app.inbox, ward.app.clock)
        await phone.tap(Button("Taken", f"1d:{dose}:taken"))
        for minutes in ("45", "60"):
            await phone.tap(Button(minutes, f"1a:{walked}:walking-minutes:{minutes}"))
        words = shown(await ward.see(f"/patients/{patient.id}"))
        assert "20:00 taken" in words.split("What the patient said", 1)[1]
        assert "corrected, before:" in words
