"""The ASGI application: which address does what."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot import health, metrics
from bot.bootstrap import App
from bot.staff.passwords import Passwords
from bot.web import demo as demo_page
from bot.web import webhooks
from bot.web.console import account, alerts, duty, enrolling, login, members, patients, questions, trails
from bot.web.console.access import over_tls
from bot.web.requests import RequestError, wants_json
from bot.web.security import HEADERS, OwnHostOnly, OwnPagesOnly, SecurityHeaders
from bot.web.templates import HERE, Templates
from scheduler.errors import BadRequestError, NotFoundError

_SENTENCES = {
    HTTPStatus.NOT_FOUND: "There is no page at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that kind of request.",
}


def create_app(app: App, *, demo: bool, passwords: Passwords | None = None) -> Starlette:
    """The web side of `app`; the addresses under `/demo` exist only if `demo` is true.

    `passwords` hashes those of staff; tests hand in a cheaper one.
    """
    templates = Templates()
    passwords = passwords or Passwords()

    async def about(request: Request) -> Response:
        return HTMLResponse(templates.page("start.html", demo=demo))

    async def healthy(request: Request) -> Response:
        found = await health.check(app)
        return JSONResponse(found.as_json(), HTTPStatus.OK if found.ok else HTTPStatus.SERVICE_UNAVAILABLE)

    async def numbers(request: Request) -> Response:
        return Response(await metrics.exposition(app), headers={"content-type": metrics.CONTENT_TYPE})

    async def refuse(request: Request, error: Exception) -> Response:
        status, sentence, headers = _told(error)
        if wants_json(request):
            return JSONResponse({"error": sentence}, status, headers=headers)
        back = "/demo" if demo and request.url.path.startswith("/demo/") else "/"
        return HTMLResponse(templates.page("error.html", sentence=sentence, back=back), status, headers=headers)

    routes: list[BaseRoute] = [
        Route("/about", about),
        Route("/health", healthy),
        Route("/metrics", numbers),
        Mount("/static", StaticFiles(directory=HERE / "static")),
        *webhooks.routes(app),
        *login.routes(app, templates, passwords, demo=demo),
        *account.routes(app, templates, passwords),
    ]
    for part in (members, duty, trails, enrolling, patients, alerts, questions):
        routes += part.routes(app, templates)
    if demo:
        routes += demo_page.routes(app, templates)
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(SecurityHeaders, over_tls=over_tls(app)),
            Middleware(OwnHostOnly, host=urlsplit(app.settings.public_url).hostname or ""),
            Middleware(OwnPagesOnly),
        ],
        exception_handlers=dict.fromkeys(
            (RequestError, BadRequestError, NotFoundError, HTTPException, Exception), refuse
        ),
    )


def _told(error: Exception) -> tuple[int, str, dict[str, str]]:
    """Status, sentence and headers; an error nobody foresaw says nothing of what is inside."""
    match error:
        case RequestError(status=status, retry_after=int(wait)):
            return status, str(error), HEADERS | {"retry-after": str(wait)}
        case RequestError(status=status):
            return status, str(error), HEADERS
        case NotFoundError():
            return HTTPStatus.NOT_FOUND, str(error), HEADERS
        case BadRequestError():
            return HTTPStatus.BAD_REQUEST, str(error), HEADERS
        case HTTPException(status_code=status):
            sentence = _SENTENCES.get(HTTPStatus(status), "This request cannot be answered.")
            return status, sentence, HEADERS | dict(error.headers or {})
        case _:
            sentence = "Something went wrong on our side. It was noted; please try again."
            return HTTPStatus.INTERNAL_SERVER_ERROR, sentence, HEADERS
