"""redis: one command on a connection that is kept open, of a redis-server of our own or of one that runs already."""

from __future__ import annotations

import os
from pathlib import Path

from udstui.errors import ServiceError, TransportError, UsageError, reason
from udstui.plain import plain
from udstui.plan import Plan
from udstui.runtimes import Runtime
from udstui.runtimes.request import AnswerReader
from udstui.runtimes.setup import Setup, Timed
from udstui.transports.connection import Connection
from udstui.units import describe_size
from udstui.workloads import Workload
from udstui.workloads.dialogue import ask, hold
from udstui.workloads.key_value import GONE_AFTER_S, KeyValueDialogue, key_value_takes_size
from udstui.workloads.resp import RespReader, command

PASSWORD = "REDISCLI_AUTH"
"""The variable of the environment that redis-cli reads it from."""
PASSWORD_FILE = "UDSTUI_REDIS_PASSFILE"
"""That of a file which holds it, and nothing else."""
USER = "UDSTUI_REDIS_USER"
"""That of a user of the server's access list (ACL), for whom the password is."""
_LONGEST_PASSWORD = 4096
_NO_PASSWORD = (b"-ERR AUTH", b"-ERR Client sent AUTH, but no password is set")
"""What a server says that asks for none: before version 6 in other words."""
_NO_INFO = (b"-noperm", b"-err unknown")
"""What a server says that does not tell its version, or not to this user."""


class Redis(Workload):
    name = "redis"
    about = "a redis command (--op) on a connection that is kept open"
    service = "redis"
    operation = "command"

    def takes_size(self, plan: Plan) -> bool:
        return key_value_takes_size(plan)

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        return hold(_Dialogue(setup), runtime, setup)


class _Dialogue(KeyValueDialogue):
    beside_bytes = 64

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._name = self._key.encode()
        self._user, self._password = ("", setup.secret) if self._is_ours else _user_and_password()
        self.request, self.carried_bytes = self._request()

    def _request(self) -> tuple[bytes, int]:
        if self._op == "ping":
            data = command(b"PING")
            return data, len(data)
        if self._op == "get":
            return command(b"GET", self._name), len(self._value)
        words = () if self._is_ours else (b"EX", str(GONE_AFTER_S).encode())
        return command(b"SET", self._name, self._value, *words), len(self._value)

    def new_reader(self) -> AnswerReader:
        return RespReader()

    def open(self, connection: Connection) -> None:
        if not self._password:
            return
        answer = ask(connection, self._auth(), RespReader())
        if answer.startswith(_NO_PASSWORD):
            self._password = ""
        elif answer.startswith(b"-"):
            raise ServiceError(
                f"the redis server at {self._address} does not take the password: {_words(answer)}",
                f"put the right one into the environment as {PASSWORD}, and {USER} where it is not of user default",
            )

    def _auth(self) -> bytes:
        return command(b"AUTH", *(word.encode() for word in (self._user, self._password) if word))

    @property
    def fixed_opening(self) -> tuple[bytes, bytes] | None:
        return (self._auth(), b"+OK\r\n") if self._password else (b"", b"")

    def prepare(self, connection: Connection) -> None:
        told = ask(connection, command(b"INFO", b"server"), RespReader())
        self._check_no_error(told, is_harmless=told.lower().startswith(_NO_INFO))
        self.server_version = _version(told)
        if self._op == "get" and self._is_ours:
            self._check_no_error(ask(connection, command(b"SET", self._name, self._value), RespReader()))

    def _check_no_error(self, answer: bytes, *, is_harmless: bool = False) -> None:
        """Raise ServiceError for an error, with the server's own words."""
        if answer.startswith(b"-NOAUTH"):
            raise ServiceError(
                f"the redis server at {self._address} asks for a password",
                f"put it into the environment as {PASSWORD}, or its file's name as {PASSWORD_FILE}",
            )
        if answer.startswith(b"-") and not is_harmless:
            raise ServiceError(f"the redis server at {self._address} answered {self._op}: {_words(answer)}")

    def check(self, answer: bytes) -> str:
        self._check_no_error(answer)
        if self._op == "get":
            return f"get: {self._checked_value(answer)}"
        wanted = b"+PONG\r\n" if self._op == "ping" else b"+OK\r\n"
        if answer != wanted:
            raise self._wrong(answer)
        return f"{self._op}: {_words(answer)}"

    def _checked_value(self, answer: bytes) -> str:
        if answer == b"$-1\r\n":
            if self._is_ours:
                raise self._wrong(answer)
            self.carried_bytes = len(answer)
            return "no such key"
        head, _, value = answer.partition(b"\r\n")
        if not head.startswith(b"$") or (self._is_ours and value[:-2] != self._value):
            raise self._wrong(answer)
        self.carried_bytes = len(value) - 2
        return f"a value of {describe_size(self.carried_bytes)}"

    def _wrong(self, answer: bytes) -> TransportError:
        return TransportError(
            f"{self._address} answered {self._op} with {_words(answer)!r}; the interval is not counted",
            "is that a redis server?",
        )

    def tidy_up(self, connection: Connection) -> None:
        ask(connection, command(b"DEL", self._name), RespReader())


def _user_and_password() -> tuple[str, str]:
    """Of a target, each empty where there is none. Raises UsageError for a file that is no place for a password."""
    user, password, file = (os.environ.get(name, "") for name in (USER, PASSWORD, PASSWORD_FILE))
    if file and not password:
        try:
            with Path(file).open() as opened:
                if os.fstat(opened.fileno()).st_mode & 0o077:
                    raise UsageError(f"others may read the password in {plain(file)}", "chmod 600 it")
                password = opened.read(_LONGEST_PASSWORD + 1).strip("\r\n")
            if len(password) > _LONGEST_PASSWORD:
                raise UsageError(
                    f"the password in {plain(file)} has more than {_LONGEST_PASSWORD} characters",
                    "is that the file of a password?",
                )
        except (OSError, ValueError) as error:
            why = reason(error) if isinstance(error, OSError) else "it is no text"
            raise UsageError(f"cannot read the password in {plain(file)}: {why}", f"see {PASSWORD_FILE}") from error
    if user and not password:
        raise UsageError(f"user {plain(user)} of redis needs a password", f"set {PASSWORD} or {PASSWORD_FILE}")
    return user, password


def _words(answer: bytes) -> str:
    return answer[1:80].partition(b"\r\n")[0].decode(errors="replace")


def _version(told: bytes) -> str:
    """From the lines of INFO; empty where it does not tell."""
    fields = dict(line.partition(b":")[::2] for line in told.split(b"\r\n"))
    for name in (b"valkey", b"redis"):
        if version := fields.get(name + b"_version"):
            return f"{name.decode()} {version.decode(errors='replace')}"
    return ""
