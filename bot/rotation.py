"""Changing the encryption keys: a new key in front of the ring, and every value sealed again with it."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from bot import bootstrap, database, sealing
from bot.lock import alone_in, keys_changing
from bot.settings import PREFIX, Settings, SettingsError
from scheduler.clock import SystemClock
from scheduler.crypto import KeyRing
from scheduler.store.engine import Store


async def rotate(settings: Settings) -> tuple[str, ...]:
    """Rotate the keys; what was done, in sentences. No other process may run meanwhile.

    Where the keys stand in the settings, the new one is put there by hand and only the sealing is done here.
    Raises SettingsError, InUseError or SchemaError with what to do.
    """
    bootstrap.prepare_folder(settings)
    with alone_in(settings.data_dir) if settings.on_sqlite else nullcontext(), keys_changing(settings.data_dir):
        if settings.encryption_keys.get_secret_value():
            rows = await _seal_again(settings, bootstrap.load_keys(settings))
            return (f"{rows} values were sealed again with the first key of {PREFIX}ENCRYPTION_KEYS.",)
        return await _rotate_file(settings)


async def _rotate_file(settings: Settings) -> tuple[str, ...]:
    if not settings.key_file.exists():
        raise SettingsError([f"There is no key file {settings.key_file}: nothing is sealed yet."])
    old = bootstrap.load_keys(settings)
    kept = _keep(settings, old)
    ring = old.rotated()
    # Saved before the first row is sealed with the new key: a crash half-way leaves a ring that opens all rows.
    ring.save(settings.key_file)
    rows = await _seal_again(settings, ring)
    ring.only_current().save(settings.key_file)
    return (
        f"{rows} values were sealed again with a new key.",
        f"Older backups open only with the old keys, which are now in {kept}: delete it with the last such backup.",
    )


def _keep(settings: Settings, ring: KeyRing) -> Path:
    kept = settings.key_file.with_name(f"{settings.key_file.name}.until-{SystemClock().now():%Y%m%d-%H%M%S}")
    ring.save(kept)
    return kept


async def _seal_again(settings: Settings, ring: KeyRing) -> int:
    store = Store.open(settings.database, ring)
    try:
        await database.require_newest(store)
        return await sealing.seal_again(store)
    finally:
        await store.close()
