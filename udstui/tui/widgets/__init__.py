"""Widgets: thin shells around udstui.tui.drawing."""
