"""What finds answers, in a process of its own (`python -m tests.benchmarks.faq_worker`): its start, size and pace."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import psutil
from rapidfuzz import fuzz, process

from bot.answering import Answering
from bot.channels.inbound import Inbound, Kind
from bot.inbox import Inbox
from content.loader import Content, load
from scheduler.clock import SystemClock
from scheduler.crypto import KeyRing
from scheduler.store.engine import Store
from tests.benchmarks.grounds import run, settle, utc_now
from tests.faq.conftest import read
from tests.support.repository import ROOT

FORMS = ("en", "hi", "hi-Latn")
QUESTIONS = "development.yaml"
THROUGH_INBOX = 120
"""Questions that go the whole way in."""


@dataclass(frozen=True, slots=True)
class Told:
    """What it tells. Times are milliseconds but for the two of the start, in seconds."""

    content_s: float
    build_s: float
    rss_mb: float
    """Of the process when it has read the content, learnt it and answered every question."""
    ours: dict[str, list[float]]
    """By form: from the message to the answer's text, red flags judged on the way."""
    plain: dict[str, list[float]]
    """By form: the nearest phrasing by rapidfuzz, which is what one would write first."""
    inbox: list[float]
    """From the event to its commit: stored, judged, answered, the answer put in the queue."""


def tell(url: str) -> Told:
    """Run the worker on an empty database with all tables. Raises CalledProcessError if it fails."""
    words = [sys.executable, "-m", "tests.benchmarks.faq_worker", url]
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Told(**json.loads(done.stdout.splitlines()[-1]))


def measure(url: str) -> Told:
    """Start, then ask every labelled question of the development set, ours and the plain way in turn."""
    began = perf_counter()
    content = load()
    loaded = perf_counter()
    answering = Answering(content)
    built = perf_counter()
    rows = list(read(QUESTIONS))
    for row in rows:  # The first look at a word is slower than all others: a bot that has run a while has seen it.
        answering.ask(row["text"])
    settle()
    rss = psutil.Process().memory_info().rss / 2**20
    ours, plain = _in_turn(answering, _phrasings(content), rows)
    inbox = run(_through_inbox(url, content, answering, [row["text"] for row in rows[:THROUGH_INBOX]]))
    return Told(loaded - began, built - loaded, rss, ours, plain, inbox)


def _phrasings(content: Content) -> list[str]:
    return [text for item in content.faq.values() for text in (*item.phrasings.all(), *item.question.all())]


def _in_turn(
    answering: Answering, phrasings: list[str], rows: Iterable[Mapping[str, Any]]
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    ours: dict[str, list[float]] = {form: [] for form in FORMS}
    plain: dict[str, list[float]] = {form: [] for form in FORMS}
    for row in rows:
        began = perf_counter()
        answering.ask(row["text"])
        answered = perf_counter()
        process.extractOne(row["text"], phrasings, scorer=fuzz.token_set_ratio)
        compared = perf_counter()
        ours[row["form"]].append((answered - began) * 1000)
        plain[row["form"]].append((compared - answered) * 1000)
    return ours, plain


async def _through_inbox(url: str, content: Content, answering: Answering, texts: Iterable[str]) -> list[float]:
    store = Store.open(url, KeyRing.generate())
    inbox = Inbox(store, content, SystemClock(), answering)
    times = []
    for number, text in enumerate(("English", *texts)):
        event = Inbound("simulator", f"e{number}", "asker", Kind.TEXT, utc_now(), text)
        began = perf_counter()
        await inbox.receive(event)
        times.append((perf_counter() - began) * 1000)
        await asyncio.sleep(0)
    await store.close()
    return times[1:]


if __name__ == "__main__":
    import structlog

    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    print(json.dumps(asdict(measure(sys.argv[1]))))
