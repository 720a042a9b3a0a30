"""`python -m tests.benchmarks [BENCH ...] [--database KIND] [--json FILE] [--long] [--million]`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import enrol, fire
from tests.benchmarks.figures import Figure, save, show
from tests.benchmarks.grounds import KINDS, Databases

BENCHES = ("enrol", "fire")


def main() -> None:
    """Measure what was asked for, printing each figure as it comes."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="How fast it is.")
    parser.add_argument("benches", nargs="*", metavar="BENCH", help=f"which of {', '.join(BENCHES)}; all by default")
    parser.add_argument("--database", choices=KINDS, action="append", help="only this one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    chosen = parser.parse_args()
    databases = Databases()
    figures = []
    try:
        for figure in _figures(chosen, databases):
            show(figure)
            figures.append(figure)
    finally:
        databases.close()
    if chosen.json:
        save(figures, chosen.json)


def _figures(chosen: argparse.Namespace, databases: Databases) -> Iterator[Figure]:
    for bench in chosen.benches or BENCHES:
        for kind in chosen.database or KINDS:
            if bench == "enrol":
                yield from enrol.measure(databases, kind)
            elif bench == "fire":
                yield from fire.measure(databases, kind)


if __name__ == "__main__":
    main()
