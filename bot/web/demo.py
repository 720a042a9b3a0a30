"""The demo: any patient's phone, the ward's side of it, and a clock that can be moved. Exists only under `make demo`.

Everything done on the phone goes through the simulator channel and the same inbox, outbox and dispatcher as on every
other channel. Each action is a plain form; a script asks for JSON instead and changes the open page.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot import driver, sample
from bot.bootstrap import App
from bot.channels.inbound import Kind
from bot.channels.simulator import CHANNEL, Phone
from bot.pictures.cleaning import MOST_BYTES
from bot.staff import alerts, questions, sessions
from bot.store import reading
from bot.web import requests
from bot.web.console.access import enter
from bot.web.gather import gather
from bot.web.page import Page
from bot.web.phones import Handset, handsets
from bot.web.requests import RequestError
from bot.web.surgeries import Invitation
from bot.web.templates import Templates
from scheduler import links, outbox
from scheduler.people import find_address
from scheduler.sender import Button

MOST_CHARACTERS = 10_000
"""More than any messenger lets through in one message (Telegram 4,096); Saathi itself answers what is too long."""
MOST_DATA_BYTES = 64
"""Telegram's limit of what a button carries (Bot API, InlineKeyboardButton)."""

MOST_UPLOAD_BYTES = MOST_BYTES + 64 * 1024
"""A picture of the largest size, and the form around it."""

STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
ATTACHMENTS = {"photo": Kind.PHOTO, "sticker": Kind.STICKER, "voice": Kind.VOICE}

REGIONS = {
    "people": ("demo/top.html", "people"),
    "clock": ("demo/top.html", "clock"),
    "plan": ("demo/plan.html", "plan"),
    "side": ("demo/plan.html", "side"),
    "status": ("demo/phone.html", "status"),
    "menu": ("demo/phone.html", "menu"),
    "log": ("demo/phone.html", "log"),
    "composer": ("demo/phone.html", "composer"),
}
"""The parts of the page that change while it is open: template and macro. Those of phone.html are given the phone."""

Fields = Mapping[str, str]
Action = Callable[[Phone, Fields], Awaitable[None]]


def routes(app: App, templates: Templates) -> list[BaseRoute]:
    """The addresses of the demo."""
    demo = Demo(app, templates)
    return [
        Route("/demo", demo.page),
        Route("/demo/pictures/{message:int}", demo.picture),
        Route("/demo/api/state", demo.state),
        Route("/demo/api/say", demo.doing(demo.say), methods=["POST"]),
        Route("/demo/api/tap", demo.doing(demo.tap), methods=["POST"]),
        Route("/demo/api/send", demo.doing(demo.send), methods=["POST"]),
        Route("/demo/api/photo", demo.photo, methods=["POST"]),
        Route("/demo/api/block", demo.doing(demo.block), methods=["POST"]),
        Route("/demo/api/clock", demo.doing(demo.move), methods=["POST"]),
        Route("/demo/api/acknowledge", demo.doing(demo.acknowledge), methods=["POST"]),
        Route("/demo/api/answer", demo.doing(demo.answer), methods=["POST"]),
        Route("/demo/console", demo.console, methods=["POST"]),
    ]


class Demo:
    """What the page can show and do."""

    def __init__(self, app: App, templates: Templates) -> None:
        """Show and move `app`, whose clock must be settable for the clock buttons."""
        self._app = app
        self._templates = templates
        self._one_at_a_time = asyncio.Lock()
        self._one_inviter = asyncio.Lock()
        self._invitations: dict[int, Invitation] = {}

    async def page(self, request: Request) -> Response:
        """The whole page, with the phone named by `chat` (by default the first) in hand."""
        page = await self._gather(request.query_params.get("chat"))
        version, _ = self._parts(page)
        return HTMLResponse(self._templates.page("demo/page.html", page=page, version=version))

    async def state(self, request: Request) -> Response:
        """The changing parts of the page; 304 if they are those the browser has (`If-None-Match`)."""
        page = await self._gather(request.query_params.get("chat"))
        version, regions = self._parts(page)
        tag = {"etag": f'"{version}"'}
        if request.headers.get("if-none-match") == tag["etag"]:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=tag)
        return JSONResponse({"chat": page.chosen.key, "version": version, "regions": regions}, headers=tag)

    async def picture(self, request: Request) -> Response:
        """The picture of one message to a phone."""
        async with self._app.store.read() as conn:
            body = await outbox.body_of(conn, self._app.store.keys, CHANNEL, request.path_params["message"])
        if body is None or body.picture is None:
            raise RequestError(HTTPStatus.NOT_FOUND, "There is no such picture.")
        return Response(body.picture, media_type="image/png")

    def doing(self, action: Action) -> Callable[[Request], Awaitable[Response]]:
        """An address that does `action` on the phone named in the request, sends what is due, and shows the result."""

        async def endpoint(request: Request) -> Response:
            fields = await requests.fields(request)
            key = _needed(fields, "chat")
            await self._known(key)
            async with self._one_at_a_time:
                await action(Phone(key, self._app.inbox, self._app.clock), fields)
                await self._app.dispatcher.drain()
            if not requests.wants_json(request):
                return RedirectResponse(f"/demo?chat={quote(key)}", HTTPStatus.SEE_OTHER)
            page = await self._gather(key)
            version, regions = self._parts(page)
            return JSONResponse({"chat": key, "version": version, "regions": regions})

        return endpoint

    async def say(self, phone: Phone, fields: Fields) -> None:
        """Type and send `text`."""
        # A plain form ends its lines with CR LF, a script with LF.
        text = _needed(fields, "text").replace("\r\n", "\n")
        if len(text) > MOST_CHARACTERS:
            raise RequestError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"A message may have at most {MOST_CHARACTERS:,} characters; this one has {len(text):,}.",
            )
        await phone.type(text)

    async def tap(self, phone: Phone, fields: Fields) -> None:
        """Press the button that carries `data` under the message `reply_to`."""
        data = _needed(fields, "data")
        if len(data.encode()) > MOST_DATA_BYTES:
            raise RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, f"A button carries at most {MOST_DATA_BYTES} bytes.")
        under = fields.get("reply_to") or None
        await phone.tap(Button(await self._label(phone.address, data, under), data), under)

    async def send(self, phone: Phone, fields: Fields) -> None:
        """Send an attachment of the given `kind`."""
        kind = ATTACHMENTS.get(_needed(fields, "kind"))
        if kind is None:
            raise RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, f"Choose one of {', '.join(ATTACHMENTS)}.")
        await phone.do(kind)

    async def photo(self, request: Request) -> Response:
        """Send the picture in the file `photo` of the form, with an optional caption `text`. A plain form, always."""
        form = await requests.upload(request, MOST_UPLOAD_BYTES)
        key, sent, caption = form.get("chat"), form.get("photo"), form.get("text")
        if not isinstance(key, str) or not isinstance(sent, bytes) or not sent:
            raise RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, "Choose a photo to send.")
        await self._known(key)
        async with self._one_at_a_time:
            phone = Phone(key, self._app.inbox, self._app.clock)
            await phone.send_picture(sent, caption if isinstance(caption, str) else "")
            await self._app.fetcher.tick()
            await self._app.dispatcher.drain()
        return RedirectResponse(f"/demo?chat={quote(key)}", HTTPStatus.SEE_OTHER)

    async def block(self, phone: Phone, fields: Fields) -> None:
        """Block the bot (`blocked` is yes) or let it in again (no)."""
        wanted = _needed(fields, "blocked")
        if wanted not in ("yes", "no"):
            raise RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, "Say 'yes' to block the bot or 'no' to unblock it.")
        await phone.do(Kind.BLOCKED if wanted == "yes" else Kind.UNBLOCKED)

    async def move(self, phone: Phone, fields: Fields) -> None:
        """Move the clock of the whole system: by an hour, by a day, or to this phone's next message."""
        step = _needed(fields, "step")
        now = self._app.clock.now()
        if step in STEPS:
            await driver.advance(self._app, now + STEPS[step])
        elif step == "next":
            page = await self._gather(phone.address)
            await driver.advance(self._app, page.next_at or now)
        else:
            raise RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, f"Choose one of next, {', '.join(STEPS)}.")

    async def acknowledge(self, phone: Phone, fields: Fields) -> None:
        """The nurse has seen the alert `alert`; the phone gets to know."""
        app, nurse = self._app, await sample.nurse(self._app)
        async with app.store.write() as conn:
            number = _number(fields, "alert")
            await alerts.acknowledge(conn, app.store.keys, app.content, number, nurse, app.clock.now())

    async def answer(self, phone: Phone, fields: Fields) -> None:
        """The nurse answers the question `question` with `text`."""
        app, nurse = self._app, await sample.nurse(self._app)
        text = _needed(fields, "text").replace("\r\n", "\n")
        async with app.store.write() as conn:
            number = _number(fields, "question")
            await questions.answer(conn, app.store.keys, app.content, number, nurse, text, app.clock.now())

    async def console(self, request: Request) -> Response:
        """Open the ward's console, at the start or at the patient `patient`, logged in as the nurse."""
        app, nurse = self._app, await sample.nurse(self._app)
        fields = await requests.fields(request)
        path = f"/patients/{_number(fields, 'patient')}" if "patient" in fields else "/"
        async with app.store.write(wake=False) as conn:
            opened = await sessions.open(conn, app.store.keys, nurse.id, app.clock.now())
        response = RedirectResponse(path, HTTPStatus.SEE_OTHER)
        enter(app, response, opened)
        return response

    async def _gather(self, key: str | None) -> Page:
        await self._invite()
        async with self._app.store.read() as conn:
            if key is None:
                key = (await handsets(conn, self._app.store.keys))[0].key
            page = await gather(self._app, conn, key, self._invitations)
        if page is None:
            raise _no_such_phone()
        return page

    async def _known(self, key: str) -> None:
        async with self._app.store.read() as conn:
            if key not in {one.key for one in await handsets(conn, self._app.store.keys)}:
                raise _no_such_phone()

    async def _invite(self) -> None:
        """Issue a link, as staff would, for each patient whose phone has not been used yet: only its hash is stored."""
        async with self._one_inviter:
            store, now = self._app.store, self._app.clock.now()
            async with store.read() as conn:
                waiting = {one.enrolments[0].id for one in await handsets(conn, store.keys) if _waits(one)}
            for gone in set(self._invitations) - waiting:
                del self._invitations[gone]
            for enrolment_id in waiting - set(self._invitations):
                async with store.write() as conn:
                    issued = await links.issue_first(conn, store.keys, enrolment_id, now)
                url = f"https://t.me/SaathiExampleBot?start={issued.token}"
                self._invitations[enrolment_id] = Invitation(issued.token, issued.code, url)

    async def _label(self, key: str, data: str, under: str | None) -> str:
        """What stands on the button, as the phone shows it; empty for one that is not there."""
        keys = self._app.store.keys
        async with self._app.store.read() as conn:
            address_id = await find_address(conn, keys, CHANNEL, key)
            lines = await reading.chat(conn, keys, address_id) if address_id is not None else []
        shown = (button for line in lines if line.provider_id == under for button in line.buttons)
        return next((button.label for button in shown if button.data == data), "")

    def _parts(self, page: Page) -> tuple[str, dict[str, str]]:
        regions = {
            name: self._templates.part(template, macro, page.phone if template == "demo/phone.html" else page)
            for name, (template, macro) in REGIONS.items()
        }
        return hashlib.sha256(json.dumps(regions).encode()).hexdigest()[:16], regions


def _waits(handset: Handset) -> bool:
    """Whether this is the unused phone of somebody who was invited."""
    return handset.address_id is None and bool(handset.enrolments) and handset.enrolments[0].state == "invited"


def _needed(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if value is None or (name != "text" and not value):
        raise RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, f"'{name}' is missing in this request.")
    return value


def _number(fields: Fields, name: str) -> int:
    value = _needed(fields, name)
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, f"'{name}' must be a number in this request.")
    return int(value)


def _no_such_phone() -> RequestError:
    return RequestError(HTTPStatus.NOT_FOUND, "There is no such phone in the demo: choose a person on top of the page.")
