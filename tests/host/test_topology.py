"""Cores as sysfs describes them, on machines that are not this one."""

from __future__ import annotations

from pathlib import Path

from udstui.host.topology import Core, are_alike, best_group, kinds, online_cores, read_cores


def machine(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return folder


def test_a_hybrid_processor_is_measured_on_its_fast_cores(tmp_path: Path) -> None:
    """Four fast threads on two cores, then four slow cores with the highest numbers."""
    files = {f"cpu/cpu{n}/cpufreq/cpuinfo_max_freq": "5000000" if n < 4 else "3800000" for n in range(8)}
    files |= {f"cpu/cpu{n}/topology/thread_siblings_list": f"{n // 2 * 2}-{n // 2 * 2 + 1}" for n in range(4)}
    cores = read_cores(range(8), machine(tmp_path, files))
    assert [core.number for core in best_group(cores)] == [0, 1, 2, 3]
    assert kinds(cores) == [1.0, 0.76]
    assert cores[1].siblings == {0, 1}
    assert cores[7].siblings == {7}


def test_arm_tells_capacities(tmp_path: Path) -> None:
    files = {f"cpu/cpu{n}/cpu_capacity": "446" if n < 4 else "1024" for n in range(8)}
    assert [core.number for core in best_group(read_cores(range(8), machine(tmp_path, files)))] == [4, 5, 6, 7]


def test_sockets_with_interleaved_numbers_are_kept_apart(tmp_path: Path) -> None:
    files = {"node/node0/cpulist": "0,2,4,6", "node/node1/cpulist": "1,3,5,7"}
    cores = read_cores(range(8), machine(tmp_path, files))
    assert [core.number for core in best_group(cores)] == [1, 3, 5, 7]
    assert [core.number for core in best_group(cores[:5])] == [0, 2, 4], "the node that has more of ours"


def test_turbo_limits_that_differ_a_little_make_no_kinds(tmp_path: Path) -> None:
    files = {f"cpu/cpu{n}/cpufreq/cpuinfo_max_freq": str(4_900_000 + n * 50_000) for n in range(4)}
    cores = read_cores(range(4), machine(tmp_path, files))
    assert len(kinds(cores)) == 1
    assert len(best_group(cores)) == 4


def test_it_is_seen_whether_cores_differ() -> None:
    assert are_alike([Core(0, frozenset({0})), Core(1, frozenset({1}))])
    assert not are_alike([Core(0, frozenset({0, 1})), Core(1, frozenset({0, 1}))]), "threads of one core"
    assert not are_alike([Core(0, frozenset({0})), Core(1, frozenset({1}), node=1)])
    assert not are_alike([Core(0, frozenset({0})), Core(1, frozenset({1}), speed=0.8)])


def test_without_sysfs_all_cores_are_alike(tmp_path: Path) -> None:
    assert read_cores([0, 3], tmp_path) == [Core(0, frozenset({0})), Core(3, frozenset({3}))]
    assert best_group(read_cores([0, 3], tmp_path)) == read_cores([0, 3], tmp_path)
    assert online_cores(tmp_path)
