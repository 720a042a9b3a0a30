"""A command that writes beside a running Saathi.

SQLite lets several processes write, one after the other, each waiting up to 30 seconds; `saathi run` holds its folder
only so that no second one sends the same messages. So a short command may come and go, unless the keys are changed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot import bootstrap, database, logs
from bot.lock import InUseError, alone_in, keys_kept
from bot.settings import Settings
from scheduler.store.engine import Store


@asynccontextmanager
async def visiting(settings: Settings) -> AsyncIterator[Store]:
    """The store of `settings`, whether Saathi runs or not. A SQLite database is made if there is none.

    Raises StartError, SchemaError or InUseError with what to do.
    """
    logs.configure(settings.log_level, settings.log_format)
    bootstrap.prepare_folder(settings)
    with keys_kept(settings.data_dir):
        keys = bootstrap.load_keys(settings)
        if settings.on_sqlite:
            await _upgrade_unless_running(settings)
        store = Store.open(settings.database, keys, pool_size=2)
        try:
            await database.require_newest(store)
            yield store
        finally:
            await store.close()


async def _upgrade_unless_running(settings: Settings) -> None:
    try:
        with alone_in(settings.data_dir):
            await database.upgrade(settings.database)
    except InUseError:
        # Whoever runs has brought the database up to date, to its own version.
        return
