"""What Saathi would say to one message: triage, command words, small talk, then the FAQ. Pure; nothing is stored.

Every sentence comes from `content/`: an answer as it is written, with what its route adds, and the clinic's values in
the braces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.conversation.words import Commands
from bot.faq import Found, Retriever
from bot.language import Detected, detect
from bot.triage import Triage, Verdict
from content.loader import Content, placeholders
from content.model import Tier

Kind = Literal["answer", "choices", "handoff", "alert", "confirm", "command", "smalltalk"]

_ANSWERS_TO_US = frozenset({"yes", "no", "unsure"})
"""Words that answer a question of ours; with no question open they are no commands."""

_AFTER_ROUTE = {"G+": "care-first", "T": "ask-team"}
"""What a route adds to the answer: the reply's id (clinical facts, route codes)."""


@dataclass(frozen=True)
class Answer:
    """What would be said, and why."""

    kind: Kind
    faq: tuple[str, ...]
    """Ids of the FAQ, best first: one for `answer`, up to three for `choices`, otherwise none."""
    tier: Tier
    sign: str | None
    language: str
    """`en`, `hi` or `hi-Latn`: the language of `text`."""
    text: str
    verdict: Verdict

    def as_json(self, ms: float) -> dict[str, object]:
        """The line `saathi ask --jsonl` prints, but for the id; `ms` is how long it took, in milliseconds."""
        return {
            "kind": self.kind,
            "faq": list(self.faq),
            "tier": self.tier.value,
            "sign": self.sign,
            "language": self.language,
            "text": self.text,
            "ms": round(ms, 3),
        }


class Answering:
    """Answers messages from one `Content`. Build it once (some 0.2 seconds) and keep it."""

    def __init__(self, content: Content) -> None:
        """`content`: loaded and checked; a reply named in this file that it lacks raises KeyError when it is needed."""
        self._content = content
        self.triage = Triage(content.signs.values())
        commands = {name: words for name, words in content.words.items() if name not in _ANSWERS_TO_US}
        self._commands = Commands(commands)
        self._retriever = Retriever(content.faq.values())
        self._own_values = {journey: _own_values(content, journey) for journey in content.journeys}

    def ask(
        self, text: str, *, journey: str | None = None, day: int | None = None, language: str | None = None
    ) -> Answer:
        """What `text` gets.

        `journey` (an id of `content/journeys`) and `day` (after surgery) are those of the patient, if known.
        `language` is that of the reply; if not given, the one `text` is written in.
        """
        said = language or detect(text)
        verdict = self.triage.judge(text, day=day, journey=journey)
        if verdict.outcome != "none":
            return self._urgent(verdict, said, journey)
        if self._commands.find(text) is not None:
            return Answer("command", (), Tier.NONE, None, said, self._reply("command", said), verdict)
        return self._found(self._retriever.find(text), verdict, said, journey)

    def answer(self, faq: str, *, language: str, journey: str | None = None) -> str:
        """The text of one FAQ item, as `ask` would give it. Raises KeyError for an id nobody knows."""
        item = self._content.faq[faq]
        parts = [self._fill(item.answer[language], journey)]
        if item.route in _AFTER_ROUTE:
            parts.append(self._reply(_AFTER_ROUTE[item.route], language))
        return "\n\n".join(parts)

    def detect(self, text: str) -> Detected:
        """The language `text` is written in."""
        return detect(text)

    def _urgent(self, verdict: Verdict, language: str, journey: str | None) -> Answer:
        assert verdict.outcome != "none"  # noqa: S101 - for the type checker; `ask` looked
        sign = self._content.signs[verdict.sign] if verdict.sign else None
        operation = (
            self._content.journeys[journey].short[language] if journey else self._reply("word-operation", language)
        )
        text = self._fill(
            self._content.replies[self.triage.reply(verdict) or "confirm"].text[language],
            journey,
            operation=operation,
            sign=sign.name[language] if sign else "",
        )
        return Answer(verdict.outcome, (), verdict.tier, verdict.sign, language, text, verdict)

    def _found(self, found: Found, verdict: Verdict, language: str, journey: str | None) -> Answer:
        if found.kind == "handoff":
            text = self._reply("handoff", language)
        elif found.kind == "choices":
            questions = [f"• {self._content.faq[item].question[language]}" for item in found.ids]
            text = "\n".join([self._reply("choices", language), *questions])
        else:
            text = self.answer(found.ids[0], language=language, journey=journey)
        parts = [text, *(self._reply(name, language) for name in _notes(found, verdict, text))]
        shown = () if found.kind == "smalltalk" else found.ids
        return Answer(found.kind, shown, verdict.tier, verdict.sign, language, "\n\n".join(parts), verdict)

    def _reply(self, name: str, language: str) -> str:
        return self._fill(self._content.replies[name].text[language], None)

    def _fill(self, text: str, journey: str | None, **facts: object) -> str:
        return self._content.fill(text, **{**self._own_values.get(journey or "", {}), **facts})


def _notes(found: Found, verdict: Verdict, text: str) -> list[str]:
    """What is added because a sign was named: mild, or only asked about (clinical rules 5.1 and 5.3.4).

    A text that already says when to call 112 needs no card beside it.
    """
    if found.kind == "smalltalk":
        return []
    if verdict.tier is Tier.ROUTINE:
        return ["routine-note"]
    return ["safety-card"] if verdict.card and "112" not in text else []


def _own_values(content: Content, journey: str) -> Mapping[str, str | int]:
    """The clinic's values for one operation, under their general names.

    `{fusion_lift_kg}` in the texts of a journey tells that what is called `fusion_` are its own values; its patients
    are told these where an answer says `{lift_kg}`.
    """
    named = {
        name
        for step in content.journeys[journey].steps
        for text in (step.text.en, step.text.hi)
        for name in placeholders(text)
    }
    prefixes = {f"{prefix}_" for prefix, _, rest in (name.partition("_") for name in named) if rest in content.clinic}
    return {
        name.removeprefix(prefix): value
        for prefix in sorted(prefixes)
        for name, value in content.clinic.items()
        if name.startswith(prefix)
    }
