"""The settings of workloads that send requests to a service: what is asked, and how many at once."""

from __future__ import annotations

import contextlib
import re
import sys
from functools import partial

from udstui.errors import UsageError, reason
from udstui.settings.setting import Setting, one_of, whole_number
from udstui.units import describe_size, format_size, parse_size, shown
from udstui.workloads.spelled import spelled, unspelled

MOST_PIPELINED = 1024
MOST_REQUEST_BYTES = 1024**2
KEYED = ("redis", "memcached")
ASKING = ("http", "rpc", *KEYED, "postgres", "request")
OPS = {
    "auto": "get",
    "ping": "the least that is answered (memcached: version)",
    "get": "read a value of the packet size",
    "set": "write a value of the packet size",
}


def _parse_key(text: str) -> str:
    """No control characters and no spaces: memcached knows no such keys, and screens show them."""
    if not re.fullmatch(r"[!-~]{0,200}", text):
        raise UsageError(f"{shown(text)} is not a key", "up to 200 printable characters of ASCII, without spaces")
    return text


PROGRAMS_OF_HTTP = {
    "auto": "Python's http.server, which returns what it is sent",
    "nginx": "nginx, with a static file of the packet size",
}
PIPELINES = {
    "1": "each answer is awaited before the next request",
    "4": "a few: the cost of a write is shared",
    "16": "many: the service's own work shows",
}
METHODS = {
    "auto": "POST to Python's, GET to all others",
    "GET": "read",
    "HEAD": "the head of an answer alone",
    "POST": "send a body of the packet size",
}


def parse_path(text: str) -> str:
    if not re.fullmatch(r"(?:/[!-~]*)?", text):
        raise UsageError(
            f"{shown(text)} is not a path", "write one that begins with /, without spaces, like /items?n=1"
        )
    return text


def _parse_query(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise UsageError(f"{shown(text)} is not a query", "write it in one line, like 'SELECT 1'")
    return text


def _parse_spelled(text: str) -> str:
    return spelled(unspelled(text))


def _parse_header(text: str) -> str:
    for line in unspelled(text).split(b"\n"):
        if line and not re.fullmatch(rb"[!-9;-~]+:[^\r\n]*\r?", line):
            raise UsageError(f"{shown(text)} is not a header", r"write 'Name: value', several with \n between them")
    return _parse_spelled(text)


def read_request(text: str) -> str:
    """A file, or stdin, as a request is spelled. Raises UsageError."""
    from pathlib import Path

    try:
        with contextlib.nullcontext(sys.stdin.buffer) if text == "-" else Path(text).open("rb") as file:
            data = file.read(MOST_REQUEST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"cannot read {shown(text)}: {reason(error)}", "give the file that holds the request"
        ) from error
    if len(data) > MOST_REQUEST_BYTES:
        raise UsageError(f"{shown(text)} has more than {MOST_REQUEST_BYTES} bytes", "give a smaller request")
    return spelled(data)


REQUEST_SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="op",
        option="--op",
        workloads=KEYED,
        label="Operation",
        about="What redis and memcached are asked to do",
        choices=lambda: OPS,
        parse=partial(one_of, "op", OPS),
        describe=lambda value: "" if value == "auto" else f"op: {value}",
    ),
    Setting(
        name="key",
        option="--key",
        workloads=KEYED,
        is_text=True,
        label="Key",
        about="The key that get asks a target for, in place of one that is not there",
        metavar="NAME",
        default="none",
        parse=_parse_key,
        describe=lambda value: f"key: {value}" if value else "",
    ),
    Setting(
        name="pipeline",
        option="--pipeline",
        workloads=ASKING,
        label="Pipeline",
        about=f"Requests in one write, whose answers are awaited together, 1 to {MOST_PIPELINED}",
        metavar="NUMBER",
        choices=lambda: PIPELINES,
        is_open=True,
        parse=partial(whole_number, "requests", 1, MOST_PIPELINED),
        describe=lambda value: f"{value} requests in one write" if value > 1 else "",
    ),
    Setting(
        name="program",
        option="--program",
        label="Program",
        about="Who answers http where no target is named",
        workloads=("http",),
        choices=lambda: PROGRAMS_OF_HTTP,
        parse=partial(one_of, "program", PROGRAMS_OF_HTTP),
        describe=lambda value: "" if value == "auto" else value,
    ),
    Setting(
        name="method",
        option="--method",
        label="Method",
        about="Of the HTTP request",
        workloads=("http",),
        choices=lambda: METHODS,
        parse=partial(one_of, "method", METHODS),
        describe=lambda value: "" if value == "auto" else value,
    ),
    Setting(
        name="path",
        option="--path",
        label="Path",
        about="What http asks for, and where rpc posts its calls; Python's own server knows / and /echo",
        metavar="PATH",
        default="/",
        workloads=("http", "rpc"),
        is_text=True,
        parse=parse_path,
        describe=lambda value: f"path: {value}" if value else "",
    ),
    Setting(
        name="header",
        option="--header",
        label="Header",
        about=r"A line of the HTTP head, several with \n between them; ${NAME} is taken from the environment",
        metavar="'NAME: VALUE'",
        default="none",
        workloads=("http",),
        is_text=True,
        parse=_parse_header,
        describe=lambda value: f"header: {value}" if value else "",
    ),
    Setting(
        name="request",
        option="--request-text",
        label="Request",
        about=r"What workload request sends, like 'GET x\r\n'; ${NAME} is taken from the environment",
        metavar="TEXT",
        default="none",
        workloads=("request",),
        is_text=True,
        parse=_parse_spelled,
        describe=lambda value: f"request: {value if len(value) <= 40 else value[:39] + '…'}" if value else "",
    ),
    Setting(
        name="answer_bytes",
        option="--answer-bytes",
        label="Answer",
        about="How long each answer to it is, where their content differs; without it, as long as the first",
        metavar="SIZE",
        default="as the first answer",
        workloads=("request",),
        parse=lambda text: 0 if text == "0" else parse_size(text),
        format=format_size,
        describe=lambda value: f"answers of {describe_size(value)}" if value else "",
    ),
    Setting(
        name="query",
        option="--query",
        label="Query",
        about="What postgres is asked, in SQL: prepared, and executed again and again; a target is only read",
        metavar="SQL",
        usual="SELECT 1",
        workloads=("postgres",),
        is_text=True,
        parse=_parse_query,
        describe=lambda value: (
            f"query: {value if len(value) <= 40 else value[:39] + '…'}" if value != "SELECT 1" else ""
        ),
    ),
)
