"""How well the FAQ finds its answers: figures over labelled questions. Pure but for the stop-watch it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.faq import Found

FORMS = ("en", "hi", "hi-Latn")


@dataclass(frozen=True)
class Labelled:
    """A question with the answers that would be right; none: nothing of ours answers it."""

    form: str
    """`en`, `hi` or `hi-Latn`."""
    text: str
    faq: frozenset[str]


@dataclass(frozen=True)
class Figures:
    """Shares of the questions of one form, 0 to 1, and times in milliseconds."""

    form: str
    asked: int
    """Questions with an answer."""
    top1: float
    """The right one stands first, alone or among the offered."""
    offered: float
    """The right one is given or offered."""
    answered: float
    """One answer is given as if sure."""
    wrong: float
    """... and it is not the right one."""
    outside: int
    """Questions without an answer."""
    false_answers: float
    """Of these, those that get an answer as if sure."""
    p50: float
    p99: float


def measure(find: Callable[[str], Found], questions: Iterable[Labelled], clock: Callable[[], float]) -> list[Figures]:
    """The figures of each form that occurs, in the order of FORMS. `clock` counts seconds."""
    rows = list(questions)
    found = {form: [_timed(find, row, clock) for row in rows if row.form == form] for form in FORMS}
    return [_figures(form, results) for form, results in found.items() if results]


def _timed(find: Callable[[str], Found], row: Labelled, clock: Callable[[], float]) -> tuple[Labelled, Found, float]:
    begun = clock()
    found = find(row.text)
    return row, found, (clock() - begun) * 1000


def _figures(form: str, results: Sequence[tuple[Labelled, Found, float]]) -> Figures:
    ours = [(row, found) for row, found, _ in results if row.faq]
    foreign = [found for row, found, _ in results if not row.faq]
    times = sorted(spent for _, _, spent in results)
    return Figures(
        form,
        len(ours),
        _share(bool(found.ids) and found.ids[0] in row.faq for row, found in ours),
        _share(bool(row.faq & set(found.ids)) for row, found in ours),
        _share(found.kind == "answer" for _, found in ours),
        _share(found.kind == "answer" and not row.faq & set(found.ids) for row, found in ours),
        len(foreign),
        _share(found.kind == "answer" for found in foreign),
        times[len(times) // 2],
        times[int(len(times) * 0.99)],
    )


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / len(counted) if counted else 0.0
