"""Saving an answered question so that Saathi learns from it, once a clinician has read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from bot.bootstrap import App
from bot.staff import learning
from bot.staff.access import Permission
from bot.staff.learning import LONGEST_PHRASING, LONGEST_REPLY, Asked, Lesson
from bot.staff.masking import masked
from bot.store import reading
from bot.web import requests
from bot.web.console.access import Visitor, guarded
from bot.web.console.cases import replies
from bot.web.console.shell import back_to, frame, number_in
from bot.web.requests import RequestError
from bot.web.templates import Templates
from content.loader import Content
from content.model import FaqItem
from scheduler.errors import BadRequestError, NotFoundError

NEW = "new"
"""Chosen in place of an answer: a new one is proposed."""
MOST_OFFERED = 6
_PATH = "/questions"


def routes(app: App, templates: Templates) -> list[BaseRoute]:
    """The addresses of this part of the console."""
    pages = Lessons(app, templates)
    may = Permission.ANSWER_QUESTIONS
    return [
        guarded(app, "/questions/{id}/learn", pages.learn, may, methods=("GET", "POST")),
        guarded(app, "/questions/{id}/unlearn", pages.unlearn, may, methods=("POST",)),
    ]


def saved_words(content: Content, lesson: Lesson) -> str:
    """What was saved, as the list says it."""
    item = content.faq.get(lesson.faq or "")
    if lesson.faq is None:
        return "Saved as the draft of a new answer"
    return f"Saved as a phrasing of: {item.question.en if item else lesson.faq}"


class Lessons:
    """One question, and what may be learnt from it."""

    def __init__(self, app: App, templates: Templates) -> None:
        """Learn from the questions of `app`."""
        self._app = app
        self._templates = templates

    async def learn(self, request: Request, visitor: Visitor) -> Response:
        """The form, with the answers it may belong to; sent, it is kept for a clinician to read."""
        app, question_id = self._app, number_in(request)
        if request.method != "POST":
            return HTMLResponse(await self._page(request, visitor, {}))
        fields = await requests.fields(request)
        chosen = fields.get("faq", "")
        try:
            async with app.store.write(wake=False) as conn:
                await learning.save(
                    conn,
                    app.store.keys,
                    app.content,
                    question_id,
                    visitor.staff,
                    app.clock.now(),
                    faq=None if chosen == NEW else chosen,
                    phrasing=fields.get("phrasing", ""),
                    reply=fields.get("reply", ""),
                    clean=fields.get("clean") == "yes",
                )
        except BadRequestError as error:
            html = await self._page(request, visitor, fields, str(error))
            return HTMLResponse(html, HTTPStatus.UNPROCESSABLE_ENTITY)
        return back_to(_PATH, "learnt", f"q{question_id}")

    async def unlearn(self, request: Request, visitor: Visitor) -> Response:
        """Forget what was saved."""
        app, question_id = self._app, number_in(request)
        async with app.store.write(wake=False) as conn:
            await learning.take_back(conn, question_id, visitor.staff, app.clock.now())
        return back_to(_PATH, "unlearnt", f"q{question_id}")

    async def _page(self, request: Request, visitor: Visitor, typed: Mapping[str, str], problem: str = "") -> str:
        app = self._app
        async with app.store.read() as conn:
            shared = await frame(conn, request, visitor, "questions")
            try:
                asked = await learning.look(conn, app.store.keys, number_in(request))
            except NotFoundError as error:
                raise RequestError(HTTPStatus.NOT_FOUND, str(error)) from error
            views = [one for one in await reading.questions(conn, app.store.keys) if one.id == asked.id]
            said = list((await replies(conn, app.store.keys, views)).values())
        search = request.query_params.get("search", "").strip()
        lesson = asked.lesson
        filled = {
            "phrasing": lesson.phrasing if lesson else asked.text[:LONGEST_PHRASING],
            "reply": (lesson.reply if lesson else "") or _own_words(app.content, asked, said)[:LONGEST_REPLY],
            "faq": (lesson.faq or NEW) if lesson else "",
        }
        return self._templates.page(
            "console/learn.html",
            **shared,
            asked=asked,
            saved=saved_words(app.content, lesson) if lesson else "",
            items=self._offered(asked, search, typed.get("faq") or filled["faq"]),
            search=search,
            typed={**filled, **typed},
            problem=problem,
            new=NEW,
            longest=LONGEST_PHRASING,
        )

    def _offered(self, asked: Asked, search: str, chosen: str) -> list[FaqItem]:
        """The answers it may belong to: the one chosen, then those nearest to what is looked for."""
        faq = self._app.content.faq
        names = [chosen, *self._app.answering.nearest(search or asked.text, MOST_OFFERED)]
        return [faq[name] for name in dict.fromkeys(names) if name in faq]


def _own_words(content: Content, asked: Asked, said: Sequence[str]) -> str:
    """What staff answered, without what Saathi wrote around it, names and numbers."""
    words = said[0] if said else ""
    for text in content.replies["staff-answer"].text.all():
        before = text.partition("{staff}")[2].partition("{words}")[0]
        words = words.partition(before)[2] or words
    for text in content.replies["human-has-it"].text.all():
        words = words.removesuffix(content.fill(text)).strip()
    return masked(words, asked.names)
