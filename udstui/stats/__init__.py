"""Statistics: pure functions over figures. Nothing here reads a clock."""
