"""One's own account: the linked Telegram chat, the password, the browsers that are logged in."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import segno
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from bot.bootstrap import App
from bot.staff import accounts, sessions, tokens, trail
from bot.staff.access import Permission
from bot.staff.entering import Door, WaitError, WrongPasswordError
from bot.staff.passwords import SHORTEST, Passwords
from bot.staff.tokens import LIFETIMES, Purpose
from bot.store.tables import channel_state
from bot.web import requests
from bot.web.console.access import LOGIN, Visitor, enter, guarded, leave
from bot.web.console.login import come_from
from bot.web.console.shell import frame
from bot.web.templates import Templates
from scheduler.errors import BadRequestError

ACCOUNT = "/account"
_TELEGRAM = "telegram"
_QR_SCALE = 5


@dataclass(frozen=True, slots=True)
class Code:
    """A code that links the chat it is sent from."""

    letters: str
    """As it is typed: ABCD-EFGH."""
    minutes: int
    link: str | None
    """Opens Telegram with the code filled in; nothing while no Telegram bot is connected."""
    picture: str | None
    """The link as a QR: the address of a picture that holds it all."""


def routes(app: App, templates: Templates, passwords: Passwords) -> list[BaseRoute]:
    """The addresses of this part of the console."""
    pages = Pages(app, templates, Door(app.store, passwords))
    own, post = Permission.OWN_ACCOUNT, ("POST",)
    return [
        guarded(app, ACCOUNT, pages.page, own),
        guarded(app, ACCOUNT + "/password", pages.change_password, own, post),
        guarded(app, ACCOUNT + "/sessions/end", pages.log_out_everywhere, own, post),
        guarded(app, ACCOUNT + "/chat", pages.link_chat, own, post),
        guarded(app, ACCOUNT + "/chat/unlink", pages.unlink_chat, own, post),
    ]


class Pages:
    """What members of staff see of themselves."""

    def __init__(self, app: App, templates: Templates, door: Door) -> None:
        """Show accounts of `app`; a password is changed through `door`."""
        self._app = app
        self._templates = templates
        self._door = door

    async def page(self, request: Request, visitor: Visitor) -> Response:
        """The page."""
        return await self._shown(request, visitor)

    async def change_password(self, request: Request, visitor: Visitor) -> Response:
        """Replace the password; every other browser is logged out."""
        fields = await requests.fields(request)
        new = fields.get("new", ""), fields.get("again", "")
        come = come_from(self._app, request)
        try:
            opened = await self._door.change(
                visitor.staff, fields.get("password", ""), new, come, self._app.clock.now()
            )
        except WaitError as error:
            page = await self._shown(request, visitor, HTTPStatus.TOO_MANY_REQUESTS, problem=str(error))
            page.headers["retry-after"] = str(error.seconds)
            return page
        except WrongPasswordError:
            return await self._shown(
                request,
                visitor,
                HTTPStatus.UNPROCESSABLE_ENTITY,
                problem="The present password is wrong: type it again.",
            )
        except BadRequestError as error:
            return await self._shown(request, visitor, HTTPStatus.UNPROCESSABLE_ENTITY, problem=str(error))
        response = RedirectResponse(ACCOUNT + "?said=changed", HTTPStatus.SEE_OTHER)
        enter(self._app, response, opened)
        return response

    async def log_out_everywhere(self, request: Request, visitor: Visitor) -> Response:
        """End every session, this one too."""
        now = self._app.clock.now()
        async with self._app.store.write(wake=False) as conn:
            ended = await sessions.end_all(conn, visitor.staff.id, now)
            await trail.note(conn, trail.actor(visitor.staff.id), "logged out everywhere", now, sessions=ended)
        response = RedirectResponse(LOGIN, HTTPStatus.SEE_OTHER)
        leave(self._app, response)
        return response

    async def link_chat(self, request: Request, visitor: Visitor) -> Response:
        """Make a code and show it, this once."""
        now = self._app.clock.now()
        async with self._app.store.write(wake=False) as conn:
            letters = await tokens.make(conn, self._app.store.keys, Purpose.CHAT, visitor.staff.id, now)
            username = await conn.scalar(select(channel_state.c.username).where(channel_state.c.channel == _TELEGRAM))
        return await self._shown(request, visitor, code=_code(letters, username))

    async def unlink_chat(self, request: Request, visitor: Visitor) -> Response:
        """Send nothing to the linked chat any more."""
        now = self._app.clock.now()
        async with self._app.store.write(wake=False) as conn:
            await accounts.unlink(conn, visitor.staff.id, now)
            await trail.note(conn, trail.actor(visitor.staff.id), "chat unlinked", now)
        return RedirectResponse(ACCOUNT, HTTPStatus.SEE_OTHER)

    async def _shown(
        self,
        request: Request,
        visitor: Visitor,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        code: Code | None = None,
        problem: str = "",
    ) -> Response:
        now = self._app.clock.now()
        async with self._app.store.read() as conn:
            sittings = await sessions.of(conn, visitor.staff.id, now)
            framed = await frame(conn, request, visitor, "account")
        values: dict[str, Any] = {
            "sittings": sittings,
            "minutes_ago": lambda at: int((now - at).total_seconds() // 60),
            "code": code,
            "problem": problem,
            "shortest": SHORTEST,
        }
        if request.query_params.get("said") == "changed":
            framed["flash"] = "Your password was changed. You are logged out everywhere else."
        return HTMLResponse(self._templates.page("console/account.html", **framed, **values), status)


def _code(letters: str, username: str | None) -> Code:
    minutes = int(LIFETIMES[Purpose.CHAT].total_seconds() // 60)
    if not username:
        return Code(tokens.spaced(letters), minutes, None, None)
    link = f"https://t.me/{username}?start=s_{letters}"
    picture: str = segno.make(link, error="m").svg_data_uri(scale=_QR_SCALE)
    return Code(tokens.spaced(letters), minutes, link, picture)
