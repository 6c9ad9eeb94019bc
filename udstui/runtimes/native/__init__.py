"""The native runtime: timed loops and services in C, called through ctypes."""
