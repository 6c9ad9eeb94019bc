"""`udstui serve`: many, slow and rude clients, stopping, and addresses that are taken."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from pathlib import Path

import psutil
import pytest

from tests.commands.serving import Serving, serving
from tests.helpers import receive_exactly, udstui, wait_until
from udstui.runtimes.counting import COUNT
from udstui.transports import dial
from udstui.transports.address import Address

MIB = 1024**2


def test_idle_and_rude_clients_do_not_slow_another(folder: Path) -> None:
    with serving("echo", "--listen", f"unix:{folder}/e.sock") as server, contextlib.ExitStack() as clients:
        address = server.addresses[0]
        idle = [clients.enter_context(dial(address, 5)) for _ in range(200)]
        rude = clients.enter_context(dial(address, 5))  # sends, and never reads
        rude.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                rude.send(bytes(MIB))
        with dial(address, 5) as client:
            client.settimeout(5)
            for _ in range(100):
                client.sendall(b"ping")
                assert receive_exactly(client, 4) == b"ping"
        for client in idle:
            client.settimeout(5)
            client.sendall(b"x")
            assert client.recv(1) == b"x"


def test_a_client_that_writes_slowly_and_half_closes_gets_all(folder: Path) -> None:
    with serving("sink", "--listen", f"unix:{folder}/s.sock") as server, dial(server.addresses[0], 5) as client:
        for _ in range(5):
            client.sendall(b"ab")
            time.sleep(0.01)
        client.shutdown(socket.SHUT_WR)
        assert receive_exactly(client, 9) == COUNT.pack(10)


@pytest.mark.parametrize("listen", ["unix:{}/e.sock", "tcp:127.0.0.1:0"])
def test_10_000_connects_leave_no_descriptor(listen: str, folder: Path) -> None:
    with serving("echo", "--listen", listen.format(folder)) as server:
        drain = threading.Thread(target=lambda: server.process.stderr and server.process.stderr.read(), daemon=True)
        drain.start()
        process = psutil.Process(server.process.pid)
        address = server.addresses[0]
        for number in range(10_000):
            with dial(address, 5) as client:
                if number % 2:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                else:
                    client.shutdown(socket.SHUT_WR)
                    assert client.recv(1) == b""
            if number == 100:
                wait_until(lambda: len(process.net_connections("all")) <= 2, "the first to be gone")
                before, threads = process.num_fds(), process.num_threads()
        wait_until(lambda: process.num_fds() <= before, "the last to be gone")
        assert process.num_threads() <= threads + 8
        os.kill(server.process.pid, signal.SIGTERM)
        assert server.process.wait(20) == 0
        drain.join(20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_under_load_with_everything_cleared_away(folder: Path, number: signal.Signals) -> None:
    path = folder / "e.sock"
    with contextlib.ExitStack() as clients:
        server = Serving("echo", "--listen", f"unix:{path}", "--listen", "tcp:127.0.0.1:0", lines=2)
        stop = threading.Event()

        def load(address: Address) -> None:
            with contextlib.suppress(OSError), dial(address, 5) as client:
                client.settimeout(5)
                while not stop.is_set():
                    client.sendall(b"x" * 1000)
                    client.recv(1000)

        threads = [threading.Thread(target=load, args=(address,)) for address in server.addresses * 3]
        clients.enter_context(dial(server.addresses[0], 5))  # and an idle one
        for thread in threads:
            thread.start()
        time.sleep(0.1)
        status, _ = server.stop(number)
        stop.set()
        for thread in threads:
            thread.join(20)
    assert status == 0
    assert not path.exists()


def test_what_was_sent_before_the_stop_is_answered(folder: Path) -> None:
    server = Serving("sink", "--listen", f"unix:{folder}/s.sock")
    with dial(server.addresses[0], 5) as client:
        assert server.process.stderr and "connected" in server.process.stderr.readline()
        client.sendall(b"x" * 1000)
        assert server.stop()[0] == 0
        assert receive_exactly(client, 8) == COUNT.pack(1000)


@pytest.mark.parametrize("listen", ["unix:{}/s.sock", "tcp:127.0.0.1:0", "unix:@udstui-test-{}"])
@pytest.mark.parametrize("service", ["echo", "sink"])
def test_whoever_sent_before_the_stop_is_answered_accepted_or_not(folder: Path, listen: str, service: str) -> None:
    server = Serving(service, "--listen", listen.format(folder if "/" in listen else os.getpid()))
    process = psutil.Process(server.process.pid)
    process.suspend()  # so that most of them wait to be accepted
    with contextlib.ExitStack() as clients:
        connected = []
        for _ in range(160):
            client = clients.enter_context(dial(server.addresses[0], 5))
            client.settimeout(20)
            client.sendall(b"x" * 1000)
            connected.append(client)
        server.process.send_signal(signal.SIGTERM)
        process.resume()
        expected = b"x" * 1000 if service == "echo" else COUNT.pack(1000)
        answers = [receive_exactly(client, len(expected) + 1) for client in connected]
        assert server.process.wait(20) == 0
        server.stop()
    assert answers == [expected] * 160


def test_a_left_over_socket_is_replaced_and_all_else_is_left_alone(folder: Path) -> None:
    path = folder / "e.sock"
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(path))
    with serving("echo", "--listen", f"unix:{path}"):
        done = udstui("serve", "echo", "--listen", f"unix:{path}")
        assert done.returncode == 1
        assert "listening on" in done.stderr
        assert udstui("send", f"unix:{path}", "still there").stdout == "still there"
    (folder / "file").write_text("mine")
    (folder / "link").symlink_to(folder / "file")
    (folder / "dir").mkdir()
    for name in ("file", "link", "dir"):
        done = udstui("serve", "echo", "--listen", f"unix:{folder}/{name}")
        assert done.returncode == 1
        assert "is not a socket" in done.stderr
    assert (folder / "file").read_text() == "mine"


def test_a_port_in_use_is_named() -> None:
    with serving("echo", "--listen", "tcp:127.0.0.1:0") as server:
        done = udstui("serve", "echo", "--listen", str(server.addresses[0]))
    assert done.returncode == 1
    assert "Address already in use; choose another port" in done.stderr
