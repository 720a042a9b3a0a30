"""The only user of APScheduler: it ticks. Its jobs are idempotent and hold no patient data, so any number may tick."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

REAP_EVERY = 10
"""Seconds."""

Job = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)


class Ticker:
    """Calls each job at its interval; one that is still running is skipped, not doubled."""

    def __init__(self, jobs: dict[str, tuple[Job, int]]) -> None:
        """Take jobs by name, each with its interval in seconds."""
        self._scheduler = AsyncIOScheduler(
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None}, timezone="UTC"
        )
        self._scheduler.add_listener(_say, EVENT_JOB_ERROR)
        for name, (job, seconds) in jobs.items():
            self._scheduler.add_job(job, "interval", seconds=seconds, id=name)

    def start(self) -> None:
        """Begin to tick, in the running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more. A job that is running is cancelled, which its transaction survives."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def _say(event: JobExecutionEvent) -> None:
    log.error("tick_failed", job=event.job_id, error=type(event.exception).__name__)
