"""Recording: what a run has measured, and its files."""
