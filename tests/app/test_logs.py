from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import logs

NAME, PHONE, WORDS = "Asha Example", "+91 90000 00011", "my leg hurts"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the process logs, as JSON lines."""
    root = logging.getLogger()
    before = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_ids_and_our_own_words_pass(lines: io.StringIO) -> None:
    """What a log is for stays readable."""
    structlog.get_logger("bot.test").info("sent", message_id=7, channel="simulator", state="sent")
    (event,) = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert (event["event"], event["message_id"], event["channel"], event["state"]) == ("sent", 7, "simulator", "sent")
    assert event["level"] == "info"


def test_words_under_any_other_name_are_taken_out(lines: io.StringIO) -> None:
    """Whoever logs a name, a number or a text by mistake is caught by the wall."""
    log = structlog.get_logger("bot.test")
    log.info("sent", name=NAME, chat=9000000011, text=WORDS, body={"text": WORDS}, reason=f"no answer from {PHONE}")
    text = lines.getvalue()
    assert NAME not in text
    assert "9000000011" not in text
    assert WORDS not in text
    assert "90000 00011" not in text


def test_an_exception_is_told_by_type_and_lines_only(lines: io.StringIO) -> None:
    """The message of an exception may quote a row of the database, so nobody sees it."""
    try:
        try:
            raise ValueError(f"parameters: {NAME}")
        except ValueError as error:
            raise RuntimeError(f"{PHONE} failed") from error
    except RuntimeError:
        structlog.get_logger("bot.test").exception("failed")
        logging.getLogger("bot.other").exception("failed too")
    text = lines.getvalue()
    assert "RuntimeError at app/test_logs.py:" in text
    assert "from ValueError at" in text
    assert NAME not in text
    assert "90000" not in text


def test_of_other_libraries_only_the_fact_is_kept(lines: io.StringIO) -> None:
    """A library writes what it likes into its messages; theirs do not pass."""
    logging.getLogger("asyncio").error("Task exception was never retrieved: %s", NAME)
    logging.getLogger("some.library").warning(f"could not send to {NAME}")  # noqa: G004 - that is the point
    logging.getLogger("sqlalchemy.engine").info("SELECT %s", NAME)
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [one["logger"] for one in found] == ["asyncio", "some.library"]
    assert NAME not in lines.getvalue()


def test_our_plain_logging_keeps_its_template_and_loses_what_was_filled_in(lines: io.StringIO) -> None:
    """The words in the code pass, the arguments do not."""
    logging.getLogger("scheduler.test").warning("could not send to %s", NAME, extra={"message_id": 3, "note": NAME})
    (event,) = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert event["event"] == "could not send to %s"
    assert event["message_id"] == 3
    assert NAME not in lines.getvalue()
