"""Results: what was measured, in memory."""
