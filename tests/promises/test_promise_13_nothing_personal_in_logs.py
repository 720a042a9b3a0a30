"""Promise 13: nobody's text, name or number in a log, metric, trace or error."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import update

from bot import bootstrap, driver, health, logs, metrics
from bot.answering import Answering
from bot.bootstrap import App
from bot.channels.inbound import Kind
from bot.channels.simulator import Phone, SimulatorSender
from bot.settings import Settings
from bot.simulate.reading import Reading
from bot.web.app import create_app
from scheduler import enrolments, outbox, people
from scheduler.clock import SettableClock
from scheduler.enrolments import NewEnrolment
from scheduler.plans import MedicineTimes
from scheduler.sender import Outcome, Outgoing, Unknown
from scheduler.store.tables import message
from tests.support.answering import shipped_answering
from tests.support.world import shipped

NAME = "Zebrawati Canary"
NUMBER = "9000000077"
CHAT = "canarychat55"
WORDS = "peacock feather ache"
MEDICINE = "Canaryzepam"
CANARIES = ("Zebrawati", "Canary", NUMBER, "90000 00077", "canarychat", "peacock", "feather", "1957")
NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


class BadSender(SimulatorSender):
    """Fails in every way a channel can, each time quoting what it was to send."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    async def send(self, outgoing: Outgoing) -> Outcome:
        self.calls += 1
        if self.calls % 5 == 1:
            raise RuntimeError(f"could not send {outgoing.body.text} to {outgoing.to}")
        if self.calls % 5 == 2:
            return Unknown("answer-lost")
        return await super().send(outgoing)


@pytest.fixture(params=["json", "console"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything the process logs, at the most talkative level."""
    root = logging.getLogger()
    before = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("debug", request.param, stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


async def play(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enrol, join, talk, report trouble, break flows, rows and the channel, stop."""
    times = MedicineTimes((time(14),), date(2026, 3, 2), 3, label=MEDICINE)
    async with app.store.write() as conn:
        request = NewEnrolment(
            name=NAME, language="en", journey="mis-tlif", surgery_on=date(2026, 3, 2), phone=f"+91 {NUMBER}",
            year_of_birth=1957, medicine=(times,),
        )  # fmt: skip
        made = await enrolments.enrol(conn, app.store.keys, app.content, request, app.clock.now())
    phone = Phone(CHAT, app.inbox, app.clock)
    await phone.type(f"/start {made.token}")
    reading = Reading(app.content)
    seen: set[int] = set()
    for _ in range(8):
        await driver.advance(app, app.clock.now() + timedelta(minutes=1))
        async with app.store.read() as conn:
            address_id = await people.find_address(conn, app.store.keys, "simulator", CHAT)
            assert address_id is not None
            lines = [one for one in await outbox.transcript(conn, app.store.keys, address_id) if one.id not in seen]
        for line in lines:
            seen.add(line.id)
            buttons = {reading.means(button): button for button in line.body.buttons} if line.body else {}
            if line.body and reading.is_reply(line.body.text, "ask-year"):
                await phone.type("1957")
            elif wanted := buttons.get("agree") or buttons.get("language-en"):
                await phone.tap(wanted, line.provider_id)
    for text in (WORDS, f"call me on {NUMBER}", f"peshab nahi ho raha {WORDS}", f"can I {WORDS}? \udcff", WORDS * 900):
        await phone.type(text)
        await driver.settle(app)
    await phone.do(Kind.PHOTO, text=WORDS)
    with monkeypatch.context() as patch:

        def broken(*_: Any, **__: Any) -> None:
            raise ValueError(f"cannot read {WORDS} of {NAME}, {NUMBER}")

        patch.setattr(Answering, "ask", broken)
        patch.setattr("bot.inbox.respond", broken)
        await phone.type(WORDS)
    await driver.advance(app, NOW + timedelta(days=2))
    await phone.type(WORDS)
    async with app.store.write() as conn:
        await conn.execute(update(message).where(message.c.state == "queued").values(body=b"\x01" + b"x" * 40))
    await driver.advance(app, NOW + timedelta(days=4))
    await phone.type("STOP")
    await driver.advance(app, NOW + timedelta(days=5))


@pytest.mark.asyncio
async def test_promise_13_nothing_personal_in_logs_metrics_or_health(
    tmp_path: Path, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A patient's whole story, with everything breaking that can: names, numbers and words appear nowhere."""
    clock = SettableClock(NOW, frozen=True)
    settings = Settings(data_dir=tmp_path / "data")
    sender = BadSender()
    async with await bootstrap.build(
        settings, clock=clock, senders=[sender], content=shipped(), answering=shipped_answering()
    ) as app:
        await play(app, monkeypatch)
        async with app.store.read() as conn:
            (joined,) = await enrolments.everybody(conn, app.store.keys)
        told = [(await metrics.exposition(app)).decode(), json.dumps((await health.check(app)).as_json())]
        transport = httpx.ASGITransport(create_app(app, demo=False), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            told += [(await client.get(path)).text for path in ("/", "/health", "/metrics", f"/{NAME}", "/demo")]
    written = capsys.readouterr()
    told += [log.getvalue(), written.out, written.err]
    # The story must really have been told, and have gone wrong.
    assert joined.joined_at is not None
    assert sender.calls > 10
    assert "inbound event quarantined" in log.getvalue()
    assert "sender_failed" in log.getvalue()
    for canary in (*CANARIES, MEDICINE, f"%2B91{NUMBER}"):
        assert [page for page in told if canary.lower() in page.lower()] == [], canary


def test_promise_13_settings_and_keys_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object printed by mistake shows neither names nor keys."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        settings = Settings(database_url="postgresql://user:canary@host/name")  # type: ignore[arg-type]
    assert "canary" not in repr(settings)
