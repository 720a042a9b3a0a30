"""Sealing every row with the newest key."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, LargeBinary, Table, select, update

from bot.store.tables import LARGE
from scheduler.store.engine import Store
from scheduler.store.tables import metadata

ROWS_AT_ONCE = 500
"""Rows a transaction seals again; others may write in between."""

LARGE_ROWS_AT_ONCE = 5
"""Of columns with pictures, which are held in memory meanwhile."""


def sealed_columns() -> Iterator[tuple[Table, Column[bytes]]]:
    """Every sealed column of the database: binary, and not a keyed hash."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, LargeBinary) and not column.name.endswith("_hash"):
                yield table, column


async def seal_again(store: Store) -> int:
    """Seal what is sealed with an older key again with the newest key of the store's ring; returns how many values.

    May be stopped and started again at any time. Raises KeyMissingError for data that no key of the ring opens.
    """
    return sum([await _seal_column(store, table, column) for table, column in sealed_columns()])


async def _seal_column(store: Store, table: Table, column: Column[bytes]) -> int:
    (key,) = table.primary_key.columns
    rows_at_once = LARGE_ROWS_AT_ONCE if column.info.get(LARGE) else ROWS_AT_ONCE
    name = f"{table.name}.{column.name}"
    last, changed = -1, 0
    while True:
        async with store.write(wake=False) as conn:
            rows = (
                await conn.execute(
                    select(key, column).where(key > last, column.is_not(None)).order_by(key).limit(rows_at_once)
                )
            ).all()
            for row_id, blob in rows:
                if not store.keys.is_current(blob):
                    again = store.keys.seal(name, store.keys.open(name, blob))
                    await conn.execute(update(table).where(key == row_id).values({column: again}))
                    changed += 1
        if not rows:
            return changed
        last = rows[-1][0]
