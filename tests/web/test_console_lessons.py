"""Saving an answered question for Saathi to learn, on the pages of the console."""

from __future__ import annotations

import pytest

from bot.bootstrap import App
from bot.staff import learning
from tests.web.ward import QUESTION, ask_team, on_the_ward, shown

pytestmark = pytest.mark.asyncio


async def test_an_answered_question_is_saved_from_its_page(demo_app: App) -> None:
    """The nearest answers are offered, others are found by a search; what was typed stays when the tick is missing."""
    async with on_the_ward(demo_app) as ward:
        asked = await ask_team(ward)
        page = f"/questions/{asked}/learn"
        assert "Answer the question first" in await ward.see(page)
        assert page not in await ward.see("/questions")
        await ward.do(f"/questions/{asked}/answer", text="Any colour you like, Asha.")
        assert page in await ward.see("/questions")
        html = await ward.see(page)
        assert QUESTION in html
        assert "Any colour you like, …" in html
        assert "30 minutes" not in html
        assert 'value="alcohol"' in await ward.see(f"{page}?search=beer")
        again = await ward.do(page, 422, faq="alcohol", phrasing="May my curtains be red?")
        assert "nothing personal" in again.text
        assert "May my curtains be red?" in again.text
        answer = await ward.do(page, faq="alcohol", phrasing="May Asha have red curtains?", clean="yes")
        listed = shown(await ward.see(answer.headers["location"].partition("#")[0]))
        assert "A clinician reads it before" in listed
        assert "Saved as a phrasing of: Can I drink alcohol?" in listed
        async with demo_app.store.read() as conn:
            (lesson,) = await learning.lessons(conn, demo_app.store.keys)
        assert lesson.phrasing == "May … have red curtains?"
        await ward.do(f"/questions/{asked}/unlearn")
        assert "Saved as a phrasing" not in await ward.see("/questions")
        patient = await ward.patient("Asha")
        actions = [what for who, what in await ward.trail(patient.id) if who == ward.actor]
        assert actions == ["question answered", "question saved to learn", "question no longer to learn"]
