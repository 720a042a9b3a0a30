"""`python -m tests.benchmarks [BENCH ...] [--database KIND] [--json FILE] [--long] [--million]`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from tests.benchmarks import enrol, fire, idle, pace
from tests.benchmarks.figures import Figure, save, show
from tests.benchmarks.grounds import KINDS, Databases

Bench = Callable[[Databases, str, argparse.Namespace], Iterator[Figure]]


def _idle(databases: Databases, kind: str, chosen: argparse.Namespace) -> Iterator[Figure]:
    return idle.measure(databases, kind, (*idle.SIZES, idle.MILLION) if chosen.million else idle.SIZES)


def _seconds(chosen: argparse.Namespace) -> float:
    return pace.LONG if chosen.long else pace.SECONDS


BENCHES: dict[str, Bench] = {
    "enrol": lambda databases, kind, _: enrol.measure(databases, kind),
    "fire": lambda databases, kind, _: fire.measure(databases, kind),
    "idle": _idle,
    "limit": lambda databases, kind, chosen: pace.limit_kept(databases, kind, _seconds(chosen)),
    "late": lambda databases, kind, chosen: pace.lateness(databases, kind, _seconds(chosen)),
}


def main() -> None:
    """Measure what was asked for, printing each figure as it comes."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="How fast it is.")
    parser.add_argument("benches", nargs="*", metavar="BENCH", help=f"which of {', '.join(BENCHES)}; all by default")
    parser.add_argument("--database", choices=KINDS, action="append", help="only this one")
    parser.add_argument("--long", action="store_true", help="limits and lateness over 60 seconds instead of 8")
    parser.add_argument("--million", action="store_true", help="idle with a million waiting as well")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    chosen = parser.parse_args()
    if unknown := set(chosen.benches) - set(BENCHES):
        parser.error(f"there is no {', '.join(sorted(unknown))}: choose of {', '.join(BENCHES)}")
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    databases = Databases()
    figures = []
    try:
        for bench in chosen.benches or BENCHES:
            for kind in chosen.database or KINDS:
                for figure in BENCHES[bench](databases, kind, chosen):
                    show(figure)
                    figures.append(figure)
    finally:
        databases.close()
    if chosen.json:
        save(figures, chosen.json)


if __name__ == "__main__":
    main()
