"""What happened to a link is told to staff: once, and never so that somebody can flood them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.store import reading
from bot.store.reading import NoticeView
from tests.dialogues import chats
from tests.dialogues.player import Talk


async def _notices(talk: Talk) -> list[NoticeView]:
    async with talk.world.store.read() as conn:
        return await reading.notices(conn)


async def _forward(talk: Talk, code: str, times: int) -> int:
    """Somebody else opens the code so often; how often that rang at staff."""
    rang = 0
    for _ in range(times):
        rang += sum(one.to == "nurse" for one in await talk.says("other", code))
    return rang


@pytest.mark.asyncio
async def test_one_open_row_and_one_message_however_often(talk: Talk) -> None:
    """Twenty tries make one notice; after it is done a new try is a new one, which rings only after an hour."""
    nurse = await talk.employ("Sister Example", chat="nurse")
    await chats.speaking(talk, "other")
    patient = await chats.asked_for_year(talk, "phone")
    assert await _forward(talk, patient.code, 20) == 1
    (notice,) = await _notices(talk)
    assert (notice.kind, notice.enrolment_id) == ("link-forwarded", patient.enrolment_id)
    await nurse.done(notice.id)
    await nurse.done(notice.id)
    assert await _notices(talk) == []
    assert await _forward(talk, patient.code, 3) == 0
    (notice,) = await _notices(talk)
    await nurse.done(notice.id)
    talk.world.clock.set(talk.world.clock.now() + timedelta(minutes=61))
    assert await _forward(talk, patient.code, 3) == 1


@pytest.mark.asyncio
async def test_kinds_and_patients_are_told_apart(talk: Talk) -> None:
    """A locked link of one patient does not hide the forwarded one of another."""
    await chats.speaking(talk, "other")
    first = await chats.asked_for_year(talk, "phone")
    await _forward(talk, first.code, 2)
    for year in ("1960", "1961", "1962"):
        await talk.says("phone", year)
    await chats.speaking(talk, "third")
    second = await chats.enrolled(talk, "Ravi Example")
    await talk.says("third", second.code)
    await _forward(talk, second.code, 2)
    found = [(one.kind, one.enrolment_id) for one in await _notices(talk)]
    assert found == [
        ("link-forwarded", first.enrolment_id),
        ("link-locked", first.enrolment_id),
        ("link-forwarded", second.enrolment_id),
    ]
    async with talk.world.store.read() as conn:
        assert len(await reading.notices(conn, first.enrolment_id)) == 2


@pytest.mark.asyncio
async def test_the_patients_own_second_tap_is_no_news(talk: Talk) -> None:
    """Opening one's own used link again says that all is set, and tells nobody."""
    await talk.employ("Sister Example", chat="nurse")
    patient = await chats.joined(talk, "phone")
    said = await talk.says("phone", f"/start {patient.token}")
    assert ["connected already" in one.body.text for one in said] == [True]
    assert await _notices(talk) == []
