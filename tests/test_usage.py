"""What the program refuses, in this process: nothing is measured, so nothing is started."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from udstui import cli

Refused = Callable[..., tuple[int, str]]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Refused]:
    """The exit status of a command line, and its one line on stderr."""

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["udstui", *words])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("udstui: ")
        assert printed.err.count("\n") == 1
        assert isinstance(caught.value.code, int)
        return caught.value.code, printed.err

    monkeypatch.setattr("subprocess.Popen", None)
    handlers, mask = [signal.getsignal(number) for number in SIGNALS], signal.pthread_sigmask(signal.SIG_BLOCK, ())
    yield run
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    for number, handler in zip(SIGNALS, handlers, strict=True):
        signal.signal(number, handler)


BAD = [
    *(("--size", size) for size in ("0", "-1", "65M", "9" * 30, "big", "", "1.5K")),
    *(("--duration", duration) for duration in ("0s", "-5s", "99999h", "9" * 30 + "s", "soon", "", "5")),
    *(("--interval", interval) for interval in ("1ms", "1h", "-5ms")),
    ("--warmup", "2m"),
    ("--transport", "pigeon"),
    ("--transport", ""),
    ("--workload", "carry"),
    ("--server", "cloud"),
    ("--wait", "sleep"),
    *(("--cores", cores) for cores in ("0,4711", "4711", "many", "-1,0", "", "0,0,0")),
    ("--transport", "uds") * 5,
    ("--no-such-option",),
    ("surplus",),
    ("--size",),
]


@pytest.mark.parametrize("options", BAD, ids=" ".join)
def test_bad_input_is_one_line_and_status_2(options: tuple[str, ...], refused: Refused) -> None:
    status, said = refused("run", *options)
    assert status == 2
    assert len(said) < 250


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("serve", "echo", "--listen", "/tmp/e.sock"), 2, "is not an address"),
        (("serve", "echo", "--listen", "unix:/tmp/" + "a" * 120), 2, "a socket's path holds"),
        (("serve", "echo", "--listen", "unix:/nowhere/e.sock"), 1, "No such file or directory"),
        (("serve", "echo", "--listen", "tcp:127.0.0.1:99999"), 2, "is not a TCP address"),
        (("serve", "echo", "--listen", "tcp:127.0.0.1:0", "--allow-uid", "0"), 2, "does not tell which user"),
        (("serve", "rpc", "--listen", "seqpacket:/tmp/x.sock"), 2, "rpc needs a stream"),
        (("serve", "echo", "--listen", "unix:/tmp/x", "--mode", "rw"), 2, "is not a file mode"),
        (("serve", "echo", "--listen", "unix:/tmp/x", "--allow-uid", "-1"), 2, "-1 is not in the range"),
        (("serve", "echo", "--listen", "unix:/tmp/x", "--allow-uid", "4294967295"), 2, "is not in the range"),
        (("serve", "echo", "--listen", "unix:/tmp/x", "--listen", "unix:/tmp/x"), 2, "unix:/tmp/x is given twice"),
        (("serve", "echo", "--listen", "tcp:8.8.8.8:0"), 1, "choose an address of this machine"),
        (("serve", "echo", "--listen", "tcp:no-such-host.invalid:0"), 1, "is the name of the host right?"),
        (("send", "tcp:no-such-host.invalid:1", "x"), 1, "is the name of the host right?"),
        (("send", "tcp:127.0.0.1:00000099999", "x"), 2, "is not a TCP address"),
        (("call", "unix:/tmp/x", "-x"), 2, "No such option"),
        (("serve", "telepathy", "--listen", "unix:/tmp/x"), 2, "telepathy"),
        (("serve", "echo"), 2, "--listen"),
        (("send", "nowhere", "x"), 2, "is not an address"),
        (("send", "unix:/nowhere", "x"), 1, "cannot connect to unix:/nowhere"),
        (("call", "unix:/nowhere", "x"), 1, "cannot connect to unix:/nowhere"),
        (("run", "--target", "/tmp/x"), 2, "is not an address"),
        (("run", "--connections", "0"), 2, "choose 1 to 4096"),
        (("run", "--connections", "4097"), 2, "choose 1 to 4096"),
        (("run", "--transport", "udp", "--size", "64K"), 2, "at most 65507 bytes"),
        (("run", "--transport", "udp", "--workload", "rpc"), 2, "needs a stream"),
        (("load", "--rates", "0"), 2, "choose 1/s to 4M/s"),
        (("load", "--rates", "-5k/s"), 2, "is not a rate"),
        (("load", "--limit", "p99=0us"), 2, "too short"),
        (("load", "--limit", "fast"), 2, "write p99=100us"),
        (("load", "--workload", "bulk-send"), 2, "bulk-send knows no --rate"),
        (("load", "--runtime", "python"), 2, "at no rate; choose runtime native"),
        (("run", "--rate", "99G/s"), 2, "choose 1/s to 4M/s"),
        (("layers", "--transport", "udp", "--size", "64K"), 2, "at most 65507 bytes"),
        (("layers", "--transport", "uds+asyncio"), 2, "every runtime is a layer of its own"),
        (("layers", "--target", "unix:/tmp/x"), 2, "the layers of unix:/tmp/x cannot be measured"),
        (("layers", "--workload", "rpc"), 2, "--workload"),
        (("--size", "1K", "run"), 2, "put them behind it"),
        (("run", "--workload", "pingpong"), 2, "did you mean 'ping-pong'? Choose from ping-pong, bulk-send"),
        (("run", "--workload", "chess"), 2, "there is no 'chess'; choose from ping-pong, bulk-send"),
        (("run", "--runtime", "natve"), 2, "did you mean 'native'?"),
        (("run", "--transport", "udss"), 2, "did you mean 'uds'?"),
        (("run", "--transport", "TCP"), 2, "did you mean 'tcp'?"),
        (("run", "--transport", "unix"), 2, "did you mean 'uds'?"),
        (("run", "--transport", "uds+asynci"), 2, "did you mean 'asyncio'?"),
        (("run", "--transport", "tcp[nodely=off]"), 2, "did you mean 'nodelay'?"),
        (("run", "--cores", "smae"), 2, "did you mean 'same'?"),
        (("run", "--target", "unx:/tmp/x"), 2, "did you mean 'unix:/tmp/x'?"),
        (("run", "--target", "tpc:127.0.0.1:80"), 2, "did you mean 'tcp:127.0.0.1:80'?"),
        (("run", "--target", "quic:/tmp/x"), 2, "write unix:/path or tcp:HOST:PORT"),
        (("serve", "ecko", "--listen", "unix:/tmp/x"), 2, "did you mean 'echo'?"),
        (("help", "csvv"), 2, "did you mean 'csv'?"),
        (("run", "--workload", "postgres", "--size", "1K"), 2, "changes nothing about postgres here"),
        (
            ("run", "--workload", "redis", "--op", "ping", "--size", "1K"),
            2,
            "changes nothing about redis --op ping here",
        ),
        (("sweep", "--workload", "postgres"), 2, "the packet size changes nothing about postgres here"),
        (("run", "--workload", "redis", "--op", "set", "--key", "x"), 2, "the key is what get asks for"),
        (("fly",), 2, "'fly'; udstui --help tells what there is"),
        (("sweep", "--until", "2%"), 2, "udstui sweep --help tells what there is"),
        (("run", "--transprot", "uds"), 2, "--transport"),
        (("help", "csv", "json"), 2, "udstui help --help tells what there is"),
        (("sweep", "--size", "64"), 2, "--sizes"),
        (("compare", "a.csv"), 2, "give two CSV or JSON files"),
        (("compare", "/nowhere/a.csv", "/nowhere/b.csv"), 1, "cannot read"),
        *((("run", "--until", wrong), 2, "is not a percentage above 0") for wrong in ("0%", "-1%", "two", "101%", "")),
        (("run", "--transport", "uds:2"), 2, "name the transport twice"),
        (("run", "--transport", "uds+fortran"), 2, "unknown runtime 'fortran'"),
        (("anatomy", "--transport", "unix:/x"), 2, "name transports alone"),
    ],
)
def test_the_line_says_what_is_wrong(words: tuple[str, ...], status: int, says: str, refused: Refused) -> None:
    found, said = refused(*words)
    assert (found, says in said) == (status, True), said


def test_split_with_one_core_is_refused(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    status, said = refused("run", "--cores", "split")
    assert status == 2
    assert "choose same or free" in said


@pytest.mark.parametrize("option", ["--csv", "--json"])
def test_a_bad_path_fails_before_anything_is_measured(folder: Path, option: str, refused: Refused) -> None:
    (folder / "precious").write_text("my thesis")
    for path in (folder, folder / "none" / "run", folder / "precious", Path("/proc/run"), ""):
        assert refused("run", option, str(path))[0] == 1
    assert (folder / "precious").read_text() == "my thesis"
