"""A Telegram for these tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.telegram.server import FakeTelegram
from tests.telegram.raw import Client, Receiver, receiving
from tests.telegram.system import SITE


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    """A server with strict limits; waits between deliveries are a hundredth of the real ones."""
    with FakeTelegram(retry_scale=0.01) as started:
        yield started


@pytest.fixture
def client(fake: FakeTelegram) -> Iterator[Client]:
    """A client that knows nothing but HTTP."""
    made = Client(fake)
    yield made
    made.http.close()


@pytest.fixture
def receiver(fake: FakeTelegram) -> Iterator[Receiver]:
    """A webhook of somebody's, at `SITE`."""
    with receiving() as started:
        fake.site(SITE, started.url)
        yield started


@pytest.fixture
def folder(tmp_path: Path, _sqlite_template: Path) -> Path:
    """A data folder with a database that has all tables: making them takes longer than most tests."""
    shutil.copyfile(_sqlite_template, tmp_path / "saathi.db")
    return tmp_path
