"""What the system refuses, in our words: one table for every attempt."""

from __future__ import annotations

import errno
import os
import socket

import pytest

from udstui.errors import (
    CONNECT,
    LISTEN_ON_NAME,
    LISTEN_ON_PATH,
    LISTEN_ON_PORT,
    MAKE_SOCKET,
    WRITE_FILE,
    Attempt,
    RecordingError,
    TransportError,
    translated,
)


@pytest.mark.parametrize(
    ("attempt", "number", "what", "remedy"),
    [
        (CONNECT, errno.ECONNREFUSED, "cannot connect to X: Connection refused", "is a server listening there?"),
        (CONNECT, errno.EACCES, "cannot connect to X: Permission denied", "may this user write to that socket?"),
        (CONNECT, errno.EAGAIN, "X did not accept the connection in time", "is its server stopped, or busy?"),
        (
            LISTEN_ON_PORT,
            errno.EADDRINUSE,
            "cannot listen on X: Address already in use",
            "choose another port, or 0 for a free one",
        ),
        (
            LISTEN_ON_PORT,
            errno.EACCES,
            "cannot listen on X: Permission denied",
            "choose a port from 1024 on, or 0 for a free one",
        ),
        (
            LISTEN_ON_NAME,
            errno.EADDRINUSE,
            "cannot listen on X: a server is listening there already",
            "choose another name",
        ),
        (
            LISTEN_ON_PATH,
            errno.EACCES,
            "cannot listen on X: Permission denied",
            "choose a path in a folder that you may write to",
        ),
        (LISTEN_ON_PATH, errno.EIO, "cannot listen on X: Input/output error", "choose another path"),
        (MAKE_SOCKET, errno.EMFILE, "no X to be had: Too many open files", "raise ulimit -n"),
        (
            WRITE_FILE,
            errno.ENOSPC,
            "cannot write to X: No space left on device",
            "make room there, or choose another path",
        ),
    ],
)
def test_each_has_its_sentence_and_its_remedy(attempt: Attempt, number: int, what: str, remedy: str) -> None:
    with pytest.raises(attempt.error) as caught, translated(attempt, "X"):
        raise OSError(number, os.strerror(number))
    assert (caught.value.what, caught.value.remedy) == (what, remedy)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENOSPC])
def test_a_socket_s_path_is_refused_for_the_same_reasons_as_a_file_s(number: int) -> None:
    remedies = []
    for attempt in (LISTEN_ON_PATH, WRITE_FILE):
        with pytest.raises((TransportError, RecordingError)) as caught, translated(attempt, "X"):
            raise OSError(number, os.strerror(number))
        remedies.append(caught.value.remedy)
    assert remedies[0] == remedies[1] != "choose another path"


@pytest.mark.parametrize("attempt", [CONNECT, LISTEN_ON_PORT])
def test_a_name_that_means_no_host_is_told_as_such(attempt: Attempt) -> None:
    with pytest.raises(TransportError, match="is the name of the host right"), translated(attempt, "tcp:x:1"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_braces_in_a_path_or_in_a_reason_are_left_alone() -> None:
    with pytest.raises(RecordingError, match=r"^cannot write to \{0\}: \{why\}; "), translated(WRITE_FILE, "{0}"):
        raise OSError(errno.EIO, "{why}")


def test_an_error_without_a_number_is_told_in_its_own_words() -> None:
    with pytest.raises(TransportError, match="X did not accept the connection in time"), translated(CONNECT, "X"):
        raise TimeoutError("timed out")
    with pytest.raises(TransportError, match="cannot connect to X: strange; is a server"), translated(CONNECT, "X"):
        raise OSError("strange")
