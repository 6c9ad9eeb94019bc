"""The C files under AddressSanitizer and UndefinedBehaviorSanitizer, called with random arguments."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from udstui.runtimes.native.library import FOLDER, sources

SANITIZED = ("-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wmissing-prototypes", "-Werror")
ROUNDS = 60
PROGRAMS = {
    "calls": ("fuzz_calls.c", "fuzz_peers.c", "fuzz_figures.c"),
    "CSV files": ("fuzz_csv.c",),
    "shared memory": ("fuzz_shared.c",),
    "sockets": ("fuzz_sockets.c",),
}
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One whose sanitized programs run here."""
    folder = tmp_path_factory.mktemp("trial")
    found = shutil.which("gcc") or shutil.which("cc")
    if found is None:
        pytest.skip("there is no C compiler")
    (folder / "trial.c").write_text("int main(void) { return 0; }\n")
    command = [found, *SANITIZED, folder / "trial.c", "-o", folder / "trial"]
    if (
        subprocess.run(command, capture_output=True, check=False).returncode
        or subprocess.run([folder / "trial"], capture_output=True, check=False).returncode
    ):
        pytest.skip("the compiler has no sanitizers that run here")
    return found


@pytest.fixture(scope="module")
def objects(compiler: str, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The product's files, compiled once for all programs."""
    folder = tmp_path_factory.mktemp("objects")
    subprocess.run([compiler, *SANITIZED, "-DUDSTUI_FINGERPRINT=0u", "-c", *sources()], cwd=folder, check=True)
    return sorted(folder.glob("*.o"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_random_calls_keep_every_promise_and_touch_no_byte_too_far(
    compiler: str, objects: list[Path], name: str, tmp_path: Path
) -> None:
    program = tmp_path / "fuzz"
    files = [*objects, *(HERE / file for file in ("fuzz.c", *PROGRAMS[name]))]
    subprocess.run([compiler, *SANITIZED, f"-I{FOLDER}", *files, "-o", program, "-lpthread", "-lrt"], check=True)
    for seed in ("1", "2"):
        done = subprocess.run([program, seed, str(ROUNDS)], capture_output=True, text=True, timeout=100, check=False)
        assert (done.returncode, done.stdout) == (0, "all promises kept\n"), done.stderr


@pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is missing")
def test_the_compiler_has_nothing_to_say() -> None:
    options = ("-fsyntax-only", "-std=c11", "-D_GNU_SOURCE", "-DUDSTUI_FINGERPRINT=0u")
    subprocess.run(["gcc", *options, *WARNINGS, *sources()], check=True)
