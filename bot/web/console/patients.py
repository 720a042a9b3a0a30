"""The list of patients, ordered by who needs somebody first; one patient's page is in `patient.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.bootstrap import App
from bot.staff.access import Permission
from bot.web.console import patient
from bot.web.console.access import Visitor, guarded
from bot.web.console.cases import TIER_TONES, TIER_WORDS
from bot.web.console.roster import FILTERS, Entry, Open, roster
from bot.web.console.shell import answer, frame
from bot.web.states import TONES, Standing, counted, lasting, near_moment
from bot.web.templates import Templates
from content.loader import Content

_LONGEST_SEARCH = 80


@dataclass(frozen=True, slots=True)
class Shown:
    """One patient as the list shows them; every instant is already in words."""

    id: int
    name: str
    nameless: str
    """Instead of a name that cannot be read."""
    procedure: str
    day: int
    language: str
    state: str
    state_tone: str
    state_note: str
    tone: str
    """emergency, same_day, seen, question, or nothing."""
    needs: tuple[tuple[str, str], ...]
    """What is open, in words, each with its colour."""
    pain: str
    pain_high: bool
    pain_at: str
    no_pain: str
    """Why there is no pain value."""
    next: str


def routes(app: App, templates: Templates) -> list[BaseRoute]:
    """The addresses of the list and of the patient's page."""

    async def everybody(request: Request, visitor: Visitor) -> Response:
        asked = request.query_params
        number = asked.get("page", "1")
        now = app.clock.now()
        async with app.store.read() as conn:
            shared = await frame(conn, request, visitor, "patients")
            found = await roster(
                conn,
                app.store.keys,
                app.content,
                now,
                asked.get("state", ""),
                asked.get("q", "").strip()[:_LONGEST_SEARCH],
                int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1,
            )
        html = templates.page(
            "console/patients.html",
            **shared,
            roster={
                "groups": [(heading, [shown(one, now) for one in entries]) for heading, entries in found.groups],
                "chosen": found.chosen,
                "words": found.words,
                "totals": found.totals,
                "found": found.found,
                "page": found.page,
                "pages": found.pages,
            },
            filters=[(key, words) for key, (words, _) in FILTERS.items()],
            unsigned=unsigned(app.content),
        )
        return answer(request, html)

    return [guarded(app, "/", everybody, Permission.SEE_PATIENTS), *patient.routes(app, templates)]


def shown(one: Entry, now: datetime) -> Shown:
    """An entry in words."""
    waiting = one.standing in (Standing.INVITED, Standing.ASKED)
    return Shown(
        id=one.id,
        name=one.name,
        nameless=f"Unreadable name (record {one.id})",
        procedure=one.procedure,
        day=one.day,
        language=one.language,
        state=one.standing_words,
        state_tone=TONES[one.standing],
        state_note=f"for {lasting(one.since, now)}" if waiting else "",
        tone=_tone(one.open),
        needs=needs(one.open, now),
        pain=one.pain.words if one.pain else "",
        pain_high=bool(one.pain and one.pain.high),
        pain_at=f"{lasting(one.pain.at, now)} ago" if one.pain else "",
        no_pain="None yet" if one.sharing or waiting else "Not shared",
        next=near_moment(one.next_at, now, one.zone) if one.next_at else "",
    )


def needs(found: Open, now: datetime) -> tuple[tuple[str, str], ...]:
    """What is open about a patient, in words with a colour, most urgent first."""
    words: list[tuple[str, str]] = []
    if found.alerts:
        more = f" and {counted(found.alerts - 1, 'more alert')}" if found.alerts > 1 else ""
        since = f" · {lasting(found.since, now)}" if found.since else ""
        words.append(
            (f"{TIER_WORDS.get(found.tier, found.tier)} alert{more}{since}", TIER_TONES.get(found.tier, "grey"))
        )
    if found.acknowledged:
        words.append((f"{counted(found.acknowledged, 'alert')} seen, not closed", "grey"))
    if found.questions:
        words.append((counted(found.questions, "question"), "blue"))
    return tuple(words)


def unsigned(content: Content) -> str:
    """How many of the texts patients read nobody has signed: '312'; empty if every one is signed."""
    parts = (content.faq, content.signs, content.replies, content.questions, content.notices, content.journeys)
    pending = sum(entry.review == "pending" for part in parts for entry in part.values())
    return str(pending) if pending else ""


def _tone(found: Open) -> str:
    if found.alerts:
        return found.tier
    if found.acknowledged:
        return "seen"
    return "question" if found.questions else ""
