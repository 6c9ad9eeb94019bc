"""The dashboard's application: its keys, and the loop that asks for a round, records it, and draws it."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from textual.app import App, SystemCommand
from textual.binding import ActiveBinding, Binding
from textual.screen import Screen

from udstui.errors import RecordingError, UdstuiError, UsageError
from udstui.host import Host
from udstui.plan import Plan, Round
from udstui.transports import lane_label
from udstui.tui.screens.race import RaceScreen
from udstui.tui.screens.size import SizeScreen
from udstui.tui.screens.transports import TransportsScreen
from udstui.tui.session import Session
from udstui.tui.widgets.help_panel import HelpPanel
from udstui.units import describe_size

RETRY_AFTER_S = 1.0
NOTICE_S = 8.0
_LANE_COLORS = {  # Okabe and Ito's palette, which colour-blind people can tell apart
    True: ("#56B4E9", "#E69F00", "#009E73", "#CC79A7"),
    False: ("#0072B2", "#B35900", "#00694D", "#A3336F"),
}
_EXPLANATIONS = {
    "process": "server: process: of its own, on the core that cores names",
    "thread": "server: thread: of the probe; both sides share one interpreter lock, and that is what is seen",
    "auto": "cores: auto: same for ping-pong, split for bulk-send",
    "same": "cores: same: one core, client and server take turns",
    "split": "cores: split: two cores; in a VM waking the other one may dominate",
    "free": "cores: free: the scheduler decides, and figures may flip",
    "block": "wait: block: sleep in the kernel until bytes come",
    "spin": "wait: spin: ask again and again; wants two cores",
}


class Prober(Protocol):
    """What the dashboard wants of a probe."""

    async def measure(self, plan: Plan) -> Round: ...


class UdstuiApp(App[None]):
    TITLE = "udstui"
    CSS_PATH = "udstui.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS = [
        Binding("w", "next_workload", "Workload", id="workload"),
        Binding("left_square_bracket,left", "halve_size", "Halve size", key_display="[", id="size.halve", show=False),
        Binding(
            "right_square_bracket,right", "double_size", "Double size", key_display="]", id="size.double", show=False
        ),
        Binding("s", "type_size", "Size", id="size.type"),
        Binding("t", "choose_transports", "Transports", id="transports"),
        Binding("v", "next_server", "Server", id="server"),
        Binding("c", "next_cores", "Cores", id="cores"),
        Binding("b", "next_wait", "Wait", id="wait"),
        Binding("space", "pause", "Pause", id="pause"),
        Binding("r", "new_segment", "New segment", id="segment", show=False),
        Binding("e", "export", "Export", id="export"),
        Binding("question_mark", "toggle_help", "Help", key_display="?", id="help"),
        Binding("q", "quit", "Quit", id="quit"),
        Binding("ctrl+q,ctrl+c", "quit", "Quit", id="quit.hard", show=False, priority=True),
    ]
    _HELP_GROUPS = (
        ("What is measured", ("workload", "size.halve", "size.double", "size.type", "transports")),
        ("How", ("server", "cores", "wait")),
        ("The run", ("pause", "segment", "export")),
        ("The rest", ("help", "quit")),
    )

    def __init__(self, probe: Prober, plan: Plan, host: Host | None = None) -> None:
        super().__init__()
        self._probe = probe
        self.session = Session(plan, host)
        self._going = asyncio.Event()
        self._going.set()
        self._notice = ""
        self._notice_until_s = 0.0

    def get_css_variables(self) -> dict[str, str]:
        colors = _LANE_COLORS[self.current_theme.dark]
        return super().get_css_variables() | {f"lane-{lane}": color for lane, color in enumerate(colors, start=1)}

    async def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):  # Textual would leave the terminal raw
            loop.add_signal_handler(number, self.exit, None, 128 + number)
        self.race = RaceScreen(self.session)
        await self.push_screen(self.race)
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self.run_worker(self._measure(), name="measure")

    async def _measure(self) -> None:
        """Ask, record, draw, again. Nothing is drawn while something is measured, and the other way round."""
        with self.session as session:
            while True:
                if not self._going.is_set():
                    self.race.show_state("⏸ paused", "bold $warning")
                    await self._going.wait()
                segment = session.segment
                if not segment.rounds:
                    self.race.show_state("◌ warming up", "bold $secondary")
                try:
                    round_ = await self._probe.measure(segment.plan)
                except UsageError as error:
                    self._going.clear()
                    self.tell(f"cannot measure this: {error}; change it and press space")
                    continue
                except UdstuiError as error:
                    self.tell(f"{error}; started again")
                    self.race.show_state("◌ starting again", "bold $error")
                    await asyncio.sleep(RETRY_AFTER_S)
                    continue
                try:
                    session.add(segment, round_)
                except RecordingError as error:
                    self.tell(f"{error}; measuring goes on, but an export will lack these rows")
                if _hung_up():
                    self.exit(return_code=128 + signal.SIGHUP)
                await self._draw()

    async def _draw(self) -> None:
        """Bring the screen up to date, and wait until the terminal has it."""
        if asyncio.get_running_loop().time() > self._notice_until_s:
            self._notice = ""
        self.race.show_figures()
        self.race.show_state("● measuring", "bold $success")
        self.race.show_notice(self._notice)
        drawn = asyncio.Event()
        self.screen.call_after_refresh(drawn.set)
        await drawn.wait()

    def tell(self, text: str) -> None:
        """Say something in the line below the verdict, for a while."""
        self._notice = text
        self._notice_until_s = asyncio.get_running_loop().time() + NOTICE_S
        self.race.show_notice(text)

    async def _changed(self, explained: str = "") -> None:
        """The plan was changed by a key: on the screen at once, in the figures with the next round."""
        await self.race.show_plan()
        if explained in _EXPLANATIONS:
            self.tell(_EXPLANATIONS[explained])

    async def action_next_workload(self) -> None:
        self.session.next_workload()
        await self._changed()

    async def action_halve_size(self) -> None:
        self.session.halve_size()
        await self._changed()

    async def action_double_size(self) -> None:
        self.session.double_size()
        await self._changed()

    async def action_next_server(self) -> None:
        self.session.next_server()
        await self._changed(self.session.plan.server)

    async def action_next_cores(self) -> None:
        self.session.next_cores()
        await self._changed(self.session.plan.cores)

    async def action_next_wait(self) -> None:
        self.session.next_wait()
        await self._changed(self.session.plan.wait)

    def action_type_size(self) -> None:
        async def answered(size_bytes: int | None) -> None:
            if size_bytes is not None and self.session.change(size_bytes=size_bytes):
                await self._changed()
                self.tell(f"size: {describe_size(size_bytes)}")

        self.push_screen(SizeScreen(self.session.plan.size_bytes), answered)

    def action_choose_transports(self) -> None:
        async def answered(transports: tuple[str, ...] | None) -> None:
            if transports is not None and self.session.change(transports=transports):
                await self._changed()
                self.tell(f"lanes: {', '.join(lane_label(name) for name in self.session.plan.lane_names())}")

        self.push_screen(TransportsScreen(self.session.plan.transports), answered)

    def action_pause(self) -> None:
        if self._going.is_set():
            self._going.clear()
            self.race.show_state("⏸ pausing", "bold $warning")
        else:
            self._going.set()
            self.race.show_state("● measuring", "bold $success")

    async def action_new_segment(self) -> None:
        self.session.new_segment()
        await self._changed()
        self.tell("a new segment: statistics start anew")

    def action_export(self) -> None:
        stem = Path(f"udstui-{datetime.now().astimezone():%Y%m%d-%H%M%S}")
        try:
            csv_path, json_path = self.session.export(stem)
        except RecordingError as error:
            self.tell(f"not exported: {error}")
        else:
            self.tell(f"exported {csv_path} and {json_path.name}")

    async def action_toggle_help(self) -> None:
        panels = self.race.query(HelpPanel)
        if panels:
            await panels.remove()
        else:
            await self.race.mount(HelpPanel(self._help_groups()))

    def _help_groups(self) -> Iterable[tuple[str, list[ActiveBinding]]]:
        by_id = {active.binding.id: active for active in self.active_bindings.values()}
        for title, ids in self._HELP_GROUPS:
            yield title, [by_id[name] for name in ids if name in by_id]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every key is also a command of the palette."""
        yield from super().get_system_commands(screen)
        for active in self.active_bindings.values():
            binding = active.binding
            if binding.id and active.node is self:
                key = self.get_key_display(binding)
                yield SystemCommand(
                    binding.description,
                    f"key {key}",
                    lambda action=binding.action: self.call_later(self.run_action, action),
                )


def _hung_up() -> bool:
    """Whether the terminal is gone without a signal: Textual would spin on its end and disturb the figures."""
    try:
        terminal = sys.__stdin__.fileno() if sys.__stdin__ else -1
        poll = select.poll()
        poll.register(terminal, 0)
        return any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0)) and os.isatty(terminal)
    except (OSError, ValueError):
        return False
