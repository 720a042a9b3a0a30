"""`/webhooks/telegram`: whoever cannot show the secret is turned away; nothing is acknowledged before it is stored."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot import bootstrap
from bot.answering import Answering
from bot.bootstrap import App
from bot.channels.inbound import Inbound
from bot.inbox import Inbox, Received
from bot.settings import Settings
from bot.store.tables import inbound
from bot.web.app import create_app
from bot.web.webhooks import MOST_BYTES
from tests.channels.telegram.conftest import PUBLIC, SECRET
from tests.channels.telegram.test_updates import message
from tests.support.world import shipped

ADDRESS = "/webhooks/telegram"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
GENUINE = {HEADER: SECRET}


@pytest_asyncio.fixture
async def app(tmp_path: Path, answering: Answering) -> AsyncIterator[App]:
    """A system that takes webhooks; its Telegram is nowhere."""
    settings = Settings(
        data_dir=tmp_path / "data",
        public_url=PUBLIC,
        telegram_token=SecretStr("123456:made-up-token"),
        telegram_api_url="http://127.0.0.1:9",
        telegram_webhook_secret=SecretStr(SECRET),
    )
    async with await bootstrap.build(settings, content=shipped(), answering=answering) as built:
        yield built


@pytest_asyncio.fixture
async def client(app: App) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever posts."""
    transport = httpx.ASGITransport(create_app(app, demo=False))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as made:
        yield made


async def stored(app: App) -> int:
    """How many events are stored."""
    async with app.store.read() as conn:
        return await conn.scalar(select(func.count()).select_from(inbound)) or 0


@pytest.mark.asyncio
@pytest.mark.parametrize("shown", [None, b"", b"wrong", SECRET.encode() + b"x", "é".encode()])
async def test_a_forged_update_is_turned_away(app: App, client: httpx.AsyncClient, shown: bytes | None) -> None:
    """No secret, a wrong one, one that is no plain text."""
    headers = {} if shown is None else {HEADER.encode(): shown}
    answer = await client.post(ADDRESS, json=message(text="hello"), headers=headers)
    assert (answer.status_code, await stored(app)) == (403, 0)


@pytest.mark.asyncio
async def test_a_genuine_update_is_stored_once(app: App, client: httpx.AsyncClient) -> None:
    """However often it is brought."""
    for _ in range(3):
        answer = await client.post(ADDRESS, json=message(text="hello"), headers=GENUINE)
        assert (answer.status_code, answer.content) == (200, b"")
    assert await stored(app) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"[" * 100_000, b'{"message": {}}', b"null", b'"x"'])
async def test_what_is_no_update_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    """Not JSON, or without a number."""
    assert (await client.post(ADDRESS, content=body, headers=GENUINE)).status_code == 400


@pytest.mark.asyncio
@pytest.mark.parametrize("update", [{"update_id": 1}, {"update_id": 1, "poll": {}}, {"update_id": 1, "message": {}}])
async def test_what_is_nothing_for_us_is_acknowledged(client: httpx.AsyncClient, update: dict[str, object]) -> None:
    """Else Telegram would bring it for a day."""
    assert (await client.post(ADDRESS, json=update, headers=GENUINE)).status_code == 200


@pytest.mark.asyncio
async def test_a_body_of_more_than_a_megabyte_is_refused(client: httpx.AsyncClient) -> None:
    """Whether its length is told beforehand or not."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 1000 + 2):
            yield b" " * 1000

    assert (await client.post(ADDRESS, content=b" " * (MOST_BYTES + 1), headers=GENUINE)).status_code == 413
    assert (await client.post(ADDRESS, content=endless(), headers=GENUINE)).status_code == 413
    long = message(text="x" * (MOST_BYTES - 1000))
    assert (await client.post(ADDRESS, content=json.dumps(long), headers=GENUINE)).status_code == 200


@pytest.mark.asyncio
async def test_while_the_database_is_away_it_has_to_come_again(
    app: App, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 and when; then it is taken."""

    async def away(inbox: Inbox, event: Inbound) -> Received:
        raise OperationalError("made up", None, OSError())

    with monkeypatch.context() as patched:
        patched.setattr(Inbox, "receive", away)
        for _ in range(5):
            answer = await client.post(ADDRESS, json=message(text="hello"), headers=GENUINE)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert (await client.post(ADDRESS, json=message(text="hello"), headers=GENUINE)).status_code == 200
    assert await stored(app) == 1


@pytest.mark.asyncio
async def test_there_is_no_address_without_a_webhook(tmp_path: Path, answering: Answering) -> None:
    """While updates are fetched, nobody may post any."""
    settings = Settings(
        data_dir=tmp_path / "data",
        telegram_token=SecretStr("123456:made-up-token"),
        telegram_api_url="http://127.0.0.1:9",
    )
    async with await bootstrap.build(settings, content=shipped(), answering=answering) as app:
        transport = httpx.ASGITransport(create_app(app, demo=False))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            assert (await client.post(ADDRESS, json=message(text="hello"))).status_code == 404
