"""Who works here: for administrators."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from bot.bootstrap import App
from bot.staff import accounts, trail
from bot.staff.access import ROLES, Permission
from bot.web import requests
from bot.web.console.access import Visitor, guarded
from bot.web.console.login import INVITATION
from bot.web.console.shell import frame
from bot.web.requests import RequestError
from bot.web.templates import Templates
from scheduler.errors import BadRequestError, NotFoundError

STAFF = "/staff"

ROLE_WORDS = {
    "nurse": "Nurse: enrols patients, sees them, answers, takes alerts",
    "clinician": "Clinician: the same as a nurse",
    "admin": "Administrator: the same, and decides who works here",
    "auditor": "Auditor: reads who did what, sees no patient",
}


def routes(app: App, templates: Templates) -> list[BaseRoute]:
    """The addresses of this part of the console."""
    pages = Pages(app, templates)
    manage, post = Permission.MANAGE_STAFF, ("POST",)
    return [
        guarded(app, STAFF, pages.page, manage),
        guarded(app, STAFF + "/add", pages.add, manage, post),
        guarded(app, STAFF + "/{staff_id:int}/disable", pages.disable, manage, post),
        guarded(app, STAFF + "/{staff_id:int}/enable", pages.enable, manage, post),
        guarded(app, STAFF + "/{staff_id:int}/invite", pages.invite, manage, post),
    ]


class Pages:
    """The list of staff and what may be done to it. An invitation is shown once: in the answer to the request."""

    def __init__(self, app: App, templates: Templates) -> None:
        """Show and change the staff of `app`."""
        self._app = app
        self._templates = templates

    async def page(self, request: Request, visitor: Visitor) -> Response:
        """The list."""
        return await self._shown(request, visitor)

    async def add(self, request: Request, visitor: Visitor) -> Response:
        """A new account, and its invitation."""
        typed = {name: (await requests.fields(request)).get(name, "") for name in ("name", "login", "role")}
        now = self._app.clock.now()
        try:
            async with self._app.store.write(wake=False) as conn:
                added = await accounts.add(
                    conn, self._app.store.keys, typed["name"], typed["login"], typed["role"], now
                )
                who = trail.actor(visitor.staff.id)
                await trail.note(conn, who, "staff added", now, staff=added.staff_id, role=typed["role"])
        except BadRequestError as error:
            return await self._shown(request, visitor, HTTPStatus.UNPROCESSABLE_ENTITY, problem=str(error), typed=typed)
        return await self._shown(request, visitor, invited=added.staff_id, token=added.token)

    async def disable(self, request: Request, visitor: Visitor) -> Response:
        """Shut a member out at once."""
        staff_id, now = request.path_params["staff_id"], self._app.clock.now()
        try:
            async with self._app.store.write(wake=False) as conn:
                await accounts.disable(conn, staff_id, now)
                await trail.note(conn, trail.actor(visitor.staff.id), "staff disabled", now, staff=staff_id)
        except BadRequestError as error:
            return await self._shown(request, visitor, HTTPStatus.UNPROCESSABLE_ENTITY, problem=str(error))
        except NotFoundError as error:
            raise RequestError(HTTPStatus.NOT_FOUND, str(error)) from error
        if staff_id == visitor.staff.id:
            raise RequestError(HTTPStatus.FORBIDDEN, "Your account is disabled now, as you asked.")
        return await self._shown(request, visitor)

    async def enable(self, request: Request, visitor: Visitor) -> Response:
        """Let a disabled member back in, by a new invitation."""
        return await self._invited(request, visitor, "staff enabled")

    async def invite(self, request: Request, visitor: Visitor) -> Response:
        """A new invitation, for somebody who lost the first one or forgot the password."""
        return await self._invited(request, visitor, "staff invited")

    async def _invited(self, request: Request, visitor: Visitor, action: str) -> Response:
        staff_id, now = request.path_params["staff_id"], self._app.clock.now()
        make = accounts.enable if action == "staff enabled" else accounts.invite
        try:
            async with self._app.store.write(wake=False) as conn:
                token = await make(conn, self._app.store.keys, staff_id, now)
                await trail.note(conn, trail.actor(visitor.staff.id), action, now, staff=staff_id)
        except BadRequestError as error:
            return await self._shown(request, visitor, HTTPStatus.UNPROCESSABLE_ENTITY, problem=str(error))
        except NotFoundError as error:
            raise RequestError(HTTPStatus.NOT_FOUND, str(error)) from error
        return await self._shown(request, visitor, invited=staff_id, token=token)

    async def _shown(
        self,
        request: Request,
        visitor: Visitor,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        problem: str = "",
        typed: dict[str, str] | None = None,
        invited: int | None = None,
        token: str = "",
    ) -> Response:
        async with self._app.store.read() as conn:
            members = await accounts.everybody(conn, self._app.store.keys)
            framed = await frame(conn, request, visitor, "staff")
        base = self._app.settings.public_url or str(request.base_url).rstrip("/")
        page = self._templates.page(
            "console/members.html",
            **framed,
            members=members,
            roles={role: ROLE_WORDS[role] for role in ROLES},
            problem=problem,
            typed=typed or {"name": "", "login": "", "role": "nurse"},
            invited=next((member for member in members if member.id == invited), None),
            link=base + INVITATION + token if token else "",
        )
        return HTMLResponse(page, status)
