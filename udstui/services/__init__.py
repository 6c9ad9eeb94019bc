"""Services: what listens. Each is one small file here, a module with a function `serve`.

A service is imported when it is asked for: what rpc needs of the standard library takes longer to import than a lane
to start.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from udstui.runtimes import Runtime
    from udstui.transports.connection import Connection

Serve: TypeAlias = "Callable[[Connection, memoryview, str, int, Runtime], None]"
"""serve(connection, buffer, wait, lead_in_bytes, runtime): serve one client until it has no more to say.

`wait` is `block` or `spin`. `lead_in_bytes` are what a measuring client sends ahead, untimed (sink only).
An OSError means that the client is gone.
"""

SERVICES = ("echo", "sink", "packets", "rpc")
"""Those that `udstui serve` offers."""
IN_PYTHON = frozenset({"rpc"})
"""Services that are Python whatever the runtime is."""
NEED_STREAM = frozenset({"rpc"})
"""Services that a transport which keeps messages apart cannot carry."""


def service_named(name: str) -> Serve:
    """The one in the file that is called so."""
    return cast("Serve", importlib.import_module(f"udstui.services.{name}").serve)
