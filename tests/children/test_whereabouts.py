"""A child finds the package that its owner runs, also where another one is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipapp
from pathlib import Path

import pytest

import udstui
from udstui.children.whereabouts import environment

_ASK = """
import subprocess, sys
from udstui.children.whereabouts import environment
subprocess.run([sys.executable, "-P", "-m", "udstui.here"], env=environment(), check=True)
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with as much of the package as it takes to ask a child where it found it."""
    package = tmp_path / "copy" / "udstui"
    (package / "children").mkdir(parents=True)
    for name in ("__init__.py", "children/__init__.py", "children/whereabouts.py"):
        shutil.copy(Path(udstui.__file__).parent / name, package / name)
    (package / "here.py").write_text("import udstui; print(udstui.__file__)")
    (package / "ask.py").write_text(_ASK)
    return package.parent


def test_a_checkout_that_is_not_installed(copy: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "udstui.ask"], cwd=copy, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(copy / "udstui" / "__init__.py")


def test_an_archive(copy: Path, tmp_path: Path) -> None:
    (copy / "__main__.py").write_text("import udstui.ask")
    zipapp.create_archive(copy, tmp_path / "udstui.pyz")
    done = subprocess.run(
        [sys.executable, "udstui.pyz"], cwd=tmp_path, capture_output=True, text=True, check=True
    )  # the archive is named by a path that holds only here
    assert done.stdout.strip() == str(tmp_path / "udstui.pyz" / "udstui" / "__init__.py")


def test_where_it_is_installed_nothing_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["/bin", *sys.path])
    assert environment() == dict(os.environ)
