"""Learning from answered questions: kept without names and numbers, and handed out for a clinician to read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import yaml

from bot.staff import drafts, learning
from bot.staff.masking import masked
from bot.store import reading
from scheduler.errors import BadRequestError
from tests.dialogues import chats
from tests.dialogues.chats import START
from tests.dialogues.player import Talk

PARROT = "can my brother bring his parrot to my room"


@pytest_asyncio.fixture
async def talk(sqlite_url: str) -> AsyncIterator[Talk]:
    """On SQLite alone: no database has a say in this."""
    built = Talk.build(sqlite_url, START)
    yield built
    await built.world.close()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("my father Asha Example fell", "my father … fell"),
        ("आशा जी को बुलाइए", "… जी को बुलाइए"),
        ("aasha is here, call 90000 00001", "… is here, call …"),
        ("operated on 2/3/2026 in bed 1204", "operated on … in bed …"),
        ("fever 102 since 3 days, pain 8/10, 38.6", "fever 102 since 3 days, pain 8/10, 38.6"),
        ("write to x@example.org or https://example.org/a", "write to … or …"),
        ("नंबर ९०००० ००००१ है", "नंबर … है"),
        ("the sister said so, doctor too", "the sister said so, doctor too"),
    ],
)
def test_names_and_numbers_are_taken_out(text: str, safe: str) -> None:
    """In either script and however they are spelt; numbers of up to three digits stay, as triage needs them."""
    assert masked(text, ["Asha Example", "Sister Example"]) == safe


@pytest.mark.asyncio
async def test_an_answered_question_is_kept_and_handed_out(talk: Talk) -> None:
    """A phrasing of an answer, or a draft; a second saving replaces the first; each needs the tick."""
    world = talk.world
    nurse = await talk.employ("Sister Example")
    await chats.joined(talk, "phone")
    for text in (f"{PARROT}, says Asha", "may the parrot stay in my room", "Which colour may my curtains have?"):
        await talk.says("phone", "care team")
        await talk.says("phone", text)
    staff = await nurse.staff()
    keys, now, content = world.store.keys, world.clock.now(), world.content
    async with world.store.write() as conn:
        asked = await learning.look(conn, keys, 1)
        assert asked.text == f"{PARROT}, says …"
        with pytest.raises(BadRequestError, match="Answer the question first"):
            await learning.save(conn, keys, content, 1, staff, now, faq="visiting", phrasing="x y", clean=True)
    await nurse.answer(1, "Please keep the parrot at home.")
    await nurse.answer(2, "At home, please.")
    async with world.store.write() as conn:
        with pytest.raises(BadRequestError, match="nothing personal"):
            await learning.save(conn, keys, content, 1, staff, now, faq="visiting", phrasing=PARROT, clean=False)
        with pytest.raises(BadRequestError, match="Choose the answer"):
            await learning.save(conn, keys, content, 1, staff, now, faq="parrots", phrasing=PARROT, clean=True)
        given: dict[str, Any] = {
            "faq": None,
            "phrasing": "Asha asks: parrot?",
            "reply": "No birds, call 90000 00001.",
            "clean": True,
        }
        await learning.save(conn, keys, content, 1, staff, now, **given)
        faq = next(iter(content.faq))
        await learning.save(conn, keys, content, 2, staff, now, faq=None, phrasing="x y", reply="z", clean=True)
        await learning.save(conn, keys, content, 2, staff, now, faq=faq, phrasing="totaa la sakte hai kya", clean=True)
        kept = await learning.lessons(conn, keys)
        views = await reading.question_list(conn, keys)
        like = await learning.alike(conn, keys, [one.text for one in views])
    made = drafts.files(kept)
    assert yaml.safe_load(made[drafts.PHRASINGS]) == {faq: {"hi-Latn": ["totaa la sakte hai kya"]}}
    (item,) = yaml.safe_load(made[drafts.ITEMS])
    assert (item["phrasings"], item["answer"]) == ({"en": ["… asks: parrot?"]}, {"en": "No birds, call …."})
    assert (item["review"], item["sources"]) == ("pending", [])
    assert dict(zip([one.id for one in views], like, strict=True)) == {1: 1, 2: 1, 3: 0}
    async with world.store.write() as conn:
        await learning.take_back(conn, 1, staff, now)
        assert [one.question_id for one in await learning.lessons(conn, keys)] == [2]
