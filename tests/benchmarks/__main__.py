"""`python -m tests.benchmarks [NAME ...]`: every benchmark, or those named; one Markdown table."""

from __future__ import annotations

import importlib
import sys

from tests.benchmarks.figure import HEADER
from tests.helpers import history_of_its_own

BENCHMARKS = (
    "round_trip",
    "bulk",
    "connections",
    "startup",
    "dashboard",
    "memory",
    "eight_hours",
    "statistics_cost",
    "difference",
    "other_tools",
    "servers",
    "rpc_calls",
    "serving_memory",
    "reading",
    "equals",
    "event_loops",
    "load",
    "verdict",
    "connect",
    "ways",
    "services",
)


def main() -> int:
    names = sys.argv[1:] or BENCHMARKS
    if unknown := set(names) - set(BENCHMARKS):
        print(f"unknown benchmark {', '.join(sorted(unknown))}; choose from {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    print(HEADER, flush=True)
    with history_of_its_own():
        for name in names:
            for figure in importlib.import_module(f"tests.benchmarks.{name}").figures():
                print(figure.row(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
