"""What stands in a registry is there, under its own name, and has all that is promised of it."""

from __future__ import annotations

import inspect

import pytest

from udstui.registry import Registry
from udstui.runtimes import RUNTIMES, Runtime
from udstui.transports import TRANSPORTS, Transport
from udstui.workloads import WORKLOADS, Workload

ENTRIES = [
    (registry, name, promise)
    for registry, promise in ((TRANSPORTS, Transport), (WORKLOADS, Workload), (RUNTIMES, Runtime))
    for name in registry
]


@pytest.mark.parametrize(("registry", "name", "promise"), ENTRIES, ids=[name for _, name, _ in ENTRIES])
def test_an_entry_keeps_the_promises_of_its_room(registry: Registry[object], name: str, promise: type) -> None:
    entry = registry[name]
    assert entry is registry[name]
    assert entry.name == name  # type: ignore[attr-defined]
    for attribute in promise.__annotations__:
        assert hasattr(entry, attribute)
    for method, promised in inspect.getmembers(promise, inspect.isfunction):
        if not method.startswith("_"):
            assert list(inspect.signature(promised).parameters)[1:] == list(
                inspect.signature(getattr(entry, method)).parameters
            )


def test_a_name_that_is_none_of_the_registry_imports_nothing() -> None:
    assert "os" not in RUNTIMES
    with pytest.raises(KeyError):
        RUNTIMES["os"]
