"""Rules about the answers: what they cover, what follows on them, and what is none of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from content.loader import Content
from content.reading import words
from content.rules.base import Finding, fold
from content.rules.lists import read

SMALL_TALK = "smalltalk-"
_TEAM = "T"


class Topic(NamedTuple):
    """A statement of the seed, or a question patients ask."""

    title: str
    route: str | None
    """None for a statement."""


@cache
def topics() -> Mapping[str, Topic]:
    """Everything the answers must cover, by id, in the order of the list (`content/rules/topics.yaml`)."""
    return {entry["id"]: Topic(entry["title"], entry.get("route")) for entry in read("topics.yaml")}


def covers_exist(content: Content) -> Iterator[Finding]:
    """What an answer covers is a statement of the seed or a question of the list."""
    for item in content.faq.values():
        for number, name in enumerate(item.covers):
            if name not in topics():
                sentence = f"`{name}` is neither a seed statement (S1-S36) nor a question topic (Q1-Q132)."
                yield Finding("faq", item.id, ("covers", number), sentence)


def topics_covered(content: Content) -> Iterator[Finding]:
    """Every statement of the seed and every question topic is answered by some item."""
    if not content.faq:
        return
    covered = {name for item in content.faq.values() for name in item.covers}
    missing = [name for name in topics() if name not in covered]
    if missing:
        yield Finding("file", "faq", (), f"No answer covers these topics: {', '.join(missing)}.")


def routes_honoured(content: Content) -> Iterator[Finding]:
    """A topic that always leads to the care team is covered only by answers that do."""
    for item in content.faq.values():
        for number, name in enumerate(item.covers):
            if name in topics() and topics()[name].route == _TEAM and item.route != _TEAM:
                sentence = f"`{name}` ({topics()[name].title}) always leads to the care team: give this answer route T."
                yield Finding("faq", item.id, ("covers", number), sentence)


def followers_exist(content: Content) -> Iterator[Finding]:
    """What is offered after an answer is another answer; what it waits for is a number of the clinic."""
    for item in content.faq.values():
        for number, name in enumerate(item.next):
            if name not in content.faq or name == item.id:
                yield Finding("faq", item.id, ("next", number), f"There is no other answer `{name}` in content/faq.")
        if item.wait is not None:
            setting = content.settings.get(item.wait)
            if setting is None or setting.unit not in ("days", "weeks"):
                sentence = f"`{item.wait}` is no setting of the clinic in days or weeks."
                yield Finding("faq", item.id, ("wait",), sentence)


def operations_exist(content: Content) -> Iterator[Finding]:
    """Answers vary by operations that exist, and operations have journeys and values that exist."""
    for item in content.faq.values():
        for number, variant in enumerate(item.variants):
            for index, name in enumerate(variant.procedures):
                if name not in content.procedures:
                    place = ("variants", number, "procedures", index)
                    yield Finding("faq", item.id, place, f"There is no operation `{name}` in content/procedures.yaml.")
    for procedure in content.procedures.values():
        if procedure.journey is not None and procedure.journey not in content.journeys:
            sentence = f"There is no journey `{procedure.journey}` in content/journeys."
            yield Finding("procedure", procedure.id, ("journey",), sentence)
        if procedure.prefix is not None and not any(name.startswith(procedure.prefix) for name in content.settings):
            sentence = f"No setting of the clinic begins with `{procedure.prefix}`."
            yield Finding("procedure", procedure.id, ("prefix",), sentence)


def outside_is_outside(content: Content) -> Iterator[Finding]:
    """A subject that is none of ours has a reply, and none of its phrasings leads to an answer."""
    answered = {
        " ".join(words(fold(phrase))): item.id for item in content.faq.values() for phrase in item.phrasings.all()
    }
    for subject in content.outside.values():
        if subject.reply not in content.replies:
            sentence = f"There is no reply `{subject.reply}` in content/replies."
            yield Finding("outside", subject.id, ("reply",), sentence)
        for phrase in subject.phrasings.all():
            first = answered.get(" ".join(words(fold(phrase))))
            if first is not None:
                sentence = f"`{phrase}` leads to the answer `{first}`: it cannot be none of ours."
                yield Finding("outside", subject.id, ("phrasings",), sentence)
