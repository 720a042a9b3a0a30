"""Questions that were handed over: answering one through the bot, closing it, and saving it for Saathi to learn."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from bot.bootstrap import App
from bot.staff import learning, questions
from bot.staff.access import Permission
from bot.staff.questions import LONGEST_ANSWER
from bot.store import reading
from bot.web import requests
from bot.web.console import lessons
from bot.web.console.access import Visitor, guarded
from bot.web.console.alerts import back
from bot.web.console.cases import People, replies
from bot.web.console.shell import answer, frame, number_in
from bot.web.templates import Templates
from scheduler.errors import BadRequestError


def routes(app: App, templates: Templates) -> list[BaseRoute]:
    """The addresses of this part of the console."""
    pages = Pages(app, templates)
    return [
        guarded(app, "/questions", pages.everything, Permission.ANSWER_QUESTIONS),
        guarded(app, "/questions/{id}/answer", pages.answer, Permission.ANSWER_QUESTIONS, methods=("POST",)),
        guarded(app, "/questions/{id}/close", pages.close, Permission.ANSWER_QUESTIONS, methods=("POST",)),
        *lessons.routes(app, templates),
    ]


class Pages:
    """What can be seen and done."""

    def __init__(self, app: App, templates: Templates) -> None:
        """Show the questions of `app`."""
        self._app = app
        self._templates = templates

    async def everything(self, request: Request, visitor: Visitor) -> Response:
        """Open questions, oldest first, then the newest answered ones."""
        return answer(request, await self._page(request, visitor))

    async def answer(self, request: Request, visitor: Visitor) -> Response:
        """Send the answer; with one that cannot be sent the page again, and what was typed still in its box."""
        app, question_id = self._app, number_in(request)
        # A form ends its lines with CR LF; a chat wants LF.
        text = (await requests.fields(request)).get("text", "").replace("\r\n", "\n")
        try:
            async with app.store.write() as conn:
                await questions.answer(
                    conn, app.store.keys, app.content, question_id, visitor.staff, text, app.clock.now()
                )
        except BadRequestError as error:
            html = await self._page(request, visitor, typed=(question_id, text, str(error)))
            return HTMLResponse(html, HTTPStatus.UNPROCESSABLE_ENTITY)
        return await back(request, "/questions", "answered")

    async def close(self, request: Request, visitor: Visitor) -> Response:
        """It needs no answer here."""
        async with self._app.store.write(wake=False) as conn:
            await questions.close(conn, number_in(request), visitor.staff, self._app.clock.now())
        return await back(request, "/questions", "question-closed")

    async def _page(self, request: Request, visitor: Visitor, typed: tuple[int, str, str] = (0, "", "")) -> str:
        app, now = self._app, self._app.clock.now()
        async with app.store.read() as conn:
            shared = await frame(conn, request, visitor, "questions")
            found = await reading.question_list(conn, app.store.keys)
            people = await People.of(conn, app.store.keys, app.content, now, found)
            said = await replies(conn, app.store.keys, found)
            like = await learning.alike(conn, app.store.keys, [one.text for one in found])
            kept = await learning.lessons(conn, app.store.keys, [one.id for one in found])
        learnt = {one.question_id: lessons.saved_words(app.content, one) for one in kept}
        cases = [
            replace(people.question(one, said), like=count, learnt=learnt.get(one.id, ""))
            for one, count in zip(found, like, strict=True)
        ]
        return self._templates.page(
            "console/questions.html",
            **shared,
            open=[one for one in cases if one.state == "open"],
            closed=[one for one in cases if one.state != "open"],
            typed=typed,
            longest=LONGEST_ANSWER,
        )
