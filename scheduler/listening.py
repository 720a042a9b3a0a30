"""Being woken by other processes: PostgreSQL's LISTEN. SQLite has one process, which wakes itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

from scheduler.store.engine import WAKE_CHANNEL, Store

RECONNECT = 5.0
"""Seconds between two tries to listen again after the connection was lost; the tick carries on meanwhile."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def listen(store: Store, wake: Callable[[], None]) -> AsyncIterator[None]:
    """Call `wake` whenever any process commits a write, for as long as the context lasts."""
    if store.dialect != "postgresql":
        yield
        return
    listener = asyncio.create_task(_keep_listening(store, wake))
    try:
        yield
    finally:
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener


async def _keep_listening(store: Store, wake: Callable[[], None]) -> None:
    while True:
        try:
            await _listen_once(store, wake)
        except Exception as error:  # noqa: BLE001 - without LISTEN the tick still finds everything
            log.warning("listen_failed", error=type(error).__name__)
        await asyncio.sleep(RECONNECT)


async def _listen_once(store: Store, wake: Callable[[], None]) -> None:
    lost = asyncio.Event()

    def heard(*_: Any) -> None:
        wake()

    async with store.engine.connect() as conn:
        raw = (await conn.get_raw_connection()).driver_connection
        assert raw is not None  # noqa: S101 - a connected pool entry has a driver connection
        raw.add_termination_listener(lambda _: lost.set())
        await raw.add_listener(WAKE_CHANNEL, heard)
        try:
            await lost.wait()
        finally:
            if not raw.is_closed():
                await raw.remove_listener(WAKE_CHANNEL, heard)
