"""Where bytes and text from outside come in: what both fuzzers call, and what must hold for any input at all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import msgspec

from tests.records import FIRST, PLAN, SECOND
from tests.scripted import Script, make_round
from tests.told import json_of
from udstui.children.child import decode
from udstui.commands.compare import compare
from udstui.errors import ProbeError, ServiceError, UdstuiError, UsageError
from udstui.experiments.anatomy import Anatomy
from udstui.experiments.driver import drive
from udstui.experiments.sweep import Sweep
from udstui.host.facts import Host
from udstui.probe.messages import RoundsAnswer, SocketCallsAnswer
from udstui.recording.csv_file import header, rows
from udstui.recording.estimated_histograms import with_histograms
from udstui.recording.history import here, read_history
from udstui.recording.read import read_recorded, read_to_replay
from udstui.recording.run_json import to_json
from udstui.report.build import report_of
from udstui.report.html import page
from udstui.report.markdown import markdown
from udstui.report.read import read_found
from udstui.results.history import Before, found_of
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.runtimes.python import Python
from udstui.services import rpc
from udstui.services.methods import METHODS
from udstui.services.rpc_client import RpcClient
from udstui.serving.messages import Expected, Started
from udstui.text.history import history_text
from udstui.transports.address import parse_address
from udstui.transports.tcp import _host_and_port
from udstui.tui.config import read_keymap, read_theme
from udstui.units import format_size, parse_duration, parse_percent, parse_size, parse_sizes

_FOLDER = Path(tempfile.gettempdir())
_HOST = Host(kernel="Linux", cpu=None, cores_available=1, python="3.11", hypervisor=None)


class EntryPoint(NamedTuple):
    call: Callable[[bytes], object]
    """Raises anything but what its reader promises when the input is too much for it."""
    seeds: tuple[bytes, ...]
    """Inputs that are well formed, to begin with."""


def address(data: bytes) -> None:
    with contextlib.suppress(UsageError):
        found = parse_address(data.decode("utf-8", "surrogateescape"))
        assert parse_address(str(found)) == found
        if found.scheme in ("tcp", "tcp6"):
            _host_and_port(found)


def units(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    with contextlib.suppress(UsageError):
        assert parse_size(format_size(parse_size(text))) == parse_size(text)
    for parse in (parse_sizes, parse_duration, parse_percent):
        with contextlib.suppress(UsageError):
            parse(text)


def csv_file(data: bytes) -> None:
    with _written(data) as path, contextlib.suppress(UdstuiError):
        for found in read_to_replay(path):
            with_histograms(found.round)


def json_file(data: bytes) -> None:
    with _written(data) as path, contextlib.suppress(UdstuiError):
        read_recorded(path)


def compared(data: bytes) -> None:
    with _written(data) as path, contextlib.suppress(UdstuiError), contextlib.redirect_stdout(None):
        compare([path, path], [], False, None)


def reported(data: bytes) -> None:
    with contextlib.suppress(UdstuiError), _written(data) as path:
        report = report_of(read_found(path))
        for text in (page([report]), markdown([report])):
            assert "<script" not in text and "\x1b" not in text


def keymap(data: bytes) -> None:
    with _written(data) as path, contextlib.suppress(UdstuiError):
        assert all(isinstance(key, str) for key in read_keymap(path).values())


def theme(data: bytes) -> None:
    with tempfile.TemporaryDirectory(dir=_FOLDER) as folder, mock.patch.dict(os.environ, {"XDG_STATE_HOME": folder}):
        (Path(folder) / "udstui").mkdir()
        (Path(folder) / "udstui" / "theme").write_bytes(data)
        read_theme()


def history(data: bytes) -> None:
    with tempfile.TemporaryDirectory(dir=_FOLDER) as folder, mock.patch.dict(os.environ, {"XDG_STATE_HOME": folder}):
        (Path(folder) / "udstui").mkdir()
        (Path(folder) / "udstui" / "runs.jsonl").write_bytes(data)
        found = read_history()
        assert "\x1b" not in history_text(found.runs, here(_HOST), found.unreadable)
        Before(found.runs, here(_HOST)).of(PLAN)


def answer_of_probe(data: bytes) -> None:
    with contextlib.suppress(ProbeError, UsageError, ServiceError):
        decode(data, RoundsAnswer, "the probe", ProbeError).result()
    with contextlib.suppress(ProbeError, UsageError, ServiceError):
        decode(data, SocketCallsAnswer, "the probe", ProbeError).result()


def answer_of_service(data: bytes) -> None:
    for kind in (Started, Expected):
        with contextlib.suppress(ServiceError):
            decode(data, kind, "the echo server", ServiceError)


def json_rpc(data: bytes) -> None:
    """The answer is as the specification says; a notification has none."""
    answer = METHODS.answer(data)
    try:
        request = json.loads(data)
    except (ValueError, RecursionError):
        request = None
    if answer is None:
        requests = request if isinstance(request, list) else [request]
        assert all(isinstance(one, dict) and "id" not in one for one in requests), data
        return
    found = json.loads(answer)
    for one in found if isinstance(found, list) else [found]:
        assert one["jsonrpc"] == "2.0"
        assert set(one) in ({"jsonrpc", "id", "result"}, {"jsonrpc", "id", "error"})
        if "error" in one:
            assert isinstance(one["error"]["code"], int)
            assert isinstance(one["error"]["message"], str)
    if isinstance(request, dict) and "result" in found:
        assert found["id"] == request["id"]


class Wire:
    """A connection on which this comes, and then the end; what is sent is kept."""

    def __init__(self, data: bytes) -> None:
        self._left, self.sent = memoryview(data), b""

    def recv_into(self, buffer: Any) -> int:
        count = min(len(self._left), len(buffer))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def send(self, data: Any) -> int:
        self.sent += bytes(data)
        return len(data)

    def close(self) -> None:
        pass


def http_request(data: bytes) -> None:
    """Every request is answered with something that begins like HTTP, or with the end of the connection."""
    wire = Wire(data)
    with contextlib.suppress(OSError):
        rpc.serve(wire, memoryview(b""), "block", 0, Python())  # type: ignore[arg-type]
    assert not wire.sent or wire.sent.startswith(b"HTTP/1.1 ")


def http_answer(data: bytes) -> None:
    with contextlib.suppress(OSError, UdstuiError):
        RpcClient(Wire(data)).call("Echo.Echo", ["x"])  # type: ignore[arg-type]


@contextlib.contextmanager
def _written(data: bytes) -> Any:
    with tempfile.NamedTemporaryFile(dir=_FOLDER, prefix="fuzz-") as file:
        file.write(data)
        file.flush()
        yield Path(file.name)


def _recorded() -> tuple[bytes, bytes]:
    """A run as CSV and as JSON."""
    run, segment = Run(), Segment(PLAN)
    text = header()
    for round_ in (FIRST, SECOND, FIRST):
        run.add(segment, round_)
        text += rows(run, segment, segment.rounds, round_)
    return text.encode(), to_json(run, _HOST).encode()


def _experiments() -> tuple[bytes, bytes]:
    """A sweep and an anatomy as JSON."""
    sweep, anatomy = Sweep(PLAN, (64, 1024), passes=1, rounds=1), Anatomy(PLAN, (0, 1))
    for experiment in (sweep, anatomy):
        asyncio.run(drive(experiment, Script()))
    return json_of(sweep).encode(), json_of(anatomy).encode()


def _line_of_history() -> bytes:
    run, segment = Run(), Segment(PLAN)
    for number in range(12):
        run.add(segment, make_round(PLAN, number))
    (found,) = found_of(run, here(_HOST))
    return msgspec.json.encode(found) + b"\n"


_CSV, _JSON = _recorded()
_CALL = b'{"jsonrpc":"2.0","id":1,"method":"Arith.Multiply","params":[6,7]}'
_NAMED = b'{"jsonrpc":"2.0","id":"a","method":"Greeter.Greet","params":{"name":"Ann"}}'
_NOTIFICATION = b'{"jsonrpc":"2.0","method":"Echo.Echo","params":["x"]}'
_RESULT = b'{"jsonrpc":"2.0","id":1,"result":"x"}'
ENTRY_POINTS: dict[str, EntryPoint] = {
    "addresses": EntryPoint(address, (b"unix:/a", b"unix:@a", b"tcp:127.0.0.1:7000", b"tcp:[::1]:1", b"seqpacket:b")),
    "sizes, durations, percentages": EntryPoint(units, (b"64K", b"1,2M", b"500ms", b"1.5h", b"2%", b"0.5 %")),
    "CSV files": EntryPoint(csv_file, (_CSV,)),
    "JSON files": EntryPoint(json_file, (_JSON,)),
    "files to compare": EntryPoint(compared, (_CSV, _JSON)),
    "files to report": EntryPoint(reported, (_CSV, _JSON, *_experiments())),
    "the history": EntryPoint(history, (_line_of_history(), 4 * _line_of_history())),
    "keys": EntryPoint(keymap, (b'[keys]\nworkload = "x"\n"size.double" = "plus,right"\n',)),
    "the theme": EntryPoint(theme, (b"nord\n",)),
    "the probe's answer": EntryPoint(answer_of_probe, (b'{"problem":"a","remedy":"b","is_usage":true}\n', b"{}\n")),
    "a service's answer": EntryPoint(answer_of_service, (b'{"address":["unix","/a"],"problem":""}\n', b"{}\n")),
    "JSON-RPC requests": EntryPoint(json_rpc, (_CALL, _NAMED, _NOTIFICATION, b"[%s,%s]" % (_CALL, _NOTIFICATION))),
    "HTTP requests": EntryPoint(
        http_request,
        (
            b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(_CALL), _CALL),
            b"POST /echo HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx",
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        ),
    ),
    "HTTP answers": EntryPoint(
        http_answer,
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(_RESULT), _RESULT),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(_RESULT), _RESULT),
        ),
    ),
}
