"""Backing up and restoring the database of the settings."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from sqlalchemy.engine import make_url

from bot import backup, bootstrap
from bot import restore as restoring
from bot.backup import BackupError
from bot.lock import alone_in, keys_changing, keys_kept
from bot.settings import PREFIX, Settings
from scheduler.clock import SystemClock
from scheduler.crypto import KeyRing
from scheduler.store.engine import Store


async def back_up(settings: Settings, file: Path, *, force: bool = False) -> tuple[str, ...]:
    """Back the database up into `file`, while Saathi runs or rests; what was done, in sentences.

    Raises BackupError, InUseError or SchemaError with what to do.
    """
    _refuse_nothing(settings)
    with keys_kept(settings.data_dir) if settings.data_dir.is_dir() else nullcontext():
        store = Store.open(settings.database, _keys(settings))
        try:
            rows = await backup.write(store, file, SystemClock().now(), force=force)
        finally:
            await store.close()
    return (
        f"{rows} rows are in {file}.",
        f"It opens only with the keys, which are not in it: keep a copy of {_where_keys_are(settings)} apart from it.",
    )


async def restore(settings: Settings, file: Path, *, force: bool = False) -> tuple[str, ...]:
    """Fill the database from `file`; nothing else may run. What was done, in sentences.

    Raises BackupError, InUseError or SchemaError with what to do.
    """
    # Looked at first, so that a wrong name makes neither a folder nor a database.
    backup.read_header(file)
    bootstrap.prepare_folder(settings)
    with alone_in(settings.data_dir) if settings.on_sqlite else nullcontext(), keys_changing(settings.data_dir):
        store = Store.open(settings.database, _keys(settings))
        try:
            done = await restoring.restore(store, file, SystemClock().now(), force=force)
        finally:
            await store.close()
    made_at = f"{done.made_at:%Y-%m-%d %H:%M} UTC"
    return (
        f"{done.rows} rows are back, as they were at {made_at}.",
        f"{done.unknown} messages may have been sent after that: they are marked unknown and are not sent again.",
        f"What people wrote or staff did after {made_at} is not in it: a STOP, an alert, a new enrolment. Ask them.",
    )


def _refuse_nothing(settings: Settings) -> None:
    """Opening a SQLite database that is not there would make it."""
    if settings.on_sqlite and not Path(make_url(settings.database).database or "").exists():
        raise BackupError("There is no database yet: nothing to back up.")


def _keys(settings: Settings) -> KeyRing:
    """The keys that are there; none are made here, for they would open nothing."""
    if not settings.encryption_keys.get_secret_value() and not settings.key_file.exists():
        raise BackupError(
            f"The keys are missing: put the key file back as {settings.key_file}, or set {PREFIX}ENCRYPTION_KEYS."
        )
    return bootstrap.load_keys(settings)


def _where_keys_are(settings: Settings) -> str:
    return f"{PREFIX}ENCRYPTION_KEYS" if settings.encryption_keys.get_secret_value() else str(settings.key_file)
