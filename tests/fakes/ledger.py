"""A provider that writes down what patients saw, in a file that outlives whoever sent it, and fails as providers do."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scheduler.sender import Limited, Limits, NotSent, Outcome, Outgoing, Sent, Unknown

FAULTS = {
    "none": 60,
    "slow": 10,
    "no connection": 8,
    "busy": 2,
    "lost before": 5,
    "lost after": 5,
    "broken after": 5,
}
"""How often each happens, in a hundred or so calls. `lost`: the answer never came, before or after it was accepted."""


@dataclass(frozen=True)
class Seen:
    """One message as it stood on somebody's phone."""

    to: str
    kind: str
    text: str
    at: float
    """By the machine's steady clock, in seconds."""


class Ledger:
    """The file. One line a message, written at once and whole, so that a killed process leaves no half line."""

    def __init__(self, path: Path) -> None:
        """Append to `path`."""
        self._path = path
        self._file: int | None = None

    def write(self, outgoing: Outgoing) -> None:
        """Somebody saw this."""
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        line = json.dumps([outgoing.to, outgoing.kind, outgoing.body.text, time.monotonic()])
        os.write(self._file, line.encode() + b"\n")

    def read(self) -> list[Seen]:
        """Everything that was seen, by all processes, in order."""
        if not self._path.exists():
            return []
        return [Seen(*json.loads(line)) for line in self._path.read_text().splitlines()]


class LedgerSender:
    """A sender on a ledger. With `faults` it fails at random, the same way for the same `seed`."""

    channel = "simulator"

    def __init__(self, ledger: Ledger, *, seed: int = 0, faults: bool = False, limits: Limits | None = None) -> None:
        """Write to `ledger`."""
        self.limits = limits or Limits(in_flight=8, timeout=5.0)
        self._ledger = ledger
        self._random = random.Random(seed)
        self._faults = faults

    def law(self, outgoing: Outgoing, now: datetime) -> str | None:
        """Everything is allowed."""
        return None

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Let it be seen, or not, and tell the truth about it, or nothing."""
        fault = self._random.choices(list(FAULTS), list(FAULTS.values()))[0] if self._faults else "none"
        await asyncio.sleep(self._random.random() * (0.05 if fault == "slow" else 0.004) if self._faults else 0)
        if fault == "no connection":
            return NotSent("no connection")
        if fault == "busy":
            return Limited(0.02)
        if fault == "lost before":
            return Unknown("timeout")
        self._ledger.write(outgoing)
        if self._faults:
            await asyncio.sleep(self._random.random() * 0.004)
        if fault == "lost after":
            return Unknown("timeout")
        if fault == "broken after":
            raise ConnectionResetError
        return Sent(f"{outgoing.message_id}-{self._random.getrandbits(32):x}")
