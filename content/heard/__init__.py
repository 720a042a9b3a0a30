"""What people write: labelled messages the learned part of triage learns from, and groups of words for its phrases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Literal

import yaml

Want = Literal["emergency", "same_day", "none"]


@dataclass(frozen=True, slots=True)
class Heard:
    """One message: the sign it reports (`general` for none), what it asks for, its language, its words."""

    sign: str
    want: Want
    language: str
    text: str

    @property
    def reports(self) -> bool:
        """Whether somebody reports a warning sign here."""
        return self.want != "none"


def heard() -> Iterator[Heard]:
    """Every labelled message of `content/heard/triage.yaml`."""
    yield from read(resources.files(__package__).joinpath("triage.yaml").read_text(encoding="utf-8"))


def calm() -> Iterator[str]:
    """What people say when nothing is wrong (`content/heard/calm.yaml`): every subject with everything said of it."""
    text = resources.files(__package__).joinpath("calm.yaml").read_text(encoding="utf-8")
    for pairs in yaml.safe_load(text).values():
        for pair in pairs:
            yield from (f"{about} {said}" for about in pair["about"] for said in pair["said"])


def read(text: str) -> Iterator[Heard]:
    """The messages of one such file: sign -> want -> language -> list of texts."""
    for sign, wants in yaml.safe_load(text).items():
        for want, languages in wants.items():
            for language, texts in languages.items():
                yield from (Heard(sign, want, language, one) for one in texts)


def groups() -> dict[str, tuple[str, ...]]:
    """Name -> words and word sequences that stand for each other in a phrase of a sign (`<name>` there)."""
    text = resources.files(__package__).joinpath("groups.yaml").read_text(encoding="utf-8")
    return {name: tuple(map(str, words)) for name, words in yaml.safe_load(text).items()}
