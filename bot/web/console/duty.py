"""The rota: who is on call when, which days are otherwise, and whose chat gets the daily test message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from bot.bootstrap import App
from bot.staff import accounts, mornings, rotas
from bot.staff.access import Permission
from bot.staff.escalation import Group
from bot.staff.rota import DAYS, Change, Rota, Shift, on_call, spans
from bot.web import requests
from bot.web.console.access import Visitor, guarded
from bot.web.console.shell import back_to, frame, number_in
from bot.web.templates import Templates
from scheduler.errors import BadRequestError

ROTA = "/rota"
AHEAD = 7
"""Days of the coming turns that are shown."""

PLACES = {1: "Told first", 2: "Backup", 3: "Third", 4: "Fourth", 5: "Fifth"}
NOBODY = "0"


@dataclass(frozen=True, slots=True)
class Turn:
    """From when to when who is on call, in words."""

    begins: str
    ends: str
    who: str
    empty: bool
    """Nobody: everybody who may see alerts is told at once."""


def routes(app: App, templates: Templates) -> list[BaseRoute]:
    """The addresses of this part of the console."""
    pages = Pages(app, templates)
    manage, post = Permission.MANAGE_STAFF, ("POST",)
    return [
        guarded(app, ROTA, pages.page, Permission.SEE_ALERTS),
        guarded(app, ROTA + "/add", pages.add, manage, post),
        guarded(app, ROTA + "/days", pages.days, manage, post),
        guarded(app, ROTA + "/test", pages.test, manage, post),
        guarded(app, ROTA + "/shifts/{id}/remove", pages.remove_shift, manage, post),
        guarded(app, ROTA + "/changes/{id}/remove", pages.remove_change, manage, post),
    ]


class Pages:
    """What can be seen by all who see alerts, and changed by administrators."""

    def __init__(self, app: App, templates: Templates) -> None:
        """Show the rota of `app`."""
        self._app = app
        self._templates = templates

    async def page(self, request: Request, visitor: Visitor) -> Response:
        """The rota and who is on call."""
        return await self._shown(request, visitor)

    async def add(self, request: Request, visitor: Visitor) -> Response:
        """Weekly hours, on each chosen day. Needs staff, from, to, place, and day-0 to day-6."""
        form = await requests.fields(request)
        try:
            chosen = [weekday for weekday in range(len(DAYS)) if form.get(f"day-{weekday}")]
            if not chosen:
                raise BadRequestError("Choose at least one day of the week.")
            starts, ends = _clock(form.get("from", "")), _clock(form.get("to", ""))
            async with self._app.store.write(wake=False) as conn:
                for weekday in chosen:
                    shift = Shift(_number(form.get("staff")), weekday, starts, ends, _number(form.get("place")))
                    await rotas.add_shift(conn, visitor.staff, shift, self._app.clock.now())
        except BadRequestError as error:
            return await self._shown(request, visitor, problem=str(error), typed=form)
        return back_to(ROTA, "rota")

    async def days(self, request: Request, visitor: Visitor) -> Response:
        """Somebody is away, or a holiday. Needs first, last, away (0: a holiday), instead (0: nobody)."""
        form = await requests.fields(request)
        try:
            away, instead = _number(form.get("away")), _number(form.get("instead"))
            first = _date(form.get("first", ""))
            change = Change(first, _date(form.get("last") or form.get("first", "")), away or None, instead or None)
            async with self._app.store.write(wake=False) as conn:
                await rotas.add_change(conn, visitor.staff, change, self._app.clock.now())
        except BadRequestError as error:
            return await self._shown(request, visitor, problem=str(error), typed=form)
        return back_to(ROTA, "rota")

    async def test(self, request: Request, visitor: Visitor) -> Response:
        """Whose chat gets the daily test message; staff 0: nobody's."""
        chosen = _number((await requests.fields(request)).get("staff"))
        try:
            async with self._app.store.write(wake=False) as conn:
                await rotas.set_canary(conn, visitor.staff, chosen or None, self._app.clock.now())
        except BadRequestError as error:
            return await self._shown(request, visitor, problem=str(error))
        return back_to(ROTA, "rota")

    async def remove_shift(self, request: Request, visitor: Visitor) -> Response:
        """Take weekly hours off the rota."""
        async with self._app.store.write(wake=False) as conn:
            await rotas.remove_shift(conn, visitor.staff, number_in(request), self._app.clock.now())
        return back_to(ROTA, "rota")

    async def remove_change(self, request: Request, visitor: Visitor) -> Response:
        """Let the weekly hours hold again."""
        async with self._app.store.write(wake=False) as conn:
            await rotas.remove_change(conn, visitor.staff, number_in(request), self._app.clock.now())
        return back_to(ROTA, "rota")

    async def _shown(
        self, request: Request, visitor: Visitor, *, problem: str = "", typed: Mapping[str, str] | None = None
    ) -> Response:
        app, now, zone = self._app, self._app.clock.now(), self._app.settings.timezone
        today = now.astimezone(ZoneInfo(zone)).date()
        async with app.store.read() as conn:
            framed = await frame(conn, request, visitor, "rota")
            able = set(await rotas.members(conn))
            everybody = await accounts.everybody(conn, app.store.keys)
            shifts, changes = await rotas.shifts(conn), await rotas.changes(conn, today - timedelta(days=1))
            rota, chosen = await rotas.load(conn), await rotas.canary(conn)
            missing = await mornings.missing(conn, now)
        names = {one.id: one.name for one in everybody}
        html = self._templates.page(
            "console/rota.html",
            **framed,
            days=DAYS,
            places=PLACES,
            members=[one for one in everybody if one.id in able],
            unlinked=[one.name for one in everybody if one.id in able and one.address_id is None],
            names=names,
            shifts=shifts,
            changes=changes,
            now_on_call=who(on_call(rota, now, zone), names),
            turns=turns(rota, now, zone, names),
            no_rota=rota.empty,
            zone=zone,
            chosen=chosen,
            missing=missing,
            problem=problem,
            typed=typed or {},
        )
        return HTMLResponse(html, HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK)


def turns(rota: Rota, now: datetime, zone: str, names: dict[int, str], days: int = AHEAD) -> list[Turn]:
    """Who is on call over the next days, in the words of the page and of `saathi staff rota`."""
    tz = ZoneInfo(zone)
    if rota.empty:
        return []
    return [
        Turn(
            f"{span.begins.astimezone(tz):%a %-d %b %H:%M}",
            f"{span.ends.astimezone(tz):%a %-d %b %H:%M}",
            who(span.groups, names),
            not span.groups,
        )
        for span in spans(rota, now, days, zone)
    ]


def who(groups: tuple[Group, ...], names: dict[int, str]) -> str:
    """'Sister Example; then Dr Example'; empty if nobody is on call."""
    return "; then ".join(", ".join(names.get(one, "?") for one in group) for group in groups)


def _number(value: str | None) -> int:
    value = (value or NOBODY).strip()
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise BadRequestError("Choose from the list.")
    return int(value)


def _clock(value: str) -> time:
    try:
        return time.fromisoformat(value.strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise BadRequestError("Enter the hours as 08:00 and 20:00.") from error


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value.strip())
    except ValueError as error:
        raise BadRequestError("Enter the days as 2026-03-02.") from error
