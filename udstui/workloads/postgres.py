"""postgres: a prepared statement, executed again and again (the extended protocol, as pgbench -M prepared does).

User, database and password of a target come from where psql takes them: PGUSER, PGDATABASE, PGPASSWORD, PGPASSFILE or
~/.pgpass. A session on a target may only read.
"""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path

from udstui.errors import ServiceError, UsageError
from udstui.plan import Plan
from udstui.runtimes import Runtime
from udstui.runtimes.request import AnswerReader
from udstui.runtimes.setup import Setup, Timed
from udstui.services.programs.postgres import DATABASE, USER
from udstui.transports.address import Address
from udstui.transports.connection import Connection
from udstui.workloads import Workload
from udstui.workloads.dialogue import Dialogue, ask, hold
from udstui.workloads.postgres_wire import EXECUTE, Opening, PostgresReader, error_words, message, messages, prepared

_USUAL_BYTES = 4096


class Postgres(Workload):
    name = "postgres"
    about = "a prepared statement (--query) on a connection that is kept open"
    service = "postgres"
    operation = "query"

    def takes_size(self, plan: Plan) -> bool:
        return False

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        return hold(_Dialogue(setup), runtime, setup)


class _Dialogue(Dialogue):
    request = EXECUTE
    usual_answer_bytes = _USUAL_BYTES
    carried_bytes = len(EXECUTE)
    farewell = message(b"X")
    fixed_opening = None

    def __init__(self, setup: Setup) -> None:
        self._address = setup.address
        self._query = setup.plan.query.encode()
        if setup.is_target:
            user = os.environ.get("PGUSER") or getpass.getuser()
            database = os.environ.get("PGDATABASE") or user
            more = {"default_transaction_read_only": "on"}
            self._opening = Opening(
                {"user": user, "database": database, **more}, lambda: _password(setup.address, database, user)
            )
        else:
            self._opening = Opening({"user": USER, "database": DATABASE}, lambda: setup.secret)

    def new_reader(self) -> AnswerReader:
        return PostgresReader()

    def open(self, connection: Connection) -> None:
        try:
            self._opening.on(connection)
            self._checked(ask(connection, prepared(self._query), PostgresReader()))
        except ServiceError as error:
            raise ServiceError(f"{self._address}: {error.what}", error.remedy) from error
        self.server_version = f"postgres {self._opening.server_version.partition(' ')[0]}"

    def _checked(self, answer: bytes) -> bytes:
        """The tag of the last command. Raises ServiceError for an error."""
        tag = b""
        for kind, body in messages(answer):
            if kind == b"E":
                raise ServiceError(f"the PostgreSQL server answered: {error_words(body)}")
            if kind == b"C":
                tag = body.rstrip(b"\0")
        return tag

    def check(self, answer: bytes) -> str:
        tag = self._checked(answer)
        self.carried_bytes = len(answer)
        return tag.decode(errors="replace")


def _password(address: Address, database: str, user: str) -> str:
    """Raises UsageError where there is none."""
    if found := os.environ.get("PGPASSWORD"):
        return found
    file = Path(os.environ.get("PGPASSFILE") or Path.home() / ".pgpass")
    host, _, port = address.location.rpartition(":") if address.scheme.startswith("tcp") else ("localhost", "", "")
    if not port:  # of a Unix socket it is the end of its name
        host, port = "localhost", address.location.rpartition(".")[2]
    try:
        lines = file.read_text().splitlines() if not file.stat().st_mode & 0o077 else []
    except OSError:
        lines = []
    for line in lines:
        fields = [re.sub(r"\\(.)", r"\1", field) for field in re.split(r"(?<!\\):", line)]
        wanted = (host.strip("[]"), port, database, user)
        if len(fields) == 5 and all(field in ("*", value) for field, value in zip(fields, wanted, strict=False)):
            return fields[4]
    raise UsageError(
        f"{address} asks for the password of user {user}",
        "put it into the environment as PGPASSWORD, or into ~/.pgpass, which nobody else may read",
    )
