"""What Saathi would say to one message: triage, command words, small talk, then the FAQ. Pure; nothing is stored.

Every sentence comes from `content/`: an answer as it is written, with what its route adds, and the clinic's values in
the braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.conversation.words import Commands
from bot.faq import MOST_CHOICES, Found, Retriever
from bot.faq.learning import Learn, learn
from bot.language import Detected, detect
from bot.text import tokens
from bot.triage import Triage, Verdict
from content.loader import Content
from content.model import FaqItem, Tier

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
    next: tuple[str, ...] = ()
    """For `answer`: ids of the questions people ask next, at most three."""
    outside: str | None = None
    """For `handoff`: the subject (`content/outside.yaml`) that is none of ours, if it is one; then `text` says so, and
    the care team need not be asked."""

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


@dataclass(frozen=True)
class _Case:
    """Whom an answer is for, as far as it is known."""

    journey: str | None
    """The patient's own."""
    day: int | None
    """After the patient's surgery."""
    procedure: str | None
    """The operation the answer is about: the one the question names, or else the patient's."""


class Answering:
    """Answers messages from one `Content`. Build it once (some seconds) and keep it."""

    def __init__(self, content: Content, learn: Learn = learn) -> None:
        """`content`: loaded and checked; a reply named in this file that it lacks raises KeyError when it is needed.

        `learn`: what learns from the phrasings of the FAQ; a program hands in one that keeps it (`bot.faq.kept`).
        """
        self._content = content
        self.triage = Triage(content.signs.values())
        commands = {name: words for name, words in content.words.items() if name not in _ANSWERS_TO_US}
        self._commands = Commands(commands)
        self._retriever = Retriever(content.faq.values(), content.outside.values(), learn)
        self._before = frozenset(item.id for item in content.faq.values() if item.asked == "before")
        self._own_values = {name: _own_values(content, name) for name in (*content.journeys, *content.procedures)}
        self._named = [
            (tokens(phrase), procedure.id)
            for procedure in content.procedures.values()
            for phrase in procedure.words.all()
        ]

    def ask(
        self,
        text: str,
        *,
        journey: str | None = None,
        day: int | None = None,
        language: str | None = None,
        last: str | None = None,
    ) -> Answer:
        """What `text` gets.

        `journey` (an id of `content/journeys`) and `day` (after surgery) are those of the patient, if known.
        `language` is that of the reply; if not given, the one `text` is written in. `last` is the id of the answer
        given before, if that was a few minutes ago: a message that only goes on from it is then understood.
        """
        said = language or detect(text)
        verdict = self.triage.judge(text, day=day, journey=journey)
        if verdict.outcome != "none":
            return self._urgent(verdict, said, journey)
        if self._commands.find(text) is not None:
            return Answer("command", (), Tier.NONE, None, said, self._reply("command", said), verdict)
        operated = day is not None and day > 0
        found = self._retriever.find(text, last, self._before if operated else frozenset())
        return self._found(found, verdict, said, _Case(journey, day, self._procedure(text) or journey))

    def answer(
        self,
        faq: str,
        *,
        language: str,
        journey: str | None = None,
        day: int | None = None,
        procedure: str | None = None,
    ) -> str:
        """The text of one FAQ item, as `ask` would give it. Raises KeyError for an id nobody knows.

        `procedure` (an id of `content/procedures.yaml`) is the operation asked about, if it is not that of `journey`.
        """
        item = self._content.faq[faq]
        case = _Case(journey, day, procedure or journey)
        parts = [*self._heads(item, language, case), self._body(item, language, case)]
        if item.route in _AFTER_ROUTE:
            parts.append(self._reply(_AFTER_ROUTE[item.route], language))
        return "\n\n".join(parts)

    def sources(self, faq: str, *, language: str) -> str:
        """Where an answer comes from, one source a line with its address. Raises KeyError for an id nobody knows."""
        found = [self._content.sources[name] for name in self._content.faq[faq].sources]
        return "\n".join([self._reply("sources", language), *(f"• {source.title}: {source.url}" for source in found)])

    def _body(self, item: FaqItem, language: str, case: _Case) -> str:
        day = case.day if case.procedure == case.journey else None
        return self._fill(item.answer_for(case.procedure, day)[language], case.procedure)

    def _heads(self, item: FaqItem, language: str, case: _Case) -> list[str]:
        """What stands before an answer: the patient's day, where it matters, or the operation that was named."""
        procedure = self._content.procedures.get(case.procedure or "")
        if procedure is None:
            return []
        if case.procedure != case.journey:
            general = self._body(item, language, _Case(None, None, None))
            if self._body(item, language, case) == general:
                return []
            return [self._reply("about-operation", language, operation=procedure.short[language])]
        if case.day is None or case.day < 0 or not (item.wait or any(_has_days(item))):
            return []
        name = "on-day" if item.wait is None else self._waiting(item.wait, case)
        return [self._reply(name, language, operation=procedure.short[language], day=case.day)]

    def _waiting(self, setting: str, case: _Case) -> str:
        value = self._own_values.get(case.procedure or "", {}).get(setting, self._content.clinic[setting])
        longest = max(map(int, re.findall(r"\d+", str(value))), default=0)
        days = longest * (7 if self._content.settings[setting].unit == "weeks" else 1)
        return "on-day-wait" if (case.day or 0) < days else "on-day-past"

    def _procedure(self, text: str) -> str | None:
        """The operation `text` names, if it names one; the longest name counts."""
        words = tokens(text)
        found = [
            (len(name), procedure)
            for name, procedure in self._named
            if any(words[start : start + len(name)] == name for start in range(len(words) - len(name) + 1))
        ]
        return max(found)[1] if found else None

    def nearest(self, text: str, most: int = 5) -> tuple[str, ...]:
        """Ids of the answers `text` may be about, best first, for somebody who chooses among them."""
        return self._retriever.nearest(text, most)

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

    def _found(self, found: Found, verdict: Verdict, language: str, case: _Case) -> Answer:
        if found.kind == "handoff":
            text = self._reply(self._refusal(found), language)
        elif found.kind == "choices":
            questions = [f"• {self._content.faq[item].question[language]}" for item in found.ids]
            text = "\n".join([self._reply("choices", language), *questions])
        else:
            answers = [
                self.answer(item, language=language, journey=case.journey, day=case.day, procedure=case.procedure)
                for item in found.ids
            ]
            text = "\n\n".join(_once("\n\n".join(answers).split("\n\n")))
        parts = [text, *(self._reply(name, language) for name in _notes(found, verdict, text))]
        shown = () if found.kind == "smalltalk" else found.ids
        following = dict.fromkeys(name for item in shown for name in self._content.faq[item].next if name not in shown)
        return Answer(
            found.kind,
            shown,
            verdict.tier,
            verdict.sign,
            language,
            "\n\n".join(parts),
            verdict,
            tuple(following)[:MOST_CHOICES] if found.kind == "answer" else (),
            found.outside,
        )

    def _refusal(self, found: Found) -> str:
        return "handoff" if found.outside is None else self._content.outside[found.outside].reply

    def _reply(self, name: str, language: str, **facts: object) -> str:
        return self._fill(self._content.replies[name].text[language], None, **facts)

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


def _own_values(content: Content, procedure: str) -> Mapping[str, str | int]:
    """The clinic's values for one operation, under their general names.

    With the prefix `fusion_` patients are told `{fusion_lift_kg}` where an answer says `{lift_kg}`.
    """
    found = content.procedures.get(procedure)
    prefix = found.prefix if found else None
    if prefix is None:
        return {}
    return {name.removeprefix(prefix): value for name, value in content.clinic.items() if name.startswith(prefix)}


def _has_days(item: FaqItem) -> Iterator[bool]:
    return (variant.from_day is not None or variant.to_day is not None for variant in item.variants)


def _once(paragraphs: list[str]) -> list[str]:
    """The paragraphs, each only where it stands last: two answers share one note."""
    return [text for place, text in enumerate(paragraphs) if text not in paragraphs[place + 1 :]]
