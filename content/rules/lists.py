"""The word lists of the rules: YAML next to this file, for clinicians to read and extend."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from content.composing import compose, value_of
from content.problems import ContentError


@cache
def read(name: str) -> Any:
    """The values of a list. Raises ContentError when the file cannot be read."""
    file = f"content/rules/{name}"
    node, problems = compose((Path(__file__).parent / name).read_text(encoding="utf-8"), file)
    if node is None or problems:
        raise ContentError(tuple(problems))
    value, problems = value_of(node, file)
    if problems:
        raise ContentError(tuple(problems))
    return value


def counts(name: str) -> Mapping[str, int]:
    """A list of words with a number each."""
    return {word: int(number) for word, number in read(name).items()}


@cache
def reasons(name: str) -> Mapping[str, str]:
    """A list of groups of words, each group with its reason: word -> reason."""
    return {str(word): group["reason"] for group in read(name) for word in group["words"]}
