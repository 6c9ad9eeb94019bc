"""Runtimes: in what the two timed ends of a lane are written."""
