"""Recording: the files of what was measured, written and read back."""
