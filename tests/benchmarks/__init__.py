"""Benchmarks: `python -m tests.benchmarks [NAME ...]` prints one Markdown table. No part of the test run."""
