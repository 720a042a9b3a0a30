"""Each sign, and each kind of message that only looks like one, as a talk in each of the three languages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.store import reading
from scheduler.sender import Outgoing
from tests.dialogues.chats import START
from tests.dialogues.player import Talk, read
from tests.support.world import shipped

FOLDER = Path(__file__).parent / "signs"
LANGUAGES = {"en": "English", "hi": "हिन्दी", "hi-Latn": "Hindi"}
CALL = {"en": "call", "hi": "फोन", "hi-Latn": "phone"}
SCRIPTS = {language: read(FOLDER / f"{language}.yaml") for language in LANGUAGES}


@pytest.mark.asyncio
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_sign_and_every_look_alike(language: str, sqlite_url: str) -> None:
    """A report gets the action and the number first and is stored as its sign; what only looks like one is answered."""
    talk = Talk.build(sqlite_url, START)
    reports, looks_alike = SCRIPTS[language]["reports"], SCRIPTS[language]["looks_alike"]
    try:
        for sign, (tier, words) in reports.items():
            await talk.says(sign, LANGUAGES[language])
            _urgent(await talk.says(sign, words), language, sign, tier)
        await talk.says("calm", LANGUAGES[language])
        for kind, messages in looks_alike.items():
            for one in messages:
                # What goes on from an answer does so for ten minutes; each of these stands for itself.
                talk.world.clock.set(talk.world.clock.now() + timedelta(minutes=11))
                got = _got(await talk.says("calm", one["they"]), language)
                assert got & set(one["get"]), f"{kind}: {one['they']!r} got {got}"
        async with talk.world.store.read() as conn:
            stored = {(one.sign, one.tier, one.words) for one in await reading.alerts(conn, talk.world.store.keys)}
        assert stored == {(sign, tier, words) for sign, (tier, words) in reports.items()}
    finally:
        await talk.world.close()


def _urgent(said: list[Outgoing], language: str, sign: str, tier: str) -> None:
    """The fixed reply alone, whose first line says what to do and the number."""
    assert [one.kind for one in said] == ["urgent"], f"{sign}: {[one.body.text for one in said]}"
    body = said[0].body
    first = body.text.split("\n")[0]
    number = "112" if tier == "emergency" else str(shipped().clinic["hospital_phone"])
    assert CALL[language] in first.lower(), f"{sign}: {first}"
    assert number in first, f"{sign}: {first}"
    assert "112" in body.text
    assert body.buttons == ()


def _got(said: list[Outgoing], language: str) -> set[str]:
    """What a message got: ids of answers or choices, `team`, `chat` (small talk), `asked RF..`, `alert`."""
    if any(one.kind == "urgent" for one in said):
        return {"alert"}
    buttons = [button.data.split(":") for outgoing in said for button in outgoing.body.buttons]
    if asked := {f"asked {data[1]}" for data in buttons if data[0] == "1s"}:
        return asked
    known = {data[1] for data in buttons if data[0] == "1q"}
    known |= {data[1] for data in buttons if data[0] == "1f" and data[2] == "yes"}
    handed_over = any(data[0] == "1h" for data in buttons) or any(
        one.body.text.startswith(shipped().replies["handed-over"].text[language].split("{")[0]) for one in said
    )
    return {"anything", *(known or {"chat"}), *(["team"] if handed_over else [])}


def test_no_sign_and_no_kind_is_left_out() -> None:
    """Every sign of the content is reported in each language, and each language has the same kinds of look-alikes."""
    for script in SCRIPTS.values():
        assert set(script["reports"]) == set(shipped().signs)
        assert set(script["looks_alike"]) == set(SCRIPTS["en"]["looks_alike"])
