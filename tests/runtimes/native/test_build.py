"""The build hook: what a wheel and a source distribution hold, with a compiler, with a broken one, and with none."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")

ROOT = Path(__file__).parents[3]
LIBRARY = "udstui/runtimes/native/_loops.so"
needs_compiler = pytest.mark.skipif(not shutil.which("cc"), reason="cc is missing")
Environment = dict[str, str]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What is needed of the repository, without what was built in place."""
    tree = tmp_path / "tree"
    shutil.copytree(ROOT / "udstui", tree / "udstui", ignore=shutil.ignore_patterns("__pycache__", "_loops.*"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, tree)
    (tree / "tests").mkdir()
    return tree


def hatchling(tree: Path, *words: str, **changes: str) -> str:
    """Run it, and return what was said. Without isolation: this environment has it."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", *words], cwd=tree, env={**os.environ, **changes},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def build(tree: Path, target: str, **changes: str) -> tuple[Path, str]:
    """What was built, and what was said."""
    said = hatchling(tree, "-t", target, "-d", str(tree / "out"), **changes)
    (built,) = (tree / "out").iterdir()
    return built, said


def replace_sources(tree: Path, text: str) -> None:
    for source in (tree / "udstui/runtimes/native").glob("*.c"):
        source.write_text(f"{text}\n")


def dependencies(tree: Path, **changes: str) -> str:
    code = "from hatchling.build import get_requires_for_build_wheel as get; print(get())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tree,
        env={**os.environ, **changes},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def no_compiler(folder: Path) -> Environment:
    folder.mkdir()
    return {"PATH": str(folder), "CC": ""}


@needs_compiler
def test_a_wheel_has_the_library_and_fits_every_python_on_such_a_machine(tree: Path) -> None:
    wheel, _ = build(tree, "wheel")
    assert wheel.name.startswith("udstui-") and "-py3-none-linux_" in wheel.name
    with zipfile.ZipFile(wheel) as files:
        names = files.namelist()
        assert LIBRARY in names and "udstui/runtimes/native/loops.h" in names
        assert "udstui/runtimes/native/hatch_build.py" not in names
        files.extractall(tree / "installed")
    code = "from udstui.runtimes.native import library; print(library.FOLDER, library.why_not() or 'loaded')"
    said = subprocess.run(
        [sys.executable, "-P", "-c", code], env={**os.environ, "PYTHONPATH": str(tree / "installed")},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said == f"{tree}/installed/udstui/runtimes/native loaded\n"
    assert not (tree / LIBRARY).exists()


def test_a_source_distribution_has_the_sources_and_nothing_built(tree: Path) -> None:
    (tree / LIBRARY).write_bytes(b"built in place before")
    archive, _ = build(tree, "sdist")
    with tarfile.open(archive) as files:
        names = {name.partition("/")[2] for name in files.getnames()}
    assert "udstui/runtimes/native/multiplexed.c" in names and "udstui/runtimes/native/hatch_build.py" in names
    assert LIBRARY not in names


def test_ziglang_is_asked_for_only_where_there_is_no_compiler(tree: Path, tmp_path: Path) -> None:
    none = no_compiler(tmp_path / "bin")
    assert dependencies(tree, **none) == "['ziglang']"
    assert dependencies(tree, **none, UDSTUI_NATIVE="no") == "[]"
    if shutil.which("cc"):
        assert dependencies(tree) == dependencies(tree, CC="cc -pipe") == "[]"


def test_a_compiler_that_cannot_compile_counts_as_none(tree: Path, tmp_path: Path) -> None:
    none = no_compiler(tmp_path / "bin")
    (tmp_path / "bin" / "cc").symlink_to(shutil.which("false") or "/bin/false")
    assert dependencies(tree, **none) == "['ziglang']"
    for nonsense in ("no-such-compiler", "'cc", " "):
        assert dependencies(tree, **{**none, "CC": nonsense}) == "['ziglang']"


def test_without_any_compiler_a_wheel_is_built_that_has_no_library(tree: Path, tmp_path: Path) -> None:
    if not _lacks_ziglang():
        pytest.skip("ziglang is installed here")
    wheel, said = build(tree, "wheel", **no_compiler(tmp_path / "bin"))
    assert "without its native loops: no compiler" in said
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as files:
        assert LIBRARY not in files.namelist()


@needs_compiler
def test_a_compile_that_fails_is_told_in_a_sentence_and_fails_no_build(tree: Path) -> None:
    replace_sources(tree, "this is no C")
    wheel, said = build(tree, "wheel")
    assert "udstui is built without its native loops: cc " in said and "anatomy.c" in said
    assert wheel.name.endswith("-py3-none-any.whl")


@needs_compiler
def test_an_editable_install_has_the_library_in_place_and_a_failing_one_has_no_old_one(tree: Path) -> None:
    in_place = tree / LIBRARY
    in_place.write_bytes(b"of the time before")
    replace_sources(tree, "typedef int little_to_compile;")
    hatchling(tree, "--hooks-only", "-t", "wheel:editable")
    assert in_place.read_bytes().startswith(b"\x7fELF")
    replace_sources(tree, "this is no C")
    assert "without its native loops" in hatchling(tree, "--hooks-only", "-t", "wheel:editable")
    assert not in_place.exists()


def test_a_build_without_is_to_be_had(tree: Path) -> None:
    wheel, _ = build(tree, "wheel", UDSTUI_NATIVE="no")
    assert wheel.name.endswith("-py3-none-any.whl")


def _lacks_ziglang() -> bool:
    return importlib.util.find_spec("ziglang") is None
