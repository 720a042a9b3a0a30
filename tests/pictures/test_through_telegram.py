"""Photos through Telegram's own door: stored with their update, fetched afterwards, whatever Telegram does."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.channels.port import PictureAwayError, PictureGoneError
from bot.channels.telegram import TelegramChannel
from bot.pictures.cleaning import MOST_BYTES
from bot.store.tables import picture
from scheduler import enrolments
from scheduler.people import ensure_address, set_chat_language
from scheduler.store.types import AnyRow
from tests.fakes.telegram.faults import Fault
from tests.fakes.telegram.server import FakeTelegram
from tests.pictures.images import CANARY, drawn, from_a_camera
from tests.support.world import shipped
from tests.telegram.system import System, running

pytestmark = pytest.mark.asyncio

ASHA = 90_001


@pytest_asyncio.fixture
async def system(tmp_path: Path, _sqlite_template: Path) -> AsyncIterator[System]:
    """Saathi on Telegram, and Asha, who has pressed Start and agreed to everything."""
    shutil.copyfile(_sqlite_template, tmp_path / "saathi.db")
    async with running(tmp_path, "polling") as made:
        asha = made.user(ASHA, "en")
        asha.start()
        await asha.chat.sees("")
        enrolled = await made.enrol()
        app, now = made.app, made.clock.now()
        async with app.store.write() as conn:
            address_id = await ensure_address(conn, app.store.keys, "telegram", str(ASHA), now)
            await set_chat_language(conn, address_id, "en")
            view = await enrolments.view(conn, app.store.keys, enrolled.enrolment_id)
            await enrolments.connect(conn, view.id, view.person_id, address_id, "patient", now)
            for purpose in ("reminders", "sharing"):
                await enrolments.agree(conn, app.content, view.id, view.person_id, purpose, "en", now)
        yield made


async def rows(system: System) -> list[AnyRow]:
    async with system.app.store.read() as conn:
        return list(await conn.execute(select(picture).order_by(picture.c.id)))


async def settled(system: System, count: int) -> list[AnyRow]:
    """The photos, once so many are no longer waiting; waits of minutes are skipped."""
    for _ in range(200):
        found = await rows(system)
        if len([row for row in found if row.state != "waiting"]) == count:
            return found
        due = await system.app.fetcher.next_due()
        if due is not None and due > system.clock.now():
            system.clock.set(due)
        await system.app.fetcher.tick()
    raise AssertionError("the photos were never settled")


async def test_a_photo_and_a_file_become_pictures_and_a_liar_is_refused(system: System) -> None:
    """The largest size of a photo, and a picture sent as a file, are kept; a file that only says so is not."""
    asha = system.user(ASHA)
    system.fake.faults.script([Fault("dropped before", method="getfile"), Fault("gateway", method="getfile")])
    asha.send_photo("", from_a_camera())
    await asha.chat.sees("care team will look")
    asha.send_document(drawn("WEBP"), "wound.webp", "image/webp")
    asha.send_document(b"%PDF-1.7", "wound.jpg", "image/jpeg")
    await system.taken_in()
    found = await settled(system, 3)
    assert [(row.state, row.reason) for row in found] == [("kept", None), ("kept", None), ("refused", "no-picture")]
    await asha.chat.sees("cannot be opened as a photo")
    jpeg = system.app.store.keys.open("picture.content", found[0].content)
    assert CANARY not in jpeg
    assert jpeg.startswith("/9j/")


async def test_telegrams_answers_mean_later_or_never() -> None:
    """No connection, 429, 5xx, a file that has just gone: asked again. A wrong id, too large: given up."""
    with FakeTelegram() as telegram:
        channel = TelegramChannel(telegram.token, shipped(), api_url=telegram.url)
        asha = telegram.user(ASHA, "en")
        asha.start()
        asha.send_photo("", drawn())
        file_id = asha.chat.lines[-1].raw["photo"][0]["file_id"]
        assert await channel.fetch(file_id, MOST_BYTES) == drawn()
        for fault in ("dropped before", "dropped after", "too many", "broken before", "gateway", "nonsense"):
            telegram.faults.script([Fault(fault, method="getfile")])
            with pytest.raises(PictureAwayError):
                await channel.fetch(file_id, MOST_BYTES)
        with pytest.raises(PictureGoneError) as gone:
            await channel.fetch("made-up", MOST_BYTES)
        assert gone.value.reason == "gone"
        with pytest.raises(PictureGoneError) as large:
            await channel.fetch(file_id, len(drawn()) - 1)
        assert large.value.reason == "too-large"
        await channel.close()
