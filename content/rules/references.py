"""Rules about what refers to what: ids, sources, placeholders, and files that must exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from content.composing import Place
from content.loader import REQUIRED_FILES, REQUIRED_FOLDERS, Content, placeholders
from content.rules.base import LANGUAGE_NAMES, Finding, facts, texts, without_braces

_MAY_BE_LEFT_OUT = frozenset({"name"})  # Being addressed by name changes nothing in what is said.


def required_files(content: Content) -> Iterator[Finding]:
    """Every part of the content is there."""
    present = {file.removeprefix("content/") for file, _ in content.lines.values()}
    for file in REQUIRED_FILES:
        if file not in present:
            yield Finding("file", file, (), "This file is missing or empty: Saathi cannot work without it.")
    for folder in REQUIRED_FOLDERS:
        if not any(file.startswith(f"{folder}/") and file not in REQUIRED_FILES for file in present):
            yield Finding("file", folder, (), "This folder holds no entries: Saathi cannot work without them.")


def steps_have_own_ids(content: Content) -> Iterator[Finding]:
    """No two steps of a journey share an id: the id says which reminder was sent."""
    for journey in content.journeys.values():
        seen: set[str] = set()
        for number, step in enumerate(journey.steps):
            if step.id in seen:
                sentence = f"The step id `{step.id}` is used twice in this journey: each step needs its own."
                yield Finding("journey", journey.id, ("steps", number, "id"), sentence)
            seen.add(step.id)


def sources_exist(content: Content) -> Iterator[Finding]:
    """Every source named is in the list of sources."""
    for kind, entry_id, place, names in _cited(content):
        for number, name in enumerate(names):
            if name not in content.sources:
                yield Finding(kind, entry_id, (*place, number), f"There is no source `{name}` in content/sources.yaml.")


def _cited(content: Content) -> Iterator[tuple[str, str, Place, tuple[str, ...]]]:
    if ("defaults", "defaults") in content.lines:
        yield "defaults", "defaults", ("medicine_sources",), content.defaults.medicine_sources
    for journey in content.journeys.values():
        yield "journey", journey.id, ("sources",), journey.sources
        for number, step in enumerate(journey.steps):
            yield "journey", journey.id, ("steps", number, "sources"), step.sources
    for kind, entries in (
        ("setting", content.settings),
        ("question", content.questions),
        ("watching", content.watching),
        ("faq", content.faq),
        ("sign", content.signs),
        ("reply", content.replies),
    ):
        for entry_id, entry in entries.items():
            yield kind, entry_id, ("sources",), entry.sources


def sources_given(content: Content) -> Iterator[Finding]:
    """Every answer, sign, journey and step says where it comes from."""
    for kind, entries in (("faq", content.faq), ("sign", content.signs), ("journey", content.journeys)):
        for entry_id, entry in entries.items():
            if not entry.sources:
                yield Finding(kind, entry_id, ("sources",), _NO_SOURCE)
    for journey in content.journeys.values():
        for number, step in enumerate(journey.steps):
            if not step.sources:
                yield Finding("journey", journey.id, ("steps", number, "sources"), _NO_SOURCE)


_NO_SOURCE = "No source is given: name at least one under `sources:`."


def names_exist(content: Content) -> Iterator[Finding]:
    """Questions, signs, replies, buttons and settings that an entry names exist."""
    known = {
        "question": content.questions,
        "sign": content.signs,
        "reply": content.replies,
        "button": content.buttons,
        "setting": content.settings,
    }
    for kind, entry_id, place, wanted, name in _named(content):
        if name not in known[wanted]:
            yield Finding(kind, entry_id, place, f"There is no {wanted} `{name}` in {_HOME[wanted]}.")


_HOME = {
    "question": "content/checkins.yaml",
    "sign": "content/triage",
    "reply": "content/replies",
    "button": "content/replies/buttons.yaml",
    "setting": "content/clinic",
}


def _named(content: Content) -> Iterator[tuple[str, str, Place, str, str]]:
    """Who names what: kind and id of the entry, the field, the kind of what is named, and its name."""
    for journey in content.journeys.values():
        for number, step in enumerate(journey.steps):
            for index, name in enumerate(step.ask):
                yield "journey", journey.id, ("steps", number, "ask", index), "question", name
    yield from _signs_reported(content)
    for sign in content.signs.values():
        yield "sign", sign.id, ("reply",), "reply", sign.reply
    for reply in content.replies.values():
        for number, name in enumerate(reply.buttons):
            yield "reply", reply.id, ("buttons", number), "button", name


def _signs_reported(content: Content) -> Iterator[tuple[str, str, Place, str, str]]:
    for rule in content.watching.values():
        for number, name in enumerate(rule.questions):
            yield "watching", rule.id, ("questions", number), "question", name
        if rule.sign is not None:
            yield "watching", rule.id, ("sign",), "sign", rule.sign
        if rule.reply is not None:
            yield "watching", rule.id, ("reply",), "reply", rule.reply
    for question in content.questions.values():
        if question.only_if is not None:
            yield "question", question.id, ("only_if",), "setting", question.only_if
        if question.sign is not None:
            yield "question", question.id, ("sign",), "sign", question.sign
        for number, choice in enumerate(question.choices):
            if choice.sign is not None:
                yield "question", question.id, ("choices", number, "sign"), "sign", choice.sign


def placeholders_known(content: Content) -> Iterator[Finding]:
    """Every name in braces is a setting of the clinic or a fact that kind of text is given, in every language alike."""
    for said in texts(content):
        known = facts(said.role)
        for language, text in said.languages():
            for name in sorted(placeholders(text)):
                if name not in known and name not in content.clinic:
                    sentence = (
                        f"Nobody fills in {{{name}}} here: it is no setting and no fact this kind of text is given."
                    )
                    yield said.finding(sentence, language)
            if set("{}") & set(without_braces(text)):
                yield said.finding("A brace stands alone: write {name} with small letters, and both braces.", language)


def placeholders_agree(content: Content) -> Iterator[Finding]:
    """The languages of a text name the same facts: a number missing in one language is a different message."""
    for said in texts(content):
        english = placeholders(said.text.en) - _MAY_BE_LEFT_OUT
        for language, text in said.languages():
            here = placeholders(text) - _MAY_BE_LEFT_OUT
            missing, extra = sorted(english - here), sorted(here - english)
            called = LANGUAGE_NAMES[language]
            if missing:
                yield said.finding(f"The English text has {_in_braces(missing)}, the {called} one has not.", language)
            if extra:
                yield said.finding(f"The {called} text has {_in_braces(extra)}, the English one has not.", language)


def _in_braces(names: list[str]) -> str:
    return ", ".join("{" + name + "}" for name in names)


def one_meaning_each(content: Content) -> Iterator[Finding]:
    """No phrase is a command twice."""
    counted = Counter(phrase.casefold() for phrasings in content.words.values() for phrase in set(phrasings.all()))
    for command, phrasings in content.words.items():
        for language, phrases in (("en", phrasings.en), ("hi", phrasings.hi), ("hi-Latn", phrasings.hi_latn)):
            for number, phrase in enumerate(phrases):
                if counted[phrase.casefold()] > 1:
                    sentence = f"`{phrase}` stands under more than one command: keep it under one."
                    yield Finding("words", command, (language, number), sentence)
