"""Linking a member's own chat, and what such a chat can do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.channels.inbound import Kind
from bot.conversation.flows.staff import ACTIONS
from bot.staff.access import Permission
from tests.dialogues import chats
from tests.dialogues.chats import texts
from tests.dialogues.player import Talk

DANGER = "peshab nahi ho raha"
UNKNOWN = "can my brother bring his parrot to my room"


def test_everything_staff_can_do_in_a_chat_needs_a_permission() -> None:
    """No action of a staff chat is free for all."""
    assert all(isinstance(action.permission, Permission) for action in ACTIONS.values())


@pytest.mark.asyncio
async def test_a_code_works_once_and_for_a_quarter_of_an_hour(talk: Talk) -> None:
    """A used, old or invented code links nothing and says so."""
    nurse = await talk.employ("Sister Example")
    code = await nurse.code()
    talk.world.clock.set(talk.world.clock.now() + timedelta(minutes=16))
    assert "does not work any more" in texts(await talk.says("nurse", f"/start s_{code}"))[0]
    assert "does not work any more" in texts(await talk.says("nurse", "/start s_QQQQQQQQ"))[0]
    fresh = await nurse.code()
    typed = f"{fresh[:4].lower()}-{fresh[4:].lower()}"
    assert "Hello Sister Example" in texts(await talk.says("nurse", typed))[0]
    assert "does not work any more" in texts(await talk.says("stranger", f"/start s_{fresh}"))[0]
    assert (await nurse.staff()).address_id is not None


@pytest.mark.asyncio
async def test_a_patients_token_may_begin_like_a_code_of_staff(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens are random: one of four thousand begins with the letters that mark a code of staff."""
    monkeypatch.setattr("secrets.token_urlsafe", lambda _bytes: "s_" + "A" * 22)
    patient = await chats.enrolled(talk)
    await chats.speaking(talk, "phone")
    assert "year of birth" in texts(await talk.says("phone", f"/start {patient.token}"))[0]


@pytest.mark.asyncio
async def test_a_disabled_member_cannot_link(talk: Talk) -> None:
    """A code made before is dead."""
    nurse = await talk.employ("Sister Example")
    code = await nurse.code()
    await nurse.disable()
    assert "does not work any more" in texts(await talk.says("nurse", f"/start s_{code}"))[0]


@pytest.mark.asyncio
@pytest.mark.parametrize("data", ["1x:ack:1", "1x:today", "1x:unlink", "1x:send:1", "1x:answer:1"])
async def test_buttons_for_staff_do_nothing_in_other_chats(talk: Talk, data: str) -> None:
    """Whoever sends such data without being linked is told kindly that it is not theirs."""
    await talk.employ("Sister Example", chat="nurse")
    await chats.joined(talk, "phone")
    await talk.says("phone", DANGER)
    said = await talk.hand_in(talk.event("phone", Kind.BUTTON, "", data=data))
    assert texts(said) == ["This button belongs to another chat, so I cannot use it here."]


@pytest.mark.asyncio
@pytest.mark.parametrize("data", ["1x", "1x:", "1x:ack:x", "1x:ack:1:2", "1x:nothing:1", "1x:ack:²"])
async def test_buttons_nobody_made_are_answered_kindly(talk: Talk, data: str) -> None:
    """Broken data in a linked chat breaks nothing."""
    await talk.employ("Sister Example", chat="nurse")
    said = await talk.hand_in(talk.event("nurse", Kind.BUTTON, "", data=data))
    assert len(said) == 1
    assert "no longer works" in said[0].body.text


@pytest.mark.asyncio
async def test_staff_who_are_family_too_keep_the_two_apart(talk: Talk) -> None:
    """Check-ins, questions, STOP and START work for the patient; staff's own words work beside them."""
    await chats.asked_in_checkin(talk, "phone")
    await talk.employ("Sister Example", chat="phone")
    assert "Leg pain" in texts(await talk.says("phone", "4"))[0]
    assert "Day 1: Asha Example" in texts(await talk.says("phone", "/today"))[0]
    assert "I have passed this on" in texts(await chats.asks_team(talk, "phone", UNKNOWN))[0]
    stopped = texts(await talk.says("phone", "STOP"))
    assert "No more messages will come" in stopped[0]
    assert "Alerts and questions still come here" in stopped[1]
    assert "start again" in texts(await talk.says("phone", "/start"))[0]
    assert len(await talk.says("phone", "/help")) == 2


@pytest.mark.asyncio
async def test_an_answer_that_reads_like_an_alarm_is_not_silently_swallowed(talk: Talk) -> None:
    """Triage comes first for staff as well; then it is said that the patient did not get it, and it was not sent."""
    await talk.employ("Sister Example", chat="nurse")
    await talk.says("phone", "English")
    await chats.asks_team(talk, "phone", UNKNOWN)
    reply_to = talk.message("nurse", "parrot")
    said = await talk.says("nurse", "I have chest pain", reply_to=reply_to)
    assert {one.to for one in said} == {"nurse"}
    assert "112" in said[0].body.text
    assert "not sent to the patient" in said[-1].body.text


@pytest.mark.asyncio
async def test_every_button_works_by_typing(talk: Talk) -> None:
    """Telegram drops presses after an outage: Answer and Send it are typed here."""
    await talk.employ("Sister Example", chat="nurse")
    await talk.says("phone", "English")
    await chats.asks_team(talk, "phone", UNKNOWN)
    assert "write your answer" in texts(await talk.says("nurse", "answer"))[0]
    assert "Send this to" in texts(await talk.says("nurse", "At home, please."))[0]
    said = await talk.says("nurse", "send it")
    assert any(one.to == "phone" and "Sister Example, care team: At home, please." in one.body.text for one in said)


@pytest.mark.asyncio
async def test_photos_and_stickers_of_staff_get_what_can_be_done(talk: Talk) -> None:
    """Nothing in a linked chat is met with silence."""
    await talk.employ("Sister Example", chat="nurse")
    for kind in (Kind.PHOTO, Kind.STICKER, Kind.VOICE):
        (said,) = await talk.hand_in(talk.event("nurse", kind))
        assert "this chat is linked for staff" in said.body.text
