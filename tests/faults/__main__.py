"""`python -m tests.faults [NAME ...] [--seed N] [--rounds N]`: every fault, or those of the rooms named, as a table.

`--rounds` is how often the random ones are inflicted. Exit status 1 when one was not survived.
"""

from __future__ import annotations

import argparse
import random
import secrets
import signal
import sys
import time

from tests.faults import ROOMS, faults_of
from tests.faults.fault import Fault, inflict


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Inflict faults on udstui.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ROOMS)}; all by default")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--rounds", type=int, help="how often each random fault is inflicted")
    options = parser.parse_args()
    if unknown := set(options.names) - set(ROOMS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(ROOMS)}")
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored under nohup, and so by whatever is started here
    print(f"seed {options.seed}", file=sys.stderr)
    print("| fault | against | tried | survived | what was seen |\n|---|---|---|---|---|", flush=True)
    failed = 0
    for name in options.names or ROOMS:
        for fault in faults_of(name):
            failed += not _row(fault, options.seed, options.rounds)
    return 1 if failed else 0


def _row(fault: Fault, seed: int, rounds: int | None) -> bool:
    """Inflict it as often as it wants, print its row, and tell whether it was survived each time."""
    if problem := fault.missing():
        print(f"| {fault.name} | {fault.against} | 0 | | not here: {problem} |", flush=True)
        return True
    times = rounds if rounds and fault.times > 1 else fault.times
    survived, notes, began_s = 0, [], time.monotonic()
    for number in range(times):
        try:
            notes = inflict(fault, random.Random(f"{seed} {fault.name} {fault.against} {number}")) or notes
        except Exception as error:  # whatever it is, it was not survived
            print(f"{fault.name} against {fault.against}, number {number}: {error!r}", file=sys.stderr, flush=True)
        else:
            survived += 1
    print(f"{fault.name}: {time.monotonic() - began_s:.1f} s", file=sys.stderr)
    seen = "; ".join(dict.fromkeys(notes))
    verdict = str(survived) if survived == times else f"**{survived}**"
    print(f"| {fault.name} | {fault.against} | {times} | {verdict} | {seen} |", flush=True)
    return survived == times


if __name__ == "__main__":
    sys.exit(main())
