"""The channel over real HTTP: stored before acknowledged, self-healing, honest about what is wrong."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot import bootstrap, database, health, metrics, start
from bot.answering import Answering
from bot.bootstrap import App
from bot.channels import standing
from bot.channels.inbound import Inbound
from bot.channels.standing import Standing
from bot.channels.telegram import channel, duty, presenting
from bot.inbox import Inbox, Received
from bot.serve import serve
from bot.settings import Settings
from bot.store.tables import channel_state, inbound
from scheduler.crypto import KeyRing
from scheduler.store.engine import Store
from tests.channels.telegram.conftest import Run, until
from tests.fakes.telegram.faults import Fault
from tests.fakes.telegram.server import FakeTelegram
from tests.support.world import shipped


async def how(app: App) -> Standing:
    """How Telegram stands."""
    async with app.store.read() as conn:
        return next(iter(await standing.read(conn)), Standing("telegram", None, "not looked at yet", {}, None))


async def stands(app: App, problem: str | None) -> Standing:
    """Wait until this is what is wrong (a part of the sentence), or nothing is."""
    async with asyncio.timeout(60):
        while True:
            found = await how(app)
            if found.username and found.problem is None if problem is None else problem in (found.problem or ""):
                return found
            await asyncio.sleep(0.02)


async def events(app: App) -> list[str]:
    """Ids of what was stored, in order."""
    async with app.store.read() as conn:
        return list(await conn.scalars(select(inbound.c.event_id).order_by(inbound.c.id)))


@pytest.mark.asyncio
async def test_somebody_writes_and_is_answered(telegram: FakeTelegram, running: Run, mode: dict[str, Any]) -> None:
    """Start, a tap and a question, each answered; the tap stops waiting; in both ways in."""
    async with running(**mode) as app:
        found = await stands(app, None)
        assert (found.username, found.info["mode"]) == (telegram.username, "webhook" if mode else "polling")
        asha = telegram.user(41, "hi")
        asha.start()
        first = await asha.chat.sees("Saathi")
        asha.tap("English")
        second = await asha.chat.sees("", after=first.message_id)
        asha.type("kya main gaadi chala sakta hoon?")
        await asha.chat.sees("", after=second.message_id)
        await until(lambda: not asha.spinners)
        assert len(await events(app)) == 3
        await until(lambda: not telegram.waiting)
        assert telegram.answers[429] == 0


@pytest.mark.asyncio
async def test_telegram_unreachable_at_the_start_and_later(
    telegram: FakeTelegram, running: Run, mode: dict[str, Any]
) -> None:
    """Everything else starts; health and metrics say what is wrong; when Telegram is back, so is the channel."""
    asha = telegram.user(41)
    with telegram.unreachable():
        async with running(**mode) as app:
            await stands(app, "Telegram cannot be reached")
            found = await health.check(app)
            assert found.ok
            assert found.warnings[0].startswith("Telegram does not work now: Telegram cannot be reached.")
            assert 'saathi_channel_problem{channel="telegram"} 1.0' in (await metrics.exposition(app)).decode()
    async with running(**mode) as app:
        await stands(app, None)
        assert (await health.check(app)).warnings == ()
        with telegram.unreachable():
            if not mode:
                await stands(app, "Telegram cannot be reached")
        asha.start()
        await asha.chat.sees("Saathi")
        await stands(app, None)


@pytest.mark.asyncio
async def test_a_wrong_token_is_said(telegram: FakeTelegram, running: Run) -> None:
    """Telegram answers 401: the sentence names the setting, and never the token."""
    wrong = "700000001:a-token-that-is-not-this-bots"
    async with running(telegram_token=wrong) as app:
        found = await stands(app, "SAATHI_TELEGRAM_TOKEN")
        assert wrong not in (found.problem or "")


@pytest.mark.asyncio
async def test_another_program_that_polls_is_said(telegram: FakeTelegram, running: Run) -> None:
    """409: said in a sentence, tried again, and forgotten when it is over."""
    telegram.faults.script([Fault("conflict", "getupdates")] * 2)
    async with running() as app:
        await stands(app, "Another program")
        telegram.user(41).start()
        await telegram.chat(41).sees("Saathi")
        await stands(app, None)


@pytest.mark.asyncio
async def test_a_webhook_left_over_is_taken_away_without_losing_what_waits(
    telegram: FakeTelegram, running: Run
) -> None:
    """From webhook to polling: what people wrote in between is still answered."""
    async with running(public_url="https://saathi.example.org", telegram_webhook_secret="a-secret") as app:
        await stands(app, None)
    telegram.user(41).start()
    async with running() as app:
        await telegram.chat(41).sees("Saathi")
        assert len(await events(app)) == 1


@pytest.mark.asyncio
async def test_a_webhook_somebody_else_has_changed_is_set_again(
    telegram: FakeTelegram, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check every few minutes finds it."""
    monkeypatch.setattr(duty, "CHECK_SECONDS", 0.05)
    async with running(public_url="https://saathi.example.org", telegram_webhook_secret="a-secret") as app:
        await stands(app, None)
        async with httpx.AsyncClient() as client:
            await client.post(f"{telegram.url}/bot{telegram.token}/deleteWebhook")
        telegram.user(41).start()
        await telegram.chat(41).sees("Saathi")


@pytest.mark.asyncio
async def test_the_bot_presents_itself_once(telegram: FakeTelegram, running: Run) -> None:
    """Commands and descriptions in each language; a second start finds them unchanged and leaves them alone."""
    for _ in range(2):
        async with running() as app:
            await stands(app, None)
            await until(lambda: telegram.calls["setmyshortdescription"] == 2)
    assert [one["command"] for one in telegram.commands["default", "hi"]] == list(presenting.COMMANDS)
    assert telegram.commands["default", ""] != telegram.commands["default", "hi"]
    assert "112" in telegram.words["description", "hi"]
    assert telegram.calls["setmycommands"] == 2


@pytest.mark.asyncio
async def test_nothing_is_acknowledged_while_the_database_is_away(
    telegram: FakeTelegram, running: Run, mode: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came meanwhile waits at Telegram, and is stored and answered once afterwards."""
    away = True
    real = Inbox.receive

    async def receive(inbox: Inbox, event: Inbound) -> Received:
        if away:
            raise OperationalError("made up", None, OSError())
        return await real(inbox, event)

    monkeypatch.setattr(Inbox, "receive", receive)
    async with running(**mode) as app:
        await stands(app, None)
        telegram.user(41).start()
        await until(lambda: telegram.handed)
        telegram.user(42).start()
        assert len(telegram.waiting) == 2
        away = False
        await telegram.chat(41).sees("Saathi")
        await telegram.chat(42).sees("Saathi")
        assert len(await events(app)) == 2
        await until(lambda: not telegram.waiting)


@pytest.mark.asyncio
async def test_one_event_that_fails_by_itself_holds_up_nobody(
    telegram: FakeTelegram, running: Run, mode: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even in its own chat: after some tries it is given up."""
    real = Inbox.receive

    async def receive(inbox: Inbox, event: Inbound) -> Received:
        if event.text == "poison":
            raise ValueError(event.text)
        return await real(inbox, event)

    monkeypatch.setattr(Inbox, "receive", receive)
    async with running(**mode) as app:
        asha = telegram.user(41)
        asha.start()
        first = await asha.chat.sees("Saathi")
        asha.type("poison")
        asha.type("STOP")
        await asha.chat.sees("", after=first.message_id)
        assert len(await events(app)) == 2
        await until(lambda: not telegram.waiting)


@pytest.mark.asyncio
async def test_updates_that_come_twice_or_late_have_one_effect_each(
    telegram: FakeTelegram, running: Run, mode: dict[str, Any]
) -> None:
    """The same number is the same event."""
    telegram.faults.script_updates(["twice", "twice"])
    async with running(**mode) as app:
        telegram.user(41).start()
        telegram.user(42).start()
        await until(lambda: len(telegram.ledger) == 2 and not telegram.waiting)
        assert len(await events(app)) == 2


@pytest.mark.asyncio
async def test_blocking_and_coming_back_are_noticed(telegram: FakeTelegram, running: Run, mode: dict[str, Any]) -> None:
    """Both come as events of their own; Telegram promises no order between them and messages."""
    async with running(**mode) as app:
        asha = telegram.user(41)
        asha.start()
        await asha.chat.sees("Saathi")
        asha.block()
        asha.start()
        await until(lambda: not telegram.waiting and len(telegram.ledger) == 2)
        async with app.store.read() as conn:
            kinds = sorted(await conn.scalars(select(inbound.c.kind)))
        assert kinds == ["blocked", "text", "text", "unblocked"]


@pytest.mark.asyncio
async def test_the_token_is_in_no_log(
    telegram: FakeTelegram, running: Run, logged: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at the level of debug, whatever fails; nor what people wrote."""
    with telegram.unreachable():
        async with running() as app:
            await stands(app, "cannot be reached")
    telegram.faults.script([Fault(kind, "*") for kind in ("gateway", "nonsense", "dropped before", "conflict")])
    async with running() as app:
        telegram.user(41).start()
        await telegram.chat(41).sees("Saathi")
        telegram.faults.script([Fault(kind) for kind in ("nonsense", "broken after", "bad request")])
        for number in range(3):
            telegram.user(41).type(f"canary-{number} kya karun")
        await until(lambda: not telegram.faults.left)
    for told in (logged.getvalue(), caplog.text):
        assert telegram.token.partition(":")[2] not in told
        assert "canary-" not in told


@pytest.mark.asyncio
async def test_a_stop_does_not_wait_for_the_open_question(telegram: FakeTelegram, running: Run) -> None:
    """A long poll is given up, the lease given back."""
    async with asyncio.timeout(duty.POLL_SECONDS), running() as app:
        await stands(app, None)
        await until(lambda: telegram.calls["getupdates"])
        async with app.store.read() as conn:
            assert await conn.scalar(select(channel_state.c.holder))
    store = Store.open(app.settings.database, KeyRing.generate())
    async with store.read() as conn:
        assert await conn.scalar(select(channel_state.c.holder)) is None
    await store.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["getme", "deletewebhook", "getupdates"])
async def test_a_stop_does_not_wait_for_a_slow_telegram(telegram: FakeTelegram, running: Run, method: str) -> None:
    """Whatever is asked just then is given up."""
    telegram.faults.script([Fault("slow", method, seconds=60)])
    async with asyncio.timeout(duty.POLL_SECONDS), running():
        await until(lambda: telegram.calls[method])


@pytest.mark.asyncio
async def test_the_second_worker_waits_and_takes_over(
    telegram: FakeTelegram, postgres_url: str, tmp_path: Path, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes never fetch at once: no 409; when one stops, the other goes on."""
    monkeypatch.setattr(channel, "RENEW_SECONDS", 0.05)
    settings = Settings(
        data_dir=tmp_path,
        database_url=SecretStr(postgres_url),
        telegram_token=SecretStr(telegram.token),
        telegram_api_url=telegram.url,
    )
    stops = [asyncio.Event(), asyncio.Event()]
    apps = [await bootstrap.build(settings, content=shipped(), answering=answering) for _ in stops]
    tasks = [
        asyncio.create_task(serve(app, None, parts=("worker",), stop=stop))
        for app, stop in zip(apps, stops, strict=True)
    ]
    await stands(apps[0], None)
    telegram.user(41).start()
    await telegram.chat(41).sees("Saathi")
    stops[0].set()
    await tasks[0]
    telegram.user(42).start()
    await telegram.chat(42).sees("Saathi")
    stops[1].set()
    await tasks[1]
    assert telegram.answers[409] == 0
    for app in apps:
        await app.close()


def test_health_from_outside_knows_the_channel(telegram: FakeTelegram, tmp_path: Path) -> None:
    """`saathi health` needs no running process to say that none looks after Telegram."""
    settings = Settings(data_dir=tmp_path, telegram_token=SecretStr(telegram.token), telegram_api_url=telegram.url)
    asyncio.run(database.upgrade(settings.database))
    found = start.health(settings)
    assert found.ok
    assert "Telegram is not looked after" in found.warnings[0]
    assert found.channels == ({"channel": "telegram"},)


@pytest.mark.asyncio
async def test_one_process_looks_after_a_channel(database_url: str) -> None:
    """A lease: kept by renewing, free when given back or run out; whoever is alone need not wait."""
    store = Store.open(database_url, KeyRing.generate())
    now, lease = datetime(2026, 3, 2, tzinfo=UTC), timedelta(seconds=15)

    async def take(holder: str, after: float, *, alone: bool = False) -> bool:
        async with store.write() as conn:
            return await standing.take(conn, "telegram", holder, now + timedelta(seconds=after), lease, alone=alone)

    try:
        assert await take("first", 0)
        assert not await take("second", 5)
        assert await take("first", 10)
        assert not await take("second", 20)
        assert await take("second", 25)
        async with store.write() as conn:
            await standing.release(conn, "telegram", "first")
        assert not await take("first", 26)
        async with store.write() as conn:
            await standing.release(conn, "telegram", "second")
        assert await take("first", 27)
        assert await take("second", 28, alone=True)
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"public_url": "http://saathi.example.org"}, "https addresses only"),
        ({"public_url": "https://saathi.example.org:8000"}, "ports 443, 80, 88 and 8443"),
        ({"telegram_api_url": "http://127.0.0.1:1"}, "needs SAATHI_PUBLIC_URL"),
    ],
)
def test_a_webhook_telegram_would_refuse_stops_the_start(chosen: dict[str, str], said: str) -> None:
    """In one sentence that names the setting."""
    all_of_it: dict[str, Any] = {"telegram_token": "123456:made-up-token", "telegram_webhook_secret": "secret"} | chosen
    settings = Settings(**all_of_it)
    with pytest.raises(bootstrap.StartError, match=said):
        bootstrap.open_channels(settings, shipped())
