from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import structlog

from bot import logs, metrics
from bot.staff import accounts
from bot.staff.access import ROLES, may
from bot.web.security import HEADERS
from tests.support.console import House, house
from tests.support.members import PASSWORD
from tests.support.ward import Ward, settle

PUBLIC = {"/about", "/health", "/metrics", "/static", "/login", "/invitation/{token}"}
"""What anybody may ask for. Whoever makes this longer says why in the review."""

LEAVES = {"/logout", "/account/sessions/end"}
"""Afterwards nobody is logged in, as asked."""

SESSIONS = {"staff_session", "login_try"}
"""Tables that any request may touch."""


@pytest_asyncio.fixture
async def ward(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Ward]:
    """A ward with something on every page."""
    async with house(tmp_path, sqlite_url, demo=True) as home:
        yield await settle(home)


@pytest_asyncio.fixture
async def home(tmp_path: Path, sqlite_url: str) -> AsyncIterator[House]:
    """An empty system."""
    async with house(tmp_path, sqlite_url) as made:
        yield made


async def stored(home: House) -> dict[str, list[tuple[object, ...]]]:
    """What is in the database, without sessions."""
    return {name: rows for name, rows in (await home.content_of_database()).items() if name not in SESSIONS}


@pytest.mark.asyncio
async def test_every_address_is_guarded_or_on_the_short_list(ward: Ward) -> None:
    """A new one without a permission fails here; the demo's exist in the demo only."""
    public = ward.house.open_routes()
    demo = {path for path in public if path == "/demo" or path.startswith("/demo/")}
    assert {path for path in public - demo if not path.startswith("/webhooks/")} == PUBLIC
    assert len(ward.house.guarded()) > 20


@pytest.mark.parametrize("role", list(ROLES))
@pytest.mark.asyncio
async def test_each_role_may_what_it_was_granted_and_nothing_else(ward: Ward, role: str) -> None:
    """Every address with every role: let in, or 403 with a sentence and nothing changed."""
    home, staff = ward.house, ward.staff[role]
    denied = 0
    for route, method in home.guarded():
        path, before = ward.path(route.path), await stored(home)
        async with home.logged_in(staff) as browser:
            answer = await (browser.get(path) if method == "GET" else browser.post(path))
        if may(role, route.permission):
            assert answer.status_code not in (401, 403), (method, path)
            assert answer.status_code < 500, (method, path)
            if path not in LEAVES:
                assert not answer.headers.get("location", "").startswith("/login"), (method, path)
            continue
        denied += 1
        if path == "/":
            assert answer.headers["location"] == "/account"
        else:
            assert answer.status_code == 403, (method, path)
            assert f"Your role ({role}) may not do this." in answer.text
        assert await stored(home) == before, (method, path)
    assert (denied == 0) == (role == "admin")


@pytest.mark.asyncio
async def test_nobody_gets_in_without_a_session(ward: Ward) -> None:
    """Each address leads to the login and changes nothing, whatever stands in the cookie."""
    home, before = ward.house, await stored(ward.house)
    async with home.browser() as browser:
        for token in ("", "made-up", "x" * 5000):
            if token:
                browser.hold(token)
            for route, method in home.guarded():
                path = ward.path(route.path)
                answer = await browser.client.request(method, path, headers={"accept": "text/html"})
                assert answer.status_code == 303, (method, path)
                assert answer.headers["location"].startswith("/login?next="), (method, path)
    assert await stored(home) == before


@pytest.mark.asyncio
async def test_a_form_needs_the_token_of_its_own_session(ward: Ward) -> None:
    """Missing, wrong, another member's, another session's of the same member: 403, and nothing changed."""
    home, admin = ward.house, ward.staff["admin"]
    posts = [ward.path(route.path) for route, method in home.guarded() if method == "POST"]
    async with home.logged_in(admin) as browser, home.logged_in(admin) as second, home.logged_in(ward.spare) as other:
        before = await stored(home)
        for path in posts:
            for given in (None, "", "wrong", browser.csrf[:-1], browser.csrf.upper() + "x", second.csrf, other.csrf):
                data = {} if given is None else {"csrf": given}
                answer = await browser.client.post(path, data=data, headers={"accept": "text/html"})
                assert answer.status_code == 403, (path, given)
                assert "open it again" in answer.text
            query = await browser.client.post(path, params={"csrf": browser.csrf})
            assert query.status_code == 403, path
        assert await stored(home) == before
        assert (await browser.get("/account")).status_code == 200


@pytest.mark.asyncio
async def test_no_address_changes_anything_when_it_is_only_looked_at(ward: Ward) -> None:
    """A GET leaves a line in the audit trail at most, so a link or picture on another page can do no harm."""
    home = ward.house
    before = await stored(home)
    async with home.logged_in(ward.staff["admin"]) as browser:
        for route, method in home.guarded():
            if method == "GET":
                await browser.get(ward.path(route.path))
    after = await stored(home)
    assert {name for name in after if after[name] != before[name]} <= {"audit"}


@pytest.mark.asyncio
async def test_what_a_foreign_page_sends_is_refused_even_with_the_right_token(ward: Ward) -> None:
    """The second wall: a browser says where a form comes from. Logging somebody in unasked is stopped by it too."""
    async with ward.house.logged_in(ward.staff["admin"]) as browser:
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example.org"}):
            for path, data in (
                (f"/patients/{ward.patient}/stop", {"csrf": browser.csrf, "asked": "yes"}),
                ("/login", {"login": "spare", "password": PASSWORD}),
            ):
                answer = await browser.client.post(path, data=data, headers=headers)
                assert answer.status_code == 403
                assert "set-cookie" not in answer.headers


@pytest.mark.asyncio
async def test_disabling_somebody_is_felt_at_their_next_click(ward: Ward) -> None:
    """No page shows anything any more, though the browser still holds its cookie."""
    home = ward.house
    async with home.logged_in(ward.spare) as theirs, home.logged_in(ward.staff["admin"]) as browser:
        assert (await theirs.get(f"/patients/{ward.patient}")).status_code == 200
        await browser.post(f"/staff/{ward.spare.id}/disable")
        for path in ("/", f"/patients/{ward.patient}", "/account"):
            assert (await theirs.get(path)).status_code == 303
        assert (await theirs.post(f"/patients/{ward.patient}/stop", asked="yes")).status_code == 303


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("saathi.example.org", "/login", 200), ("SAATHI.example.org:443", "/login", 200),
        ("127.0.0.1:8000", "/login", 200), ("[::1]:8000", "/login", 200), ("localhost", "/login", 200),
        ("evil.example.org", "/login", 421),
        ("saathi.example.org.evil.example", "/login", 421), ("evil.example.org", "/static/base.css", 421),
        ("web:8000", "/health", 200), ("web:8000", "/metrics", 200),
    ],
)  # fmt: skip
@pytest.mark.asyncio
async def test_pages_are_served_under_their_own_name_only(
    tmp_path: Path, sqlite_url: str, host: str, path: str, status: int
) -> None:
    """A foreign name that points here shows nothing; machines of the same network may ask how we are."""
    async with house(tmp_path, sqlite_url, public_url="https://saathi.example.org") as home, home.browser() as browser:
        answer = await browser.client.get(path, headers={"host": host})
        assert answer.status_code == status
        assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.asyncio
async def test_errors_are_pages_for_people(ward: Ward) -> None:
    """One sentence each, without anything of the inside, and never kept by the browser."""
    async with ward.house.logged_in(ward.staff["nurse"]) as browser:
        answers = {
            403: await browser.get("/staff"),
            404: await browser.get("/nowhere"),
            405: await browser.get("/logout"),
            413: await browser.post("/enrol/preview", name="x" * 300_000),
        }
        missing = await browser.get("/patients/99999")
    for status, answer in [*answers.items(), (404, missing)]:
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
        assert "That did not work" in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "Traceback" not in answer.text
    async with ward.house.browser() as browser:
        for number in range(6):
            told = await browser.log_in("sister", f"guess {number}")
        assert told.status_code == 429
        assert int(told.headers["retry-after"]) == 30


@pytest.mark.asyncio
async def test_names_are_shown_as_text_and_never_run(home: House) -> None:
    """A name full of signs of HTML arrives as it was written."""
    admin = await home.member("boss", "admin")
    async with home.logged_in(admin) as browser:
        shown = await browser.post("/staff/add", name="<img src=x onerror=1>", login='"><b>', role="nurse")
        again = await browser.post("/staff/add", name="<script>", login='"><b>', role="nurse")
        login = await browser.client.post("/login", data={"login": "<script>", "password": "x", "next": '"><script>'})
    for page in (shown, again, login):
        assert "<script>" not in page.text
        assert "<img src=x" not in page.text
        assert '"><b>' not in page.text


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything the process logs, at the most talkative level."""
    root = logging.getLogger()
    before = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("debug", "json", stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.asyncio
async def test_logins_passwords_names_and_links_are_in_no_log_and_no_metric(
    tmp_path: Path, sqlite_url: str, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logging in rightly and wrongly, invitations, a broken page: canaries appear nowhere."""
    password = "zebra canary feather lamp"
    async with house(tmp_path, sqlite_url) as home:
        async with home.app.store.write() as conn:
            keys, now = home.app.store.keys, home.clock.now()
            added = await accounts.add(conn, keys, "Zebra Canary", "canarylogin", "admin", now)
        transport = httpx.ASGITransport(home.pages, raise_app_exceptions=False, client=("203.0.113.77", 1))
        async with httpx.AsyncClient(transport=transport, base_url=home.base) as client:
            await client.get(f"/invitation/{added.token}")
            new = {"password": password, "again": password}
            assert (await client.post(f"/invitation/{added.token}", data=new)).status_code == 303
            token = client.cookies["saathi"]
            for number in range(7):
                await client.post("/login", data={"login": "canarylogin", "password": f"canary {number}"})
            home.clock.advance(timedelta(minutes=1))
            await client.post("/login", data={"login": "canarylogin", "password": password})

            def broken(*_: object) -> None:
                raise ValueError(f"Zebra Canary {password} {added.token}")

            with monkeypatch.context() as patch:
                patch.setattr("bot.staff.entering.problem", broken)
                patch.setattr("bot.staff.accounts.everybody", broken)
                assert (await client.get("/staff")).status_code == 500
            told = [(await metrics.exposition(home.app)).decode(), log.getvalue(), (await client.get("/health")).text]
    for canary in ("canary", "zebra", "feather", "203.0.113", added.token, token):
        assert [page for page in told if canary in page.lower() or canary in page] == [], canary
