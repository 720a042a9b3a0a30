"""A photo a patient sends: kept for the care team and for nobody else, whatever happens on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot import backup, restore, sealing
from bot.channels.inbound import Kind
from bot.channels.port import PictureAwayError
from bot.channels.simulator import CHANNEL, Phone, SimulatorPictures
from bot.pictures.fetching import MOST_A_DAY, WAITS, Fetcher
from bot.staff.tables import staff_notice
from bot.store import reading
from bot.store.tables import alert_report, audit, picture
from scheduler import enrolments, outbox
from scheduler.crypto import KeyRing
from scheduler.people import ensure_address
from scheduler.policy import REPLY
from scheduler.sender import Body
from scheduler.store.engine import Store
from scheduler.store.types import AnyRow
from tests.pictures.images import CANARY, drawn, everything_in, from_a_camera
from tests.support.console import house
from tests.support.ward import Ward, settle

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def ward(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Ward]:
    """Asha, who agreed to share, on her phone `ward-phone`; staff of each role."""
    async with house(tmp_path, sqlite_url, demo=True) as made:
        ward = await settle(made)
        # The first photo of the ward is a minute old.
        made.clock.set(made.clock.now() + timedelta(minutes=5))
        yield ward


def phone(ward: Ward, address: str = "ward-phone") -> Phone:
    return Phone(address, ward.house.app.inbox, ward.house.clock)


async def rows(ward: Ward) -> list[AnyRow]:
    """Every photo but the one the ward began with."""
    async with ward.house.app.store.read() as conn:
        found = await conn.execute(select(picture).where(picture.c.id != ward.photo).order_by(picture.c.id))
        return list(found)


async def said(ward: Ward, address: str = "ward-phone") -> list[str]:
    """What the bot wrote in a chat, oldest first."""
    app = ward.house.app
    async with app.store.write() as conn:
        address_id = await ensure_address(conn, app.store.keys, CHANNEL, address, ward.house.clock.now())
        return [line.text for line in await reading.chat(conn, app.store.keys, address_id) if line.out]


async def test_staff_see_the_photo_and_nothing_the_camera_wrote(ward: Ward, tmp_path: Path) -> None:
    """It is on the patient's page for permitted staff, each look at it is in the audit trail, and it can be deleted."""
    app, path = ward.house.app, f"/patients/{ward.patient}"
    await phone(ward).send_picture(from_a_camera(), "")
    words = (await said(ward))[-1]
    assert "care team will look" in words
    assert "round the clock" in words
    assert "112" in words
    await app.fetcher.tick()
    (row,) = await rows(ward)
    assert (row.state, row.source, row.due_at) == ("kept", None, None)
    async with ward.house.logged_in(ward.staff["nurse"]) as nurse:
        page = (await nurse.get(path)).text
        assert f'href="{path}/photos/{row.id}"' in page
        assert "A photo came" in page
        shown = await nurse.get(f"{path}/photos/{row.id}")
        assert shown.headers["content-type"] == "image/jpeg"
        assert shown.headers["cache-control"] == "no-store"
        assert shown.content.startswith(b"\xff\xd8")
        assert CANARY.encode() not in shown.content
        # Not through another patient's page, and none that is not there.
        assert (await nurse.get(f"/patients/{ward.invited}/photos/{row.id}")).status_code == 404
        assert (await nurse.get(f"{path}/photos/999999")).status_code == 404
        assert (await nurse.post(f"{path}/photo", photo=str(row.id))).status_code == 303
        assert (await nurse.get(f"{path}/photos/{row.id}")).status_code == 404
        assert "Deleted: by the care team" in (await nurse.get(path)).text
    async with ward.house.logged_in(ward.staff["auditor"]) as auditor:
        assert (await auditor.get(f"{path}/photos/{ward.photo}")).status_code == 403
    async with app.store.read() as conn:
        noted = (await conn.scalars(select(audit.c.action).where(audit.c.enrolment_id == ward.patient))).all()
        assert (noted.count("photo seen"), noted.count("photo deleted")) == (1, 1)
    assert [one.content for one in await rows(ward)] == [None]


async def test_a_caption_passes_triage_and_the_photo_is_kept_all_the_same(ward: Ward) -> None:
    """A red flag under a photo is answered and alerted first; the photo goes to the team with it."""
    await phone(ward).send_picture(drawn(), "pus is coming from the wound and I have fever")
    await ward.house.app.fetcher.tick()
    async with ward.house.app.store.read() as conn:
        # It joined the case the ward began with.
        signs = (await conn.scalars(select(alert_report.c.sign))).all()
    assert signs == ["RF09"]
    assert "0522-000-0100" in (await said(ward))[-1]
    assert [row.state for row in await rows(ward)] == ["kept"]


async def test_several_photos_of_one_hand_are_answered_once(ward: Ward) -> None:
    """An album comes photo by photo: all are kept, one reply is enough; a day's flood ends."""
    before = len(await said(ward))
    for colour in ("red", "green", "blue"):
        await phone(ward).send_picture(drawn(colour=colour))
    assert len(await said(ward)) == before + 1
    for _ in range(MOST_A_DAY):
        await phone(ward).send_picture(drawn())
    await ward.house.app.fetcher.tick()
    states = [row.state for row in await rows(ward)]
    # One more was kept when the ward was made.
    assert states.count("kept") == MOST_A_DAY - 1
    assert {row.reason for row in await rows(ward) if row.state != "kept"} == {"too-many"}
    assert "many photos today" in (await said(ward))[-1]


async def test_what_cannot_be_kept_is_said_kindly_and_staff_know(ward: Ward) -> None:
    """Not a picture, HEIC, too many pixels: nothing is kept, the patient reads what to do, staff read why."""
    kinds = {
        "no-picture": (b"%PDF-1.7 wound.jpg", "cannot be opened as a photo"),
        "heic": (b"\x00\x00\x00\x18ftypheic" + bytes(64), "not as a file"),
        "too-large": (drawn("PNG", (5100, 5000)), "too large"),
    }
    for reason, (content, words) in kinds.items():
        await phone(ward).send_picture(content)
        await ward.house.app.fetcher.tick()
        row = (await rows(ward))[-1]
        assert (row.state, row.reason, row.content, row.source) == ("refused", reason, None, None)
        assert words in (await said(ward))[-1]
    async with ward.house.app.store.read() as conn:
        kinds_noted = set(await conn.scalars(select(staff_notice.c.kind)))
    assert "photo-lost" in kinds_noted
    async with ward.house.logged_in(ward.staff["nurse"]) as nurse:
        assert "Not kept: it was no picture" in (await nurse.get(f"/patients/{ward.patient}")).text


async def test_nothing_is_kept_of_strangers_and_of_those_who_did_not_agree(ward: Ward) -> None:
    """The event is stored without its picture, and the reply says that nobody sees it here."""
    app = ward.house.app
    async with ward.house.logged_in(ward.staff["nurse"]) as nurse:
        assert f"/photos/{ward.photo}" in (await nurse.get(f"/patients/{ward.patient}")).text
        stranger = phone(ward, "stranger")
        await stranger.send_picture(drawn())
        assert "nobody sees it here" in (await said(ward, "stranger"))[-1]
        async with app.store.write() as conn:
            view = await enrolments.view(conn, app.store.keys, ward.patient)
            now = ward.house.clock.now()
            await enrolments.withdraw(conn, app.content, ward.patient, view.person_id, "sharing", now, "chat")
        await phone(ward).send_picture(drawn())
        assert "not agreed to share" in (await said(ward))[-1]
        assert await rows(ward) == []
        # What came before is not shown any more either.
        assert (await nurse.get(f"/patients/{ward.patient}/photos/{ward.photo}")).status_code == 404
        assert "/photos/" not in (await nurse.get(f"/patients/{ward.patient}")).text


class Trouble(SimulatorPictures):
    """A provider that does not answer `left` times."""

    def __init__(self, left: int) -> None:
        self.left = left

    async def fetch(self, source: str, most: int) -> bytes:
        self.left -= 1
        if self.left >= 0:
            raise PictureAwayError
        return await super().fetch(source, most)


async def test_a_provider_that_is_away_is_asked_again_and_given_up_in_the_end(ward: Ward) -> None:
    """Later and later, so that a short trouble costs nothing; after the last try everybody is told."""
    app, clock = ward.house.app, ward.house.clock

    async def wait(fetcher: Fetcher) -> None:
        while (due := await fetcher.next_due()) is not None:
            clock.set(max(due, clock.now()))
            assert await fetcher.tick() == 1

    def fetcher(left: int) -> Fetcher:
        return Fetcher(app.store, app.content, clock, {CHANNEL: Trouble(left)})

    await phone(ward).send_picture(drawn())
    await wait(fetcher(len(WAITS)))
    assert (await rows(ward))[-1].state == "kept"
    await phone(ward).send_picture(drawn())
    await wait(fetcher(len(WAITS) + 1))
    row = (await rows(ward))[-1]
    assert (row.state, row.reason) == ("lost", "no-answer")
    assert "did not reach us" in (await said(ward))[-1]


async def test_whoever_is_killed_over_a_photo_loses_nothing(ward: Ward) -> None:
    """The photo is stored with its event; a process that took it up and died leaves it to the next one."""
    app, clock = ward.house.app, ward.house.clock
    await phone(ward).send_picture(drawn())
    (row,) = await rows(ward)
    assert row.state == "waiting"

    class Killed(SimulatorPictures):
        async def fetch(self, source: str, most: int) -> bytes:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await Fetcher(app.store, app.content, clock, {CHANNEL: Killed()}).tick()
    # Not at once: the dead one might still be at it.
    assert await app.fetcher.tick() == 0
    clock.set((await rows(ward))[0].due_at)
    other = Fetcher(app.store, app.content, clock, {CHANNEL: SimulatorPictures()})
    await app.fetcher.tick()
    await other.tick()
    assert [(row.state, row.tries) for row in await rows(ward)] == [("kept", 2)]


async def test_the_same_event_twice_keeps_one_photo(ward: Ward) -> None:
    """As with everything that comes in."""
    event = replace(phone(ward).event(Kind.PHOTO), picture="eA==")
    for _ in range(2):
        await phone(ward).receive(event)
    assert len(await rows(ward)) == 1


async def test_photos_are_sealed_saved_rotated_and_deleted_in_time(ward: Ward, tmp_path: Path) -> None:
    """Nothing of a photo can be read in the database's files, nor in a backup, which brings it back; a new key seals
    it again; after `photo_days` it is gone."""
    app, clock = ward.house.app, ward.house.clock
    sent = drawn("JPEG", (300, 200), "red", comment=CANARY.encode())
    await phone(ward).send_picture(sent)
    waiting = everything_in(tmp_path)
    await app.fetcher.tick()
    (kept,) = await rows(ward)
    for stored in (waiting, everything_in(tmp_path)):
        assert CANARY.encode() not in stored
        assert b"\xff\xd8\xff\xe0" not in stored
        assert b"/9j/4" not in stored
    file = tmp_path / "saved"
    await backup.write(app.store, file, clock.now())
    await restore.restore(app.store, file, clock.now(), force=True)
    (again,) = await rows(ward)
    assert again.content == kept.content
    ring = KeyRing.parse(app.store.keys.spec()).rotated()
    other = Store.open(app.settings.database, ring)
    try:
        assert await sealing.seal_again(other) > 0
    finally:
        await other.close()
    (newest,) = await rows(ward)
    assert ring.is_current(newest.content)
    assert ring.open("picture.content", newest.content) == app.store.keys.open("picture.content", kept.content)
    clock.set(clock.now() + timedelta(days=int(app.content.clinic["photo_days"])))
    await app.fetcher.forget_old()
    assert [(row.state, row.reason, row.content) for row in await rows(ward)] == [("deleted", "too old", None)]


async def test_the_demos_phone_sends_a_photo_and_shows_a_picture(ward: Ward) -> None:
    """A plain form with a file in it; what is no form, or holds no file, is refused in a sentence."""
    app = ward.house.app
    async with ward.house.browser() as browser:
        client = browser.client
        sent = {"photo": ("wound.png", drawn(), "image/png")}
        answer = await client.post("/demo/api/photo", data={"chat": "ward-phone"}, files=sent)
        assert answer.headers["location"] == "/demo?chat=ward-phone"
        assert [row.state for row in await rows(ward)] == ["kept"]
        empty = await client.post("/demo/api/photo", data={"chat": "ward-phone"}, files={"photo": ("", b"")})
        assert empty.status_code == 422
        assert (await client.post("/demo/api/photo", content=b"x")).status_code == 400
        async with app.store.write() as conn:
            address_id = await ensure_address(conn, app.store.keys, CHANNEL, "ward-phone", ward.house.clock.now())
            message_id = await outbox.put(
                conn, app.store.keys, address_id=address_id, channel=CHANNEL, kind=REPLY, now=ward.house.clock.now(),
                body=Body("See", (), drawn()),
            )  # fmt: skip
        await app.dispatcher.drain()
        page = (await client.get("/demo?chat=ward-phone")).text
        assert f'src="/demo/pictures/{message_id}"' in page
        assert (await client.get(f"/demo/pictures/{message_id}")).content == drawn()
        assert (await client.get("/demo/pictures/999999")).status_code == 404
