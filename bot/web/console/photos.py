"""The photos on a patient's page, in words: what is there, and why something is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.pictures.photos import DELETED, KEPT, WAITING, Photo
from bot.web.states import near_moment

REASON_WORDS = {
    "heic": "a kind of file that cannot be opened here",
    "no-picture": "it was no picture",
    "broken": "it was damaged",
    "too-large": "it was too large",
    "too-many": "too many came on that day",
    "gone": "the messenger does not have it any more",
    "no-answer": "the messenger did not hand it out",
    "no-key": "no key here opens where it is",
    "given-up": "it was tried too often",
    "by staff": "by the care team",
    "too old": "it was kept as long as it should be",
}
"""Why a photo was refused, lost or deleted, by its short name."""


@dataclass(frozen=True, slots=True)
class PhotoView:
    """One photo."""

    id: int
    at: str
    words: str
    """What became of it; empty while it can be looked at."""
    shown: bool
    several: bool
    """It came from a chat that follows several patients, so it may be about another."""


def photo_views(found: list[Photo], now: datetime, zone: str) -> tuple[PhotoView, ...]:
    """The photos, in the same order."""
    return tuple(
        PhotoView(
            id=one.id,
            at=near_moment(one.created_at, now, zone),
            words=_words(one),
            shown=one.state == KEPT,
            several=one.enrolment_id is None,
        )
        for one in found
    )


def _words(one: Photo) -> str:
    if one.state == KEPT:
        return ""
    if one.state == WAITING:
        return "On its way"
    why = REASON_WORDS.get(one.reason or "", one.reason or "")
    return f"{'Deleted' if one.state == DELETED else 'Not kept'}: {why}"
