"""Host: facts about this machine, its limits, and who else is on it."""
