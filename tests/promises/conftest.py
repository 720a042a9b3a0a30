"""Worlds on both databases, and what is left of days full of power cuts."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.fakes.outage import KILLS, Aftermath, tear
from tests.fakes.workers import Workers
from tests.support import postgres
from tests.support.databases import sqlite_address
from tests.support.sharing import once
from tests.support.world import World


@pytest_asyncio.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A fresh world; the test runs once on SQLite and once on PostgreSQL."""
    built = World.build(database_url)
    yield built
    await built.close()


@pytest_asyncio.fixture
async def make_world(database_url: str) -> AsyncIterator[Callable[..., World]]:
    """Builds worlds as `World.build` does, with other content or another phone; they are closed at the end."""
    built: list[World] = []

    def build(**how: Any) -> World:
        built.append(World.build(database_url, **how))
        return built[-1]

    yield build
    for world in built:
        await world.close()


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Processes to be killed."""
    with Workers() as started:
        yield started


@pytest.fixture(scope="session", params=["sqlite", "postgresql", "postgresql, two workers"])
def aftermath(
    request: pytest.FixtureRequest, workers: Workers, kill_rounds: int, tmp_path_factory: pytest.TempPathFactory
) -> list[Aftermath]:
    """Each of the rounds killed a worker at a random moment; what was left after the last restart, several times."""
    return once(
        tmp_path_factory,
        f"outage of {request.param}",
        lambda: _aftermath(request, workers, kill_rounds, tmp_path_factory),
    )


def _aftermath(
    request: pytest.FixtureRequest, workers: Workers, kill_rounds: int, tmp_path_factory: pytest.TempPathFactory
) -> list[Aftermath]:
    folder = tmp_path_factory.mktemp("outage")
    left: list[Aftermath] = []
    for number in count():
        kills = min(KILLS, kill_rounds - number * KILLS)
        if kills <= 0:
            return left
        url, drop = _fresh(request, folder, number)
        at_once = 2 if "two" in request.param else 1
        left.append(tear(url, folder, workers, kills=kills, at_once=at_once, seed=number))
        if drop:
            drop[0].drop(drop[1])
    raise AssertionError


def _fresh(request: pytest.FixtureRequest, folder: Path, number: int) -> tuple[str, tuple[postgres.Server, str] | None]:
    if request.param == "sqlite":
        path = folder / f"{number}.db"
        shutil.copyfile(request.getfixturevalue("_sqlite_template"), path)
        return sqlite_address(path), None
    server: postgres.Server = request.getfixturevalue("postgres_server")
    name = f"outage{len(request.param)}_{number}"
    return server.create(name, request.getfixturevalue("_postgres_template")), (server, name)
