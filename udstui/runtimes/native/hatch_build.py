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
_OPTIONS = ("-O2", "-std=c11", "-D_GNU_SOURCE", "-fPIC", "-shared", "-fvisibility=hidden")
_LONGEST_S = 300


class NativeLoops(BuildHookInterface[Any]):
    def dependencies(self) -> list[str]:
        """ziglang, where there is no C compiler that works."""
        if not _is_wanted() or _compilers() or platform.machine() not in _ZIG_MACHINES:
            return []
        return [_ZIG]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        folder = Path(self.root, self.config["path"]).parent
        library = runpy.run_path(str(folder / "library.py"))
        name = library["FILE_NAME"]
        in_place = folder / name
        if version == "editable":
            in_place.unlink(missing_ok=True)  # it may be of other sources
        if not _is_wanted():
            return
        self._made = tempfile.TemporaryDirectory(prefix="build-udstui-")
        built = Path(self._made.name, name)
        problems = []
        for compiler in (*_compilers(), *_zig()):
            problem = _compile(compiler, library["sources"](), library["fingerprint"](), built)
            if not problem:
                break
            problems.append(problem)
        else:
            self.app.display_warning(
                f"udstui is built without its native loops: {'; '.join(problems) or 'no compiler'}"
            )
            return
        if version == "editable":
            # Put in place in one step: a program that uses the old one keeps it.
            shutil.copy(built, in_place.with_suffix(".new"))
            in_place.with_suffix(".new").replace(in_place)
            return
        build_data["pure_python"] = False
        plain = next(tag for tag in platform_tags() if tag.startswith("linux"))
        build_data["tag"] = f"py3-none-{plain}"
        build_data["force_include"][str(built)] = f"{folder.relative_to(self.root).as_posix()}/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "_made"):
            self._made.cleanup()


def _is_wanted() -> bool:
    """UDSTUI_NATIVE=no builds without; only Linux has epoll."""
    return sys.platform == "linux" and os.environ.get("UDSTUI_NATIVE") != "no"


def _compilers() -> list[list[str]]:
    """The commands of this machine that can compile a program, $CC first."""
    named = shlex.split(os.environ.get("CC", ""))
    found = [named] if named else []
    found += [[name] for name in ("cc", "gcc", "clang") if shutil.which(name)]
    with tempfile.TemporaryDirectory(prefix="build-udstui-") as folder:
        source = Path(folder, "needed.c")
        source.write_text(_NEEDED, encoding="ascii")
        # A compiler without the headers of the C library is common in containers.
        return [command for command in found if not _run([*command, str(source), "-o", str(Path(folder, "needed"))])]


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
    with tempfile.TemporaryDirectory(prefix="build-udstui-") as cache:
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
