"""`udstui serve`, `send` and `call`, as programs, against programs that this project did not write."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from tests.helpers import END_S, receive_exactly, running, udstui, wait_until
from udstui.errors import TransportError
from udstui.experiments.layers import KINDS, Layers
from udstui.plan import Plan
from udstui.probe.check import check_lanes
from udstui.runtimes.counting import COUNT
from udstui.transports import dial
from udstui.transports.address import Address, parse_address

MIB = 1024**2
CALL = '{"jsonrpc":"2.0","method":"Greeter.Greet","params":["Ann"],"id":1}'


class Serving:
    """`udstui serve`, running."""

    def __init__(self, *arguments: str, lines: int = 1) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "udstui", "serve", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout
        self.said = [self.process.stdout.readline().strip() for _ in range(lines)]
        assert all(self.said), self.process.communicate()[1]

    @property
    def addresses(self) -> list[Address]:
        return [parse_address(line.split()[-1]) for line in self.said]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """The exit status, and what stderr said."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, complaints = self.process.communicate(timeout=END_S)
        return self.process.returncode, complaints


@contextlib.contextmanager
def serving(*arguments: str, lines: int = 1) -> Iterator[Serving]:
    server = Serving(*arguments, lines=lines)
    try:
        yield server
    finally:
        server.stop()


def need(program: str) -> None:
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")


def run(*words: str, data: bytes = b"", timeout: float = 60) -> bytes:
    return subprocess.run(words, input=data, capture_output=True, timeout=timeout, check=True).stdout


# --- other programs as clients


def test_netcat_is_answered(folder: Path) -> None:
    need("nc")
    with serving("echo", "--listen", f"unix:{folder}/e.sock"):
        assert run("nc", "-N", "-U", f"{folder}/e.sock", data=b"hello\n" * 10_000) == b"hello\n" * 10_000


@pytest.mark.parametrize("scheme", ["unix", "tcp", "unix:@", "seqpacket"])
def test_socat_is_answered(scheme: str, folder: Path) -> None:
    need("socat")
    listen = {
        "unix": f"unix:{folder}/e.sock",
        "tcp": "tcp:127.0.0.1:0",
        "unix:@": f"unix:@udstui-test-{os.getpid()}",
        "seqpacket": f"seqpacket:{folder}/p.sock",
    }[scheme]
    with serving("echo", "--listen", listen) as server:
        location = server.addresses[0].location
        connect = {
            "unix": f"UNIX-CONNECT:{location}",
            "tcp": f"TCP:{location}",
            "unix:@": f"ABSTRACT-CONNECT:{location[1:]}",
            "seqpacket": f"UNIX-CONNECT:{location},type=5",
        }[scheme]
        data = b"x" * 4000 if scheme == "seqpacket" else os.urandom(3 * MIB)
        assert run("socat", "-t5", "-", connect, data=data) == data


def test_curl_is_answered(folder: Path) -> None:
    need("curl")
    with serving("rpc", "--listen", f"unix:{folder}/r.sock", "--listen", "tcp:127.0.0.1:0", lines=2) as server:
        expected = {"jsonrpc": "2.0", "result": "Hello, Ann", "id": 1}
        assert json.loads(run("curl", "-sS", "--unix-socket", f"{folder}/r.sock", "http://x/", "-d", CALL)) == expected
        location = server.addresses[1].location
        json_type = ("-H", "Content-Type: application/json")  # over TCP, or any page in a browser could call
        assert json.loads(run("curl", "-sS", f"http://{location}/", "-d", CALL, *json_type)) == expected
        big = os.urandom(5 * MIB)  # curl says Expect: 100-continue
        arguments = ("--data-binary", "@-", "-H", "Content-Type: application/octet-stream")
        assert run("curl", "-sS", f"http://{location}/echo", *arguments, data=big) == big


# --- other programs as servers


@contextlib.contextmanager
def socat(*words: str) -> Iterator[None]:
    with subprocess.Popen(["socat", *words]) as process:
        try:
            yield
        finally:
            process.terminate()


def test_send_speaks_to_socat(folder: Path) -> None:
    need("socat")
    path = folder / "s.sock"
    with socat(f"UNIX-LISTEN:{path},fork", "EXEC:cat"):
        wait_until(path.exists, "socat to listen")
        assert udstui("send", f"unix:{path}", "hello").stdout == "hello"


def test_a_run_races_socat(folder: Path) -> None:
    need("socat")
    path = folder / "s.sock"
    with socat(f"UNIX-LISTEN:{path},fork,backlog=64", "EXEC:cat"):
        wait_until(path.exists, "socat to listen")
        done = udstui("run", "--target", f"unix:{path}", "--duration", "100ms", "--warmup", "20ms", "--json", "-")
        lane = json.loads(done.stdout)["lanes"][0]
        assert lane["transport"] == f"unix:{path}"
        assert lane["operations"] > 0
        assert lane["server_cpu_percent"] > 0  # of socat and what it has started


# --- our own clients


def test_send_is_binary_safe_and_takes_stdin(folder: Path) -> None:
    data = os.urandom(4 * MIB)
    with serving("echo", "--listen", f"unix:{folder}/e.sock"):
        assert run(sys.executable, "-m", "udstui", "send", f"unix:{folder}/e.sock", data=data) == data


def test_send_gives_up_on_a_silent_server(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(f"{folder}/x.sock")
        silent.listen()
        done = udstui("send", f"unix:{folder}/x.sock", "hello", "--timeout", "200ms")
        assert done.returncode == 1
        assert "did not answer within 200 ms" in done.stderr
        done = udstui("call", "--timeout", "200ms", f"unix:{folder}/x.sock", "a")
        assert done.returncode == 1
        assert "did not answer within 200 ms" in done.stderr


def test_a_full_queue_is_waited_for(folder: Path) -> None:
    """Until the server accepts, or the time is over; and not given up at once."""
    path = str(folder / "x.sock")
    with socket.socket(socket.AF_UNIX) as busy, contextlib.ExitStack() as waiting:
        busy.bind(path)
        busy.listen(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                client = waiting.enter_context(socket.socket(socket.AF_UNIX))
                client.setblocking(False)
                client.connect(path)
        begun = time.monotonic()
        with pytest.raises(TransportError, match="did not accept the connection in time"):
            dial(parse_address(f"unix:{path}"), 0.3)
        assert time.monotonic() - begun >= 0.3

        def accept_one() -> None:
            busy.accept()[0].close()

        accept = threading.Timer(0.1, accept_one)
        accept.start()
        dial(parse_address(f"unix:{path}"), 20).close()
        accept.join()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Greeter.Greet", "Ann"), "Hello, Ann\n"),
        (("Arith.Multiply", "6", "7"), "42\n"),
        (("Arith.Multiply", "-6", "0.5"), "-3.0\n"),
        (("Echo.Echo", '"7"'), "7\n"),
        (("Echo.Echo", "--help"), "--help\n"),
        (("Echo.Echo", "-hello"), "-hello\n"),
        (("Echo.Echo", "--timeout"), "--timeout\n"),
        (("--timeout", "4s", "Echo.Echo", "--"), "--\n"),
        (("--timeout=4s", "Arith.Multiply", "-5", "-5"), "25\n"),
        (("Echo.Echo", "ünï çødé"), "ünï çødé\n"),
    ],
)
def test_call_prints_the_result(folder: Path, words: tuple[str, ...], said: str) -> None:
    with serving("rpc", "--listen", f"unix:{folder}/r.sock"):
        done = udstui("call", f"unix:{folder}/r.sock", *words)
    assert (done.stdout, done.stderr, done.returncode) == (said, "", 0)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("Greeter.Gret", "Ann"), "Method not found (-32601)"),
        (("Greeter.Greet",), "the argument 'name' is missing"),
        (("Greeter.Greet", "7"), "name: Expected `str`, got `int`"),
        (("Arith.Multiply", "1e308", "10"), "the product is too large"),
        (("--path", "/nowhere", "Echo.Echo", "x"), "r.sock: the server answered 404 Not Found"),
    ],
)
def test_a_call_that_fails_says_why_in_one_line(folder: Path, words: tuple[str, ...], says: str) -> None:
    with serving("rpc", "--listen", f"unix:{folder}/r.sock"):
        done = udstui("call", f"unix:{folder}/r.sock", *words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert says in done.stderr and done.stderr.count("\n") == 1


def test_a_call_to_what_is_no_rpc_server_says_so(folder: Path) -> None:
    with serving("echo", "--listen", f"unix:{folder}/e.sock"):
        done = udstui("call", f"unix:{folder}/e.sock", "a")
    assert done.returncode == 1
    assert "e.sock is an echo server, and call needs a JSON-RPC server over HTTP" in done.stderr


# --- what is sent, and where the answer goes


def run_in_shell(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "UDSTUI": f"{sys.executable} -m udstui", **variables}
    return subprocess.run(
        ["sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, env=environment,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "status", "says"),
    [
        ("$UDSTUI send $AT <&-", 2, "stdin is closed; give TEXT"),
        ("$UDSTUI send $AT 0>/dev/null", 1, "cannot read stdin: Bad file descriptor"),
        ("$UDSTUI send $AT hello >/dev/full", 1, "cannot write to stdout: No space left on device"),
    ],
)
def test_a_stdin_or_stdout_that_cannot_be_used_is_one_sentence(
    folder: Path, command: str, status: int, says: str
) -> None:
    with serving("echo", "--listen", f"unix:{folder}/e.sock"):
        done = run_in_shell(command, AT=f"unix:{folder}/e.sock")
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr and done.stderr.count("\n") == 1


def test_an_answer_that_nobody_wants_is_no_failure(folder: Path) -> None:
    with serving("echo", "--listen", f"unix:{folder}/e.sock"):
        done = run_in_shell("$UDSTUI send $AT hello >&-", AT=f"unix:{folder}/e.sock")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("how", ["text", "stdin"])
def test_a_message_is_sent_and_comes_back_whole(folder: Path, how: str) -> None:
    data = b"0123456789" * 12_000
    seen: list[int] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(f"{folder}/p.sock")
        listener.listen()

        def echo() -> None:
            with listener.accept()[0] as client:
                while message := client.recv(2**20):
                    seen.append(len(message))
                    client.send(message)

        server = threading.Thread(target=echo)
        server.start()
        words = ["send", f"seqpacket:{folder}/p.sock", *([data.decode()] if how == "text" else [])]
        said = run(sys.executable, "-m", "udstui", *words, data=b"" if how == "text" else data)
        server.join(20)
    assert (said, seen) == (data, [len(data)])


def test_more_than_a_message_holds_is_refused_with_the_limit(folder: Path) -> None:
    with serving("echo", "--listen", f"seqpacket:{folder}/p.sock"):
        done = run_in_shell("head -c 1000000 /dev/zero | $UDSTUI send $AT", AT=f"seqpacket:{folder}/p.sock")
    assert done.returncode == 1
    assert "one message holds at most" in done.stderr and done.stderr.count("\n") == 1


# --- many, slow and rude clients


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


# --- stopping


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


# --- who may, and where


@pytest.mark.parametrize(
    ("words", "warning"),
    [
        (
            ("--listen", "unix:@udstui-test-mode", "--mode", "600", "--allow-uid", str(os.getuid())),
            "unix:@udstui-test-mode is no file and has no mode",
        ),
        (
            ("--listen", "unix:@udstui-test-mode"),
            "every user of this machine can call unix:@udstui-test-mode",
        ),
        (("--listen", "tcp:127.0.0.1:0"), "listen on unix:/path to keep others out"),
        (("--listen", "unix:{}/e.sock", "--mode", "600"), ""),
        (("--listen", "unix:{}/e.sock", "--allow-uid", "54321"), "user 54321 is allowed, but may not write"),
        (("--listen", "unix:{}/e.sock", "--allow-uid", "54321", "--mode", "666"), ""),
        (("--listen", "unix:{}/e.sock", "--allow-uid", str(os.getuid())), ""),
    ],
)
def test_what_a_mode_cannot_do_is_warned_of(folder: Path, words: tuple[str, ...], warning: str) -> None:
    server = Serving("echo", *(word.format(folder) for word in words))
    status, complaints = server.stop()
    assert status == 0
    assert (warning in complaints) if warning else complaints == ""
    assert complaints.count("\n") == (1 if warning else 0)


def test_the_default_mode_is_told_in_the_help() -> None:
    assert "[default: 600]" in udstui("serve", "--help").stdout


def test_the_mode_of_the_socket_file(folder: Path) -> None:
    for words, mode in (((), 0o600), (("--mode", "666"), 0o666)):
        with serving("echo", "--listen", f"unix:{folder}/e.sock", *words):
            assert (folder / "e.sock").stat().st_mode & 0o777 == mode


def test_only_allowed_users_are_served_and_every_client_is_logged(folder: Path) -> None:
    ours = os.getuid()
    for allowed, answer, word in ((ours, b"x", "connected"), (ours + 1, b"", "refused")):
        server = Serving("echo", "--listen", f"unix:{folder}/e.sock", "--allow-uid", str(allowed), "--mode", "666")
        with dial(server.addresses[0], 5) as client:
            with contextlib.suppress(OSError):  # refused before, or after
                client.send(b"x")
                assert client.recv(1) == answer
        status, log = server.stop()
        assert status == 0
        assert log == f"unix:{folder}/e.sock: pid {os.getpid()} uid {ours} {word}\n"


def test_beyond_loopback_only_when_told_to_and_with_a_warning() -> None:
    server = Serving("echo", "--listen", "tcp:0.0.0.0:0")
    assert "can be reached from other machines" in server.stop()[1]
    server = Serving("echo", "--listen", "tcp:127.0.0.1:0")
    assert "from other machines" not in server.stop()[1]


def test_a_quiet_server_does_not_tell_who_calls(folder: Path) -> None:
    with serving("echo", "--listen", f"unix:{folder}/e.sock", "--quiet") as server:
        assert udstui("send", f"unix:{folder}/e.sock", "hello").stdout == "hello"
        assert server.stop() == (0, "")


def test_a_log_tells_who_called_and_when_behind_what_it_told_before(folder: Path) -> None:
    words = ("echo", "--listen", f"unix:{folder}/e.sock", "--quiet", "--log", f"{folder}/log")
    for calls in (1, 2):
        with serving(*words) as server:
            assert udstui("send", f"unix:{folder}/e.sock", "hello").stdout == "hello"
            assert server.stop() == (0, "")
        first, *lines = (folder / "log").read_text().splitlines()
        assert first == "# udstui serve"
        assert len(lines) == calls
        at, _, what = lines[-1].partition(" ")
        assert datetime.fromisoformat(at).tzinfo
        assert re.fullmatch(rf"unix:{folder}/e.sock: pid \d+ uid {os.getuid()} connected", what)
    assert (folder / "log").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["file", "link", "folder", "pipe"])
def test_what_is_no_log_of_ours_is_left_alone(folder: Path, kind: str) -> None:
    mine, path = folder / "mine", folder / "log"
    mine.write_text("# udstui serve" * (kind == "link") + "\nmine")
    {"file": lambda: path.write_text("mine"), "link": lambda: path.symlink_to(mine), "folder": path.mkdir}.get(
        kind, lambda: os.mkfifo(path)
    )()
    done = udstui("serve", "echo", "--listen", f"unix:{folder}/e.sock", "--log", str(path))
    assert done.returncode == 1
    assert done.stderr.startswith("udstui: ") and str(path) in done.stderr
    assert mine.read_text().endswith("mine")
    assert not (folder / "e.sock").exists()


@contextlib.contextmanager
def activated(listener: socket.socket, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`udstui serve`, begun as systemd does it: with a socket as descriptor 3."""
    number = listener.fileno()
    begin = f'LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=x exec "$@" 3<&{number} {number}<&-'
    command = ("bash", "-c", begin, "bash", sys.executable, "-m", "udstui", "serve", *arguments)
    with running(
        *command, pass_fds=[number], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        yield program


@pytest.mark.parametrize("family", [socket.AF_UNIX, socket.AF_INET])
def test_a_socket_of_systemd_is_served_and_listens_on(folder: Path, family: socket.AddressFamily) -> None:
    path = folder / "e.sock"
    with socket.socket(family) as listener:
        listener.bind(str(path) if family == socket.AF_UNIX else ("127.0.0.1", 0))
        listener.listen()
        address = f"unix:{path}" if family == socket.AF_UNIX else f"tcp:127.0.0.1:{listener.getsockname()[1]}"
        for _ in range(2):  # a second server takes over where the first one left
            with activated(listener, "echo") as program:
                assert program.stdout and program.stdout.readline() == f"echo listens on {address}\n"
                assert udstui("send", address, "hello").stdout == "hello"
                program.terminate()
                assert program.wait(20) == 0
        with dial(parse_address(address), 5):  # nobody serves, and it listens all the same
            pass
    assert family != socket.AF_UNIX or path.exists()


def test_what_is_handed_over_and_does_not_listen_is_wrong_usage(folder: Path) -> None:
    with socket.socket() as closed, activated(closed, "echo") as program:
        assert program.stderr and "does not listen" in program.stderr.read()
        assert program.wait(20) == 2
    done = udstui("serve", "echo", env=os.environ | {"LISTEN_FDS": "1", "LISTEN_PID": "1"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing to listen on" in done.stderr


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


# --- layers


def test_layers_measures_every_runtime_and_then_protocols(tmp_path: Path) -> None:
    """In the usual TMPDIR: a program that runs as another user has to get there."""
    path = tmp_path / "layers.csv"
    done = udstui("layers", "--duration", "300ms", "--interval", "10ms", "--warmup", "20ms", "--csv", str(path))
    assert done.returncode == 0, done.stderr
    left_out = Layers(Plan(), check=check_lanes).left_out
    kinds = [kind for kind in KINDS if kind.name not in left_out]
    assert [line.split()[0] for line in done.stdout.splitlines()[3 : 4 + len(KINDS)]] == [
        "layer", *(kind.name for kind in KINDS)
    ]  # fmt: skip
    assert "under Python's http.server" in done.stdout
    assert done.stdout.count("left out: ") == len(left_out)
    with path.open(newline="") as file:
        segments = {(row["segment"], row["runtime"], row["workload"]) for row in csv.DictReader(file)}
    assert segments == {
        (str(number), kind.runtime or "native", kind.workload) for number, kind in enumerate(kinds, start=1)
    }
