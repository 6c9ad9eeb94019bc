"""The settings of the plan, each one a button: pressed by its key, by a click, or by enter where it has the focus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from udstui.commands.report import describe_placement
from udstui.plan import Plan
from udstui.probe.check import placement_of
from udstui.probe.cores import available_cores
from udstui.transports import lane_label
from udstui.tui.keys import all_keys
from udstui.tui.widgets.line import Line
from udstui.units import describe_size

WIDE = 118
"""Columns from which on every setting has its name beside it."""
CONNECTIONS_COLUMNS = 8
LONGEST_LANES = {True: 24, False: 12}
"""Columns for the names of the lanes, with room enough and without."""


class Setting(Static, can_focus=True):
    """One setting: the key that changes it, and what it is now.

    A click or enter explains the choices, where there are some.
    """

    BINDINGS = [("enter", "press", "Change")]

    def __init__(self, name: str, keys: Sequence[str], action: str, tip: str) -> None:
        """`keys` are the ids of the keys that change it."""
        super().__init__(markup=False, id=f"setting-{name}")
        self.tooltip = tip
        self._keys = keys
        self._action = action
        self._shown_keys = ""
        self._text = ""

    def show_keys(self, keymap: Mapping[str, str]) -> None:
        found = {key.id: key for key in all_keys()}
        self._shown_keys = " ".join(self.app.get_key_display(found[name].binding(keymap)) for name in self._keys)
        self.show(self._text)

    def show(self, text: str) -> None:
        self._text = text
        self.update(Content.assemble((self._shown_keys, "bold $text-accent"), " ", text))

    async def on_click(self) -> None:
        await self.action_press()

    async def action_press(self) -> None:
        await self.run_action(f"app.{self._action}")


class SettingsBar(Horizontal):
    """All settings in a row, and at its end which segment and round this is."""

    def __init__(self) -> None:
        super().__init__()
        self._settings = {
            "workload": Setting("workload", ("workload",), "next_workload", "What is timed"),
            "size": Setting(
                "size",
                ("size.halve", "size.type", "size.double"),
                "type_size",
                "The packet of one operation; [ and ] halve and double it",
            ),
            "transports": Setting("transports", ("transports",), "choose_transports", "Who races whom"),
            "server": Setting("server", ("server",), "explain('server')", "Where the server runs"),
            "cores": Setting("cores", ("cores",), "explain('cores')", "Where client and server may run"),
            "wait": Setting("wait", ("wait",), "explain('wait')", "How a side waits for bytes"),
            "connections": Setting("connections", ("connections",), "next_connections", "Clients at once on each lane"),
        }
        self._plan: Plan | None = None
        self._progress = Line(id="progress")

    def compose(self) -> ComposeResult:
        yield from self._settings.values()
        yield self._progress

    def on_mount(self) -> None:
        self.show_keys({})

    def show_keys(self, keymap: Mapping[str, str]) -> None:
        """The user's own keys, by their ids, instead of the usual ones."""
        for setting in self._settings.values():
            setting.show_keys(keymap)

    def show_plan(self, plan: Plan) -> None:
        self._plan = plan
        where = plan.cores
        if where == "auto":
            where = f"auto ({describe_placement(placement_of(plan, available_cores())).split(':')[0]})"
        # One connection is the rule, and not worth the room that its place would take from the round's number.
        several = plan.connections > 1
        self._settings["connections"].display = several
        wide = self.size.width >= WIDE + several * CONNECTIONS_COLUMNS
        texts = {
            "workload": plan.workload,
            "size": describe_size(plan.size_bytes),
            "transports": _lanes([lane_label(name) for name in plan.lane_names()], LONGEST_LANES[wide]),
            "server": f"server: {plan.server}" if wide else plan.server,
            "cores": f"cores: {where}" if wide else where,
            "wait": f"wait: {plan.wait}" if wide else plan.wait,
            "connections": f"×{plan.connections}",
        }
        for name, text in texts.items():
            self._settings[name].show(text)

    def on_resize(self) -> None:
        if self._plan is not None:
            self.call_after_refresh(self.show_plan, self._plan)

    def show_progress(self, segment: int, rounds: int) -> None:
        self._progress.show(f"segment {segment} · round {rounds}", f"round {rounds}", "")


def _lanes(labels: Sequence[str], width: int) -> str:
    """Their names, or how many: several lanes and the addresses of targets are long; the panels show them whole."""
    text = " ".join(labels)
    return text if len(text) <= width else f"{len(labels)} lanes"
