"""Builds the C files into a library when the package is built: with a C compiler, or else with the one in ziglang.

Where neither can be had the package is built without: udstui then measures in Python, and says so.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import runpy
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import platform_tags

_ZIG = "ziglang"
_ZIG_MACHINES = ("x86_64", "aarch64", "armv7l", "i686", "ppc64le", "riscv64", "s390x")
"""For which PyPI has ziglang: asked for elsewhere, it would fail the whole installation."""
_NEEDED = "#include <stdint.h>\n#include <sys/epoll.h>\n#include <sys/socket.h>\nint main(void) { return 0; }\n"
_OPTIONS = ("-O2", "-g0", "-std=c11", "-D_GNU_SOURCE", "-fPIC", "-shared", "-pthread", "-fvisibility=hidden")
_LONGEST_S = 300
_TEMPORARY = "build-udstui-"


class NativeLoops(BuildHookInterface[Any]):
    def dependencies(self) -> list[str]:
        """ziglang, where there is no C compiler that works."""
        if not _is_wanted() or platform.machine() not in _ZIG_MACHINES or any(map(_can_compile, _compilers())):
            return []
        return [_ZIG]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put the library beside its sources for an editable install, else into the wheel; or say why not."""
        if not _is_wanted():
            return
        self._made = tempfile.TemporaryDirectory(prefix=_TEMPORARY)
        folder = Path(self.root, self.config["path"]).parent
        try:
            problem = self._build(folder, version, build_data)
        except OSError as error:
            problem = str(error)
        if problem:
            self.app.display_warning(f"udstui is built without its native loops: {problem}")

    def _build(self, folder: Path, version: str, build_data: dict[str, Any]) -> str:
        """Return what went wrong, or nothing."""
        library = runpy.run_path(str(folder / "library.py"))
        name, in_place = library["FILE_NAME"], folder / library["FILE_NAME"]
        if version == "editable":
            in_place.unlink(missing_ok=True)  # it may be of other sources
        built = Path(self._made.name, name)
        problems = []
        for compiler in (*_compilers(), *_zig()):
            problem = _compile(compiler, library["sources"](), library["fingerprint"](), built)
            if not problem:
                break
            problems.append(problem)
        else:
            return "; ".join(problems) or "no compiler"
        if version == "editable":
            # Put in place in one step: a program that uses the one before keeps it.
            new = Path(shutil.copy(built, in_place.with_suffix(".new")))
            new.replace(in_place)
            return ""
        plain = next(tag for tag in platform_tags() if tag.startswith("linux"))
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{plain}"
        build_data["force_include"][str(built)] = f"{folder.relative_to(self.root).as_posix()}/{name}"
        return ""

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "_made"):
            self._made.cleanup()


def _is_wanted() -> bool:
    """UDSTUI_NATIVE=no builds without; only Linux has epoll."""
    return sys.platform == "linux" and os.environ.get("UDSTUI_NATIVE") != "no"


def _compilers() -> list[list[str]]:
    """The commands that may be C compilers, $CC first; each program once, whatever its names."""
    try:
        named = shlex.split(os.environ.get("CC", ""))
    except ValueError:  # a quotation mark too few
        named = []
    commands = [named, ["cc"], ["gcc"], ["clang"]]
    found: dict[tuple[str, ...], list[str]] = {}
    for command in filter(None, commands):
        if path := shutil.which(command[0]):
            found.setdefault((os.path.realpath(path), *command[1:]), command)
    return list(found.values())


def _can_compile(command: list[str]) -> bool:
    """Whether it makes a program that uses what is needed: a compiler without headers is common in containers."""
    with tempfile.TemporaryDirectory(prefix=_TEMPORARY) as folder:
        source = Path(folder, "needed.c")
        source.write_text(_NEEDED, encoding="ascii")
        return not _run([*command, str(source), "-o", str(Path(folder, "needed"))])


def _zig() -> list[list[str]]:
    if importlib.util.find_spec(_ZIG) is None:
        return []
    # For any processor of this kind: zig would take the one at hand.
    return [[sys.executable, "-m", _ZIG, "cc", "-mcpu=baseline"]]


def _compile(compiler: list[str], sources: list[Path], fingerprint: int, target: Path) -> str:
    """Compile the sources into one library; return what went wrong, or nothing."""
    define = f"-DUDSTUI_FINGERPRINT={fingerprint}u"
    return _run([*compiler, *_OPTIONS, define, *map(str, sources), "-o", str(target)])


def _run(command: list[str]) -> str:
    """Run a compiler; return what went wrong in one line, or nothing."""
    with tempfile.TemporaryDirectory(prefix=_TEMPORARY) as cache:
        # zig keeps what it has compiled in the home folder, which need not be there.
        environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, errors="replace", timeout=_LONGEST_S,
                check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{command[0]}: {error}"
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing was said"]
        return f"{' '.join(command[:4])} failed with {done.returncode}: {said[0]}"
    return ""
