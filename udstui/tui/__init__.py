"""The dashboard. It imports everything and is imported by nothing but udstui.cli, and that lazily."""
