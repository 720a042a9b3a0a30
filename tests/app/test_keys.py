from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot import bootstrap, sealing
from bot.lock import InUseError, alone_in
from bot.settings import Settings
from scheduler import people
from scheduler.crypto import KeyRing
from scheduler.errors import KeyMissingError
from scheduler.store.engine import Store
from scheduler.store.tables import address, metadata

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def test_the_first_start_makes_a_key_file_only_its_owner_can_read(tmp_path: Path) -> None:
    """Mode 0600, and the second start finds the same keys."""
    settings = Settings(data_dir=tmp_path / "new")
    bootstrap.prepare_folder(settings)
    made = bootstrap.load_keys(settings)
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    assert bootstrap.load_keys(settings).spec() == made.spec()


def test_keys_in_the_settings_go_before_the_file(tmp_path: Path) -> None:
    """Several processes share keys through the setting, and no file is made."""
    ring = KeyRing.generate()
    settings = Settings(data_dir=tmp_path, encryption_keys=SecretStr(ring.spec()))
    assert bootstrap.load_keys(settings).spec() == ring.spec()
    assert not settings.key_file.exists()


@pytest.mark.asyncio
async def test_sealing_again_leaves_nothing_under_the_old_key(database_url: str) -> None:
    """After a rotation the new key alone opens every row."""
    old = KeyRing.generate()
    store = Store.open(database_url, old)
    async with store.write() as conn:
        for number in range(3):
            await people.ensure_address(conn, old, "simulator", f"phone-{number}", NOW)
    await store.close()
    rotated = old.rotated()
    store = Store.open(database_url, rotated)
    assert await sealing.seal_again(store) == 3
    assert await sealing.seal_again(store) == 0
    alone = rotated.only_current()
    async with store.read() as conn:
        blobs = (await conn.scalars(select(address.c.value).order_by(address.c.id))).all()
        assert [alone.open("address.value", blob) for blob in blobs] == ["phone-0", "phone-1", "phone-2"]
        assert await people.find_address(conn, alone, "simulator", "phone-1") is not None
    with pytest.raises(KeyMissingError):
        old.open("address.value", blobs[0])
    await store.close()


def test_every_sealed_column_is_known() -> None:
    """Whatever is stored as bytes is either a keyed hash or sealed again at a rotation."""
    sealed = {(table.name, column.name) for table, column in sealing.sealed_columns()}
    binary = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if column.type.python_type is bytes
    }
    assert {name for name in binary - sealed if not name[1].endswith("_hash")} == set()
    assert ("person", "name") in sealed
    assert ("inbound", "body") in sealed


def test_two_processes_cannot_share_a_folder(tmp_path: Path) -> None:
    """The second one is told in one sentence; when the first ends, the folder is free."""
    with alone_in(tmp_path), pytest.raises(InUseError, match="Another Saathi is running"), alone_in(tmp_path):
        pass
    with alone_in(tmp_path):
        pass
