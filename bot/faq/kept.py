"""A kept copy of what the FAQ's index learnt, so that a program starts without learning it again.

The name of a copy tells what it was learnt from and by which code, so none is ever stale; one that cannot be read is
learnt anew, and where none can be written that is done at each start.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from array import array
from pathlib import Path
from typing import Any

from bot.faq.learning import Learnt, Pairs, Table, learn

_HERE = Path(__file__).parent
_CODE = (
    *(_HERE / name for name in ("kept.py", "learning.py", "features.py", "lexicon.py", "lexicon.yaml", "spelling.py")),
    _HERE.parent / "text.py",
)
"""Everything that decides what is learnt from given phrasings, and how it is written."""
_PREFIX = "faq-"
_SUFFIX = ".learnt"
_MOST = 2
"""So many copies stay: that of this version, and that of the one before it or beside it."""
_PART = ".part"
_HALF_WRITTEN = 600
"""Seconds after which nobody is writing any more: what is still half written then was left by a killed process."""
_SUM = 32
"""Bytes of the SHA-256 a file begins with; it is over all the others."""


class Keeper:
    """Learns by looking into a folder first."""

    def __init__(self, folder: Path | None) -> None:
        """`folder`: for these copies and their like alone, made when it is needed; None: nothing is kept."""
        self._folder = folder

    def learn(self, phrasings: Pairs, foreign: Pairs = ()) -> Learnt:
        """The same as `bot.faq.learning.learn`, to the last bit. Raises nothing because of a file."""
        if self._folder is None:
            return learn(phrasings, foreign)
        try:
            path = self._folder / name_of(phrasings, foreign)
        except OSError:  # installed without its sources: nothing says which code this is
            return learn(phrasings, foreign)
        kept = _read(path)
        if kept is not None:
            return kept
        learnt = learn(phrasings, foreign)
        with contextlib.suppress(OSError):
            _write(path, packed(learnt))
            _tidy(self._folder, path)
        return learnt


def name_of(phrasings: Pairs, foreign: Pairs = ()) -> str:
    """The name of the copy of what is learnt from these. Raises OSError if our own code cannot be read."""
    found = hashlib.sha256(json.dumps([sys.version, sys.platform, sys.byteorder, phrasings, foreign]).encode())
    for path in _CODE:
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{_PREFIX}{found.hexdigest()[:40]}{_SUFFIX}"


def packed(learnt: Learnt) -> bytes:
    """A sum over the rest; a line of JSON with what is text or counts; the numbers, block by block."""
    told = {
        "plain": learnt.plain,
        "names": learnt.names,
        "ours": sorted(learnt.ours),
        "features": [list(table.places) for table in learnt.tables],
        "pairs": [len(table.classes) for table in learnt.tables],
    }
    parts = [json.dumps(told, ensure_ascii=False).encode(), b"\n", array("d", learnt.losses).tobytes()]
    for table in learnt.tables:
        parts += [part.tobytes() for part in (table.rare, table.starts, table.classes, table.gains)]
    body = b"".join(parts)
    return hashlib.sha256(body).digest() + body


def unpacked(data: bytes) -> Learnt:
    """What `packed` was given. Raises ValueError for anything but its result."""
    body = memoryview(data)[_SUM:]
    if hashlib.sha256(body).digest() != data[:_SUM]:
        raise ValueError("this copy is damaged")
    end = data.index(b"\n", _SUM) - _SUM
    told: dict[str, Any] = json.loads(bytes(body[:end]))
    numbers = _Numbers(body[end + 1 :])
    losses = tuple(numbers.take("d", len(told["names"])))
    tables = []
    for features, pairs in zip(told["features"], told["pairs"], strict=True):
        many = len(features)
        table = Table(
            {feature: place for place, feature in enumerate(features)},
            rare=numbers.take("d", many),
            starts=numbers.take("I", many + 1),
            classes=numbers.take("H", pairs),
            gains=numbers.take("d", pairs),
        )
        tables.append(table)
    return Learnt(
        plain=tuple(told["plain"]),
        names=tuple(told["names"]),
        ours=frozenset(told["ours"]),
        losses=losses,
        tables=tuple(tables),
    )


class _Numbers:
    """Numbers one after the other in a piece of memory."""

    def __init__(self, memory: memoryview) -> None:
        self._memory = memory

    def take(self, kind: str, many: int) -> array[Any]:
        """The next `many` numbers of this kind (as in `array`)."""
        taken = array(kind)
        size = many * taken.itemsize
        taken.frombytes(self._memory[:size])
        self._memory = self._memory[size:]
        return taken


def _read(path: Path) -> Learnt | None:
    try:
        return unpacked(path.read_bytes())
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _write(path: Path, data: bytes) -> None:
    """All of it or nothing, whoever else writes or reads at the same time. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_PART, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _tidy(folder: Path, newest: Path) -> None:
    """Remove the copies of earlier versions, and what was left half written. Raises OSError."""
    written = {path: path.stat().st_mtime for path in folder.glob(f"{_PREFIX}*") if path != newest}
    copies = sorted((path for path in written if path.suffix == _SUFFIX), key=lambda path: -written[path])
    before = newest.stat().st_mtime - _HALF_WRITTEN
    left = [path for path, at in written.items() if path.suffix == _PART and at < before]
    for path in (*copies[_MOST - 1 :], *left):
        path.unlink(missing_ok=True)
