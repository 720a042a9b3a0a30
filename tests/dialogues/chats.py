"""Short ways to bring a chat into a state, for tests that are about something else."""

from __future__ import annotations

from datetime import date
from typing import Any

from scheduler.enrolments import Enrolled
from scheduler.sender import Outgoing
from tests.dialogues.player import Talk, local

START = local(date(2026, 3, 2), "15:00")
SURGERY = date(2026, 3, 2)


async def enrolled(talk: Talk, name: str = "Asha Example", **more: Any) -> Enrolled:
    """Staff have enrolled somebody; the card is not used yet."""
    values: dict[str, Any] = {
        "name": name,
        "language": "en",
        "journey": "lumbar-microdiscectomy",
        "surgery_on": SURGERY,
        "discharge_on": SURGERY,
        "year_of_birth": 1971,
    }
    return await talk.enrol(**{**values, **more})


async def speaking(talk: Talk, chat: str, language: str = "English") -> None:
    """A chat that has chosen its language."""
    await talk.says(chat, language)


async def asked_for_year(talk: Talk, chat: str) -> Enrolled:
    """The link is open, the second factor awaited."""
    await speaking(talk, chat)
    patient = await enrolled(talk)
    await talk.says(chat, patient.code)
    return patient


async def asked_for_consent(talk: Talk, chat: str) -> Enrolled:
    """The first notice is shown."""
    patient = await asked_for_year(talk, chat)
    await talk.says(chat, "1971")
    return patient


async def asked_for_sharing(talk: Talk, chat: str) -> Enrolled:
    """The second notice is shown."""
    patient = await asked_for_consent(talk, chat)
    await talk.says(chat, "yes")
    return patient


async def joined(talk: Talk, chat: str) -> Enrolled:
    """Connected, agreed to both."""
    patient = await asked_for_sharing(talk, chat)
    await talk.says(chat, "yes")
    return patient


async def asks_team(talk: Talk, chat: str, text: str) -> list[Outgoing]:
    """Somebody hands a question over to the care team, whatever Saathi might answer to it; what is said to it."""
    await talk.says(chat, "care team")
    return await talk.says(chat, text)


async def asked_in_checkin(talk: Talk, chat: str) -> Enrolled:
    """A check-in waits for its first answer."""
    patient = await joined(talk, chat)
    await talk.world.until(local(date(2026, 3, 3), "16:30"))
    return patient


def texts(messages: list[Outgoing]) -> list[str]:
    """What was said."""
    return [message.body.text for message in messages]
