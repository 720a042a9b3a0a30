"""Enrolling a patient: the form, the preview of every message, and the card with the QR."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from bot.bootstrap import App
from bot.staff import cards, enrolling, saving, showing, values
from bot.staff.access import Permission
from bot.staff.enrolling import Form
from bot.staff.saving import Alike, Saved
from bot.web import page, requests
from bot.web.console import cardpage, shell
from bot.web.console.access import Visitor, guarded
from bot.web.templates import TOPICS, Templates
from scheduler.enrolments import NewEnrolment
from scheduler.errors import BadRequestError

CHANNELS = {"telegram": "Telegram", "whatsapp": "WhatsApp", "simulator": "Simulator"}
LANGUAGES = {"hi": "हिन्दी", "en": "English"}

CHANGED = "The messages are not those you saw before: please look at them again, then save."
"""Said when a choice or the day has changed between looking and saving."""


def routes(app: App, templates: Templates) -> list[BaseRoute]:
    """The addresses of this part of the console."""
    enrol = Enrol(app, templates)
    return [
        guarded(app, "/enrol", enrol.form, Permission.ENROL, methods=("GET", "POST")),
        guarded(app, "/enrol/preview", enrol.preview, Permission.ENROL, methods=("POST",)),
        guarded(app, "/enrol/save", enrol.save, Permission.ENROL, methods=("POST",)),
        *cardpage.routes(app, templates),
    ]


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that came in."""

    form: Form
    nonce: str
    fields: Mapping[str, str]


class Enrol:
    """The form, the preview, and saving."""

    def __init__(self, app: App, templates: Templates) -> None:
        """Enrol into `app`."""
        self._app = app
        self._templates = templates

    async def form(self, request: Request, visitor: Visitor) -> Response:
        """An empty form; or, coming back from the preview, the form as it was filled in."""
        if request.method == "POST":
            sent = await self._sent(request)
            return await self._form(request, visitor, replace(sent, form=replace(sent.form, problems={})))
        today = page.local(self._app.clock.now(), self._app.settings.timezone).date()
        return await self._form(request, visitor, Sent(enrolling.empty(today), _new_nonce(), {}))

    async def preview(self, request: Request, visitor: Visitor) -> Response:
        """Every message that will leave; or the form again with a sentence beside each field that cannot be."""
        sent = await self._sent(request)
        if sent.form.request is None:
            return await self._form(request, visitor, sent)
        return await self._preview(request, visitor, sent, sent.form.request)

    async def save(self, request: Request, visitor: Visitor) -> Response:
        """Enrol what was shown, once, and show the card."""
        sent = await self._sent(request)
        asked = sent.form.request
        if asked is None:
            return await self._form(request, visitor, sent)
        now = self._app.clock.now()
        plan = showing.plan(self._app.content, asked, now)
        if sent.fields.get("shown") != plan.mark:
            return await self._preview(request, visitor, sent, asked, said=CHANGED)
        # What was shown is what is stored: a default that changes later changes nothing here.
        asked = replace(asked, late_choices=plan.choices)
        try:
            saved = await self._save(asked, sent, visitor)
        except BadRequestError as error:
            problems = {"form": str(error)}
            return await self._form(request, visitor, replace(sent, form=replace(sent.form, problems=problems)))
        if isinstance(saved, Alike):
            return await self._preview(request, visitor, sent, asked)
        if saved.ticket is None:
            return RedirectResponse(f"/patients/{saved.enrolment_id}", HTTPStatus.SEE_OTHER)
        said = "" if saved.new else "This form was saved before. This is a fresh card: throw an earlier one away."
        return await cardpage.show_card(
            self._app, self._templates, request, visitor, saved.enrolment_id, saved.ticket, said
        )

    async def _save(self, asked: NewEnrolment, sent: Sent, visitor: Visitor) -> Saved | Alike:
        another = sent.fields.get("another") == "yes"
        for last in (False, True):
            try:
                async with self._app.store.write() as conn:
                    return await saving.save(
                        conn,
                        self._app.store.keys,
                        self._app.content,
                        asked,
                        self._app.clock.now(),
                        nonce=sent.nonce,
                        staff_id=visitor.staff.id,
                        another=another,
                    )
            except IntegrityError:
                # The same form, sent twice at once, has just been saved by the other request.
                if last:
                    raise
        raise AssertionError("the second try returns or raises")

    async def _sent(self, request: Request) -> Sent:
        fields = await requests.fields(request)
        nonce = fields.get("request", "")
        form = enrolling.parse(fields, self._app.content, self._app.clock.now(), self._app.settings.timezone)
        return Sent(form, nonce if enrolling.NONCE.fullmatch(nonce) else _new_nonce(), fields)

    async def _form(self, request: Request, visitor: Visitor, sent: Sent) -> Response:
        async with self._app.store.read() as conn:
            frame = await shell.frame(conn, request, visitor, "enrol")
        status = HTTPStatus.UNPROCESSABLE_ENTITY if sent.form.problems else HTTPStatus.OK
        slots = self._app.content.defaults.slots
        html = self._templates.page(
            "console/enrol.html",
            **frame,
            form=sent.form,
            typed=sent.form.values,
            problems=sent.form.problems,
            chosen=enrolling.chosen(sent.form, self._app.content),
            pickable=enrolling.pickable(sent.form),
            nonce=sent.nonce,
            languages=LANGUAGES,
            journeys=self._app.content.journeys,
            slots=slots,
            today=page.local(self._app.clock.now(), self._app.settings.timezone).date(),
            stay=self._app.content.defaults.usual_stay_days,
        )
        return HTMLResponse(html, status)

    async def _preview(
        self, request: Request, visitor: Visitor, sent: Sent, asked: NewEnrolment, said: str = ""
    ) -> Response:
        app, now = self._app, self._app.clock.now()
        plan = showing.plan(app.content, asked, now)
        async with app.store.read() as conn:
            frame = await shell.frame(conn, request, visitor, "enrol")
            alike = await saving.alike(conn, app.store.keys, asked)
            channel = await self._channel(conn)
        html = self._templates.page(
            "console/preview.html",
            **frame,
            said=said,
            typed=_carried(sent),
            nonce=sent.nonce,
            asked=asked,
            phone=values.phone_words(asked.phone or ""),
            journey=app.content.journeys[asked.journey],
            journeys=app.content.journeys,
            language=LANGUAGES[asked.language],
            language_code=asked.language,
            day=page.local(now, asked.zone).date(),
            plan=plan,
            alike=alike,
            same=any(one.same for one in alike),
            channel=channel,
            choices=showing.CHOICES,
            topics=TOPICS,
            gist=page.gist,
            date_words=page.date_words,
        )
        return HTMLResponse(html)

    async def _channel(self, conn: AsyncConnection) -> str:
        """Where the card will lead: what staff read as the channel of every message."""
        if await cards.telegram_name(conn):
            return CHANNELS[cards.TELEGRAM]
        names = [sender.channel for sender in self._app.senders]
        chosen = cards.TELEGRAM if cards.TELEGRAM in names else names[0]
        return CHANNELS.get(chosen, chosen)


def _carried(sent: Sent) -> dict[str, Any]:
    """What the preview's forms carry along, so that nothing is typed twice. Choices for past steps are radios there."""
    return {name: value for name, value in sent.form.values.items() if not name.startswith(enrolling.LATE)}


def _new_nonce() -> str:
    return secrets.token_hex(16)
