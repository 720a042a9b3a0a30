"""The labelled messages of this folder, and the measure of recall and false alarms over them.

`python -m tests.triage.messages` prints recall and false alarms by sign and language.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.triage import Triage, Verdict
from content.loader import load
from content.model import Tier

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Labelled:
    """One message and what must follow: `emergency`, `same_day`, `confirm` or `none`."""

    sign: str
    want: str
    language: str
    text: str

    @property
    def positive(self) -> bool:
        return self.want != "none"

    def caught(self, verdict: Verdict) -> bool:
        """Alert or question, of this sign among others, and for an alert at least this grave."""
        named = any(match.sign == self.sign and match.tier is not Tier.NONE for match in verdict.matches)
        return verdict.outcome != "none" and named


def labelled(name: str = "messages") -> Iterator[Labelled]:
    signs = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    for sign, wants in signs.items():
        for want, languages in wants.items():
            for language, texts in languages.items():
                yield from (Labelled(sign, want, language, text) for text in texts)


def listed() -> Iterator[tuple[str, str, str]]:
    signs = yaml.safe_load((HERE / "listed.yaml").read_text(encoding="utf-8"))
    for sign, languages in signs.items():
        for language, texts in languages.items():
            yield from ((sign, language, text) for text in texts)


def table(triage: Triage, name: str = "messages") -> list[str]:
    """Recall and false alarms, as lines: by language, then by sign."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in labelled(name):
        verdict = triage.judge(each.text)
        for group in (each.language, each.sign, "all"):
            counts[group, "positive" if each.positive else "negative"] += 1
            if each.positive:
                counts[group, "caught"] += each.caught(verdict)
            else:
                counts[group, "false alert"] += verdict.outcome == "alert"
                counts[group, "false question"] += verdict.outcome == "confirm"
            if each.want == "emergency":
                counts[group, "emergency"] += 1
                counts[group, "outright"] += verdict.outcome == "alert" and verdict.tier is Tier.EMERGENCY
    lines = ["group      positives caught | emergencies alerted | look-alikes alerted asked"]
    for group in sorted({group for group, _ in counts}, key=lambda name: (len(name) == 4, name)):
        told = [counts[group, kind] for kind in ("positive", "caught", "emergency", "outright")]
        false = [counts[group, kind] for kind in ("negative", "false alert", "false question")]
        lines.append("{:10s} {:9d} {:6d} | {:11d} {:7d} | {:11d} {:7d} {:5d}".format(group, *told, *false))
    return lines


if __name__ == "__main__":
    built = Triage(load().signs.values())
    for sample in ("messages", "held_back"):
        print(f"{sample}.yaml", *table(built, sample), sep="\n")  # noqa: T201 - this is the command's output
