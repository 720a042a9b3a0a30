"""Where providers bring events: verified, stored, and only then acknowledged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.bootstrap import WEBHOOKS, App
from bot.channels.inbound import ForgedError, MalformedError
from bot.channels.port import Channel
from bot.channels.receiving import NotStoredError, Receiver
from bot.web.requests import RequestError, body

MOST_BYTES = 1024 * 1024
"""The largest event taken; Telegram's are some kilobytes."""

_COME_BACK_AFTER = "2"
"""Seconds, for a provider that heeds it: the database is seldom away for long."""


def routes(app: App) -> list[BaseRoute]:
    """One address for each channel whose provider posts here."""
    return [
        Route(f"{WEBHOOKS}/{channel.name}", _endpoint(app, channel), methods=["POST"], name=f"{channel.name}-webhook")
        for channel in app.channels
        if channel.takes_webhooks
    ]


def _endpoint(app: App, channel: Channel) -> Callable[[Request], Awaitable[Response]]:
    receiver = Receiver(app.inbox, app.store)

    async def posted(request: Request) -> Response:
        """Answers 200 only when all that was posted is committed."""
        try:
            events = channel.webhook(request.headers, await body(request, MOST_BYTES), app.clock.now())
            for event in events:
                await receiver.receive(event)
                channel.stored(event)
        except RequestError as error:
            return _answer(HTTPStatus(error.status), str(error))
        except ForgedError:
            return _answer(HTTPStatus.FORBIDDEN, "This does not come from the provider.")
        except (MalformedError, ClientDisconnect):
            return _answer(HTTPStatus.BAD_REQUEST, "This is not an event of the provider.")
        except NotStoredError:
            answer = _answer(HTTPStatus.SERVICE_UNAVAILABLE, "This cannot be stored now: bring it again.")
            answer.headers["retry-after"] = _COME_BACK_AFTER
            return answer
        return Response()

    return posted


def _answer(status: HTTPStatus, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status)
