"""A library that cannot be used is told about in a sentence; nothing is raised."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from udstui.runtimes.native import library
from udstui.runtimes.native.library import Library, fingerprint, load, load_from, why_not

needs_compiler = pytest.mark.skipif(not shutil.which("cc"), reason="cc is missing")


def built(folder: Path, source: str) -> Path:
    (folder / "other.c").write_text(source)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", folder / "other.so", folder / "other.c"], check=True)
    return folder / "other.so"


def test_there_is_a_library_or_a_reason() -> None:
    assert (load() is None) == bool(why_not())
    assert load() is load()


def test_a_library_that_was_not_built_has_a_remedy(folder: Path) -> None:
    problem = load_from(folder / "none.so")
    assert problem == "the native loops are not built; install a C compiler, and udstui again"


def test_a_file_that_is_no_library_is_told_in_the_words_of_the_system(folder: Path) -> None:
    (folder / "text.so").write_text("this is no library")
    problem = load_from(folder / "text.so")
    assert isinstance(problem, str)
    assert "cannot be loaded" in problem and "text.so" in problem and "install" in problem


def test_a_folder_and_a_path_that_nobody_may_read_are_told(folder: Path) -> None:
    assert "cannot be loaded" in str(load_from(folder))
    assert isinstance(load_from(folder / ("x" * 300)), str)
    assert isinstance(load_from(folder / "a\0b"), str)


@needs_compiler
def test_a_library_of_other_sources_is_not_used(folder: Path) -> None:
    path = built(folder, f"unsigned udstui_fingerprint(void) {{ return {fingerprint() ^ 1}u; }}")
    assert "another build" in str(load_from(path))


@needs_compiler
def test_a_library_of_somebody_else_is_not_used(folder: Path) -> None:
    assert "another build" in str(load_from(built(folder, "int add(int a, int b) { return a + b; }")))


@needs_compiler
def test_a_library_that_says_what_this_build_says_is_loaded(folder: Path) -> None:
    path = built(folder, f"unsigned udstui_fingerprint(void) {{ return {fingerprint()}u; }}")
    assert isinstance(load_from(path), Library)


def test_a_change_of_any_c_file_changes_the_fingerprint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in library.FOLDER.glob("*.[ch]"):
        shutil.copy(path, folder)
    before = fingerprint()
    monkeypatch.setattr(library, "FOLDER", folder)
    assert fingerprint() == before
    for path in sorted(folder.iterdir()):
        text = path.read_text()
        path.write_text(text + "\n")
        assert fingerprint() != before
        path.write_text(text)
    assert fingerprint() == before


def test_the_binding_imports_no_numpy() -> None:
    code = "import sys, udstui.runtimes.native.binding; print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "False\n"
