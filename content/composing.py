"""YAML as the authors of the content mean it: YAML 1.2 scalars, a line for every value, plain sentences for mistakes.

PyYAML reads the syntax (with libyaml where that is built in); values are made here, because PyYAML follows YAML 1.1,
where `no` is false and `8:00` is 480.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml

from content.problems import Problem

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Value = bool | int | float | str | list[Any] | dict[str, Any] | None
Place = tuple[str | int, ...]
"""The way to a field: keys of mappings and positions in lists, as in `("steps", 3, "text", "hi")`."""

_MAX_DEPTH = 20

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# Telephone numbers (a leading + or 0) stay as they were written: as numbers they would lose that sign.
_INT = re.compile(r"0|-?[1-9][0-9]*")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LOOKS_LIKE_PHONE = re.compile(r"[+0][0-9]+")

_SYNTAX = (
    ("mapping values are not allowed", "there is a colon too many; put a text that holds ': ' in quotes"),
    ("unexpected end of stream", "a quote that was opened is never closed"),
    ("could not find expected ':'", "a colon is missing after the name of a field"),
    ("did not find expected '-'", "the lines of this list do not start in the same column"),
    (
        "did not find expected key",
        'indent this line like its neighbours; a text that begins with { or " needs quotes around',
    ),
    ("did not find expected ',' or", "a bracket is not closed; put a text that begins with { or [ in quotes"),
    ("cannot start any token", "a text that begins with this sign has to be in quotes"),
    ("unknown escape character", 'a \\ inside "..." has a special meaning; use single quotes'),
    ("undefined alias", "a text that begins with * has to be in quotes"),
    ("special characters are not allowed", "there is an invisible control character"),
    ("expected a single document", "a line of three hyphens starts a second document; take it out"),
    ("while scanning a tag", "a text that begins with ! has to be in quotes"),
)


def compose(text: str, file: str) -> tuple[yaml.Node | None, list[Problem]]:
    """The tree of nodes of a file, or why there is none. An empty file has no node and no problem."""
    tabs = [
        Problem(file, number, "There is a tab in this line: use spaces instead.")
        for number, line in enumerate(text.split("\n"), start=1)
        if "\t" in line
    ]
    if tabs:
        return None, tabs
    loader = _Loader(text)
    try:
        return loader.get_single_node(), []
    except yaml.MarkedYAMLError as error:
        opened = "quoted scalar" in str(error.context)  # Where the quote was opened helps, not the end of the file.
        mark = error.context_mark if opened else error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        return None, [Problem(file, line, f"The file cannot be read from this line on: {_why(error)}.")]
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        return None, [Problem(file, line, f"The file cannot be read: {_why(error)}.")]
    finally:
        loader.dispose()


def _why(error: yaml.YAMLError) -> str:
    said = str(error)
    for part, sentence in _SYNTAX:
        if part in said:
            return sentence
    return str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it is not YAML")


def value_of(node: yaml.Node, file: str) -> tuple[Value, list[Problem]]:
    """The node as Python values, and what is wrong with it: a field given twice, or structure that never ends."""
    problems: list[Problem] = []
    return _value(node, file, problems, 0), problems


def _value(node: yaml.Node, file: str, problems: list[Problem], depth: int) -> Value:
    if isinstance(node, yaml.ScalarNode):
        return scalar(node)
    if depth > _MAX_DEPTH:
        problems.append(Problem(file, line_of(node), "Lists and fields are nested too deeply here."))
        return None
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, file, problems, depth + 1) for item in node.value]
    result: dict[str, Any] = {}
    for key, item in node.value:
        if not isinstance(key, yaml.ScalarNode):
            problems.append(Problem(file, line_of(key), "The name of a field must be a word; is a quote missing?"))
        elif key.value in result:
            problems.append(Problem(file, line_of(key), f"The field `{key.value}` is given twice here: keep one."))
        else:
            result[key.value] = _value(item, file, problems, depth + 1)
    return result


def scalar(node: yaml.ScalarNode) -> bool | int | float | str | None:
    """A single value by YAML 1.2's core rules; anything in quotes is text, and so is a telephone number."""
    text: str = node.value
    if node.style or not _may_be_special(text):
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and not _LOOKS_LIKE_PHONE.fullmatch(text):
        return float(text)
    return text


def _may_be_special(text: str) -> bool:
    return len(text) < 25 and (text == "" or text[0] in "~nNtTfF+-.0123456789")


def line_of(node: yaml.Node) -> int:
    """The line a node begins in, from 1."""
    return int(node.start_mark.line) + 1


def find(node: yaml.Node, place: Iterable[str | int]) -> tuple[int, yaml.Node, Place]:
    """Walk down to `place` as far as it exists: the line of the last field reached, its node, and the way taken."""
    line = line_of(node)
    taken: list[str | int] = []
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, item) for key, item in node.value if key.value == part), None)
            if found is None:
                continue
            line, node = line_of(found[0]), found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = line_of(node)
        else:
            continue
        taken.append(part)
    return line, node, tuple(taken)
