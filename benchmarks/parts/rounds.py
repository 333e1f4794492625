"""Take works in turn, round after round, so that what else runs on the machine falls on all of them; medians of time and of CPU.

CPU is that of this process, of the embedded PostgreSQL and of all its backends: it says on a busy machine what time cannot.
"""

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """The median milliseconds and CPU milliseconds of one work."""

    ms: float
    cpu_ms: float


def in_turn(works: Mapping[str, Callable[[], object]], times: int, home: Path) -> dict[str, Cost]:
    """Return what each work costs: one round that is not counted, then the medians of some, each work once a round."""
    server = int(next(home.rglob("postmaster.pid")).read_text().split()[0])
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for number in range(times + 1):
        for name, work in works.items():
            began, spent = time.perf_counter(), _cpu(server)
            work()
            if number:
                taken[name].append((time.perf_counter() - began, _cpu(server) - spent))
    return {
        name: Cost(*(statistics.median(figures) * 1000 for figures in zip(*rows, strict=True)))
        for name, rows in taken.items()
    }


def _cpu(server: int) -> float:
    """Add up the CPU of this process and of a PostgreSQL server, its ended children included."""
    total = sum(os.times()[:2])
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == server:
            total += sum(map(int, fields[11:15])) / TICK
        elif int(fields[1]) == server:
            total += sum(map(int, fields[11:13])) / TICK
    return total
