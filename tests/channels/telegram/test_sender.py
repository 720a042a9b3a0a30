"""What becomes of a message, and what that means."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TimedOut

from bot.channels.telegram import TelegramSender, errors, transport
from bot.channels.telegram.api import Api
from bot.channels.telegram.transport import BadStatusError, LostAnswerError, NotConnectedError, WaitError
from scheduler.sender import (
    Body,
    Button,
    Halted,
    Limited,
    NotSent,
    Outcome,
    Outgoing,
    Refused,
    Sender,
    Sent,
    Unknown,
    Unreachable,
)
from tests.channels.telegram.test_updates import NOW
from tests.fakes.telegram.faults import Fault
from tests.fakes.telegram.server import TOKEN, FakeTelegram

WORDS = "Sit & rest <b>now</b>"
MESSAGE = Outgoing(1, "41", Body(WORDS, (Button("Yes", "1a:1:pain:yes"),)), "reply", None)


@pytest_asyncio.fixture
async def sender(telegram: FakeTelegram) -> AsyncIterator[TelegramSender]:
    """A sender, and one person who has pressed Start."""
    telegram.crowd(41, 1)
    api = Api.open(telegram.token, telegram.url)
    yield TelegramSender(api)
    await api.close_connections()


async def answered(status: int, answer: bytes, headers: str = "") -> Outcome:
    """What becomes of a message when the server says just this."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(answer)}\r\nConnection: close\r\n{headers}\r\n"
        writer.write(head.encode() + answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    api = Api.open(TOKEN, f"http://{host}:{port}")
    try:
        return await TelegramSender(api).send(MESSAGE)
    finally:
        await api.close_connections()
        server.close()


def no(description: str, **parameters: Any) -> bytes:
    """A refusal as the Bot API writes it."""
    told = {"ok": False, "error_code": 400, "description": f"Bad Request: {description}"}
    return json.dumps(told | ({"parameters": parameters} if parameters else {})).encode()


@pytest.mark.asyncio
async def test_it_is_sent_as_it_stands(sender: TelegramSender, telegram: FakeTelegram) -> None:
    """Signs of HTML are shown, buttons carry what they should, and the message's number comes back."""
    outcome = await sender.send(MESSAGE)
    line = telegram.chat(41).last
    assert outcome == Sent(str(line.message_id))
    assert line.text == WORDS
    assert [[(key.label, key.data) for key in row] for row in line.keys] == [[("Yes", "1a:1:pain:yes")]]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("fault", "outcome", "arrived"),
    [
        (Fault("too many", seconds=7), Limited(7.0), False),
        (Fault("forbidden"), Unreachable("deactivated"), False),
        (Fault("bad request"), Unreachable("user-not-found"), False),
        (Fault("broken before"), Unknown("http-500"), False),
        (Fault("broken after"), Unknown("http-500"), True),
        (Fault("gateway"), Unknown("http-502"), False),
        (Fault("dropped before"), Unknown("answer-lost"), False),
        (Fault("dropped after"), Unknown("answer-lost"), True),
        (Fault("nonsense"), Unknown("answer-lost"), True),
        (Fault("conflict"), NotSent("conflict"), False),
    ],
)
async def test_each_fault_means_what_it_means(
    sender: TelegramSender, telegram: FakeTelegram, fault: Fault, outcome: Outcome, *, arrived: bool
) -> None:
    """Whatever may have arrived is unknown; all else says whether another try makes sense."""
    telegram.faults.script([fault])
    assert await sender.send(MESSAGE) == outcome
    assert bool(telegram.ledger) == arrived


@pytest.mark.asyncio
async def test_an_answer_that_does_not_come_is_unknown(sender: TelegramSender, telegram: FakeTelegram) -> None:
    """The request had left."""
    api = Api.open(telegram.token, telegram.url, answer_seconds=0.1)
    telegram.faults.script([Fault("slow", seconds=2)])
    assert await TelegramSender(api).send(MESSAGE) == Unknown("answer-lost")
    assert telegram.ledger
    await api.close_connections()


@pytest.mark.asyncio
async def test_no_connection_means_not_sent(sender: TelegramSender, telegram: FakeTelegram) -> None:
    """Nobody listens, or nobody takes the call: certainly not sent."""
    with telegram.unreachable():
        assert await sender.send(MESSAGE) == NotSent("no-connection")
    assert isinstance(await sender.send(MESSAGE), Sent)


@pytest.mark.asyncio
async def test_no_free_connection_means_not_sent(telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    """All connections are busy for too long: this message has not left."""
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.1)
    telegram.crowd(41, 2)
    api = Api.open(telegram.token, telegram.url, connections=1)
    sender = TelegramSender(api)
    telegram.faults.script([Fault("slow", seconds=0.6)])
    busy = asyncio.create_task(sender.send(MESSAGE))
    await asyncio.sleep(0.1)
    assert await sender.send(replace(MESSAGE, to="42")) == NotSent("no-connection")
    assert isinstance(await busy, Sent)
    await api.close_connections()


@pytest.mark.asyncio
async def test_a_server_that_takes_no_calls_means_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting itself takes too long."""
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        api = Api.open(TOKEN, f"https://127.0.0.1:{deaf.getsockname()[1]}")
        assert await TelegramSender(api).send(MESSAGE) == NotSent("no-connection")
        deaf.listen()
        # It takes the call and never begins to encrypt.
        assert await TelegramSender(api).send(MESSAGE) == NotSent("no-connection")
        await api.close_connections()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("status", "answer", "headers", "outcome"),
    [
        (400, no("chat not found"), "", Unreachable("chat-not-found")),
        (400, no("message is too long"), "", Refused("text-too-long")),
        (400, no("BUTTON_DATA_INVALID"), "", Refused("button-data")),
        (400, no("what is new in 2030: canary"), "", Refused("bad-request")),
        (400, b"<html>canary", "", Refused("bad-request")),
        (401, no("Unauthorized"), "", Halted("token")),
        (404, no("Not Found"), "", Halted("token")),
        (403, no("bot was blocked by the user"), "", Unreachable("blocked")),
        (403, no("something new"), "", Unreachable("forbidden")),
        (429, b"slow down", "Retry-After: 9\r\n", Limited(9.0)),
        (429, b"slow down", "", Limited(5.0)),
        (429, no("x", retry_after=3), "", Limited(3.0)),
        (413, b"", "", NotSent("http-413")),
        (302, b"", "Location: http://127.0.0.1:9/\r\n", NotSent("http-302")),
        (503, b"", "", Unknown("http-503")),
        (200, b"[]", "", Unknown("answer-lost")),
        (200, b"<html>", "", Unknown("answer-lost")),
    ],
)
async def test_each_answer_means_what_it_means(status: int, answer: bytes, headers: str, outcome: Outcome) -> None:
    """What is stored is a short name of ours, never words of the answer: they may quote the message."""
    assert await answered(status, answer, headers) == outcome


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NotConnectedError("x"), NotSent("no-connection")),
        (LostAnswerError("x"), Unknown("answer-lost")),
        (TimedOut(), Unknown("answer-lost")),
        (NetworkError("x"), Unknown("answer-lost")),
        (WaitError(4), Limited(4)),
        (BadStatusError(500), Unknown("http-500")),
        (BadRequest("x"), Refused("bad-request")),
        (Forbidden("x"), Unreachable("forbidden")),
        (ChatMigrated(-100), Refused("chat-migrated")),
        (InvalidToken("x"), Halted("token")),
        (Conflict("x"), NotSent("conflict")),
    ],
)
def test_the_library_own_errors(error: Any, outcome: Outcome) -> None:
    """In the order that its class tree needs: a refusal is a kind of network error there."""
    assert errors.outcome(error) == outcome
    assert 0 < len(errors.problem(error)) <= 120


@pytest.mark.asyncio
async def test_what_cannot_be_parsed_goes_as_plain_text(
    sender: TelegramSender, telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should a sign ever slip through: the reminder arrives all the same, once."""
    monkeypatch.setattr("bot.channels.telegram.formatting.html", lambda text: f"<odd>{text}")
    assert isinstance(await sender.send(MESSAGE), Sent)
    assert [seen.text for seen in telegram.ledger] == [WORDS]


@pytest.mark.asyncio
async def test_a_group_that_moved_is_followed() -> None:
    """Once: a server that sends us round in circles is a refusal."""
    assert await answered(400, no("group chat was upgraded", migrate_to_chat_id=-100)) == Refused("chat-migrated")


@pytest.mark.asyncio
async def test_the_law(sender: Sender, telegram: FakeTelegram) -> None:
    """What Telegram would refuse is refused before it leaves; the rest may leave at any time."""
    assert sender.law(MESSAGE, NOW) is None
    assert "no Telegram chat" in (sender.law(replace(MESSAGE, to="+919000000001x"), NOW) or "")
    assert "longer" in (sender.law(replace(MESSAGE, body=Body("a" * 5000)), NOW) or "")
