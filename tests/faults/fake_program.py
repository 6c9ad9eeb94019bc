"""A program that is not what it should be: `python fake_program.py KIND PROGRAM [ARGUMENT ...]`.

It listens where PROGRAM is told to by its arguments, or by what it reads from stdin, and does as KIND says.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

_OLD = {
    b"auth": b"-ERR Client sent AUTH, but no password is set\r\n",
    b"info": b"$20\r\nredis_version:2.4.10\r\n",
    b"ping": b"+PONG\r\n",
}
_HELD_S = 2.0


def _real(program: str) -> str:
    """Its path; ours is the first on PATH."""
    folders = [folder for folder in os.environ["PATH"].split(":") if Path(folder) != Path(os.environ["FAKE_FOLDER"])]
    return next(path for folder in folders if os.access(path := f"{folder}/{program}", os.X_OK))


def _run(program: str, arguments: list[str], config: str) -> None:
    """Become the real one, with that on stdin."""
    reading, writing = os.pipe()
    os.write(writing, config.encode())
    os.close(writing)
    os.dup2(reading, 0)
    os.execv(_real(program), [program, *arguments])


def _serve(words: str, answer: Callable[[bytes], bytes]) -> None:
    path = re.search(r'unixsocket "(.*)"|-s (\S+)', words)
    port = re.search(r"^port (\d+)|-p (\d+)", words, re.MULTILINE)
    listeners = [socket.socket(socket.AF_UNIX)] if path else []
    if path:
        listeners[0].bind(path[1] or path[2])
    if port and int(port[1] or port[2]):
        listeners.append(socket.create_server(("127.0.0.1", int(port[1] or port[2]))))

    def attend(client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                client.sendall(answer(data))

    def accept(listener: socket.socket) -> None:
        listener.listen()
        while True:
            threading.Thread(target=attend, args=listener.accept()[:1], daemon=True).start()

    for listener in listeners[1:]:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
    accept(listeners[0])


def _old_answer(data: bytes) -> bytes:
    return _OLD[data.split(b"\r\n")[2].lower()]


def _take_port(config: str) -> None:
    """The first time somebody else has it, and for a while."""
    marker = Path(os.environ["FAKE_FOLDER"]) / "taken"
    if marker.exists():
        return
    marker.touch()
    found = re.search(r"^port (\d+)", config, re.MULTILINE)
    assert found
    taken = socket.create_server(("127.0.0.1", int(found[1])))
    if not os.fork():
        for number in (0, 1, 2):
            os.close(number)
        time.sleep(_HELD_S)
        os._exit(0)
    taken.close()


def main() -> None:
    kind, program, *arguments = sys.argv[1:]
    config = "" if sys.stdin.closed else sys.stdin.read()
    if kind == "dies":
        sys.exit("fatal: it \x1b[31mdies")
    elif kind == "sleeps":
        time.sleep(600)
    elif kind == "garbage":
        _serve(config + " ".join(arguments), lambda _: b"\x00\xffgarbage\r\n")
    elif kind == "silence":
        _serve(config + " ".join(arguments), lambda _: b"")
    elif kind == "old":
        _serve(config, _old_answer)
    elif kind == "password":
        _run(program, arguments, re.sub(r"requirepass .*", "requirepass another", config))
    elif kind == "port":
        _take_port(config)
        _run(program, arguments, config)


if __name__ == "__main__":
    main()
