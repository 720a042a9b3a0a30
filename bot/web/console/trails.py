"""The audit trail: what was done, by whom, to which record. Names of patients do not stand here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from bot.bootstrap import App
from bot.staff import accounts, trail
from bot.staff.access import Permission
from bot.store.tables import audit
from bot.web.console.access import Visitor, guarded
from bot.web.console.shell import frame
from bot.web.states import near_moment
from bot.web.templates import Templates

AUDIT = "/audit"
LINES = 100
"""On one page; older ones follow by a link."""

_BIGGEST = 2**62


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the trail; the instant is in words."""

    at: str
    who: str
    what: str
    record: int | None
    """The enrolment it was about."""


def routes(app: App, templates: Templates) -> list[BaseRoute]:
    """The addresses of this part of the console."""

    async def page(request: Request, visitor: Visitor) -> Response:
        before, now = _before(request), app.clock.now()
        query = select(audit).where(audit.c.id < before).order_by(audit.c.id.desc()).limit(LINES + 1)
        async with app.store.read() as conn:
            rows = (await conn.execute(query)).all()
            names = {trail.actor(one.id): one.name for one in await accounts.everybody(conn, app.store.keys)}
            framed = await frame(conn, request, visitor, "audit")
        zone = app.settings.timezone
        lines = [
            Line(
                near_moment(row.at, now, zone),
                _who(row.actor, names),
                _what(row.action, row.detail, names),
                row.enrolment_id,
            )
            for row in rows[:LINES]
        ]
        older = rows[LINES - 1].id if len(rows) > LINES else None
        return HTMLResponse(templates.page("console/audit.html", **framed, lines=lines, older=older))

    return [guarded(app, AUDIT, page, Permission.READ_AUDIT)]


def _before(request: Request) -> int:
    typed = request.query_params.get("before", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else _BIGGEST


def _who(actor: str, names: dict[str, str]) -> str:
    if actor.startswith("chat:"):
        return f"A chat (address {actor.removeprefix('chat:')})"
    return names.get(actor, "At the machine" if actor == trail.SYSTEM else actor)


def _what(action: str, detail: dict[str, object], names: dict[str, str]) -> str:
    told = {**detail, "staff": names.get(f"staff:{detail.get('staff')}")} if "staff" in detail else detail
    more = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items())
    return f"{action.capitalize()} ({more})" if more else action.capitalize()
