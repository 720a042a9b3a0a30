"""`python -m tests.benchmarks [BENCH ...] [--database KIND] [--json FILE] [--long]`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from tests.benchmarks import enrol, faq, fire, idle, pace, telegram
from tests.benchmarks.figures import Figure, save, show
from tests.benchmarks.grounds import KINDS, Databases

Bench = Callable[[Databases, str, float], Iterator[Figure]]
"""Takes the databases of this run, the kind to measure, and how many seconds those go on that measure in real time."""

BENCHES: dict[str, Bench] = {
    "enrol": lambda databases, kind, _: enrol.measure(databases, kind),
    "fire": lambda databases, kind, _: fire.measure(databases, kind),
    "faq": lambda databases, kind, _: faq.measure(databases, kind),
    "idle": lambda databases, kind, _: idle.measure(databases, kind),
    "limit": pace.limit_kept,
    "late": pace.lateness,
    "telegram": telegram.measure,
}


def main() -> None:
    """Measure what was asked for, printing each figure as it comes."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="How fast it is.")
    parser.add_argument("benches", nargs="*", metavar="BENCH", help=f"which of {', '.join(BENCHES)}; all by default")
    parser.add_argument("--database", choices=KINDS, action="append", help="only this one")
    parser.add_argument("--long", action="store_true", help="limits and lateness over 60 seconds instead of 8")
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
                for figure in BENCHES[bench](databases, kind, pace.LONG if chosen.long else pace.SECONDS):
                    show(figure)
                    figures.append(figure)
    finally:
        databases.close()
    if chosen.json:
        save(figures, chosen.json)


if __name__ == "__main__":
    main()
