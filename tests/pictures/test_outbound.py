"""A message may carry a picture: it is stored sealed, leaves with its text, and never costs the message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot.channels.simulator import SimulatorSender
from bot.channels.telegram import TelegramSender
from bot.channels.telegram.api import Api
from scheduler import outbox
from scheduler.policy import REPLY
from scheduler.sender import Body, Button, Limited, Outgoing, Refused, Sent, Unknown
from scheduler.splitting import MOST_CAPTION, captioned, split
from tests.fakes.telegram.faults import Fault
from tests.fakes.telegram.server import FakeTelegram
from tests.pictures.images import drawn, everything_in
from tests.support.world import World

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PICTURE = drawn()
YES = (Button("Yes", "1a:1:pain:yes"),)
MESSAGE = Outgoing(1, "41", Body("Scan <this> & rest", YES, PICTURE), REPLY, None)


@pytest_asyncio.fixture
async def sender() -> AsyncIterator[tuple[TelegramSender, FakeTelegram]]:
    """A sender, and Telegram with one person who has pressed Start."""
    with FakeTelegram() as telegram:
        telegram.crowd(41, 1)
        api = Api.open(telegram.token, telegram.url)
        yield TelegramSender(api), telegram
        await api.close_connections()


@pytest.mark.asyncio
async def test_telegram_shows_the_picture_above_text_and_buttons(sender: tuple[TelegramSender, FakeTelegram]) -> None:
    """What was drawn arrives byte for byte, with the text as its caption; a text alone still goes as a text."""
    way, telegram = sender
    assert isinstance(await way.send(MESSAGE), Sent)
    line = telegram.chat(41).last
    assert (line.picture, line.text, line.labels) == (PICTURE, "Scan <this> & rest", ["Yes"])
    assert isinstance(await way.send(replace(MESSAGE, body=Body("Rest"))), Sent)
    assert telegram.chat(41).last.picture is None


@pytest.mark.asyncio
async def test_a_picture_telegram_refuses_costs_the_picture_alone(sender: tuple[TelegramSender, FakeTelegram]) -> None:
    """It was certainly not shown, so the text goes by itself."""
    way, telegram = sender
    assert isinstance(await way.send(replace(MESSAGE, body=Body("Scan", YES, b"no picture"))), Sent)
    long = drawn(size=(2, 100))
    assert isinstance(await way.send(replace(MESSAGE, body=Body("Rest", (), long))), Sent)
    assert [(line.text, line.picture) for line in telegram.chat(41).lines if not line.mine] == [
        ("Scan", None),
        ("Rest", None),
    ]


@pytest.mark.asyncio
async def test_failures_mean_what_they_mean_for_a_text(sender: tuple[TelegramSender, FakeTelegram]) -> None:
    """A lost answer is unknown and is not followed by a second call; a 429 makes everybody wait."""
    way, telegram = sender
    telegram.faults.script([Fault("dropped after", method="sendphoto"), Fault("too many", method="sendphoto")])
    assert isinstance(await way.send(MESSAGE), Unknown)
    assert telegram.calls["sendphoto"] == 1
    assert "sendmessage" not in telegram.calls
    assert isinstance(await way.send(MESSAGE), Limited)


@pytest.mark.asyncio
async def test_the_text_under_a_picture_is_no_longer_than_a_caption(
    sender: tuple[TelegramSender, FakeTelegram],
) -> None:
    """The channel's law says so beforehand, and the simulator refuses what Telegram would refuse."""
    way, _ = sender
    long = replace(MESSAGE, body=Body("a" * (MOST_CAPTION + 1), YES, PICTURE))
    assert way.law(MESSAGE, NOW) is None
    assert "picture" in (way.law(long, NOW) or "")
    assert await SimulatorSender().send(long) == Refused("caption-too-long")


def test_a_long_text_follows_in_parts_of_its_own() -> None:
    """The picture goes with the first part, the buttons stand under the last; a single message goes bare."""
    text = "\n\n".join("word " * 100 for _ in range(5)).strip()
    first, *rest = split(Body(text, YES, PICTURE), 3900)
    assert first.picture == PICTURE
    assert len(first.text) <= MOST_CAPTION
    assert first.buttons == ()
    assert [(part.picture, part.buttons) for part in rest] == [(None, YES)]
    assert captioned(Body(text, YES, PICTURE)) == Body(text, YES)
    short = Body("Scan", YES, PICTURE)
    assert split(short, 3900) == (short,)
    assert captioned(short) is short


@pytest.mark.asyncio
async def test_it_is_stored_sealed_and_sent_from_there(sqlite_url: str, tmp_path: Path) -> None:
    """Neither the picture nor its base64 can be read in the database; a body stored without one still opens."""
    world = World.build(sqlite_url)
    _, address = await world.patient()
    async with world.store.write() as conn:
        await outbox.put(
            conn, world.store.keys, address_id=address, channel="simulator", kind=REPLY, now=world.clock.now(),
            body=MESSAGE.body,
        )  # fmt: skip
    await world.dispatcher.drain()
    assert world.phone.seen[-1].body == MESSAGE.body
    keys = world.store.keys
    assert outbox.open_body(keys, keys.seal("message.body", '["Rest",[["Yes","1a"]]]')) == Body(
        "Rest", (Button("Yes", "1a"),)
    )
    await world.close()
    stored = everything_in(tmp_path)
    assert PICTURE[:24] not in stored
    assert b"iVBORw0K" not in stored
