"""Children: processes of ours that speak JSON lines, from their start to their end."""
