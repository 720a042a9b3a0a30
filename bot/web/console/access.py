"""The door of the console: who is it, may they, and did the request come from one of our own pages?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.bootstrap import App
from bot.staff import accounts, sessions
from bot.staff.access import Permission, may
from bot.staff.accounts import Staff
from bot.staff.sessions import Opened
from bot.web import requests
from bot.web.requests import RequestError

COOKIE = "saathi"
SECURE_COOKIE = "__Host-saathi"
"""A browser takes a cookie of this name only over TLS, from the host itself, for the whole host."""

START = "/"
LOGIN = "/login"
HOME_OF_OTHERS = "/account"
LIVE = "x-saathi-live"
"""The header by which an open page asks for news by itself: that is nobody's doing, so no session lives on by it."""
_SAFE_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """The member of staff who asks, in one session of theirs."""

    staff: Staff
    csrf: str
    """Goes into the hidden field `csrf` of every form."""
    session_id: int

    @property
    def name(self) -> str:
        """The name as patients read it."""
        return self.staff.name

    @property
    def role(self) -> str:
        """nurse, clinician, admin or auditor."""
        return self.staff.role

    def may(self, permission: Permission | str) -> bool:
        """Whether this visitor was granted `permission` (in templates its value, such as 'see_patients')."""
        return may(self.staff.role, Permission(permission))


Endpoint = Callable[[Request, Visitor], Awaitable[Response]]


class GuardedRoute(Route):
    """A route that states who may use it."""

    permission: Permission


def guarded(
    app: App, path: str, endpoint: Endpoint, permission: Permission, methods: Sequence[str] = ("GET",)
) -> GuardedRoute:
    """A route for logged-in staff who were granted `permission`.

    Who is not logged in is sent to the login page and back (JSON callers get 401), who may not gets 403, and so does a
    POST without the CSRF token of this session in its field `csrf`.
    """

    async def door(request: Request) -> Response:
        visitor = await visitor_of(app, request)
        if visitor is None:
            return _to_login(request)
        if not may(visitor.role, permission):
            if path == START:
                # Where everybody comes after the login, who sees no patients is at home in their own account.
                return RedirectResponse(HOME_OF_OTHERS, HTTPStatus.SEE_OTHER)
            raise RequestError(HTTPStatus.FORBIDDEN, f"Your role ({visitor.role}) may not do this.")
        if request.method not in _SAFE_METHODS:
            await check_csrf(request, visitor)
        return await endpoint(request, visitor)

    route = GuardedRoute(path, door, methods=list(methods), name=getattr(endpoint, "__name__", None))
    route.permission = permission
    return route


async def visitor_of(app: App, request: Request) -> Visitor | None:
    """Who is logged in in this browser, if anybody; the session goes on from here."""
    token = request.cookies.get(cookie_name(app), "")
    now = app.clock.now()
    async with app.store.read() as conn:
        session = await sessions.find(conn, app.store.keys, token, now)
        if session is None:
            return None
        staff = await accounts.by_id(conn, app.store.keys, session.staff_id)
    if session.stale and LIVE not in request.headers:
        async with app.store.write(wake=False) as conn:
            await sessions.seen(conn, session.id, now)
    return Visitor(staff, session.csrf, session.id)


async def check_csrf(request: Request, visitor: Visitor) -> None:
    """Raise RequestError (403) unless the form carries the token of this visitor's session."""
    given = (await requests.fields(request)).get("csrf", "")
    if not sessions.same(given, visitor.csrf):
        raise RequestError(
            HTTPStatus.FORBIDDEN, "This page is too old to send: open it again and repeat the last step."
        )


def _to_login(request: Request) -> Response:
    if requests.wants_json(request) or LIVE in request.headers:
        return JSONResponse({"error": "You are not logged in: open the login page."}, HTTPStatus.UNAUTHORIZED)
    # What was posted is gone after the login, so whoever posted is sent to the start.
    wanted = request.url.path if request.method in _SAFE_METHODS else "/"
    if request.method in _SAFE_METHODS and request.url.query:
        wanted += f"?{request.url.query}"
    return RedirectResponse(f"{LOGIN}?next={quote(wanted, safe='')}", HTTPStatus.SEE_OTHER)


def cookie_name(app: App) -> str:
    """The name of the session's cookie: the strict one where people come over TLS."""
    return SECURE_COOKIE if over_tls(app) else COOKIE


def over_tls(app: App) -> bool:
    """Whether people reach this system over TLS."""
    return app.settings.public_url.startswith("https://")


def enter(app: App, response: Response, opened: Opened) -> None:
    """Hand the session to the browser that gets `response`; it forgets it when it is closed."""
    response.set_cookie(cookie_name(app), opened.token, path="/", secure=over_tls(app), httponly=True, samesite="lax")


def leave(app: App, response: Response) -> None:
    """Let the browser that gets `response` forget its session."""
    response.delete_cookie(cookie_name(app), path="/", secure=over_tls(app), httponly=True, samesite="lax")
