"""A backup holds everything but the keys, and a restore sends nothing a second time."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from bot import backup, bootstrap, copies, database
from bot.backup import BackupError
from bot.lock import InUseError, alone_in
from bot.restore import restore
from bot.settings import Settings
from bot.store.tables import audit
from scheduler.clock import SettableClock
from scheduler.crypto import KeyRing
from scheduler.dispatcher import Dispatcher
from scheduler.policy import ALERT, REPLY
from scheduler.records import RESTORED
from scheduler.sender import Outcome, Outgoing, Unknown
from scheduler.store.engine import Store
from scheduler.store.tables import message, metadata, person
from tests.support.databases import sqlite_address
from tests.support.world import Phone, World, india


@pytest.fixture
def another_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of the same kind as `database_url`."""
    with ExitStack() as stack:
        kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
        yield stack.enter_context(_empty(request, kind, tmp_path))


@contextmanager
def _empty(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield sqlite_address(folder / "another.db")
        return
    server = request.getfixturevalue("postgres_server")
    name = f"another{id(request)}"
    yield server.create(name)
    server.drop(name)


async def _moved(world: World, url: str, file: Path, now: datetime) -> World:
    """The world as it is after its backup `file` was restored into the database at `url` at `now`."""
    store = Store.open(url, world.store.keys)
    await restore(store, file, now)
    clock = SettableClock(now, frozen=True)
    phone = replace(world.phone, seen=[], faults=[])
    return World(store, clock, world.content, phone, Dispatcher(store, world.content, clock, [phone]))


async def _everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    async with store.read() as conn:
        return {
            table.name: [tuple(row) for row in await conn.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }


@pytest.mark.asyncio
async def test_everything_comes_back(database_url: str, another_url: str, tmp_path: Path) -> None:
    """Restored at the instant of the backup with nothing due, each row of each table is what it was, but the audit."""
    world = World.build(database_url)
    await world.patient()
    await world.until(india(5, "10:00"))
    file = tmp_path / "saathi.backup"
    before = await _everything(world.store)
    assert await backup.write(world.store, file, world.clock.now()) == sum(map(len, before.values()))
    await world.close()
    again = await _moved(world, another_url, file, india(5, "10:00"))
    after = await _everything(again.store)
    await again.close()
    assert [row[3] for row in after.pop("audit")] == ["restored from a backup"]
    assert before.pop("audit") == []
    assert after == before


@pytest.mark.asyncio
async def test_nothing_is_sent_twice_and_the_plan_goes_on(database_url: str, another_url: str, tmp_path: Path) -> None:
    """What was sent after the backup is not sent again by the restored system; what lies ahead is, once."""
    world = World.build(database_url)
    enrolment_id, _ = await world.patient()
    await world.until(india(2, "12:00"))
    file = tmp_path / "saathi.backup"
    await backup.write(world.store, file, world.clock.now())
    sent_since = {m.body.text for m in await world.until(india(4, "12:00"))}
    assert len(sent_since) >= 3
    await world.close()
    again = await _moved(world, another_url, file, india(4, "12:00"))
    assert await again.until(india(4, "12:00")) == []
    # Planning again, as any change of the patient does, brings none of it back.
    await again.replan(enrolment_id)
    sent_after = [m.body.text for m in await again.until(india(30))]
    plan = await again.plan(enrolment_id)
    await again.close()
    assert sent_after
    assert not sent_since & set(sent_after)
    assert len(sent_after) == len(set(sent_after))
    doubted = [r for r in plan if r.state == "unknown"]
    assert {r.reason for r in doubted} == {RESTORED}
    assert len(doubted) == len(sent_since)
    assert {r.state for r in plan} == {"sent", "unknown"} or {r.state for r in plan} == {"unknown"} | {
        "sent",
        "expired",
    }


@pytest.mark.asyncio
async def test_what_was_under_way_is_unknown(database_url: str, another_url: str, tmp_path: Path) -> None:
    """Queued or sending when the backup was made, even an alert or a reply: not sent again, and staff read why."""
    made: list[int] = []
    file = tmp_path / "saathi.backup"
    world = World.build(database_url)
    _, address_id = await world.patient()
    await world.until(india(2, "12:00"))

    class BackingUp(Phone):
        async def send(self, outgoing: Outgoing) -> Outcome:
            if not made:
                made.append(await backup.write(world.store, file, world.clock.now()))
            return Unknown("late")

    phone = BackingUp()
    dispatcher = Dispatcher(world.store, world.content, world.clock, [phone])
    await world.put(address_id, ALERT, "Somebody needs you.")
    await world.put(address_id, REPLY, "Here is your answer.")
    await dispatcher.drain()
    await world.close()
    again = await _moved(world, another_url, file, india(2, "12:05"))
    assert await again.until(india(2, "23:00")) == []
    rows = await again.messages(message.c.kind.in_((ALERT, REPLY)))
    assert {(row.state, row.reason) for row in rows} == {("unknown", RESTORED)}
    assert len(rows) == 2
    await again.close()


@pytest.mark.asyncio
async def test_a_backup_under_load_shows_one_instant(database_url: str, another_url: str, tmp_path: Path) -> None:
    """While patients are enrolled and messages leave, the file still holds whole transactions only."""
    world = World.build(database_url)
    await world.patient()
    await world.until(india(2, "12:00"))
    done = asyncio.Event()

    async def load() -> None:
        number = 0
        while not done.is_set():
            number += 1
            await world.patient(f"Asha{number} Example", f"chat-{number}x")
            await world.dispatcher.drain()

    loading = asyncio.create_task(load())
    for number in range(4):
        await backup.write(world.store, tmp_path / f"{number}.backup", world.clock.now())
    done.set()
    await loading
    await world.close()
    again = await _moved(world, another_url, tmp_path / "3.backup", world.clock.now())
    async with again.store.read() as conn:
        people = await conn.scalar(select(func.count()).select_from(person))
    after = await _everything(again.store)
    await again.close()
    assert people == len(after["enrolment"]) >= len(after["recipient"]) >= 1
    assert len(after["reminder"]) == people * 5


@pytest.mark.asyncio
async def test_it_moves_from_sqlite_to_postgresql(sqlite_url: str, postgres_url: str, tmp_path: Path) -> None:
    """A backup of the one goes into the other, and new rows get numbers of their own."""
    world = World.build(sqlite_url)
    await world.patient()
    file = tmp_path / "saathi.backup"
    await backup.write(world.store, file, world.clock.now())
    await world.close()
    again = await _moved(world, postgres_url, file, world.clock.now())
    await again.patient("Ravi Example", "chat-2")
    assert len(await again.until(india(30))) > 5
    await again.close()


def _settings(url: str, folder: Path, keys: KeyRing) -> Settings:
    return Settings(data_dir=folder / "data", database_url=SecretStr(url), encryption_keys=SecretStr(keys.spec()))


@pytest.mark.asyncio
async def test_the_file_is_for_its_owner_and_holds_nothing_readable(database_url: str, tmp_path: Path) -> None:
    """Mode 0600; neither a name, nor a key, nor a half-written file beside it; an existing file stays."""
    world = World.build(database_url)
    await world.patient("Canary Example")
    settings = _settings(database_url, tmp_path, world.store.keys)
    file = tmp_path / "saathi.backup"
    said = await copies.back_up(settings, file)
    assert any("keys" in sentence for sentence in said)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not file.with_name("saathi.backup.part").exists()
    text = gzip.decompress(file.read_bytes()).decode()
    assert "Canary" not in text
    assert not any(part.partition(":")[2] in text for part in world.store.keys.spec().split(","))
    with pytest.raises(BackupError, match="exists already"):
        await copies.back_up(settings, file)
    await copies.back_up(settings, file, force=True)
    await world.close()


@pytest.mark.asyncio
async def test_a_full_database_is_only_replaced_on_purpose(database_url: str, tmp_path: Path) -> None:
    """Without --force nothing is touched; with it, the old rows are gone."""
    world = World.build(database_url)
    await world.patient()
    settings = _settings(database_url, tmp_path, world.store.keys)
    file = tmp_path / "saathi.backup"
    await copies.back_up(settings, file)
    await world.enrol("Ravi Example")
    await world.close()
    with pytest.raises(BackupError, match="not empty"):
        await copies.restore(settings, file)
    said = await copies.restore(settings, file, force=True)
    assert len(said) == 3
    store = Store.open(database_url, world.store.keys)
    async with store.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(person)) == 1
        assert await conn.scalar(select(audit.c.actor)) == "system"
    await store.close()


@pytest.mark.asyncio
async def test_nothing_is_restored_under_a_running_saathi(database_url: str, tmp_path: Path) -> None:
    """Whoever holds the folder (SQLite) or a connection (PostgreSQL) is not disturbed."""
    world = World.build(database_url)
    await world.patient()
    settings = _settings(database_url, tmp_path, world.store.keys)
    file = tmp_path / "saathi.backup"
    await copies.back_up(settings, file)
    if settings.on_sqlite:
        bootstrap.prepare_folder(settings)
        with alone_in(settings.data_dir), pytest.raises(InUseError, match="stop it first"):
            await copies.restore(settings, file, force=True)
    else:
        async with world.store.read():
            with pytest.raises(BackupError, match="stop every Saathi"):
                await copies.restore(settings, file, force=True)
    await world.close()


@pytest.fixture
def file(sqlite_url: str, tmp_path: Path) -> Path:
    """A good backup, sealed with keys nobody has any more."""

    async def make() -> None:
        world = World.build(sqlite_url)
        await world.patient()
        await backup.write(world.store, tmp_path / "good", world.clock.now())
        await world.close()

    asyncio.run(make())
    return tmp_path / "good"


def _lines(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


@pytest.mark.parametrize("damage", ["cut", "flipped", "line lost", "row changed", "end lost", "empty", "text"])
def test_a_damaged_file_is_refused_in_one_sentence(file: Path, damage: str) -> None:
    """Cut short, changed, or no backup at all: one sentence, and no traceback."""
    whole, lines = file.read_bytes(), _lines(file)
    middle = len(whole) // 2
    broken = {
        "cut": whole[:middle],
        "flipped": whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :],
        "line lost": gzip.compress(b"".join(lines[:1] + lines[2:])),
        "row changed": gzip.compress(b"".join(lines).replace(b"planned", b"skipped")),
        "end lost": gzip.compress(b"".join(lines[:-1])),
        "empty": b"",
        "text": b"Hello.",
    }
    file.write_bytes(broken[damage])
    with pytest.raises(BackupError, match="damaged or incomplete: use another backup"):
        backup.read_header(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A slip of the pen is no damaged backup."""
    with pytest.raises(BackupError, match="cannot be read"):
        backup.read_header(tmp_path / "nowhere")


def _with_header(file: Path, **values: object) -> None:
    first, *rest = _lines(file)
    lines = [json.dumps(json.loads(first) | values).encode() + b"\n", *rest[:-1]]
    end = json.loads(rest[-1]) | {"sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    file.write_bytes(gzip.compress(b"".join([*lines, json.dumps(end).encode()])))


@pytest.mark.asyncio
async def test_another_schema_is_refused(file: Path, tmp_path: Path) -> None:
    """The sentence says which version of Saathi can restore it."""
    _with_header(file, revision="0001", saathi="0.0.9")
    store = Store.open(sqlite_address(tmp_path / "new.db"), KeyRing.generate())
    with pytest.raises(BackupError, match=r"has schema 0001.*Saathi 0\.0\.9"):
        await restore(store, file, india(2))
    await store.close()


@pytest.mark.asyncio
async def test_other_keys_are_refused(file: Path, tmp_path: Path) -> None:
    """A database nobody could read is not made."""
    store = Store.open(sqlite_address(tmp_path / "new.db"), KeyRing.generate())
    with pytest.raises(BackupError, match="other keys"):
        await restore(store, file, india(2))
    assert await database.revision(store) is None
    await store.close()


@pytest.mark.asyncio
async def test_without_keys_none_are_made(file: Path, tmp_path: Path) -> None:
    """New keys would open nothing of what is restored."""
    settings = Settings(data_dir=tmp_path / "data")
    with pytest.raises(BackupError, match="keys are missing"):
        await copies.restore(settings, file)
    assert not settings.key_file.exists()
