"""An alert reaches staff, one acknowledges it, the patient is told the truth, and it ends with an outcome."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.channels.inbound import Kind
from bot.staff import alerts
from bot.staff.tables import staff_member
from bot.store import reading
from bot.store.reading import AlertView
from bot.store.tables import alert, audit
from bot.store.whom import UNREADABLE
from scheduler.crypto import KeyRing
from scheduler.errors import BadRequestError, NotFoundError
from scheduler.sender import Outgoing
from scheduler.store.tables import person
from tests.dialogues import chats
from tests.dialogues.player import Talk

DANGER = "peshab nahi ho raha"


async def _cases(talk: Talk) -> list[AlertView]:
    async with talk.world.store.read() as conn:
        return await reading.alerts(conn, talk.world.store.keys)


async def _drain(talk: Talk) -> list[Outgoing]:
    before = len(talk.world.phone.seen)
    await talk.world.dispatcher.drain()
    return talk.world.phone.seen[before:]


async def _actions(talk: Talk) -> list[tuple[str, str, Any]]:
    async with talk.world.store.read() as conn:
        rows = await conn.execute(select(audit).where(audit.c.actor.like("staff:%")).order_by(audit.c.id))
        return [(row.actor, row.action, row.detail) for row in rows]


@pytest.mark.asyncio
async def test_it_goes_to_linked_permitted_chats_and_to_nobody_else(talk: Talk) -> None:
    """A patient's words reach the linked nurse, and neither an unlinked, a disabled, nor an auditing member."""
    await talk.employ("Sister Example", chat="nurse")
    await talk.employ("Sam Example", "auditor", chat="auditor")
    await talk.employ("Dr Example", "clinician")
    gone = await talk.employ("Dr Other Example", "clinician", chat="gone")
    await gone.disable()
    await chats.joined(talk, "phone")
    said = await talk.says("phone", DANGER)
    assert {one.to for one in said} == {"phone", "nurse"}
    told = next(one for one in said if one.to == "nurse")
    assert told.kind == "alert"
    assert told.body.text.startswith("EMERGENCY: Asha Example, day 0 after disc surgery")
    assert DANGER in told.body.text
    ack, opening = told.body.buttons
    assert (ack.data, ack.url) == ("1x:ack:1", None)
    assert (opening.data, opening.url) == ("", "https://console.example/alerts#a1")


@pytest.mark.asyncio
async def test_a_role_that_loses_its_rights_hears_no_more(talk: Talk) -> None:
    """Who may know is looked up when it happens, not when the chat was linked."""
    nurse = await talk.employ("Sister Example", chat="nurse")
    async with talk.world.store.write() as conn:
        await conn.execute(update(staff_member).where(staff_member.c.id == nurse.id).values(role="auditor"))
    said = await talk.says("phone", DANGER)
    assert {one.to for one in said} == {"phone"}
    said = await talk.hand_in(talk.event("nurse", text="today"))
    assert ["Your role does not let you" in one.body.text for one in said] == [True]


@pytest.mark.asyncio
async def test_what_is_not_shared_stays_with_the_patient(talk: Talk) -> None:
    """A same-day sign of a patient who said no to sharing reaches no staff chat and no list; an emergency does."""
    await talk.employ("Sister Example", chat="nurse")
    await chats.asked_for_sharing(talk, "phone")
    await talk.says("phone", "no")
    said = await talk.says("phone", "my wound is red and has pus")
    assert {one.to for one in said} == {"phone"}
    assert await _cases(talk) == []
    said = await talk.says("phone", DANGER)
    assert {one.to for one in said} == {"phone", "nurse"}


@pytest.mark.asyncio
async def test_of_two_who_press_at_once_one_is_first(talk: Talk) -> None:
    """Two members acknowledge at the same moment: the patient is told once."""
    one = await talk.employ("Sister Example", chat="nurse")
    two = await talk.employ("Dr Example", "clinician", chat="doctor")
    await chats.joined(talk, "phone")
    await talk.says("phone", DANGER)
    first = await asyncio.gather(one.acknowledge(1), two.acknowledge(1))
    assert sorted(first) == [False, True]
    told = [outgoing for outgoing in await _drain(talk) if outgoing.to == "phone"]
    assert len(told) == 1
    assert "has seen your message at 15:00" in told[0].body.text
    assert "on the way" not in told[0].body.text
    assert [action for _, action, _ in await _actions(talk)].count("alert acknowledged") == 1


@pytest.mark.asyncio
async def test_the_same_press_twice_has_one_effect(talk: Talk) -> None:
    """The provider brings a press again: nothing more is said or written."""
    await talk.employ("Sister Example", chat="nurse")
    await talk.says("phone", DANGER)
    button, provider_id = talk.button("nurse", "Acknowledge")
    event = talk.event("nurse", Kind.BUTTON, button.label, data=button.data, reply_to=provider_id)
    said = await talk.hand_in(event)
    assert sorted(one.to for one in said) == ["nurse", "phone"]
    assert (await talk.again(event)).duplicate
    assert await _drain(talk) == []
    assert await _actions(talk) == [
        ("staff:1", "chat linked", {"address": 1}),
        ("staff:1", "alert acknowledged", {"alert": 1}),
    ]


@pytest.mark.asyncio
async def test_closing_asks_how_it_ended(talk: Talk) -> None:
    """An outcome is needed, is kept, and cannot be changed by closing again; whoever closes has seen it."""
    nurse = await talk.employ("Sister Example")
    await talk.says("phone", DANGER)
    with pytest.raises(BadRequestError):
        await nurse.close(1, "whatever")
    await nurse.close(1, "called")
    await nurse.close(1, "called")
    with pytest.raises(BadRequestError):
        await nurse.close(1, "seen")
    assert len(await _drain(talk)) == 1
    (case,) = await _cases(talk)
    assert (case.state, case.outcome, case.acknowledged_by, case.closed_by) == (
        "closed", "called", "Sister Example", "Sister Example"
    )  # fmt: skip
    with pytest.raises(NotFoundError):
        await nurse.acknowledge(99)


@pytest.mark.asyncio
async def test_several_patients_on_one_phone_are_all_named(talk: Talk) -> None:
    """Where nobody can tell whose message it is, staff are told who it may be."""
    await talk.employ("Sister Example", chat="nurse")
    await chats.joined(talk, "phone")
    second = await chats.enrolled(talk, "Ravi Example")
    for text in (second.code, "1971", "yes", "yes"):
        await talk.says("phone", text)
    said = await talk.says("phone", DANGER)
    told = next(one.body.text for one in said if one.to == "nurse")
    assert "one of Asha Example, Ravi Example, who share this phone" in told


@pytest.mark.asyncio
async def test_telling_staff_never_costs_the_patient_the_reply(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in telling staff, the emergency reply leaves and the case is there."""

    async def broken(*_: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(alerts, "announce", broken)
    (said,) = await talk.says("phone", DANGER)
    assert "112" in said.body.text
    assert [case.state for case in await _cases(talk)] == ["open"]


@pytest.mark.asyncio
async def test_an_endless_text_is_one_alert_in_one_message(talk: Talk) -> None:
    """Of very long words the beginning is shown, and the sign is named."""
    await talk.employ("Sister Example", chat="nurse")
    said = await talk.says("phone", "यह लंबा है। " * 800 + DANGER)
    told = [one for one in said if one.to == "nurse"]
    assert len(told) == 1
    assert len(told[0].body.text) < 3000


@pytest.mark.asyncio
async def test_open_ones_come_first_by_urgency_and_age(talk: Talk) -> None:
    """The list begins with the oldest open emergency and ends with what is closed."""
    nurse = await talk.employ("Sister Example")
    for chat, text in (("a", "my wound is red and has pus"), ("b", DANGER), ("c", DANGER), ("d", DANGER)):
        await talk.says(chat, text)
    await nurse.acknowledge(2)
    await nurse.close(4, "seen")
    async with talk.world.store.read() as conn:
        found = await reading.alert_list(conn, talk.world.store.keys)
        waits = await reading.waiting(conn)
    assert [case.id for case in found] == [3, 1, 2, 4]
    assert (waits.alerts, waits.acknowledged) == (2, 1)


@pytest.mark.asyncio
async def test_one_that_cannot_be_opened_hides_no_other(talk: Talk) -> None:
    """Words or a name under a lost key are shown as unreadable; the rest of the list, and alerting, go on."""
    await talk.employ("Sister Example", chat="nurse")
    await chats.joined(talk, "phone")
    await talk.says("phone", DANGER)
    lost = KeyRing.generate()
    async with talk.world.store.write() as conn:
        await conn.execute(update(alert).where(alert.c.id == 1).values(words=lost.seal("alert.words", "gone")))
        await conn.execute(update(person).values(name=lost.seal("person.name", "gone")))
    said = await talk.says("phone", "saans nahi aa rahi")
    assert {one.to for one in said} == {"phone", "nurse"}
    said = await talk.says("other", DANGER)
    assert {one.to for one in said} == {"other", "nurse"}
    newest, *_, oldest = await _cases(talk)
    assert (newest.words, newest.readable) == (DANGER, True)
    assert (oldest.words, oldest.readable) == (UNREADABLE, False)
