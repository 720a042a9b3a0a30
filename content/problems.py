"""What is wrong with the content, and where: a file, a line and one plain sentence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing somebody has to correct. `file` is relative to the folder above `content/`; lines count from 1."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        """As editors and terminals like it: `content/faq/about.yaml:12: The Hindi text is missing: ...`."""
        return f"{self.file}:{self.line}: {self.sentence}"


class ContentError(Exception):
    """The content cannot be used. Holds every problem found, in the order of files and lines."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems; the message of the exception is all of them, one a line."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
