"""Measures triage on labelled messages: `saathi content evaluate --triage` prints the figures.

A file is laid out like `content/heard/triage.yaml`: sign (`general`: none) -> want -> language -> messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from bot.triage.judging import Triage
from bot.triage.model import Verdict
from content.heard import Heard
from content.model import Tier

EVERYTHING = "all"
ALWAYS_CAUGHT = ("RF01", "RF02", "RF04", "RF06", "RF07", "RF13", "RF17")
"""Cauda equina, retention, lung clot, chest, stroke, airway, suicidal words: not one may be missed."""


@dataclass
class Figures:
    """How a group of messages fared. Rates are shares from 0 to 1; 1 or 0 where there is nothing to measure."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    """What each verdict took."""

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

    def milliseconds(self, share: float) -> float:
        """The time within which this share of the verdicts came; 0 if there is none."""
        ordered = sorted(self.seconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 if ordered else 0.0

    def as_dict(self) -> dict[str, float]:
        """For `--json`: counts, shares from 0 to 1, milliseconds."""
        return {
            "reports": self.counts["reports"],
            "recall": self.recall,
            "emergencies": self.counts["emergencies"],
            "outright": self.outright,
            "look_alikes": self.counts["look-alikes"],
            "false_alerts": self.false_alerts,
            "false_questions": self.false_questions,
            "p50_ms": round(self.milliseconds(0.5), 3),
            "p99_ms": round(self.milliseconds(0.99), 3),
        }


@dataclass(frozen=True)
class Mistake:
    """One message that was not judged as labelled."""

    kind: str
    message: Heard
    verdict: Verdict


def measure(
    triage: Triage, messages: Iterable[Heard], clock: Callable[[], float]
) -> tuple[dict[str, Figures], list[Mistake]]:
    """Figures for all messages together (`all`), for each language and each sign; and what went wrong.

    `clock` counts seconds.
    """
    figures: dict[str, Figures] = {EVERYTHING: Figures()}
    mistakes = []
    for message in messages:
        begun = clock()
        verdict = triage.judge(message.text)
        taken = clock() - begun
        kinds = list(_kinds(message, verdict))
        for group in (EVERYTHING, message.language, message.sign):
            figures.setdefault(group, Figures()).counts.update(kinds)
            figures[group].seconds.append(taken)
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
        "| | reports | recall | emergencies | outright | look-alikes | false alerts | questions | p50 ms | p99 ms |",
        "|---" * 10 + "|",
    ]
    for group in sorted(figures, key=lambda name: (name != EVERYTHING, name.startswith(("RF", "general")), name)):
        one = figures[group]
        reports, grave, quiet = (one.counts[kind] for kind in ("reports", "emergencies", "look-alikes"))
        told = [
            f"{reports}", f"{one.recall:.1%}" if reports else "",
            f"{grave}", f"{one.outright:.1%}" if grave else "",
            f"{quiet}", f"{one.false_alerts:.1%}" if quiet else "", f"{one.false_questions:.1%}" if quiet else "",
            f"{one.milliseconds(0.5):.1f}", f"{one.milliseconds(0.99):.1f}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join((group, *told))} |")
    return lines
