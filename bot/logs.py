"""Logging: events with ids, on standard error, as readable lines or JSON.

Promise 13: nobody's text, name or number reaches a log. Callers log ids only; the wall here holds when one forgets:
words pass only under names known to hold none of a patient's, long numbers never, and of an exception only its type
and the lines of code it passed through, because its message may quote a row of the database.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import date, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog

SAFE_WORDS = frozenset(
    "event level logger timestamp exception channel kind state code reason journey step topic action command sign tier "
    "outcome version content_version dialect job table language problem file signal task part error".split()
)
"""Fields whose words are ours, never a patient's."""

_NOISY = (
    "asyncio sqlalchemy aiosqlite asyncpg httpx httpcore aiohttp telegram uvicorn.access apscheduler alembic".split()
)
"""Below warnings these repeat statements, addresses or requests word for word."""

_OURS = ("bot", "scheduler", "content", "uvicorn", "alembic", "apscheduler")
_REMOVED = "[removed]"
LONG_NUMBER = re.compile(r"\+?\d(?:[\s().-]?\d){8,}")
_BIGGEST_ID = 10**9
_HARMLESS = (bool, float, date, time, timedelta, type(None))
_MOST_FRAMES = 12

Event = MutableMapping[str, Any]


def configure(level: str = "info", style: Literal["console", "json"] = "console", stream: TextIO | None = None) -> None:
    """Send every log of the process, other libraries' too, through the wall to `stream` (standard error)."""
    wall: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _frames_only,
        redact,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), _template_only],
            processors=[*wall, renderer],
            use_get_message=False,
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        if getattr(old, "saathi", False):
            root.removeHandler(old)
    handler.saathi = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(level.upper())
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)


def redact(_logger: Any, _method: str, event: Event) -> Event:
    """Take out of `event` whatever could be a patient's; a structlog processor."""
    for name, value in event.items():
        event[name] = _clean(name, value)
    return event


def _clean(name: str, value: Any) -> Any:
    if isinstance(value, _HARMLESS):
        return value
    if isinstance(value, int):
        return value if abs(value) < _BIGGEST_ID else _REMOVED
    if name == "exception":
        return value
    if isinstance(value, str) and name in SAFE_WORDS:
        return LONG_NUMBER.sub(_REMOVED, value)
    if isinstance(value, list | tuple) and all(isinstance(item, int) for item in value):
        return [_clean(name, item) for item in value]
    return _REMOVED


def _template_only(_logger: Any, _method: str, event: Event) -> Event:
    """Of a plain `logging` record keep the words written in the code; what was filled into them may be a patient's."""
    record: logging.LogRecord = event["_record"]
    ours = record.name.split(".")[0] in _OURS
    event["event"] = str(record.msg) if ours else "a library reported something"
    for made in ("positional_args", "message", "asctime"):
        event.pop(made, None)
    return event


def _frames_only(_logger: Any, _method: str, event: Event) -> Event:
    info = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if info is True:
        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else (info[1] if isinstance(info, tuple) else None)
    if error is not None:
        event["exception"] = describe(error)
    return event


def describe(error: BaseException) -> str:
    """The type of `error`, its causes' and the code lines they passed, without any message."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and len(parts) < _MOST_FRAMES:
        parts.append(f"{type(current).__name__} at {' < '.join(_lines(current.__traceback__)) or '?'}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return " from ".join(parts)


def _lines(trace: TracebackType | None) -> list[str]:
    lines: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"{'/'.join(Path(code.co_filename).parts[-2:])}:{trace.tb_lineno}")
        trace = trace.tb_next
    return lines[::-1][:_MOST_FRAMES]
