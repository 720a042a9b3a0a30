"""A backup: every row of every table in one file, the same for SQLite and PostgreSQL, so it also moves between them.

The file is gzip around lines of JSON: a header (schema revision, when, a proof of the keys), then rows in the order
in which they can be inserted, then how many there were and the SHA-256 of all lines before. What is sealed stays
sealed; the file holds no key, and nobody reads a name in it without the keys, which are kept apart.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Column, LargeBinary, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import database
from bot.store.tables import LARGE
from scheduler.crypto import KeyRing
from scheduler.errors import KeyMissingError, SaathiError
from scheduler.store.engine import Store
from scheduler.store.tables import metadata
from scheduler.store.types import AnyRow, Instant

FORMAT = 1
ROWS_AT_ONCE = 2000
"""Rows fetched, and inserted, together."""

LARGE_ROWS_AT_ONCE = 5
"""Of a table that holds pictures."""

_PROOF = "backup.proof"


class BackupError(SaathiError):
    """The backup cannot be made or used; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a backup."""

    saathi: str
    """Version of the program that made it."""
    format: int
    revision: str
    """Of the schema."""
    made_at: str
    """ISO 8601, UTC: the instant the rows show."""
    proof: str
    """Something sealed with the newest key of then, in base64."""
    lookup: str
    """Hash of the same under the look-up key, in hexadecimal."""

    def opens_with(self, keys: KeyRing) -> bool:
        """Whether `keys` open what is sealed in the backup, and find what is hashed."""
        try:
            opened = keys.open(_PROOF, base64.b64decode(self.proof))
        except (KeyMissingError, ValueError):
            return False
        return keys.hash(_PROOF, opened).hex() == self.lookup


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of one table, the values in the order of its columns."""

    table: Table
    values: list[list[Any]]


async def write(store: Store, path: Path, now: datetime, *, force: bool = False) -> int:
    """Write a backup of the running or resting database to `path` (mode 0600, whole or not at all); how many rows.

    The rows are those of one instant, whoever writes meanwhile. Raises BackupError, SchemaError.
    """
    await database.require_newest(store)
    _refuse_taken(path, force=force)
    header = _header(store.keys, now)
    counts: Counter[str] = Counter()
    with _new_file(path) as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
        digest = hashlib.sha256()
        for line in _lines(asdict(header)):
            digest.update(line)
            packed.write(line)
        async for rows in _all_rows(store):
            counts[rows.table.name] += len(rows.values)
            for line in _lines([rows.table.name, rows.values]):
                digest.update(line)
                packed.write(line)
        for line in _lines({"rows": counts, "sha256": digest.hexdigest()}):
            packed.write(line)
    return counts.total()


def read_header(path: Path) -> Header:
    """Check the whole file and give its header. Raises BackupError for what is no backup, or a damaged one."""
    header: Header | None = None
    counts: Counter[str] = Counter()
    digest = hashlib.sha256()
    end: dict[str, Any] | None = None
    try:
        for line in _unpacked(path):
            if end is not None:
                raise ValueError("something follows the end")
            value = json.loads(line)
            if header is None:
                header = _checked(value, path)
            elif isinstance(value, dict):
                end = value
                continue
            else:
                counts[value[0]] += len(value[1])
            digest.update(line)
    except OSError as error:
        # A damaged gzip stream is one of these as well, without a number of the system's.
        raise (_damaged(path) if error.errno is None else _unreadable(path)) from error
    except (EOFError, ValueError, TypeError, LookupError, zlib.error) as error:
        raise _damaged(path) from error
    if header is None or end is None or end != {"rows": dict(counts), "sha256": digest.hexdigest()}:
        raise _damaged(path)
    return header


def read_rows(path: Path) -> Iterator[Rows]:
    """The rows of a backup that `read_header` has found whole, in the order in which they can be inserted."""
    for line in _unpacked(path):
        value = json.loads(line)
        if isinstance(value, list):
            table = metadata.tables[value[0]]
            yield Rows(table, [_decoded(table.columns.values(), row) for row in value[1]])


async def _all_rows(store: Store) -> AsyncIterator[Rows]:
    async with store.engine.connect() as conn:
        if store.dialect == "postgresql":
            # SQLite's reading transaction shows one instant by itself.
            await conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        for table in metadata.sorted_tables:
            async for rows in _rows_of(conn, table):
                yield Rows(table, [[_encoded(value) for value in row] for row in rows])


async def _rows_of(conn: AsyncConnection, table: Table) -> AsyncIterator[Sequence[AnyRow]]:
    (key,) = table.primary_key.columns
    large = any(column.info.get(LARGE) for column in table.columns)
    query = select(table).order_by(key).limit(LARGE_ROWS_AT_ONCE if large else ROWS_AT_ONCE)
    rows = (await conn.execute(query)).all()
    while rows:
        yield rows
        rows = (await conn.execute(query.where(key > rows[-1]._mapping[key]))).all()  # noqa: SLF001 - public in spite of its name


def _header(keys: KeyRing, now: datetime) -> Header:
    text = now.isoformat()
    proof = base64.b64encode(keys.seal(_PROOF, text)).decode()
    return Header(version("saathi"), FORMAT, database.newest(), text, proof, keys.hash(_PROOF, text).hex())


def _checked(value: Any, path: Path) -> Header:
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise BackupError(f"{path} is not a backup this version of Saathi can read.")
    return Header(**value)


def _refuse_taken(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        raise BackupError(f"{path} exists already: choose another name, or add --force to replace it.")


def _damaged(path: Path) -> BackupError:
    return BackupError(f"{path} is damaged or incomplete: use another backup.")


def _unreadable(path: Path) -> BackupError:
    return BackupError(f"{path} cannot be read: check its name and its rights.")


def _lines(value: object) -> Iterator[bytes]:
    yield json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _unpacked(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as lines:
        yield from lines


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file under a temporary name, which gets its own when all is written and on the disk."""
    temporary = path.with_name(path.name + ".part")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: choose a folder this user may write to.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _encoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime | date | time) else value


def _decoded(columns: Sequence[Column[Any]], row: Sequence[Any]) -> list[Any]:
    return [None if value is None else _value(column, value) for column, value in zip(columns, row, strict=True)]


def _value(column: Column[Any], value: Any) -> Any:
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value)
    kind = datetime if isinstance(column.type, Instant) else column.type.python_type
    return kind.fromisoformat(value) if kind in (datetime, date, time) else value
