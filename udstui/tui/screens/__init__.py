"""Screens: the race itself, and the dialogs over it."""
