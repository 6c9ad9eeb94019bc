"""`python -m tests.faults [NAME ...] [--seed N] [--rounds N]`: every fault, or those of the rooms named, as a table.

`--rounds` is how often the random ones are inflicted. Exit status 1 when one was not survived; what could not be tried
on this machine is said to be, and does not count.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import time
from dataclasses import dataclass, field

from tests.faults import ROOMS, faults_of
from tests.faults.fault import Fault, inflict
from tests.helpers import history_of_its_own

_MOST_NOTES = 3


@dataclass
class Tally:
    """What comes of all rows together."""

    inflicted: int = 0
    survived: int = 0
    signals: int = 0
    not_here: list[str] = field(default_factory=list)
    """Rows that could not be tried on this machine: nothing is known about them."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Inflict faults on udstui.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ROOMS)}; all by default")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--rounds", type=int, help="how often each random fault is inflicted")
    options = parser.parse_args()
    if unknown := set(options.names) - set(ROOMS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(ROOMS)}")
    rooms = options.names or ROOMS
    fewer = f", random ones {options.rounds} times instead of as often as they want" if options.rounds else ""
    print(f"Faults: {', '.join(rooms)}; seed {options.seed}{fewer}\n", flush=True)
    print("| fault | against | tried | survived | what was seen |\n|---|---|---|---|---|", flush=True)
    tally = Tally()
    with history_of_its_own():
        for name in rooms:
            for fault in faults_of(name):
                _row(fault, options.seed, options.rounds, tally)
    print(f"\n{tally.survived} of {tally.inflicted} survived; {tally.signals} signals sent; seed {options.seed}.")
    if tally.not_here:
        print(f"\n**{len(tally.not_here)} rows were not tried here**: {'; '.join(tally.not_here)}.")
    return 0 if tally.survived == tally.inflicted else 1


def _row(fault: Fault, seed: int, rounds: int | None, tally: Tally) -> None:
    """Inflict it as often as it wants, and print its row."""
    if problem := fault.missing():
        tally.not_here.append(f"{fault.name} ({fault.against})")
        print(f"| {fault.name} | {fault.against} | **not tried** | – | {problem} |", flush=True)
        return
    times = rounds if rounds and fault.times > 1 else fault.times
    survived, began_s = 0, time.monotonic()
    notes: list[str] = []
    for number in range(times):
        try:
            scene = inflict(fault, random.Random(f"{seed} {fault.name} {fault.against} {number}"))
        except Exception as error:  # whatever it is, it was not survived
            print(f"{fault.name} against {fault.against}, number {number}: {error!r}", file=sys.stderr, flush=True)
        else:
            survived += 1
            notes += scene.notes
            tally.signals += scene.signals
    tally.inflicted += times
    tally.survived += survived
    print(f"{fault.name} ({fault.against}): {time.monotonic() - began_s:.1f} s", file=sys.stderr, flush=True)
    different = list(dict.fromkeys(notes))
    more = [f"and {len(different) - _MOST_NOTES} more like these"] if len(different) > _MOST_NOTES else []
    seen = "; ".join(different[:_MOST_NOTES] + more).replace("|", "\\|").replace("\n", " ")
    verdict = str(survived) if survived == times else f"**{survived}**"
    print(f"| {fault.name} | {fault.against} | {times} | {verdict} | {seen} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
