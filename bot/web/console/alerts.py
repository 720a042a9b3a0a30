"""Alerts and notices: who needs somebody now, acknowledging and closing."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from bot.bootstrap import App
from bot.staff import alerts, notices
from bot.staff.access import Permission
from bot.store import reading
from bot.web import requests
from bot.web.console.access import Visitor, guarded
from bot.web.console.cases import OUTCOME_WORDS, People
from bot.web.console.shell import answer, back_to, frame, number_in, ringing
from bot.web.templates import Templates


def routes(app: App, templates: Templates) -> list[BaseRoute]:
    """The addresses of this part of the console."""
    pages = Pages(app, templates)
    return [
        guarded(app, "/alerts", pages.everything, Permission.SEE_ALERTS),
        guarded(app, "/alerts/open", pages.ringing, Permission.SEE_ALERTS),
        guarded(app, "/alerts/{id}/acknowledge", pages.acknowledge, Permission.ACT_ON_ALERTS, methods=("POST",)),
        guarded(app, "/alerts/{id}/close", pages.close, Permission.ACT_ON_ALERTS, methods=("POST",)),
        guarded(app, "/notices/{id}/done", pages.done, Permission.ACT_ON_ALERTS, methods=("POST",)),
    ]


class Pages:
    """What can be seen and done."""

    def __init__(self, app: App, templates: Templates) -> None:
        """Show the alerts of `app`."""
        self._app = app
        self._templates = templates

    async def everything(self, request: Request, visitor: Visitor) -> Response:
        """Open alerts first, then the acknowledged ones, notices, and the newest closed alerts."""
        app, now = self._app, self._app.clock.now()
        async with app.store.read() as conn:
            shared = await frame(conn, request, visitor, "alerts")
            found = await reading.alert_list(conn, app.store.keys)
            noted = await reading.notices(conn)
            people = await People.of(conn, app.store.keys, app.content, now, [*found, *noted])
        cases = [people.alert(one) for one in found]
        html = self._templates.page(
            "console/alerts.html",
            **shared,
            open=[one for one in cases if one.state == "open"],
            seen=[one for one in cases if one.state == "acknowledged"],
            closed=[one for one in cases if one.state == "closed"],
            notices=[people.notice(one) for one in noted],
            outcomes=OUTCOME_WORDS,
        )
        return answer(request, html)

    async def ringing(self, request: Request, visitor: Visitor) -> Response:
        """The alerts nobody has acknowledged, for the page that rings: no words, no names."""
        async with self._app.store.read() as conn:
            return JSONResponse({"open": list(await ringing(conn))})

    async def acknowledge(self, request: Request, visitor: Visitor) -> Response:
        """Tell the patient that this member of staff has seen it."""
        app, alert_id = self._app, number_in(request)
        async with app.store.write() as conn:
            first = await alerts.acknowledge(
                conn, app.store.keys, app.content, alert_id, visitor.staff, app.clock.now()
            )
        return await back(request, "/alerts", "acknowledged" if first else "already", f"a{alert_id}")

    async def close(self, request: Request, visitor: Visitor) -> Response:
        """Close it with the chosen outcome."""
        app, alert_id = self._app, number_in(request)
        outcome = (await requests.fields(request)).get("outcome", "")
        async with app.store.write() as conn:
            await alerts.close(conn, app.store.keys, app.content, alert_id, visitor.staff, outcome, app.clock.now())
        return await back(request, "/alerts", "alert-closed")

    async def done(self, request: Request, visitor: Visitor) -> Response:
        """A notice was dealt with."""
        async with self._app.store.write(wake=False) as conn:
            await notices.done(conn, number_in(request), visitor.staff, self._app.clock.now())
        return await back(request, "/alerts", "done")


async def back(request: Request, path: str, said: str, anchor: str = "") -> Response:
    """To where the form was: the patient's page if the form names one in `patient`, else `path`."""
    patient = (await requests.fields(request)).get("patient", "")
    if patient.isascii() and patient.isdigit() and len(patient) < 16:
        return back_to(f"/patients/{patient}", said)
    return back_to(path, said, anchor)
