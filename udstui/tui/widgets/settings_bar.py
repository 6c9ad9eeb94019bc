"""The settings of the plan, each one a button: pressed by its key, by a click, or by enter where it has the focus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from udstui.host.affinity import available_cores
from udstui.plan import Plan
from udstui.probe.check import placement_of
from udstui.settings import SETTINGS
from udstui.settings.setting import Setting
from udstui.text.plan import is_known, placement_kind
from udstui.tui.key import Groups, Key, all_keys
from udstui.tui.keys import GROUPS
from udstui.tui.widgets.line import Line
from udstui.units import describe_size
from udstui.workloads import takes_size

PROGRESS_COLUMNS = 12
"""Kept free for the round's number on a screen that is wide enough to show it (as the style sheet has it)."""
WIDE = 118
NARROW = 80
_SHORTER = (
    ("connections", "runtime", "rate", "more"),
    ("transports",),
    ("server", "cores", "wait"),
    ("cores",),
    ("size",),
    ("transports",),
)
"""What gets its next shorter wording, step by step, until all of it fits."""

_DIALOGS = {"size": "type_size", "transports": "choose_transports", "more": "choose_more"}
"""The actions of what is more than a list of choices."""
_MORE = "Settings that have no key of their own"

SideCores = tuple[tuple[int, ...], tuple[int, ...]]
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


class SettingButton(Static, can_focus=True):
    """One setting: the keys that change it, and what it is now. A click or enter opens its dialog, if it has keys."""

    BINDINGS = [Binding("enter", "press", "Change", show=False)]

    def __init__(self, name: str, setting: Setting | None, keys: Sequence[Key]) -> None:
        """Without a setting, all those that have no key of their own."""
        super().__init__(markup=False, id=f"setting-{name}")
        self.tooltip = Content(setting.about if setting else _MORE)
        self.setting = setting
        self.keys = keys
        self._dialog = _DIALOGS.get(name) or f"explain({setting.name!r})" if setting else _DIALOGS[name]

    def show(self, words: Wording) -> None:
        keys, text = words
        self.update(Content.assemble((keys, "bold $text-accent"), " " if keys else "", text))

    async def on_click(self) -> None:
        await self.action_press()

    async def action_press(self) -> None:
        if self.keys:
            await self.run_action(f"app.{self._dialog}")


class SettingsBar(Horizontal):
    """Settings in the order of their keys, and at the end which segment and round this is."""

    def __init__(self, groups: Groups) -> None:
        """`groups` are the keys that do something: a setting that none of them changes is only shown."""
        super().__init__()
        own: dict[str, list[Key]] = {}
        for key in all_keys(GROUPS):
            own.setdefault(key.id.partition(".")[0], []).extend({key} & {*all_keys(groups)})
        by_id: dict[str, Setting | None] = {setting.id: setting for setting in SETTINGS} | {"more": None}
        self._buttons = {name: SettingButton(name, by_id[name], keys) for name, keys in own.items() if name in by_id}
        self._plan: Plan | None = None
        self._recorded_cores: SideCores | None = None
        self._keymap: Mapping[str, str] = {}
        self._progress = Line(id="progress")

    def compose(self) -> ComposeResult:
        yield from self._buttons.values()
        yield self._progress

    def show_keys(self, keymap: Mapping[str, str]) -> None:
        """The user's own keys, by their ids, instead of the usual ones."""
        self._keymap = keymap
        self._show()

    def show_plan(self, plan: Plan, recorded_cores: SideCores | None = None) -> None:
        """With the cores of client and server where they are not those that this machine would choose."""
        self._plan, self._recorded_cores = plan, recorded_cores
        self._show()

    def _show(self) -> None:
        plan = self._plan
        if plan is None:
            return
        texts = {
            name: _texts(button.setting, plan, self._recorded_cores) if button.setting else self._more_texts(plan)
            for name, button in self._buttons.items()
        }
        wordings = {
            name: [(self._shown_keys(name, plan), text) for text in found] for name, found in texts.items() if found
        }
        if "size" in wordings:
            wordings["size"] += [
                (self._shown_key(key), describe_size(plan.size_bytes))
                for key in self._buttons["size"].keys
                if key.id == "size.type"
            ]
        width = self.content_size.width or self.app.size.width - 2  # before it is laid out
        kept = PROGRESS_COLUMNS if self.size.width >= WIDE else 0
        shown = fitted(wordings, width - kept, 1 if self.app.size.width < NARROW else 2)
        for name, button in self._buttons.items():
            button.display = name in shown
            if name in shown:
                button.show(shown[name])

    def _more_texts(self, plan: Plan) -> list[str]:
        """What is not as usual of all that has no button; or how much that is."""
        others = (setting for setting in SETTINGS if setting.id not in self._buttons and is_known(plan, setting.name))
        said = [text for setting in others if (text := setting.describe(getattr(plan, setting.name)))]
        return [" · ".join(said), f"+{len(said)}"] if said else []

    def _shown_keys(self, name: str, plan: Plan) -> str:
        setting = self._buttons[name].setting
        if setting and not is_known(plan, setting.name):
            return ""  # and nothing is done by it
        return " ".join(map(self._shown_key, self._buttons[name].keys))

    def _shown_key(self, key: Key) -> str:
        return self.app.get_key_display(key.binding(self._keymap))

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def show_progress(self, segment: int, rounds: int) -> None:
        self._progress.show(f"segment {segment} · round {rounds}", f"round {rounds}", "")


def _texts(setting: Setting, plan: Plan, recorded_cores: SideCores | None) -> list[str]:
    """What a setting is, in shorter and shorter wordings; none where it goes without saying."""
    if not is_known(plan, setting.name):
        return [f"{setting.id}: not ours", "not ours"]
    if setting.id == "size" and not takes_size(plan):
        return []
    value = getattr(plan, setting.name)
    said, brief = setting.describe(value), setting.brief(value)
    if setting.id == "transports":
        # Several lanes and the addresses of targets are long; the panels show them whole.
        count = len(value)
        return [brief, min(brief, f"{count} lane{'s' * (count != 1)}", key=len), str(count)]
    if setting.id == "cores" and value == "auto":
        client, server = placement_of(plan, available_cores()) if recorded_cores is None else recorded_cores
        if client and (kind := placement_kind(plan, client, server)):
            where = f"auto ({kind})"
            return [setting.describe(where), where, brief]
    return list(dict.fromkeys((said, brief))) if said else []
