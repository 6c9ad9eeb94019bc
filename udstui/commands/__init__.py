"""What the commands do that need no dashboard. The options that lead here are in udstui.cli."""
