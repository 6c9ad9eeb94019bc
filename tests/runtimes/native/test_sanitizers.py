"""The C files under AddressSanitizer and UndefinedBehaviorSanitizer, called with random arguments (fuzz.c)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from udstui.runtimes.native.library import FOLDER, sources

FUZZ = Path(__file__).with_name("fuzz.c")
SANITIZED = ("-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wmissing-prototypes", "-Werror")
ROUNDS = 60


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, built; skipped where a sanitized program cannot be built or does not run."""
    folder = tmp_path_factory.mktemp("fuzz")
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    trial = folder / "trial"
    (folder / "trial.c").write_text("int main(void) { return 0; }\n")
    built = subprocess.run([compiler, *SANITIZED, folder / "trial.c", "-o", trial], capture_output=True, check=False)
    if built.returncode or subprocess.run([trial], capture_output=True, check=False).returncode:
        pytest.skip("the compiler has no sanitizers that run here")
    command = [compiler, *SANITIZED, "-DUDSTUI_FINGERPRINT=0u", f"-I{FOLDER}", *sources(), FUZZ, "-o", folder / "fuzz"]
    subprocess.run([*command, "-lpthread"], check=True)
    return folder / "fuzz"


@pytest.mark.parametrize("seed", [1, 2])
def test_random_calls_keep_every_promise_and_touch_no_byte_too_far(fuzz: Path, seed: int) -> None:
    done = subprocess.run([fuzz, str(seed), str(ROUNDS)], capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (0, "all promises kept\n"), done.stderr


@pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is missing")
def test_the_compiler_has_nothing_to_say() -> None:
    options = ("-fsyntax-only", "-std=c11", "-D_GNU_SOURCE", "-DUDSTUI_FINGERPRINT=0u")
    subprocess.run(["gcc", *options, *WARNINGS, *sources()], check=True)
