"""What a benchmark reports, and how a run is printed."""

from __future__ import annotations

import json
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

_LIBRARIES = ("sqlalchemy", "aiosqlite", "asyncpg", "uvloop")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `aim` is what the project promises itself, in words; nothing: told for comparison."""

    bench: str
    database: str
    what: str
    value: float
    unit: str
    aim: str = ""


def median(values: Iterable[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def median_ratio(ones: Sequence[float], others: Sequence[float]) -> float:
    """The middle one of the ratios of what was measured side by side."""
    return median(one / other for one, other in zip(ones, others, strict=True))


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` of 100 of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


def show(figure: Figure) -> None:
    """Print one line as soon as it is known."""
    value = f"{figure.value:,.0f}" if abs(figure.value) >= 100 else f"{figure.value:.3g}"
    aim = f"  (aim {figure.aim})" if figure.aim else ""
    print(
        f"{figure.bench:<9} {figure.database:<11} {figure.what:<58} {value:>9} {figure.unit:<12}{aim}".rstrip(),
        flush=True,
    )


def save(figures: Sequence[Figure], path: Path) -> None:
    """Write the run as JSON, with what it ran on."""
    machine = {
        "cpus": psutil.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }
    whole = {"machine": machine, "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
