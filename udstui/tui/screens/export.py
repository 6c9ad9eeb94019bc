"""The dialog that exports the run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, ProgressBar

from udstui.errors import RecordingError
from udstui.tui.kept_rows import KeptRows, Texts, export_paths


class ExportScreen(ModalScreen[list[Path] | None]):
    """Answers with the paths that were written, or None. Stays until it has worked or is given up."""

    BINDINGS = [("escape", "dismiss(None)", "Cancel")]

    def __init__(self, kept_rows: KeptRows, files: Callable[[], Texts], name: str) -> None:
        """`files` tells what is written beside the rows; `name` is what the field begins with."""
        super().__init__()
        self._kept_rows = kept_rows
        self._files = files
        self._name = name

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Export"
            dialog.border_subtitle = "enter exports · esc leaves"
            yield Label("A name, or a path; .csv and .json are added", markup=False)
            yield Input(self._name, select_on_focus=True)
            with VerticalScroll(id="said"):  # a path may be longer than the screen has room for
                yield Label("", id="problem", markup=False)
                yield Label("", id="paths", markup=False)
            yield ProgressBar(total=1.0, show_eta=False, id="progress-bar")
            with Horizontal(classes="buttons"):
                yield Button("Overwrite", variant="error", id="overwrite", compact=True)
                yield Button("Export", variant="primary", id="export", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        self.query_one("#overwrite").display = False
        self.query_one("#progress-bar").display = False
        self._show_paths()

    @on(Input.Changed)
    def _show_paths(self) -> None:
        stem = self._stem()
        try:
            found = export_paths(stem, self._files()) if stem else []
        except RecordingError as error:
            self._say(str(error))
            return
        whole = [str(path) for path in found[:2]]
        beside = ", ".join(path.name for path in found[2:])
        self.query_one("#paths", Label).update("\n".join([*whole, f"and {beside}"] if beside else whole))
        taken = [path.name for path in found if os.path.lexists(path)]
        self._say(f"{' and '.join(taken)} {'is' if len(taken) == 1 else 'are'} there already" if taken else "")
        self.query_one("#overwrite").display = bool(taken)

    def _stem(self) -> Path | None:
        text = self.query_one(Input).value.strip()
        if not text or text.endswith("/") or Path(text).name in ("", ".", ".."):
            return None
        try:
            is_possible = b"\0" not in os.fsencode(text)
        except UnicodeEncodeError:
            return None
        return Path(text) if is_possible else None

    def _say(self, problem: str) -> None:
        label = self.query_one("#problem", Label)
        label.update(problem)
        label.display = bool(problem)

    @on(Input.Submitted)
    @on(Button.Pressed, "#export")
    def _export(self) -> None:
        self._write(overwrite=False)

    @on(Button.Pressed, "#overwrite")
    def _overwrite(self) -> None:
        self._write(overwrite=True)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @work(exclusive=True)
    async def _write(self, *, overwrite: bool) -> None:
        stem = self._stem()
        if stem is None:
            self._say("that is not a file name; type one, like my-run")
            return
        paths: list[Path] = []
        bar = self.query_one(ProgressBar)
        bar.display = True
        try:
            files = self._files()
            paths = export_paths(stem, files)
            for share in self._kept_rows.export(stem, files, overwrite=overwrite):
                bar.update(progress=share)
                await asyncio.sleep(0)
        except RecordingError as error:
            bar.display = False
            self._say(f"not exported: {error}")
            self.query_one("#overwrite").display = any(map(os.path.lexists, paths))
        else:
            self.dismiss(paths)
