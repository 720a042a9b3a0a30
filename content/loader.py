"""Reading `content/**/*.yaml`: everything at once, and every mistake with its file and line.

Files that do not exist yet count as empty, so that half-written content can be looked at; `content.checks.check`
says what is missing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml
from pydantic import TypeAdapter, ValidationError

from content.composing import compose, line_of, scalar, value_of
from content.explaining import explain
from content.model import (
    Button,
    FaqItem,
    Journey,
    JourneyDefaults,
    Notice,
    Outside,
    Phrasings,
    Procedure,
    Question,
    Reply,
    Setting,
    Sign,
    Source,
    Step,
)
from content.problems import ContentError, Problem
from content.watching import WatchRule

__all__ = ["Content", "ContentError", "Problem", "default_root", "load", "placeholders"]

Entries = dict[str, Any]
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

NO_DEFAULTS = JourneyDefaults.model_validate(
    {
        "slots": {
            "morning": "09:00",
            "midday": "12:00",
            "afternoon": "15:00",
            "evening": "19:00",
            "quiet_from": "21:00",
            "quiet_until": "08:00",
        },
        "when_late": {},
        "usual_stay_days": 1,
        "medicine_late_minutes": 60,
        "medicine_text": {"en": "{time}", "hi": "{time}"},
        "medicine_named_text": {"en": "{time}: {medicine}", "hi": "{time}: {medicine}"},
        "medicine_sources": [],
        "review": "pending",
    }
)
"""Stands in while `content/journeys/defaults.yaml` is not written; `check` reports the missing file."""


@dataclass(frozen=True, repr=False)
class Content:
    """Every word Saathi may say, by id, and the values of this clinic. Nothing in it changes after loading."""

    sources: Mapping[str, Source]
    settings: Mapping[str, Setting]
    questions: Mapping[str, Question]
    watching: Mapping[str, WatchRule]
    """The rules over the answers to check-ins."""
    defaults: JourneyDefaults
    journeys: Mapping[str, Journey]
    procedures: Mapping[str, Procedure]
    """The operations the answers know of, with or without a journey."""
    outside: Mapping[str, Outside]
    """Subjects that are none of ours."""
    faq: Mapping[str, FaqItem]
    signs: Mapping[str, Sign]
    replies: Mapping[str, Reply]
    buttons: Mapping[str, Button]
    words: Mapping[str, Phrasings]
    """What people type for a command, by command."""
    notices: Mapping[str, Notice]
    """By purpose."""
    version: str
    """12 hexadecimal digits of SHA-256 over all files and the clinic's own values: the same words, the same version."""
    clinic: Mapping[str, str | int]
    """The values of the settings: the defaults, overridden by the clinic's own file."""
    lines: Mapping[tuple[str, str], tuple[str, int]]
    """Where an entry stands: (kind, id) -> (file, line). A step's id is `journey/step` here."""
    root: Path
    """The folder it was read from."""

    def __repr__(self) -> str:
        """Which content, not its megabyte of words: whoever shows a value that holds this one shows this as well."""
        return f"Content({self.version})"

    @cached_property
    def steps(self) -> Mapping[tuple[str, str], Step]:
        """Every step of every journey, by journey and id."""
        return {(journey.id, step.id): step for journey in self.journeys.values() for step in journey.steps}

    def asked(self, step: Step) -> tuple[Question, ...]:
        """The questions of a check-in that this clinic asks, in order."""
        known = (self.questions[name] for name in step.ask if name in self.questions)
        return tuple(one for one in known if one.only_if is None or str(self.clinic.get(one.only_if)).lower() == "yes")

    def fill(self, text: str, **facts: object) -> str:
        """Put the clinic's values and `facts` where the braces are; a fact wins over a setting of the same name.

        Raises KeyError for a name nobody defined: a text with a hole must not reach a patient.
        """
        parts = list(_parts(text))
        for place in range(1, len(parts), 2):
            name = parts[place]
            parts[place] = str(facts[name] if name in facts else self.clinic[name])
        return "".join(parts)


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[str, ...]:
    """A text cut at its braces: words and names in turn."""
    return tuple(_PLACEHOLDER.split(text))


def placeholders(text: str) -> frozenset[str]:
    """The names in braces in a text."""
    return frozenset(_PLACEHOLDER.findall(text))


def default_root() -> Path:
    """The folder of the content shipped with Saathi."""
    return Path(__file__).resolve().parent


class _Kind(NamedTuple):
    """What the entries of a file are."""

    name: str
    adapter: TypeAdapter[Any]
    shape: str
    """`list` of entries, `one` entry in a file, or `mapping` of names to entries."""
    key: str = "id"


_SOURCE = _Kind("source", TypeAdapter(Source), "list")
_SETTING = _Kind("setting", TypeAdapter(Setting), "list")
_QUESTION = _Kind("question", TypeAdapter(Question), "list")
_WATCHING = _Kind("watching", TypeAdapter(WatchRule), "list")
_DEFAULTS = _Kind("defaults", TypeAdapter(JourneyDefaults), "one")
_JOURNEY = _Kind("journey", TypeAdapter(Journey), "one")
_FAQ = _Kind("faq", TypeAdapter(FaqItem), "list")
_SIGN = _Kind("sign", TypeAdapter(Sign), "list")
_REPLY = _Kind("reply", TypeAdapter(Reply), "list")
_BUTTON = _Kind("button", TypeAdapter(Button), "list")
_WORDS = _Kind("words", TypeAdapter(Phrasings), "mapping")
_PROCEDURE = _Kind("procedure", TypeAdapter(Procedure), "list")
_OUTSIDE = _Kind("outside", TypeAdapter(Outside), "list")
_NOTICE = _Kind("notice", TypeAdapter(Notice), "list", "purpose")

_FILES: dict[str, _Kind] = {
    "sources.yaml": _SOURCE,
    "checkins.yaml": _QUESTION,
    "notices.yaml": _NOTICE,
    "outside.yaml": _OUTSIDE,
    "procedures.yaml": _PROCEDURE,
    "watching.yaml": _WATCHING,
    "journeys/defaults.yaml": _DEFAULTS,
    "replies/buttons.yaml": _BUTTON,
    "replies/words.yaml": _WORDS,
}
_FOLDERS: dict[str, _Kind] = {
    "clinic": _SETTING,
    "journeys": _JOURNEY,
    "faq": _FAQ,
    "triage": _SIGN,
    "replies": _REPLY,
}
_OURS = ("rules", "heard")
"""The lists the checks work with, and the messages triage learns from: nothing in these folders is said to anybody."""

REQUIRED_FILES = tuple(name for name in _FILES if name != "watching.yaml")
"""A clinic may watch for nothing but what the questions themselves name."""
REQUIRED_FOLDERS = tuple(_FOLDERS)


def load(root: Path | None = None, clinic_file: Path | None = None) -> Content:
    """Read all content under `root` (the shipped content if not given), with a clinic's own values from `clinic_file`.

    The clinic's file is a YAML mapping of setting ids to values. Raises ContentError with all problems of all files.
    """
    root = default_root() if root is None else root
    reading = _Reading(root)
    for path in _yaml_files(root):
        reading.read(path)
    clinic = {name: setting.default for name, setting in reading.of(_SETTING).items()}
    if clinic_file is not None:
        clinic |= reading.clinic_values(clinic_file)
    if reading.problems:
        raise ContentError(tuple(sorted(set(reading.problems))))
    return reading.content(clinic)


def _yaml_files(root: Path) -> list[Path]:
    found = (path for path in root.rglob("*") if path.suffix in (".yaml", ".yml") and not path.name.startswith("."))
    return sorted(path for path in found if path.relative_to(root).parts[0] not in _OURS)


class _Reading:
    """Gathers entries and problems over the files of one `load`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._entries: dict[str, Entries] = {}
        self._digest = hashlib.sha256()
        self.lines: dict[tuple[str, str], tuple[str, int]] = {}
        self.problems: list[Problem] = []

    def of(self, kind: _Kind) -> Entries:
        return self._entries.setdefault(kind.name, {})

    def read(self, path: Path) -> None:
        relative = path.relative_to(self._root).as_posix()
        file = f"content/{relative}"
        kind = _FILES.get(relative) or _folder_kind(relative)
        if kind is None:
            self.problems.append(Problem(file, 1, _unknown_file(path)))
            return
        node = self._compose(path, file, relative)
        if node is None:
            return
        value, problems = value_of(node, file)
        self.problems += problems
        if kind.shape == "list":
            self._read_list(kind, file, node, value)
        elif kind.shape == "mapping":
            self._read_mapping(kind, file, node, value)
        elif isinstance(value, dict):
            self._read_one(kind, file, path, node, value)
        else:
            self.problems.append(Problem(file, line_of(node), "This file holds one entry: write its fields, no list."))

    def _compose(self, path: Path, file: str, relative: str) -> yaml.Node | None:
        data = path.read_bytes()
        self._digest.update(f"{relative}\0{len(data)}\0".encode())
        self._digest.update(data)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self.problems.append(Problem(file, line, "The file is not saved as UTF-8 text: save it again as UTF-8."))
            return None
        node, problems = compose(text, file)
        self.problems += problems
        return node

    def _read_list(self, kind: _Kind, file: str, node: yaml.Node, value: Any) -> None:
        if not isinstance(value, list):
            self.problems.append(
                Problem(file, line_of(node), "This file is a list of entries: begin each one with `- `.")
            )
            return
        for item_node, item in zip(node.value, value, strict=True):
            self._add(kind, file, item_node, item)

    def _read_mapping(self, kind: _Kind, file: str, node: yaml.Node, value: Any) -> None:
        if not isinstance(value, dict):
            self.problems.append(Problem(file, line_of(node), "This file gives names and, under each, its phrasings."))
            return
        # The first of two equal keys counts; that there are two is a problem already.
        keys = {key.value: (key, item) for key, item in reversed(node.value) if isinstance(key, yaml.ScalarNode)}
        for name, (key, item) in keys.items():
            self._add(kind, file, item, value[name], (name, line_of(key)))

    def _read_one(self, kind: _Kind, file: str, path: Path, node: yaml.Node, value: Any) -> None:
        entry = self._add(kind, file, node, value)
        if not isinstance(entry, Journey):
            return
        if entry.id != path.stem:
            sentence = f"The journey `{entry.id}` belongs in a file of its own name: `{entry.id}.yaml`."
            self.problems.append(Problem(file, self.lines[kind.name, entry.id][1], sentence))
        steps = next(item for key, item in node.value if key.value == "steps")
        for step, step_node in zip(entry.steps, steps.value, strict=True):
            self.lines.setdefault(("step", f"{entry.id}/{step.id}"), (file, line_of(step_node)))

    def _add(self, kind: _Kind, file: str, node: yaml.Node, value: Any, named: tuple[str, int] | None = None) -> Any:
        """Keep one entry and return it, or note why not and return nothing. `named`: its name and line, if outside."""
        try:
            # Strict, and through JSON: lists become tuples and texts become dates, but "5" never becomes 5.
            entry = kind.adapter.validate_json(json.dumps(value, ensure_ascii=False), strict=True)
        except ValidationError as error:
            self.problems += explain(error, node, file)
            return None
        entry_id, line = named or (str(getattr(entry, kind.key, kind.name)), line_of(node))
        known = self.lines.get((kind.name, entry_id))
        if known is not None:
            sentence = f"The id `{entry_id}` is already used in {known[0]} line {known[1]}: each needs its own."
            self.problems.append(Problem(file, line, sentence))
            return None
        self.lines[kind.name, entry_id] = (file, line)
        self.of(kind)[entry_id] = entry
        return entry

    def clinic_values(self, path: Path) -> dict[str, str | int]:
        """The values in a clinic's own file; a wrong one is a problem and left out."""
        file = path.as_posix()
        if not path.is_file():
            self.problems.append(Problem(file, 1, "The clinic's file does not exist."))
            return {}
        node = self._compose(path, file, "clinic values")
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            sentence = "This file gives the clinic's values, one a line, as in `hospital_phone: '0522 000 0000'`."
            self.problems.append(Problem(file, line_of(node), sentence))
            return {}
        _, problems = value_of(node, file)
        self.problems += problems
        values: dict[str, str | int] = {}
        for key, item in node.value:
            setting = self.of(_SETTING).get(key.value) if isinstance(key, yaml.ScalarNode) else None
            value = _setting_value(setting, item) if setting else f"There is no setting `{key.value}`."
            if isinstance(value, _Fits):
                values[key.value] = value.value
            else:
                self.problems.append(Problem(file, line_of(key), value))
        return values

    def content(self, clinic: dict[str, str | int]) -> Content:
        view = {kind.name: MappingProxyType(self.of(kind)) for kind in (*_FILES.values(), *_FOLDERS.values())}
        return Content(
            sources=view["source"],
            settings=view["setting"],
            questions=view["question"],
            watching=view["watching"],
            defaults=view["defaults"].get("defaults", NO_DEFAULTS),
            journeys=view["journey"],
            procedures=view["procedure"],
            outside=view["outside"],
            faq=view["faq"],
            signs=view["sign"],
            replies=view["reply"],
            buttons=view["button"],
            words=view["words"],
            notices=view["notice"],
            version=self._digest.hexdigest()[:12],
            clinic=MappingProxyType(clinic),
            lines=MappingProxyType(self.lines),
            root=self._root,
        )


class _Fits(NamedTuple):
    """A value of the clinic that fits its setting."""

    value: str | int


def _setting_value(setting: Setting, node: yaml.Node) -> _Fits | str:
    """The value for a setting, or the sentence why it is none."""
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        return f"Give `{setting.id}` one value: {setting.meaning}"
    if isinstance(setting.default, str):
        return _Fits(node.value.strip())
    value = scalar(node)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return f"`{setting.id}` must be a whole number, as in {setting.default}."
    return _Fits(value)


def _folder_kind(relative: str) -> _Kind | None:
    parts = relative.split("/")
    return _FOLDERS.get(parts[0]) if len(parts) == 2 and relative.endswith(".yaml") else None


def _unknown_file(path: Path) -> str:
    if path.suffix == ".yml":
        return f"Nothing reads this file: call it `{path.stem}.yaml`."
    return "Nothing reads this file: put it in clinic, journeys, faq, triage or replies, or take it out."
