"""Examples of every command: in its --help, in the man page, and run as they are written by the tests."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("udstui", "the dashboard"),
        ("udstui --workload bulk-send --size 64K", "the dashboard, with another plan"),
        ("udstui run", "without a dashboard"),
        ("udstui help settings", "what each choice of an option means"),
        ("udstui help verdict", "what the verdict promises"),
    ),
    "run": (
        ("udstui run --workload bulk-send --duration 10s --csv run.csv --json run.json", "with both files"),
        ("udstui run --transport uds --transport uds", "an A/A check: no difference, or doubt the machine"),
        ("udstui run --transport uds --transport uds+python", "what an interpreter adds"),
        ("udstui run --duration 2s --jsonl - | jq .lanes[0].op_p50_ns", "as it is measured"),
        ("udstui run --duration 2s --markdown - >> summary.md", "for an issue, a README, or the summary of CI"),
        ("udstui run --until 2%", "until the ratio is known that well"),
        ("udstui run --until sure", "until it is sure which lane is better"),
        ("udstui run --repeat 5 --duration 2s --csv base.csv", "five runs: how far runs lie apart on this machine"),
        ("udstui run --workload redis", "under a service that people run, which udstui starts"),
        ("udstui run --workload http --reconnect", "every request is a connection of its own"),
        ("udstui run --target unix:echo.sock --target tcp:127.0.0.1:7000", "servers that listen already"),
    ),
    "targets": (("udstui targets", "what listens here, and the line that races it"),),
    "sweep": (
        ("udstui sweep --sizes 64,1K,64K,1M", "the size where the winner changes"),
        ("udstui sweep --workload bulk-send --csv sweep.csv --json sweep.json", "of throughput"),
    ),
    "anatomy": (
        ("udstui anatomy", "of the transports that are usual"),
        ("udstui anatomy --transport uds --transport socketpair --json anatomy.json", "of two others"),
    ),
    "layers": (
        ("udstui layers", "in C, Python, asyncio, uvloop; then under the services that are installed, HTTP and RPC"),
        ("udstui layers --size 16K --duration 30s --csv layers.csv", "longer, with larger packets"),
    ),
    "load": (
        ("udstui load", "how latency grows with the rate, and how much each lane holds"),
        (
            "udstui load --limit p99=200us --json load.json",
            "the highest rate at which 99 in 100 answers are that quick",
        ),
        (
            "udstui load --rates 1k/s,10k/s --passes 1 --connections 16 --markdown load.md",
            "two rates only, for an issue",
        ),
    ),
    "compare": (
        ("udstui compare before.csv after.csv", "two runs"),
        ("udstui compare base-1.csv base-2.csv --with new-1.csv new-2.csv", "several runs a side, from run --repeat"),
        ("udstui compare before.json after.json --fail-if-slower 5%", "a gate: status 3 if a lane is surely slower"),
    ),
    "history": (("udstui history", "what runs found, and what to expect of the next"),),
    "report": (
        ("udstui report run.csv -o run.html", "one page, with the host where run.json lies beside it"),
        ("udstui report run.json sweep.json --markdown -", "for an issue"),
    ),
    "replay": (("udstui replay run.csv", "space plays, the arrows step"),),
    "serve": (
        ("udstui serve echo --listen unix:./echo.sock --listen tcp:127.0.0.1:7000", "for nc, or for --target"),
        ("udstui serve rpc --listen unix:./rpc.sock", "Arith.Multiply and others, JSON-RPC 2.0 over HTTP"),
        ("udstui serve echo --listen unix:./team.sock --mode 660 --quiet --log calls.log", "for a group, with a log"),
        ("systemd-socket-activate -l 7000 udstui serve echo", "sockets of systemd's"),
    ),
    "send": (
        ("udstui send unix:./echo.sock hello", "what comes back is printed"),
        ("udstui send tcp:127.0.0.1:7000 < file", "a file to its end"),
    ),
    "call": (
        ("udstui call unix:./rpc.sock Greeter.Greet World", "a plain word is a string"),
        ("udstui call unix:./rpc.sock Arith.Multiply 6 7", "numbers are numbers"),
    ),
    "completion": (
        ("udstui completion bash > ~/.local/share/bash-completion/completions/udstui", "for new shells"),
        ("udstui completion bash > udstui.bash && . ./udstui.bash", "for this one"),
    ),
    "man": (("udstui man > udstui.1", "shown by man ./udstui.1"),),
    "help": (
        ("udstui help", "all topics"),
        ("udstui help csv", "every column"),
        ("udstui help run.schema.json > run.schema.json", "the JSON Schema of a run"),
    ),
}
"""By the name of the command, empty for none: what is typed, and what it does."""
