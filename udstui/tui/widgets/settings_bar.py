"""The settings of the plan, each one a button: pressed by its key, by a click, or by enter where it has the focus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from udstui.plan import Plan
from udstui.probe.check import placement_of
from udstui.probe.cores import available_cores
from udstui.text.plan import describe_placement
from udstui.transports import lane_label
from udstui.tui.keys import all_keys
from udstui.tui.widgets.line import Line
from udstui.units import describe_size

PROGRESS_COLUMNS = 12
"""Kept free for the round's number on a screen that is wide enough to show it (as the style sheet has it)."""
WIDE = 118
NARROW = 80
_SHORTER = (("transports",), ("server", "cores", "wait"), ("cores",), ("size",), ("transports",))
"""What gets its next shorter wording, step by step, until all of it fits."""

Wording = tuple[str, str]
"""The keys of a setting, and what it is now."""


def fitted(wordings: Mapping[str, Sequence[Wording]], width: int, gap: int) -> dict[str, Wording]:
    """For each setting the longest of its wordings with which all fit into the width, so far apart."""
    at = dict.fromkeys(wordings, 0)

    def chosen() -> dict[str, Wording]:
        return {name: words[min(at[name], len(words) - 1)] for name, words in wordings.items()}

    for step in _SHORTER:
        if sum(len(" ".join(words).strip()) + gap for words in chosen().values()) - gap <= width:
            break
        for name in step:
            at[name] = at.get(name, 0) + 1
    return chosen()


class Setting(Static, can_focus=True):
    """One setting: the key that changes it, and what it is now.

    A click or enter explains the choices, where there are some.
    """

    BINDINGS = [("enter", "press", "Change")]

    def __init__(self, name: str, keys: Sequence[str], action: str, tip: str) -> None:
        """`keys` are the ids of the keys that change it."""
        super().__init__(markup=False, id=f"setting-{name}")
        self.tooltip = tip
        self.key_ids = keys
        self._action = action

    def show(self, words: Wording) -> None:
        keys, text = words
        self.update(Content.assemble((keys, "bold $text-accent"), " " if keys else "", text))

    async def on_click(self) -> None:
        await self.action_press()

    async def action_press(self) -> None:
        await self.run_action(f"app.{self._action}")


class SettingsBar(Horizontal):
    """All settings in a row, and at its end which segment and round this is."""

    def __init__(self) -> None:
        super().__init__()
        self._settings = {
            "workload": Setting("workload", ("workload",), "next_choice('workload')", "What is timed"),
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
            "connections": Setting(
                "connections", ("connections",), "next_choice('connections')", "Clients at once on each lane"
            ),
        }
        self._plan: Plan | None = None
        self._keymap: Mapping[str, str] | None = {}
        self._progress = Line(id="progress")

    def compose(self) -> ComposeResult:
        yield from self._settings.values()
        yield self._progress

    def show_keys(self, keymap: Mapping[str, str] | None) -> None:
        """The user's own keys, by their ids, instead of the usual ones; None where no key changes anything."""
        self._keymap = keymap
        self._show()

    def show_plan(self, plan: Plan) -> None:
        self._plan = plan
        self._show()

    def _show(self) -> None:
        plan = self._plan
        if plan is None:
            return
        where = plan.cores
        if where == "auto":
            where = f"auto ({describe_placement(placement_of(plan, available_cores())).split(':')[0]})"
        labels = [lane_label(name) for name in plan.lane_names()]
        names = " ".join(labels)
        texts = {
            "workload": [plan.workload],
            "size": [describe_size(plan.size_bytes)],
            # Several lanes and the addresses of targets are long; the panels show them whole.
            "transports": [names, min(names, f"{len(labels)} lanes", key=len), f"{len(labels)}"],
            "server": [f"server: {plan.server}", plan.server],
            "cores": [f"cores: {where}", where, plan.cores],
            "wait": [f"wait: {plan.wait}", plan.wait],
        }
        if plan.connections > 1:  # one is the rule, and not worth its room
            texts["connections"] = [f"×{plan.connections}"]
        wordings = {name: [(self._keys(name), text) for text in found] for name, found in texts.items()}
        if self._keymap is not None:
            wordings["size"].append((self._key("size.type"), describe_size(plan.size_bytes)))
        width = self.content_size.width
        kept = PROGRESS_COLUMNS if self.size.width >= WIDE else 0
        shown = fitted(wordings, width - kept, 1 if self.app.size.width < NARROW else 2)
        for name, setting in self._settings.items():
            setting.display = name in shown
            if name in shown:
                setting.show(shown[name])

    def _keys(self, name: str) -> str:
        return "" if self._keymap is None else " ".join(map(self._key, self._settings[name].key_ids))

    def _key(self, key_id: str) -> str:
        binding = next(key for key in all_keys() if key.id == key_id).binding(self._keymap or {})
        return self.app.get_key_display(binding)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def show_progress(self, segment: int, rounds: int) -> None:
        self._progress.show(f"segment {segment} · round {rounds}", f"round {rounds}", "")
