"""One patient's page, and what staff may do there. Each action is a plain form that leads back to the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, time
from http import HTTPStatus

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from bot.bootstrap import App
from bot.pictures import photos
from bot.staff import patients
from bot.staff.access import Permission
from bot.staff.accounts import Staff
from bot.staff.patients import END_REASONS, MOST_PAUSE_DAYS, Dates
from bot.staff.questions import LONGEST_ANSWER
from bot.store.reading import AlertView, NoticeView, QuestionView
from bot.web import requests
from bot.web.console.access import Visitor, guarded
from bot.web.console.cases import OUTCOME_WORDS, People, replies
from bot.web.console.record import Record, record, shares_chat
from bot.web.console.shell import answer, back_to, frame, is_live, number_in
from bot.web.states import TONES, near_moment
from bot.web.templates import Templates
from scheduler.errors import BadRequestError, NotFoundError

Fields = Mapping[str, str]
Doing = Callable[[AsyncConnection, int, Staff, Fields], Awaitable[None]]

END_CHOICES = {key: words[0].upper() + words[1:] for key, words in END_REASONS.items()}


def routes(app: App, templates: Templates) -> list[BaseRoute]:
    """The addresses of one patient's page."""
    pages = Pages(app, templates)
    do = Actions(app)
    change = Permission.CHANGE_PATIENTS

    def post(name: str, doing: Doing, said: str) -> BaseRoute:
        return guarded(app, f"/patients/{{id}}/{name}", pages.doing(name, doing, said), change, methods=("POST",))

    return [
        guarded(app, "/patients/{id}", pages.show, Permission.SEE_PATIENTS),
        guarded(app, "/patients/{id}/photos/{photo}", pages.photo, Permission.SEE_PATIENTS),
        guarded(app, "/patients/{id}/dates", pages.dates, change, methods=("POST",)),
        post("pause", do.pause, "paused"),
        post("resume", do.resume, "resumed"),
        post("end", do.end, "ended"),
        post("language", do.language, "language"),
        post("medicine", do.medicine, "medicine"),
        post("stop", do.stop, "stopped"),
        post("photo", do.delete_photo, "photo-deleted"),
    ]


class Actions:
    """What the forms of the page ask for, each in the caller's transaction."""

    def __init__(self, app: App) -> None:
        """Change patients of `app`."""
        self._app = app

    async def pause(self, conn: AsyncConnection, enrolment_id: int, staff: Staff, fields: Fields) -> None:
        """Pause for `days`."""
        typed = fields.get("days", "").strip()
        days = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
        await patients.pause(conn, self._app.content, enrolment_id, staff, self._app.clock.now(), days)

    async def resume(self, conn: AsyncConnection, enrolment_id: int, staff: Staff, _fields: Fields) -> None:
        """Go on."""
        await patients.resume(conn, self._app.content, enrolment_id, staff, self._app.clock.now())

    async def end(self, conn: AsyncConnection, enrolment_id: int, staff: Staff, fields: Fields) -> None:
        """End for a `reason`."""
        reason = fields.get("reason", "")
        await patients.end(conn, self._app.content, enrolment_id, staff, self._app.clock.now(), reason)

    async def language(self, conn: AsyncConnection, enrolment_id: int, staff: Staff, fields: Fields) -> None:
        """Write in `language`."""
        chosen = fields.get("language", "")
        await patients.set_language(conn, self._app.content, enrolment_id, staff, self._app.clock.now(), chosen)

    async def medicine(self, conn: AsyncConnection, enrolment_id: int, staff: Staff, fields: Fields) -> None:
        """Other medicine times, with one's word that the patient agreed to those `at_night`."""
        app, typed, at_night = self._app, fields.get("medicine", ""), fields.get("at_night") == "yes"
        await patients.set_medicine(
            conn, app.store.keys, app.content, enrolment_id, staff, app.clock.now(), typed, at_night=at_night
        )

    async def stop(self, conn: AsyncConnection, enrolment_id: int, staff: Staff, fields: Fields) -> None:
        """STOP, once somebody has ticked that the patient asked for it."""
        if fields.get("asked") != "yes":
            raise BadRequestError("Tick that the patient asked for it.")
        app = self._app
        await patients.stop(conn, app.store.keys, app.content, enrolment_id, staff, app.clock.now())

    async def delete_photo(self, conn: AsyncConnection, enrolment_id: int, staff: Staff, fields: Fields) -> None:
        """Delete what the photo `photo` shows."""
        typed = fields.get("photo", "")
        photo_id = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else 0
        await photos.delete(conn, enrolment_id, photo_id, staff, self._app.clock.now())


class Pages:
    """What can be seen, and how an action is answered."""

    def __init__(self, app: App, templates: Templates) -> None:
        """Show the patients of `app`."""
        self._app = app
        self._templates = templates

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """The page; whoever opens it is noted in the audit trail."""
        enrolment_id = number_in(request)
        html = await self._page(request, visitor, enrolment_id)
        if not is_live(request):
            async with self._app.store.write(wake=False) as conn:
                await patients.viewed(conn, enrolment_id, visitor.staff, self._app.clock.now())
        return answer(request, html)

    async def photo(self, request: Request, visitor: Visitor) -> Response:
        """What one photo shows; whoever looks at it is noted in the audit trail. Never kept by the browser."""
        enrolment_id, photo_id = number_in(request), number_in(request, "photo")
        async with self._app.store.write(wake=False) as conn:
            if not await shares_chat(conn, enrolment_id):
                raise NotFoundError("There is no photo to be shown here.")
            jpeg = await photos.look(
                conn, self._app.store.keys, enrolment_id, photo_id, visitor.staff, self._app.clock.now()
            )
        return Response(jpeg, media_type="image/jpeg", headers={"content-disposition": "inline"})

    def doing(self, name: str, action: Doing, said: str) -> Callable[[Request, Visitor], Awaitable[Response]]:
        """An address that does `action` and leads back; what cannot be done is said beside its form (422)."""

        async def endpoint(request: Request, visitor: Visitor) -> Response:
            enrolment_id = number_in(request)
            fields = await requests.fields(request)
            try:
                async with self._app.store.write() as conn:
                    await action(conn, enrolment_id, visitor.staff, fields)
            except BadRequestError as error:
                html = await self._page(request, visitor, enrolment_id, problems={name: str(error)}, typed=fields)
                return HTMLResponse(html, HTTPStatus.UNPROCESSABLE_ENTITY)
            return back_to(f"/patients/{enrolment_id}", said)

        endpoint.__name__ = name
        return endpoint

    async def dates(self, request: Request, visitor: Visitor) -> Response:
        """First what the new dates would change, in numbers; with `confirm` they are saved."""
        app, enrolment_id, now = self._app, number_in(request), self._app.clock.now()
        fields = await requests.fields(request)
        try:
            wanted = _dates(fields)
            async with app.store.write(wake=fields.get("confirm") == "yes") as conn:
                if fields.get("confirm") == "yes":
                    await patients.move_dates(conn, app.content, enrolment_id, visitor.staff, now, wanted)
                    return back_to(f"/patients/{enrolment_id}", "dates")
                moved = await patients.preview_dates(conn, app.content, enrolment_id, now, wanted)
        except BadRequestError as error:
            html = await self._page(request, visitor, enrolment_id, problems={"dates": str(error)})
            return HTMLResponse(html, HTTPStatus.UNPROCESSABLE_ENTITY)
        async with app.store.read() as conn:
            shared = await frame(conn, request, visitor, "patients")
            one = await record(app, conn, enrolment_id)
        following = near_moment(moved.next_at, now, one.zone) if moved.next_at else ""
        html = self._templates.page(
            "console/dates.html", **shared, one=one, wanted=wanted, moved=moved, following=following
        )
        return HTMLResponse(html)

    async def _page(
        self,
        request: Request,
        visitor: Visitor,
        enrolment_id: int,
        problems: Mapping[str, str] | None = None,
        typed: Fields | None = None,
    ) -> str:
        """`problems`: by action, what cannot be; `typed`: the form it came from, so that nothing is typed twice."""
        app, now = self._app, self._app.clock.now()
        async with app.store.read() as conn:
            shared = await frame(conn, request, visitor, "patients")
            one = await record(app, conn, enrolment_id)
            cases: list[AlertView | QuestionView | NoticeView] = [*one.alerts, *one.questions, *one.notices]
            people = await People.of(conn, app.store.keys, app.content, now, cases)
            said = await replies(conn, app.store.keys, one.questions)
        return self._templates.page(
            "console/patient.html",
            **shared,
            one=one,
            tone=TONES[one.standing],
            alerts=[people.alert(each) for each in one.alerts],
            questions=[people.question(each, said) for each in one.questions],
            notices=[people.notice(each) for each in one.notices],
            problems=problems or {},
            typed=typed or {},
            slots=app.content.defaults.slots,
            silent=_silent(one),
            outcomes=OUTCOME_WORDS,
            end_reasons=END_CHOICES,
            most_days=MOST_PAUSE_DAYS,
            longest=LONGEST_ANSWER,
        )


def _silent(one: Record) -> str:
    """Why answers and conversation are not shown; empty if they are."""
    if not one.connected:
        return "The patient is not connected yet, so there is nothing to show."
    if not one.sharing:
        return (
            "This patient has not agreed to share with the care team. Answers and conversation are not shown here; "
            "only an emergency they report is. To know how they are, phone them."
        )
    if not one.chat_shown:
        return "Somebody else who reads on the same phone has not agreed to share, so the conversation is not shown."
    return ""


def _dates(fields: Fields) -> Dates:
    """The dates of the form. Raises BadRequestError."""
    surgery = _date(fields.get("surgery_on", ""))
    if surgery is None:
        raise BadRequestError("Enter the date of the surgery.")
    return Dates(surgery, _time(fields.get("surgery_time", "")), _date(fields.get("discharge_on", "")))


def _date(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip()) if typed.strip() else None
    except ValueError as error:
        raise BadRequestError("Write a date like 2026-11-20.") from error


def _time(typed: str) -> time | None:
    try:
        return time.fromisoformat(typed.strip()).replace(tzinfo=None) if typed.strip() else None
    except ValueError as error:
        raise BadRequestError("Write a time like 09:30.") from error
