from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from tests.helpers import is_running, running
from udstui.errors import TransportError
from udstui.transports import private_folder
from udstui.transports.address import Address
from udstui.transports.private_folder import PrivateFolder, remove_left_over_folders
from udstui.transports.uds import LONGEST_PATH_BYTES, Uds

HOLD = """
import sys
from udstui.transports.private_folder import PrivateFolder
folder = PrivateFolder()
print(folder.path, flush=True)
sys.stdin.read()
"""


def test_it_is_private_and_gone_afterwards(folder: Path) -> None:
    with PrivateFolder() as private:
        assert private.path.parent == folder
        assert stat.S_IMODE(private.path.stat().st_mode) == 0o700
        (private.path / "0.sock").touch()
    assert list(folder.iterdir()) == []


def test_it_is_gone_after_an_error_too(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), PrivateFolder():
        raise ZeroDivisionError
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("tmpdir", ["/" + "x" * 120, "relative", "", "/dev/null", "/nowhere/at/all"])
def test_a_useless_tmpdir_does_not_matter(tmpdir: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", tmpdir)
    with PrivateFolder() as private:
        assert private.path.parent == Path("/tmp")


def test_a_socket_fits_where_tmpdir_is_too_long_for_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = folder / ("d" * 90)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    with PrivateFolder() as private:
        address = Uds().private_address(private.path, 3)
        assert len(os.fsencode(address.location)) <= LONGEST_PATH_BYTES
        Uds().listen(address).close()


def test_one_that_somebody_removed_is_made_anew(folder: Path) -> None:
    with PrivateFolder() as private:
        first = private.path
        private.renew()
        assert private.path == first
        first.rmdir()
        private.renew()
        assert private.path.parent == folder
        assert private.path.is_dir()
    assert list(folder.iterdir()) == []


def test_no_place_at_all_is_one_clear_error(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(private_folder, "_bases", lambda: [folder / "none"])
    with pytest.raises(TransportError, match="set TMPDIR"):
        PrivateFolder()


def test_a_folder_whose_process_was_killed_is_removed_and_a_live_one_is_not(folder: Path) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with running(sys.executable, "-c", HOLD, text=True, **pipes) as holder:
        assert holder.stdout
        held = Path(holder.stdout.readline().strip())
        Uds().listen(Address("unix", str(held / "0.sock"))).socket.close()
        remove_left_over_folders()
        assert held.is_dir()
        holder.kill()
    assert not is_running(holder.pid)
    assert held.is_dir()
    with PrivateFolder() as private:  # the next start tidies up
        assert list(folder.iterdir()) == [private.path]


def test_what_is_not_plainly_ours_is_left_alone(folder: Path) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (elsewhere / "precious").touch()
    (folder / "udstui-link").symlink_to(elsewhere)
    (folder / "udstui-file").touch()
    (folder / "udstui-open").mkdir(mode=0o755)
    (folder / "other-name").mkdir(mode=0o700)
    before = sorted(folder.rglob("*"))
    remove_left_over_folders()
    assert sorted(folder.rglob("*")) == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a folder of another user")
def test_the_folder_of_another_user_is_left_alone(folder: Path) -> None:
    theirs = folder / "udstui-theirs"
    theirs.mkdir(mode=0o700)
    os.chown(theirs, 12345, 12345)
    remove_left_over_folders()
    assert theirs.is_dir()


@pytest.mark.parametrize("mode", [0o777, 0o775])
def test_a_place_where_others_could_exchange_it_is_not_used(folder: Path, mode: int) -> None:
    """Whoever may write to a folder may rename what is in it, unless the folder is sticky."""
    folder.chmod(mode)
    with PrivateFolder() as private:
        assert private.path.parent == Path("/tmp")
    folder.chmod(mode | stat.S_ISVTX)
    with PrivateFolder() as private:
        assert private.path.parent == folder


def test_nor_one_below_such_a_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = folder / "inner"
    inner.mkdir(mode=0o700)
    folder.chmod(0o777)
    monkeypatch.setenv("TMPDIR", str(inner))
    with PrivateFolder() as private:
        assert private.path.parent == Path("/tmp")


def test_where_no_place_is_safe_it_says_who_could_exchange_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o777)
    monkeypatch.setattr(private_folder, "_bases", lambda: [folder])
    with pytest.raises(TransportError, match="may put another folder in its place"):
        PrivateFolder()


def test_a_hundred_thousand_folders_of_others_do_not_hold_up_the_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time is counted in looks at the clock: after the limit nothing more is opened."""
    for number in range(50):
        (folder / f"udstui-{number}").mkdir(mode=0o700)
    looks = iter(range(10**6))
    monkeypatch.setattr(private_folder.time, "monotonic", lambda: next(looks) / 100)
    remove_left_over_folders()
    assert 0 < len(list(folder.iterdir())) < 50


def test_where_there_are_no_locks_it_is_left_alone_and_removed_by_its_owner(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a file system without them, and where a seccomp profile refuses flock(2)."""

    def refuse(*_: object) -> NoReturn:
        raise OSError(errno.ENOLCK, "No locks available")

    with monkeypatch.context() as without:
        without.setattr(fcntl, "flock", refuse)
        private = PrivateFolder()
    remove_left_over_folders()  # another udstui, which has locks
    assert private.path.is_dir()
    assert not private.path.stat().st_mode & 0o077
    private.remove()
    assert not list(folder.iterdir())
