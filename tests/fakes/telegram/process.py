"""The same server in a process of its own, for benchmarks: what is measured must not share its processor time.

`python -m tests.fakes.telegram.process` reads questions as lines of JSON and answers each with a line.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

import uvloop

from tests.fakes.telegram.server import TOKEN, FakeTelegram
from tests.support.repository import ROOT


class FakeProcess:
    """A fake Telegram that was started. `with FakeProcess(strict_rates=False) as fake`."""

    token = TOKEN

    def __init__(self, *, strict_rates: bool, sites: dict[str, str] | None = None) -> None:
        self._words = json.dumps({"strict_rates": strict_rates, "sites": sites or {}})

    def __enter__(self) -> Self:
        """Start it, and wait until it listens."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.telegram.process", self._words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        self.url = str(self._answer())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def crowd(self, first: int, count: int) -> None:
        """As `FakeTelegram.crowd`."""
        self._ask("crowd", first, count)

    def type(self, person: int, text: str) -> int:
        """Somebody writes; the update's number."""
        return int(self._ask("type", person, text))

    def seen(self) -> list[tuple[str, float]]:
        """Chat and instant of every message that reached a phone."""
        return [(to, at) for to, at in self._ask("seen")]

    def answers(self) -> dict[int, int]:
        """Answers by status."""
        return {int(status): count for status, count in self._ask("answers").items()}

    def handed(self) -> dict[int, float]:
        """When each update was handed to the bot first."""
        return {int(number): at for number, at in self._ask("handed").items()}

    def count(self) -> int:
        """How many messages reached a phone."""
        return int(self._ask("count"))

    def forget(self) -> None:
        """As `FakeTelegram.forget`."""
        self._ask("forget")

    def _ask(self, what: str, *words: Any) -> Any:
        assert self._process.stdin
        self._process.stdin.write(json.dumps([what, *words]).encode() + b"\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())


def _answer(fake: FakeTelegram, what: str, words: list[Any]) -> Any:
    match what:
        case "crowd":
            fake.crowd(*words)
            return None
        case "type":
            return fake.user(words[0]).type(words[1])
        case "seen":
            return [(one.to, one.at) for one in fake.ledger]
        case "count":
            return len(fake.ledger)
        case "answers":
            return fake.answers
        case "handed":
            return fake.handed
        case _:
            fake.forget()
            return None


def _main() -> None:
    with FakeTelegram(**json.loads(sys.argv[1]), loop_factory=uvloop.new_event_loop) as fake:
        # What was imported stays to the end: the collector need not go through it.
        gc.freeze()
        print(json.dumps(fake.url), flush=True)  # noqa: T201 - the answer
        for line in sys.stdin:
            what, *words = json.loads(line)
            print(json.dumps(_answer(fake, what, words)), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    _main()
