"""Column types shared by every table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, Row
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

AnyRow = Row[*tuple[Any, ...]]
"""A row of a query; its columns are named at the query."""


class Instant(TypeDecorator[datetime]):
    """An instant in UTC. A time without zone is refused; SQLite, which has no zones, keeps it as text with one.

    The text sorts like the instant: always UTC, always microseconds.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    # The processors themselves are replaced, not process_bind_param: that is reached through two more calls, once for
    # every instant of every row.

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """What the driver gets. Raises ValueError for a time without zone."""
        as_text = dialect.name == "sqlite"
        last: datetime | None = None
        last_text = ""

        def process(value: datetime | None) -> Any:
            nonlocal last, last_text
            if value is None:
                return None
            if as_text and value == last:
                # Thousands of rows of one statement carry the same instant.
                return last_text
            if value.tzinfo is not UTC:
                if value.tzinfo is None:
                    raise ValueError("an instant needs a time zone")
                value = value.astimezone(UTC)
            if not as_text:
                return value
            last, last_text = value, value.isoformat(" ", "microseconds")
            return last_text

        return process

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """What the caller gets: UTC."""
        if dialect.name != "sqlite":
            return None

        def process(value: Any) -> datetime | None:
            return None if value is None else datetime.fromisoformat(value)

        return process


# SQLite numbers rows by itself only for a column spelt INTEGER.
Id: Any = BigInteger().with_variant(Integer(), "sqlite")
