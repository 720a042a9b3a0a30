"""The ASGI application: which address does what."""

from __future__ import annotations

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot import health, metrics
from bot.bootstrap import App
from bot.web import demo as demo_page
from bot.web import webhooks
from bot.web.console import account, alerts, enrolling, login, members, patients, questions
from bot.web.requests import RequestError, wants_json
from bot.web.security import HEADERS, OwnPagesOnly, SecurityHeaders
from bot.web.templates import HERE, Templates

_SENTENCES = {
    HTTPStatus.NOT_FOUND: "There is no page at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that kind of request.",
}


def create_app(app: App, *, demo: bool) -> Starlette:
    """The web side of `app`; the addresses under `/demo` exist only if `demo` is true."""
    templates = Templates()

    async def start(request: Request) -> Response:
        return HTMLResponse(templates.page("start.html", demo=demo))

    async def healthy(request: Request) -> Response:
        found = await health.check(app)
        return JSONResponse(found.as_json(), HTTPStatus.OK if found.ok else HTTPStatus.SERVICE_UNAVAILABLE)

    async def numbers(request: Request) -> Response:
        return Response(await metrics.exposition(app), headers={"content-type": metrics.CONTENT_TYPE})

    async def refuse(request: Request, error: Exception) -> Response:
        status, sentence = _told(error)
        if wants_json(request):
            return JSONResponse({"error": sentence}, status, headers=HEADERS)
        back = "/demo" if demo and request.url.path.startswith("/demo/") else "/"
        return HTMLResponse(templates.page("error.html", sentence=sentence, back=back), status, headers=HEADERS)

    routes: list[BaseRoute] = [
        Route("/", start),
        Route("/health", healthy),
        Route("/metrics", numbers),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    routes += webhooks.routes(app)
    for part in (login, account, members, enrolling, patients, alerts, questions):
        routes += part.routes(app, templates)
    if demo:
        routes += demo_page.routes(app, templates)
    return Starlette(
        routes=routes,
        middleware=[Middleware(SecurityHeaders), Middleware(OwnPagesOnly)],
        exception_handlers={RequestError: refuse, HTTPException: refuse, Exception: refuse},
    )


def _told(error: Exception) -> tuple[int, str]:
    """Status and sentence; an error nobody foresaw says nothing of what is inside."""
    if isinstance(error, RequestError):
        return error.status, str(error)
    if isinstance(error, HTTPException):
        return error.status_code, _SENTENCES.get(HTTPStatus(error.status_code), "This request cannot be answered.")
    return HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side. It was noted; please try again."
