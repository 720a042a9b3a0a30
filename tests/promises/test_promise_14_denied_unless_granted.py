"""Promise 14: every address and staff command states its permission; what staff do to a patient is in the trail."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.staff.access import ROLES, Permission, may
from bot.store.tables import audit
from bot.web.console.access import GuardedRoute
from tests.support.console import Browser, house
from tests.support.members import PASSWORD
from tests.support.ward import DAY, Ward, settle

PUBLIC = {"/about", "/health", "/metrics", "/static", "/login", "/invitation/{token}"}

ENROL = {
    "name": "Chitra Example", "phone": "90000 00003", "language": "en", "procedure": "mis-tlif",
    "surgery_on": DAY.isoformat(), "surgery_time": "09:30", "request": "0" * 32,
}  # fmt: skip
FORMS: dict[str, dict[str, str]] = {
    "/patients/{id}/pause": {"days": "3"},
    "/patients/{id}/resume": {},
    "/patients/{id}/dates": {"surgery_on": "2026-03-03", "surgery_time": "10:00", "confirm": "yes"},
    "/patients/{id}/language": {"language": "hi"},
    "/patients/{id}/medicine": {"medicine": "8:00, 20:00 for 7 days"},
    "/patients/{id}/photo": {"photo": "1"},
    "/patients/{id}/stop": {"asked": "yes"},
    "/patients/{id}/end": {"reason": "recovered"},
    "/patients/{id}/card": {},
    "/alerts/{id}/acknowledge": {},
    "/alerts/{id}/close": {"outcome": "called"},
    "/notices/{id}/done": {},
    "/questions/{id}/answer": {"text": "The ward is on the second floor."},
    "/questions/{id}/close": {},
    "/questions/{id}/learn": {"faq": "new", "phrasing": "where is my stick", "reply": "By the bed.", "clean": "yes"},
    "/questions/{id}/unlearn": {},
    "/enrol/save": ENROL,
    "/logout": {},
    "/account/password": {"password": PASSWORD, "new": "eleven quiet brass bells", "again": "eleven quiet brass bells"},
    "/account/sessions/end": {},
    "/account/chat/unlink": {},
    "/staff/add": {"name": "Devi Example", "login": "devi", "role": "nurse"},
    "/staff/{staff_id:int}/invite": {},
    "/staff/{staff_id:int}/disable": {},
    "/staff/{staff_id:int}/enable": {},
    "/rota/add": {"staff": "1", "day-0": "yes", "from": "08:00", "to": "20:00", "place": "1"},
    "/rota/days": {"first": "2026-03-08", "away": "0", "instead": "1"},
    "/rota/test": {"staff": "1"},
    "/rota/shifts/{id}/remove": {},
    "/rota/changes/{id}/remove": {},
}
"""How the form of each address is filled in so that it does something."""
CHANGES_NOBODY = {"/enrol", "/enrol/preview", "/account/chat"}
"""Showing the form or the preview stores nothing; a code for one's own chat concerns no patient."""
ORDER = (
    "add", "days", "pause", "resume", "dates", "language", "medicine", "photo", "acknowledge", "close", "stop", "end",
    "remove", "learn", "unlearn",
)  # fmt: skip
"""What must come before what: an ended follow-up is not paused."""


@pytest_asyncio.fixture
async def ward(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Ward]:
    """A ward with something to do on every page."""
    async with house(tmp_path, sqlite_url) as home:
        yield await settle(home)


@pytest.mark.asyncio
async def test_promise_14_every_route_states_its_permission(ward: Ward) -> None:
    """Whatever is not guarded is on the short list of what anybody may see, and stays there by name."""
    routes = ward.house.pages.routes
    for route in routes:
        if isinstance(route, GuardedRoute):
            assert isinstance(route.permission, Permission)
        else:
            path = getattr(route, "path", "?")
            assert path in PUBLIC or path.startswith("/webhooks/"), path


@pytest.mark.asyncio
async def test_promise_14_a_role_nobody_granted_anything_gets_nothing(ward: Ward) -> None:
    """A role that is not in the table is denied everywhere, and so is every permission that is new."""
    assert not any(may("porter", permission) for permission in Permission)
    assert set(ROLES) == {"nurse", "clinician", "admin", "auditor"}
    for route, method in ward.house.guarded():
        path = ward.path(route.path)
        async with ward.house.logged_in(ward.staff["auditor"]) as browser:
            answer = await (browser.get(path) if method == "GET" else browser.post(path))
        allowed = route.permission in {Permission.READ_AUDIT, Permission.OWN_ACCOUNT}
        at_home = answer.headers.get("location") == "/account" and path == "/"
        assert allowed == (answer.status_code != 403 and not at_home), path


@pytest.mark.asyncio
async def test_promise_14_everything_staff_do_is_in_the_audit_trail(ward: Ward) -> None:
    """Each form of the console, filled in: it works, and a line says who did what to whom. A new form fails here."""
    home, admin = ward.house, ward.staff["admin"]
    posts = [route for route, method in home.guarded() if method == "POST"]
    assert {route.path for route in posts} == set(FORMS) | CHANGES_NOBODY
    for route in sorted(posts, key=_order):
        if route.path in CHANGES_NOBODY:
            continue
        path = ward.path(route.path)
        async with home.logged_in(admin) as browser:
            before = await _lines(ward)
            answer = await browser.post(path, **await _filled_in(browser, route.path))
        assert answer.status_code in (200, 303), (path, answer.status_code)
        added = (await _lines(ward))[len(before) :]
        mine = [line for line in added if line[0] == f"staff:{admin.id}"]
        assert mine, f"{path} left no line in the audit trail"
        if route.permission not in {Permission.OWN_ACCOUNT, Permission.MANAGE_STAFF}:
            assert all(enrolment_id is not None for _, _, enrolment_id in mine), path


@pytest.mark.asyncio
async def test_promise_14_looking_at_a_patient_is_noted(ward: Ward) -> None:
    """Who opened whose page stands in the trail; the list of patients and the auditor's page show no less."""
    nurse = ward.staff["nurse"]
    async with ward.house.logged_in(nurse) as browser:
        assert (await browser.get(f"/patients/{ward.patient}")).status_code == 200
    lines = await _lines(ward)
    assert [line for line in lines if line[0] == f"staff:{nurse.id}" and line[2] == ward.patient]
    async with ward.house.logged_in(ward.staff["auditor"]) as browser:
        page = await browser.get("/audit")
    assert page.status_code == 200
    assert f'<td data-label="Record">{ward.patient}</td>' in page.text
    assert "Asha" not in page.text


async def _lines(ward: Ward) -> list[tuple[str, str, int | None]]:
    async with ward.house.app.store.read() as conn:
        rows = await conn.execute(select(audit.c.actor, audit.c.action, audit.c.enrolment_id).order_by(audit.c.id))
        return [(row.actor, row.action, row.enrolment_id) for row in rows]


async def _filled_in(browser: Browser, path: str) -> dict[str, str]:
    fields = FORMS[path]
    if path == "/enrol/save":
        preview = await browser.post("/enrol/preview", **fields)
        found = re.search(r'name="shown" value="([^"]+)"', preview.text)
        assert found is not None, preview.text[-2000:]
        return fields | {"shown": found.group(1)}
    return fields


def _order(route: GuardedRoute) -> tuple[int, str]:
    last = route.path.rpartition("/")[2]
    return (ORDER.index(last) if last in ORDER else -1, route.path)
