"""Connections to PostgreSQL outlive a restart of the server."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from scheduler.crypto import KeyRing
from scheduler.store import engine
from scheduler.store.engine import Store
from tests.support.postgres import Server

_THROW_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname <> current_database()"


@pytest.mark.asyncio
async def test_a_connection_that_broke_while_it_rested_is_replaced(
    postgres_url: str, postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks first after the server was restarted notices nothing."""
    monkeypatch.setattr(engine, "_RESTED", 0.0)
    store = Store.open(postgres_url, KeyRing.generate(), pool_size=1)
    for _ in range(2):
        async with store.read() as conn:
            assert await conn.scalar(text("SELECT 1")) == 1
        postgres_server.execute(_THROW_OUT)
    async with store.write() as conn:
        assert await conn.scalar(text("SELECT 2")) == 2
    await store.close()
