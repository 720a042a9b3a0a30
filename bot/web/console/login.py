"""Logging in and out, and choosing a password by a one-time link."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.bootstrap import App
from bot.staff import accounts, sessions, trail
from bot.staff.access import Permission
from bot.staff.entering import Door, From, WaitError, WrongPasswordError
from bot.staff.passwords import SHORTEST, Passwords
from bot.web import requests
from bot.web.console.access import LOGIN, START, Visitor, cookie_name, enter, guarded, leave, visitor_of
from bot.web.templates import Templates
from scheduler.errors import BadRequestError

INVITATION = "/invitation/"

_OWN_PATH = re.compile(r"/(?![/\\])[^\\\s\x00-\x1f\x7f]{0,1000}")


def routes(app: App, templates: Templates, passwords: Passwords, *, demo: bool) -> list[BaseRoute]:
    """The addresses of this part of the console."""
    pages = Pages(app, templates, Door(app.store, passwords), demo=demo)
    return [
        Route(LOGIN, pages.form),
        Route(LOGIN, pages.log_in, methods=["POST"]),
        guarded(app, "/logout", pages.log_out, Permission.OWN_ACCOUNT, methods=("POST",)),
        Route(INVITATION + "{token}", pages.invitation),
        Route(INVITATION + "{token}", pages.accept, methods=["POST"]),
    ]


class Pages:
    """What can be seen and done without being logged in."""

    def __init__(self, app: App, templates: Templates, door: Door, *, demo: bool) -> None:
        """Let people into `app` through `door`."""
        self._app = app
        self._templates = templates
        self._door = door
        self._demo = demo

    async def form(self, request: Request) -> Response:
        """The page that asks for login and password; who is logged in is sent on."""
        wanted = safe_next(request.query_params.get("next", ""))
        if await visitor_of(self._app, request) is not None:
            return RedirectResponse(wanted, HTTPStatus.SEE_OTHER)
        return await self._login_page(wanted)

    async def log_in(self, request: Request) -> Response:
        """Check login and password; a new session, or the page again with one sentence."""
        fields = await requests.fields(request)
        wanted = safe_next(fields.get("next", ""))
        login, password = fields.get("login", "")[: accounts.LONGEST_LOGIN], fields.get("password", "")
        now = self._app.clock.now()
        try:
            opened = await self._door.log_in(login, password, come_from(self._app, request), now)
        except WrongPasswordError as error:
            return await self._login_page(wanted, str(error), HTTPStatus.UNAUTHORIZED, login)
        except WaitError as error:
            page = await self._login_page(wanted, str(error), HTTPStatus.TOO_MANY_REQUESTS, login)
            page.headers["retry-after"] = str(error.seconds)
            return page
        response = RedirectResponse(wanted, HTTPStatus.SEE_OTHER)
        enter(self._app, response, opened)
        return response

    async def log_out(self, request: Request, visitor: Visitor) -> Response:
        """End this session."""
        now = self._app.clock.now()
        async with self._app.store.write(wake=False) as conn:
            await sessions.end(conn, visitor.session_id, now)
            await trail.note(conn, trail.actor(visitor.staff.id), "logged out", now)
        response = RedirectResponse(LOGIN, HTTPStatus.SEE_OTHER)
        leave(self._app, response)
        return response

    async def invitation(self, request: Request) -> Response:
        """The page that asks for a new password; an old link is told so."""
        staff = await self._door.invited(request.path_params["token"], self._app.clock.now())
        if staff is None:
            return self._invitation_page(None, HTTPStatus.GONE)
        return self._invitation_page(staff)

    async def accept(self, request: Request) -> Response:
        """Store the chosen password and log in, or the page again with one sentence."""
        token, now = request.path_params["token"], self._app.clock.now()
        fields = await requests.fields(request)
        try:
            new = fields.get("password", ""), fields.get("again", "")
            opened = await self._door.accept(token, new, come_from(self._app, request), now)
        except BadRequestError as error:
            staff = await self._door.invited(token, now)
            status = HTTPStatus.UNPROCESSABLE_ENTITY if staff else HTTPStatus.GONE
            return self._invitation_page(staff, status, str(error))
        response = RedirectResponse(START, HTTPStatus.SEE_OTHER)
        enter(self._app, response, opened)
        return response

    async def _login_page(
        self, wanted: str, problem: str = "", status: HTTPStatus = HTTPStatus.OK, login: str = ""
    ) -> Response:
        async with self._app.store.read() as conn:
            nobody = not await accounts.anybody(conn)
        page = self._templates.page(
            "console/login.html", next=wanted, problem=problem, login=login, nobody=nobody, demo=self._demo
        )
        return HTMLResponse(page, status)

    def _invitation_page(
        self, staff: accounts.Staff | None, status: HTTPStatus = HTTPStatus.OK, problem: str = ""
    ) -> Response:
        page = self._templates.page("console/invitation.html", staff=staff, problem=problem, shortest=SHORTEST)
        return HTMLResponse(page, status)


def come_from(app: App, request: Request) -> From:
    """The browser's network address and the session it holds already."""
    host = request.client.host if request.client else ""
    return From(host, request.cookies.get(cookie_name(app), ""))


def safe_next(wanted: str) -> str:
    """Where to go after the login: a page of ours, never another site's, whatever the address of the login says."""
    # Browsers read \ as / and drop tabs and line ends; what is escaped is looked at as well as what is not.
    for reading in (wanted, unquote(wanted)):
        parts = urlsplit(reading) if _OWN_PATH.fullmatch(reading) else None
        if parts is None or parts.scheme or parts.netloc:
            return START
    return START if wanted.startswith((LOGIN, INVITATION)) else wanted
