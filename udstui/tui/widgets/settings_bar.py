"""The settings of the plan, each one a button: pressed by its key, by a click, or by enter where it has the focus."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from udstui.commands.report import describe_placement
from udstui.plan import Plan
from udstui.probe.cores import available_cores, place
from udstui.transports import lane_label
from udstui.units import describe_size
from udstui.workloads import workload_named


class Setting(Static, can_focus=True):
    """One setting: the key that changes it, and what it is now."""

    BINDINGS = [("enter", "press", "Change")]

    def __init__(self, key: str, action: str, tip: str) -> None:
        super().__init__(markup=False)
        self.tooltip = tip
        self._key = key
        self._action = action

    def show(self, text: str) -> None:
        self.update(Content.assemble((self._key, "bold $accent"), " ", text))

    async def on_click(self) -> None:
        await self.action_press()

    async def action_press(self) -> None:
        await self.run_action(f"app.{self._action}")


class SettingsBar(Horizontal):
    """All settings in a row, and at its end which segment and round this is."""

    def __init__(self) -> None:
        super().__init__()
        self._settings = {
            "workload": Setting("w", "next_workload", "What is timed"),
            "size": Setting("s", "type_size", "The packet of one operation; [ and ] halve and double it"),
            "transports": Setting("t", "choose_transports", "Who races whom"),
            "server": Setting("v", "next_server", "Where the server runs"),
            "cores": Setting("c", "next_cores", "Where client and server may run"),
            "wait": Setting("b", "next_wait", "How a side waits for bytes"),
        }
        self._progress = Static(id="progress", markup=False)

    def compose(self) -> ComposeResult:
        yield from self._settings.values()
        yield self._progress

    def show_plan(self, plan: Plan) -> None:
        placement = place(plan.cores, workload_named(plan.workload).placement, available_cores())
        where = describe_placement(placement).split(":")[0]
        texts = {
            "workload": plan.workload,
            "size": describe_size(plan.size_bytes),
            "transports": " ".join(lane_label(name) for name in plan.lane_names()),
            "server": f"server: {plan.server}",
            "cores": f"cores: {plan.cores} ({where})" if plan.cores == "auto" else f"cores: {plan.cores}",
            "wait": f"wait: {plan.wait}",
        }
        for name, text in texts.items():
            self._settings[name].show(text)

    def show_progress(self, segment: int, rounds: int) -> None:
        self._progress.update(f"segment {segment} · round {rounds}", layout=False)
