"""The keys: one table for the bindings, the help, the palette, the footer and the user's own choice of keys."""

from __future__ import annotations

from udstui.settings import SETTINGS, setting_named
from udstui.settings.setting import Setting
from udstui.tui.key import VIEW, Groups, Key
from udstui.tui.tabs import TABS


def _key_of(setting: Setting) -> Key:
    """The key that goes through the choices of a setting."""
    return Key(
        setting.id,
        setting.key,
        f"next_choice('{setting.name}')",
        setting.label,
        backwards=f"next_choice('{setting.name}', -1)",
        measures=True,
    )


def _of_tabs(*, with_experiment: bool) -> tuple[Key, ...]:
    """The keys of tabs, those of the last tab first: those of the first go first where room is short."""
    return tuple(
        key._replace(action=f"in_tab({tab.ID!r}, {key.action!r})", measures=with_experiment)
        for tab in reversed(TABS)
        if bool(tab.EXPERIMENT) == with_experiment
        for key in tab.KEYS
    )


GROUPS: Groups = {
    # The settings bar shows the first two groups with their keys, so the footer need not.
    "What is measured": (
        _key_of(setting_named("workload")),
        Key("size.halve", "left_square_bracket", "halve_size", "Halve the size", display="[", measures=True),
        Key("size.type", "s", "type_size", "Type a size", measures=True),
        Key("size.double", "right_square_bracket", "double_size", "Double the size", display="]", measures=True),
        Key("transports", "t", "choose_transports", "Transports", measures=True),
    ),
    "How": (
        *(_key_of(setting) for setting in SETTINGS if setting.key and setting.name != "workload"),
        Key("more", "k", "choose_more", "More settings of the workload", measures=True),
    ),
    "The run": (
        # In the order of the footer: those at the end go first where room is short.
        Key("help", "question_mark", "toggle_help", "Help", "Help", display="?"),
        Key("quit", "q", "quit", "Quit", "Quit"),
        Key("pause", "space", "source('pause')", "Pause", "Pause"),
        Key("export", "e", "source('export')", "Export", "Export", measures=True),
        Key("freeze", "f", "freeze", "Freeze the screen", "Freeze", measures=True),
        Key("take_back", "u", "source('take_back')", "Take back the last change", "Undo", measures=True),
        Key("segment", "r", "source('new_segment')", "New segment", "Segment", measures=True),
        Key("command", "y", "copy_command", "Copy as a udstui run command", "Copy"),
        Key("picture", "p", "save_picture", "Save a picture (SVG)", "Picture"),
        Key("experiment", "g", "source('go')", "Start or stop the experiment", "Sweep", measures=True),
        *_of_tabs(with_experiment=True),
        Key("all", "ctrl+p", "command_palette", "All of it, by name", "All", display="ctrl+p"),
    ),
    "The view": (
        Key("maximize", "z", "maximize", "Maximise the tab", VIEW),
        Key("present", "x", "present", "Large figures for an audience"),
        *_of_tabs(with_experiment=False),
        Key("caveats", "a", "show_caveats", "Caveats and their remedies"),
        Key("suspend", "ctrl+z", "suspend_process", "Suspend"),
    ),
}
REPLAY_KEYS = (
    Key("pause", "space", "source('pause')", "Play or pause", "Play"),
    Key("step.back", "left", "source('step', -1)", "One round back", "Step"),
    Key("step.on", "right", "source('step', 1)", "One round on", "Step"),
    Key("slower", "left_square_bracket", "source('speed', -1)", "Slower", "Speed", display="["),
    Key("faster", "right_square_bracket", "source('speed', 1)", "Faster", "Speed", display="]"),
    Key("seek.back", "comma", "source('seek', -1)", "10 s back", "10 s", display=","),
    Key("seek.on", "full_stop", "source('seek', 1)", "10 s on", "10 s", display="."),
    Key("start", "home", "source('seek_start')", "To the start"),
    Key("end", "end", "source('seek_end')", "To the end"),
)
REPLAY_GROUPS: Groups = {"The replay": REPLAY_KEYS} | {
    title: left
    for title, keys in GROUPS.items()
    if (left := tuple(key for key in keys if not key.measures and key.id != "pause"))
}
