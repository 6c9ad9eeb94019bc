"""Limits of what a service takes."""

from __future__ import annotations

LARGEST_BODY_BYTES = 64 * 1024**2 + 64 * 1024
"""Of a request: the largest size of udstui, and what JSON puts around it."""
