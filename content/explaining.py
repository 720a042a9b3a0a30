"""What a schema error means, in a sentence for the clinician who wrote the file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from content.composing import find
from content.problems import Problem

_LANGUAGES = {"en": "English", "hi": "Hindi", "hi-Latn": "Hinglish"}
_PATTERNS = {
    "^RF": "The id of a sign is RF and two digits, as in RF01.",
    "^[A-Z0-9-]": "The id of a source is capitals, digits and hyphens, as in NICE-NG125.",
    "^[a-z][a-z0-9_]": "The id of a setting is small letters, digits and underscores, as in hospital_phone.",
    "^[a-z0-9]+": "The id is small letters and digits joined by hyphens, as in wound-care.",
}
_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number, without quotes",
    "bool_type": "true or false",
    "tuple_type": "a list: one `- ` line for each",
    "list_type": "a list: one `- ` line for each",
    "model_type": "fields of its own, indented below it",
    "model_attributes_type": "fields of its own, indented below it",
    "dict_type": "fields of its own, indented below it",
    "date_type": "a day, as in 2030-01-31",
    "date_parsing": "a day, as in 2030-01-31",
    "date_from_datetime_parsing": "a day, as in 2030-01-31",
}
_REVIEW = "Write `review: pending`. A clinician's signature has `by`, `on` and `expires`."


def explain(error: ValidationError, node: yaml.Node, file: str) -> list[Problem]:
    """One problem for each field that is wrong, with the line of that field. `node` is the entry."""
    # A value that may be of several types is reported once for each type by pydantic; people need it once.
    found = dict.fromkeys(_explain_one(detail, node, file) for detail in error.errors(include_url=False))
    return list(found)


def _explain_one(detail: ErrorDetails, node: yaml.Node, file: str) -> Problem:
    loc, kind = detail["loc"], detail["type"]
    line, reached, taken = find(node, loc)
    name = _name(taken)
    if len(loc) > 1 and loc[0] == "review":
        return Problem(file, line if len(taken) > 1 else _own_line(node, ("review",)), _REVIEW)
    if len(loc) > 1 and loc[0] == "default":
        return Problem(file, line, "`default` must be a text or a whole number.")
    if kind == "missing":
        return Problem(file, _own_line(node, loc[:-1]), _missing(str(loc[-1]), reached))
    if kind == "extra_forbidden":
        return Problem(file, line, _unknown(name, reached, find(node, loc[:-1])[1]))
    return Problem(file, line, _wrong(detail, name, reached))


def _own_line(node: yaml.Node, place: Iterable[str | int]) -> int:
    return find(node, place)[0]


def _missing(field: str, node: yaml.Node) -> str:
    if field in _LANGUAGES and not _holds(node, ("id", "steps")):
        return f"The {_LANGUAGES[field]} text is missing: add `{field}:`."
    return f"`{field}` is missing here: add `{field}:`."


def _holds(node: yaml.Node, names: Iterable[str]) -> bool:
    return isinstance(node, yaml.MappingNode) and any(key.value in names for key, _ in node.value)


_KNOWN_FIELDS = (
    "id en hi hi-Latn by on expires grade title url default meaning unit sources topic anchor day slot late_minutes "
    "when_late text ask short also_called per_day review steps slots morning midday afternoon evening quiet_from "
    "quiet_until usual_stay_days medicine_late_minutes medicine_text medicine_named_text medicine_sources label words "
    "sign kind choices alert_at thanks covers route question answer phrasings name tier phrases same_day_phrases "
    "emergency_phrases look_alikes nouns improving_lowers reply buttons purpose version"
).split()


def _unknown(name: str, node: yaml.Node, parent: yaml.Node) -> str:
    if isinstance(parent, yaml.MappingNode) and parent.flow_style and not node.value:
        return f"A comma inside {{ }} ends a text before `{name}`: put the text in quotes."
    near = difflib.get_close_matches(name, _KNOWN_FIELDS, n=1) if name not in _KNOWN_FIELDS else []
    hint = f"did you mean `{near[0]}`?" if near else "take it out, or check how far it is indented."
    return f"There is no field `{name}` here: {hint}"


def _name(taken: tuple[str | int, ...]) -> str:
    return next((str(part) for part in reversed(taken) if isinstance(part, str)), "entry")


def _wrong(detail: ErrorDetails, name: str, node: yaml.Node) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    subject = f"The {_LANGUAGES[name]} text" if name in _LANGUAGES else f"`{name}`"
    if kind == "value_error":
        return _sentence(str(context.get("error", detail["msg"])))
    if kind in ("string_type", "string_too_short"):
        return _no_text(subject, node)
    if kind == "string_pattern_mismatch":
        return next((said for start, said in _PATTERNS.items() if context["pattern"].startswith(start)), detail["msg"])
    if kind == "string_too_long":
        return f"{subject} may have at most {context['max_length']} characters."
    if kind in ("enum", "literal_error"):
        return f"{subject} must be {context['expected']}."
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
        return f"{subject} must be {bound}."
    if kind in _EXPECTED:
        return f"{subject} must be {_EXPECTED[kind]}."
    return f"{subject} is not right: {_sentence(detail['msg'])}"


def _no_text(subject: str, node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode | yaml.SequenceNode):
        if node.flow_style:
            return f"{subject} begins with {{ or [: put it in quotes."
        return f"{subject} must be one text: put a text that holds ': ' in quotes."
    if not str(node.value).strip():
        return f"{subject} is empty: write it."
    return f"{subject} must be a text: put it in quotes."


def _sentence(text: Any) -> str:
    said = str(text).strip()
    return said[:1].upper() + said[1:] + ("" if said.endswith((".", "?", "!")) else ".")
