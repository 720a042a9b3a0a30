"""The page of the rota: everybody with alerts sees it, administrators change it, and an alert goes by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.console import House, house

HOURS = {"from": "20:00", "to": "08:00", "place": "1"}


@pytest_asyncio.fixture
async def home(tmp_path: Path, sqlite_url: str) -> AsyncIterator[House]:
    """An empty system."""
    async with house(tmp_path, sqlite_url) as built:
        yield built


@pytest.mark.asyncio
async def test_an_administrator_makes_a_rota_and_a_nurse_reads_it(home: House) -> None:
    """Hours over midnight, a backup, a holiday: they stand on the page with who is on call when."""
    admin, nurse = await home.member("boss", "admin"), await home.member("sister")
    async with home.logged_in(admin) as browser:
        assert "There is no rota" in (await browser.get("/rota")).text
        days = {f"day-{number}": "yes" for number in range(7)}
        for fields in (HOURS | days, {**HOURS, "from": "08:00", "to": "20:00"} | days):
            answer = await browser.post("/rota/add", staff=str(nurse.id), **fields)
            assert answer.status_code == 303
        backup = {**HOURS, "from": "00:00", "to": "00:00", "place": "2"} | days
        await browser.post("/rota/add", staff=str(admin.id), **backup)
        holiday = {"first": "2026-03-04", "last": "", "away": "0", "instead": str(admin.id)}
        assert (await browser.post("/rota/days", **holiday)).status_code == 303
    async with home.logged_in(nurse) as browser:
        html = (await browser.get("/rota")).text
        assert "Sister Example; then Sister Example" in html, "both are called so in the tests"
        assert "20:00 to 08:00 the next day" in html
        assert "2026-03-04" in html
        assert "/rota/add" not in html
        assert (await browser.post("/rota/add", staff="1", **HOURS)).status_code == 403


@pytest.mark.asyncio
async def test_what_cannot_be_is_said_in_one_sentence(home: House) -> None:
    """Nonsense in a field changes nothing and says what to do."""
    admin = await home.member("boss", "admin")
    async with home.logged_in(admin) as browser:
        for path, fields, sentence in (
            ("/rota/add", {"staff": "1", **HOURS}, "Choose at least one day"),
            ("/rota/add", {"staff": "1", **HOURS, "from": "late", "day-1": "yes"}, "Enter the hours as"),
            ("/rota/add", {"staff": "77", **HOURS, "day-1": "yes"}, "Choose somebody who works here"),
            ("/rota/add", {"staff": "x", **HOURS, "day-1": "yes"}, "Choose from the list"),
            ("/rota/days", {"first": "soon", "away": "0", "instead": "1"}, "Enter the days as"),
            ("/rota/days", {"first": "2026-03-04", "last": "2026-03-01", "away": "0", "instead": "1"}, "before the"),
            ("/rota/days", {"first": "2026-03-04", "away": "0", "instead": "0"}, "Choose who is away"),
        ):
            answer = await browser.post(path, **fields)
            assert answer.status_code == 422, fields
            assert sentence in answer.text, fields
        assert "There is no rota" in (await browser.get("/rota")).text
        assert (await browser.post("/rota/shifts/9/remove")).status_code == 404


@pytest.mark.asyncio
async def test_a_page_that_rings_asks_for_numbers_only(home: House) -> None:
    """`/alerts/open` names the open alerts by number; the pages carry the bell; the script is there."""
    nurse = await home.member("sister")
    async with home.logged_in(nurse) as browser:
        assert (await browser.get("/alerts/open")).json() == {"open": []}
        for path in ("/", "/alerts"):
            assert "data-ring=" in (await browser.get(path)).text
        assert (await browser.get("/static/console/ring.js")).status_code == 200
