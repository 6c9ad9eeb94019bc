"""The probe's process: `python -m udstui.probe.worker`, driven over stdin and stdout, one JSON message a line.

A request is a plan; its answer is a round, or why there is none. The end of stdin is the end of the process, even
in the middle of a measurement, so it cannot outlive its owner; its servers then see the end of theirs.
"""

from __future__ import annotations

import os
import queue
import random
import signal
import sys
import threading
import traceback

import msgspec

from udstui.errors import UdstuiError, reason
from udstui.plan import Plan, Round
from udstui.probe.answer import Answer
from udstui.probe.check import check_plan
from udstui.probe.cores import available_cores
from udstui.probe.lane import Lanes
from udstui.services.limits import allow_many_files
from udstui.serving.parent import go_on_without_parent
from udstui.transports.private_folder import PrivateFolder


class Prober:
    """Keeps the lanes of the last plan up, and measures a round when it is asked."""

    def __init__(self, folder: PrivateFolder) -> None:
        self._folder = folder
        self._available = available_cores()
        self._plan: Plan | None = None
        self._lanes: Lanes | None = None

    def round(self, plan: Plan) -> Round:
        """One round of this plan; after a change, the lanes are made anew and warmed up before."""
        placement = check_plan(plan, self._available)
        if self._lanes is None or plan != self._plan:
            self.close()
            os.sched_setaffinity(0, placement.client)
            self._folder.renew()
            self._lanes, self._plan = Lanes(plan, placement, self._folder.path), plan
            self._lanes.warm_up(plan.warmup_ns, plan.interval_ns)
        order = random.sample(range(len(plan.transports)), len(plan.transports))
        intervals = self._lanes.measure(order, plan.interval_ns)
        return Round(intervals, placement.client, placement.server)

    def close(self) -> None:
        if self._lanes is not None:
            lanes, self._lanes = self._lanes, None
            lanes.close()


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who then closes our stdin
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    go_on_without_parent()
    allow_many_files()
    encoder, decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Plan)
    with PrivateFolder() as folder:
        try:
            threading.Thread(target=_read_requests, args=(requests, folder), daemon=True).start()
        except RuntimeError as error:
            sys.exit(f"{error}: are there too many processes (ulimit -u)?")
        prober = Prober(folder)
        while True:
            plan = decoder.decode(requests.get())
            try:
                answer = Answer(round=prober.round(plan))
            except (OSError, MemoryError, RuntimeError) as error:  # out of descriptors, memory, threads
                prober.close()
                why = reason(error) if isinstance(error, OSError) else str(error) or "out of memory"
                answer = Answer(
                    problem=f"the probe cannot measure: {why}", remedy="is this process limited (ulimit -a)?"
                )
            except UdstuiError as error:
                prober.close()  # whatever state the lanes are in: the next round starts with new ones
                answer = Answer(problem=error.what, remedy=error.remedy, is_usage=error.exit_status == 2)
            sys.stdout.buffer.write(encoder.encode(answer) + b"\n")
            sys.stdout.buffer.flush()


def _read_requests(requests: queue.SimpleQueue[bytes], folder: PrivateFolder) -> None:
    """Pass requests on to the thread that measures; leave at once when there are no more.

    The servers leave by themselves when this process is gone and their stdin with it.
    """
    for line in sys.stdin.buffer:
        requests.put(line)
    folder.remove()
    os._exit(0)


if __name__ == "__main__":
    try:
        main()
    except Exception:
        traceback.print_exc()  # the owner tells the last line
        os._exit(1)  # not the usual way: Python aborts when it finds the other thread in the middle of a read
