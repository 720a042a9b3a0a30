"""What every page of the console shares: the counts in the menu, what was just done, and news for a page left open."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.store.tables import alert, question
from bot.web.console.access import LIVE, Visitor
from bot.web.requests import RequestError

SAID = {
    "paused": "Paused. No message leaves until the pause is over; the patient can still write.",
    "resumed": "Resumed. What was due meanwhile was left out where its day is past.",
    "ended": "Ended. What was still to come is cancelled.",
    "dates": "The dates are moved and the plan is made again.",
    "language": "From now on the messages are in the other language.",
    "medicine": "The medicine times are changed and the plan is made again.",
    "photo-deleted": "The photo is deleted.",
    "stopped": "Stopped on request. Nothing more is sent until the patient writes START.",
    "acknowledged": "Acknowledged. The patient is told that you have seen it.",
    "already": "Somebody else was first; nothing was sent again.",
    "alert-closed": "The alert is closed.",
    "answered": "Your answer is on its way to the patient.",
    "question-closed": "The question is closed without an answer.",
    "done": "Marked as done.",
    "learnt": "Saved. A clinician reads it before Saathi uses it.",
    "unlearnt": "Taken back. Nothing is kept of it.",
    "rota": "The rota is changed.",
}
"""What was done, by the code that the address of the next page carries. A code nobody knows says nothing."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What is open, for the menu."""

    alerts: int
    questions: int
    ringing: tuple[str, ...] = ()
    """The open alerts, each as `<id>.<lap>`: one that got graver counts as new."""


async def counts(conn: AsyncConnection) -> Counts:
    """How many alerts nobody has acknowledged, and how many questions are open."""
    alerts = select(func.count()).where(alert.c.state == "open", alert.c.shared).scalar_subquery()
    questions = select(func.count()).where(question.c.state == "open").scalar_subquery()
    row = (await conn.execute(select(alerts, questions))).one()
    return Counts(*row, await ringing(conn))


async def ringing(conn: AsyncConnection) -> tuple[str, ...]:
    """The alerts nobody has acknowledged, each as `<id>.<lap>`, the newest first."""
    rows = await conn.execute(
        select(alert.c.id, alert.c.lap).where(alert.c.state == "open", alert.c.shared).order_by(alert.c.id.desc())
    )
    return tuple(f"{row.id}.{row.lap}" for row in rows)


async def frame(conn: AsyncConnection, request: Request, visitor: Visitor, here: str) -> dict[str, Any]:
    """What `console/base.html` needs: who, where, what is open, what was just done."""
    return {
        "visitor": visitor,
        "here": here,
        "counts": await counts(conn),
        "flash": SAID.get(request.query_params.get("said", "")),
    }


def is_live(request: Request) -> bool:
    """Whether an open page asks by itself: nobody did anything, so nobody is noted as having looked."""
    return LIVE in request.headers


def answer(request: Request, html: str) -> Response:
    """The page; 304 if it is the one an open browser already shows (`If-None-Match`)."""
    tag = {"etag": f'"{hashlib.sha256(html.encode()).hexdigest()[:24]}"'}
    if request.headers.get("if-none-match") == tag["etag"]:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=tag)
    return HTMLResponse(html, headers=tag)


def back_to(path: str, said: str, anchor: str = "") -> Response:
    """After a form: the page at `path`, which says what was done (`said`: a key of SAID)."""
    mark = f"#{anchor}" if anchor else ""
    return RedirectResponse(f"{path}?said={said}{mark}", HTTPStatus.SEE_OTHER)


def number_in(request: Request, name: str = "id") -> int:
    """The number in the address. Raises RequestError (404): what is no number has no page."""
    value = str(request.path_params[name])
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise RequestError(HTTPStatus.NOT_FOUND, "There is no page at this address.")
    return int(value)
