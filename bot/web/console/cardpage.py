"""The card with the QR: shown and printed once, made anew when it is lost, and whether it has been used."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute

from bot.bootstrap import App
from bot.channels.simulator import CHANNEL as SIMULATOR
from bot.staff import cards, saving
from bot.staff.access import Permission
from bot.staff.cards import Ticket
from bot.web import phones
from bot.web.console import shell
from bot.web.console.access import Visitor, guarded
from bot.web.requests import RequestError
from bot.web.templates import Templates
from scheduler import enrolments
from scheduler.enrolments import EnrolmentView
from scheduler.errors import KeyMissingError, NotFoundError


def routes(app: App, templates: Templates) -> list[BaseRoute]:
    """The addresses of this part of the console."""
    pages = Cards(app, templates)
    return [
        guarded(app, "/patients/{id}/card", pages.make, Permission.ENROL, methods=("POST",)),
        guarded(app, "/patients/{id}/card", pages.state, Permission.SEE_PATIENTS),
        guarded(app, "/patients/{id}/connected", pages.connected, Permission.SEE_PATIENTS),
    ]


class Cards:
    """A new card, and how far the last one got."""

    def __init__(self, app: App, templates: Templates) -> None:
        """Make cards for the patients of `app`."""
        self._app = app
        self._templates = templates

    async def make(self, request: Request, visitor: Visitor) -> Response:
        """A new card in place of those that are not used yet."""
        app, enrolment_id = self._app, shell.number_in(request)
        async with app.store.write() as conn:
            view = await _patient(app, conn, enrolment_id)
            if view.state == "ended":
                raise RequestError(HTTPStatus.CONFLICT, "The follow-up of this patient has ended: enrol them again.")
            ticket = await saving.new_card(conn, app.store.keys, enrolment_id, app.clock.now(), visitor.staff.id)
        said = "This is a new card. Cards made before do not work any more: throw them away."
        return await show_card(app, self._templates, request, visitor, enrolment_id, ticket, said)

    async def state(self, request: Request, visitor: Visitor) -> Response:
        """How far the card got. What was on it cannot be shown again: it is not stored."""
        app, enrolment_id = self._app, shell.number_in(request)
        async with app.store.read() as conn:
            values = await shell.frame(conn, request, visitor, "patients")
            view = await _patient(app, conn, enrolment_id)
            connection = await cards.connection(conn, enrolment_id, app.clock.now())
        html = self._templates.page(
            "console/card.html", **values, view=view, card=None, connection=connection, said="", demo="", telegram=""
        )
        return HTMLResponse(html)

    async def connected(self, request: Request, visitor: Visitor) -> Response:
        """The live line of the card: `{"connected", "state", "words"}`; `?card=<link id>` asks about one card."""
        enrolment_id = shell.number_in(request)
        card = request.query_params.get("card", "")
        link_id = int(card) if card.isascii() and card.isdigit() and len(card) < 16 else None
        async with self._app.store.read() as conn:
            try:
                found = await cards.connection(conn, enrolment_id, self._app.clock.now(), link_id)
            except NotFoundError as error:
                raise RequestError(HTTPStatus.NOT_FOUND, str(error)) from error
        return JSONResponse({"connected": found.connected, "state": found.state, "words": found.words})


async def show_card(
    app: App,
    templates: Templates,
    request: Request,
    visitor: Visitor,
    enrolment_id: int,
    ticket: Ticket,
    said: str = "",
) -> Response:
    """The page with a card whose link was issued just now."""
    async with app.store.read() as conn:
        values = await shell.frame(conn, request, visitor, "enrol")
        view = await _patient(app, conn, enrolment_id)
        connection = await cards.connection(conn, enrolment_id, app.clock.now(), ticket.link_id)
        username = await cards.telegram_name(conn)
    html = templates.page(
        "console/card.html",
        **values,
        view=view,
        card=cards.card(app.content, view, ticket, username),
        connection=connection,
        said=said,
        demo=_demo_phone(request, enrolment_id),
        telegram=_waiting_for_telegram(app, username),
    )
    return HTMLResponse(html)


async def _patient(app: App, conn: Any, enrolment_id: int) -> EnrolmentView:
    try:
        return await enrolments.view(conn, app.store.keys, enrolment_id)
    except NotFoundError as error:
        raise RequestError(HTTPStatus.NOT_FOUND, "There is no such patient.") from error
    except KeyMissingError as error:
        raise RequestError(
            HTTPStatus.INTERNAL_SERVER_ERROR, "This patient's name cannot be read: tell whoever runs Saathi."
        ) from error


def _demo_phone(request: Request, enrolment_id: int) -> str:
    """Where the patient's phone can be held, in the demo."""
    there = any(getattr(route, "path", "") == "/demo" for route in request.app.routes)
    return f"/demo?chat={phones.waiting_key(enrolment_id)}" if there else ""


def _waiting_for_telegram(app: App, username: str | None) -> str:
    """Why there is no QR, if there ought to be one."""
    if username:
        return ""
    if any(sender.channel == cards.TELEGRAM for sender in app.senders):
        return "Telegram has not answered yet, so there is no QR. The code works already; make a new card later."
    only_simulator = all(sender.channel == SIMULATOR for sender in app.senders)
    return "No messenger is set up yet, so there is no QR: the code works in the simulator." if only_simulator else ""
