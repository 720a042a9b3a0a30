"""Measures triage on labelled messages: `python -m bot.triage.evaluation FILE...` prints the figures.

A file is laid out like `content/heard/triage.yaml`: sign (`general`: none) -> want -> language -> messages.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.triage.judging import Triage
from bot.triage.model import Verdict
from content.heard import Heard, read
from content.loader import load
from content.model import Tier

DEFAULT = Path("tests/triage/development.yaml")
EVERYTHING = "all"
ALWAYS_CAUGHT = ("RF01", "RF02", "RF04", "RF06", "RF07", "RF13")
"""Cauda equina, retention, lung clot, chest, stroke, airway: not one may be missed."""


@dataclass
class Figures:
    """How a group of messages fared. Rates are shares from 0 to 1; 1 or 0 where there is nothing to measure."""

    counts: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """Reports that led to an alert or a question, of all reports."""
        return _share(self.counts["caught"], self.counts["reports"], 1.0)

    @property
    def outright(self) -> float:
        """Emergencies that alerted as an emergency at once, of all emergencies."""
        return _share(self.counts["outright"], self.counts["emergencies"], 1.0)

    @property
    def false_alerts(self) -> float:
        """Messages without a report that alerted all the same, of all such messages."""
        return _share(self.counts["false alerts"], self.counts["look-alikes"], 0.0)

    @property
    def false_questions(self) -> float:
        """Messages without a report that led to a question, of all such messages."""
        return _share(self.counts["false questions"], self.counts["look-alikes"], 0.0)


@dataclass(frozen=True)
class Mistake:
    """One message that was not judged as labelled."""

    kind: str
    message: Heard
    verdict: Verdict


def measure(triage: Triage, messages: Iterable[Heard]) -> tuple[dict[str, Figures], list[Mistake]]:
    """Figures for all messages together (`all`), for each language and each sign; and what went wrong."""
    figures: dict[str, Figures] = {EVERYTHING: Figures()}
    mistakes = []
    for message in messages:
        verdict = triage.judge(message.text)
        kinds = list(_kinds(message, verdict))
        for group in (EVERYTHING, message.language, message.sign):
            figures.setdefault(group, Figures()).counts.update(kinds)
        wrong = {"missed", "only asked", "false alerts", "false questions"}.intersection(kinds)
        mistakes += [Mistake(kind, message, verdict) for kind in sorted(wrong)]
    return figures, mistakes


def _kinds(message: Heard, verdict: Verdict) -> Iterator[str]:
    alerted, asked = verdict.outcome == "alert", verdict.outcome == "confirm"
    if not message.reports:
        yield "look-alikes"
        if alerted or asked:
            yield "false alerts" if alerted else "false questions"
        return
    yield "reports"
    yield "caught" if alerted or asked else "missed"
    if message.want == "emergency":
        yield "emergencies"
        if alerted and verdict.tier is Tier.EMERGENCY:
            yield "outright"
        elif alerted or asked:
            yield "only asked"


def _share(part: int, whole: int, empty: float) -> float:
    return part / whole if whole else empty


def table(figures: dict[str, Figures]) -> list[str]:
    """The figures as lines of a Markdown table: everything, then languages, then signs."""
    lines = [
        "| | reports | recall | emergencies | outright | look-alikes | false alerts | questions |",
        "|---" * 8 + "|",
    ]
    for group in sorted(figures, key=lambda name: (name != EVERYTHING, name.startswith(("RF", "general")), name)):
        one = figures[group]
        reports, grave, quiet = (one.counts[kind] for kind in ("reports", "emergencies", "look-alikes"))
        told = [
            f"{reports}", f"{one.recall:.1%}" if reports else "",
            f"{grave}", f"{one.outright:.1%}" if grave else "",
            f"{quiet}", f"{one.false_alerts:.1%}" if quiet else "", f"{one.false_questions:.1%}" if quiet else "",
        ]  # fmt: skip
        lines.append(f"| {' | '.join((group, *told))} |")
    return lines


def main(arguments: list[str]) -> None:
    """Print the table of each file, and with `--mistakes` every message that was not judged as labelled."""
    triage = Triage(load().signs.values())
    for name in [each for each in arguments if not each.startswith("--")] or [str(DEFAULT)]:
        figures, mistakes = measure(triage, read(Path(name).read_text(encoding="utf-8")))
        print(name, "", *table(figures), "", sep="\n")  # noqa: T201 - this is the command's output
        if "--mistakes" in arguments:
            for one in mistakes:
                told = f"{one.message.sign} {one.message.want}: {one.message.text}"
                reason = [(match.sign, match.phrase, match.rule) for match in one.verdict.matches[:1]]
                print(f"{one.kind:15s} {told}   {reason}")  # noqa: T201 - this is the command's output


if __name__ == "__main__":
    main(sys.argv[1:])
