"""The plan as keys and dialogs change it. It knows neither screen nor probe."""

from __future__ import annotations

from msgspec.structs import replace

from udstui.errors import UsageError
from udstui.host.affinity import available_cores
from udstui.plan import Plan
from udstui.probe.check import check_plan, largest_size_bytes
from udstui.settings import setting_named
from udstui.settings.of_plan import without_unheeded
from udstui.units import LARGEST_SIZE_BYTES, SIZE_LADDER, SMALLEST_SIZE_BYTES
from udstui.workloads import WORKLOADS, check_takes_size


class PlanEditor:
    """Holds a plan that can be measured, and changes it only to another one that can.

    A workload that is chosen gets the size that the user gave it last. Only a size that is set is remembered, so
    what else changes the workload (going through the layers) does not overwrite it.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._sizes = {plan.workload: plan.size_bytes}

    def change(self, **settings: object) -> bool:
        """Set fields of the plan; return whether anything changed.

        Raises UsageError, and changes nothing, when the new plan could not be measured.
        """
        plan = replace(self.plan, **settings)
        if plan.size_bytes != self.plan.size_bytes:
            check_takes_size(plan)
        changed = self._take(plan)
        if "size_bytes" in settings:
            self._sizes[self.plan.workload] = self.plan.size_bytes
        return changed

    def choose(self, name: str, value: object, **others: object) -> bool:
        """Set one field to a choice of the user, with others; a workload comes with its size. Raises as change()."""
        if name != "workload":
            return self.change(**{name: value}, **others)
        before = replace(self.plan, **others)
        workload = WORKLOADS.named(str(value))
        size_bytes = self._sizes.get(workload.name, workload.default_size_bytes)
        fitting = min(size_bytes, largest_size_bytes(before))
        interval_ns = self.plan.interval_ns
        if interval_ns == WORKLOADS.named(self.plan.workload).default_interval_ns:
            interval_ns = workload.default_interval_ns
        plan = replace(before, workload=workload.name, size_bytes=fitting, interval_ns=interval_ns)
        return self._take(without_unheeded(plan))

    def _take(self, plan: Plan) -> bool:
        check_plan(plan, available_cores())
        changed, self.plan = plan != self.plan, plan
        return changed

    def next_choice(self, name: str, step: int = 1) -> bool:
        """Go on (-1: back) to the next choice that can be measured; return whether there was another.

        Raises UsageError, and changes nothing, where none of the others can.
        """
        choices = setting_named(name).values[::step]
        current = getattr(self.plan, name)
        at = choices.index(current) if current in choices else -1
        problem: UsageError | None = None
        for choice in (*choices[at + 1 :], *choices[: max(0, at)]):
            try:
                return self.choose(name, choice)
            except UsageError as error:
                problem = error
        if problem:
            raise problem
        return False

    def halve_size(self) -> bool:
        """To the next power of two below. Raises as change() does."""
        smaller = [size for size in SIZE_LADDER if size < self.plan.size_bytes]
        return self.change(size_bytes=smaller[-1] if smaller else SMALLEST_SIZE_BYTES)

    def double_size(self) -> bool:
        """To the next power of two above. Raises as change() does."""
        larger = [size for size in SIZE_LADDER if size > self.plan.size_bytes]
        return self.change(size_bytes=larger[0] if larger else LARGEST_SIZE_BYTES)
