"""The tabs below the panels. Each is one file and one line in the list below."""

from __future__ import annotations

from udstui.tui.tabs.anatomy import AnatomyTab
from udstui.tui.tabs.distribution import DistributionTab
from udstui.tui.tabs.host import HostTab
from udstui.tui.tabs.layers import LayersTab
from udstui.tui.tabs.load import LoadTab
from udstui.tui.tabs.log import LogTab
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.tabs.sweep import SweepTab
from udstui.tui.tabs.timeline import TimelineTab

TABS: tuple[type[SessionTab], ...] = (
    TimelineTab, DistributionTab, SweepTab, AnatomyTab, LayersTab, HostTab, LogTab, LoadTab,
)  # fmt: skip
"""In the order of their keys, 1 to 9."""
