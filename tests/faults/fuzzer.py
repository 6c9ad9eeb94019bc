"""Fuzzes one entry point: `fuzzer.py NAME SECONDS`. A script, so that nothing of udstui is imported before."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-not-found, unused-ignore]

with atheris.instrument_imports(include=["udstui"]):
    from tests.faults.entry_points import ENTRY_POINTS


def main() -> None:
    name, seconds = sys.argv[1:]
    entry = ENTRY_POINTS[name]
    corpus = Path(tempfile.mkdtemp(prefix="corpus-"))
    for number, seed in enumerate(entry.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-artifact_prefix={corpus}/", "-rss_limit_mb=1024", str(corpus)]
    atheris.Setup([sys.argv[0], *options], entry.call)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
