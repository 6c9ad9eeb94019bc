"""Text from outside that would act: escapes, markup, marks that turn text round, and line ends."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import partial

from tests.faults.faces import measuring, quit_dashboard, rounds, started_dashboard
from tests.faults.fault import NO_HANG_S, PATIENCE_S, Fault, Running, Scene, within
from tests.faults.other_side import OtherSide, says_then_closes

_TITLE, _CLEAR = "\x1b]0;pwned\x07", "\x1b[2J\x1b[H"
HOSTILE = {
    "an escape that sets the title": _TITLE,
    "an escape that clears the screen": _CLEAR,
    "C1 controls": "\x9b2J\x85",
    "marks that turn text round": "\u202etxet\u2066",
    "line ends of all kinds": "a\nb\rc\u2028d\x0be",
    "markup": "[bold red]x[/][/]",
    "a link that quits": "[@click=app.quit]x[/]",
}


def _assert_plain(text: str) -> None:
    """Nothing but line ends is among the controls of what was printed, and nothing turns it round."""
    wrong = [each for each in text.replace("\n", "") if unicodedata.category(each) in ("Cc", "Zl", "Zp")]
    assert not wrong, (wrong, text)
    assert not set("\u202e\u2066") & set(text), text


def _says_one_line(program: Running) -> None:
    assert program.ends(PATIENCE_S) in (1, 2), program.stdout
    _assert_plain(program.stderr)
    assert program.stderr.startswith("udstui: ") and program.stderr.count("\n") == 1, program.stderr


def in_an_address(text: str, scene: Scene) -> None:
    for words in (("run", "--target"), ("send",), ("call",)):
        program = scene.start(*words, f"unix:{text}", *(("x",) if words[0] == "call" else ()))
        _says_one_line(program)
        scene.notes.append(program.stderr.strip())


def in_a_path(text: str, scene: Scene) -> None:
    for words in (("compare", text, text), ("replay", text), ("run", "--csv", f"none/{text}")):
        _says_one_line(scene.start(*words))


def in_an_answer(text: str, scene: Scene) -> None:
    """Of a server, in what it says is wrong."""
    body = f"HTTP/1.1 500 {text}\r\nContent-Length: {len(text.encode())}\r\n\r\n{text}"
    with OtherSide(scene.folder, "unix", says_then_closes(body.encode())) as server:
        for words in (("call", server.address, "add"), ("run", "--workload", "http", "--target", server.address)):
            program = scene.start(*words)
            assert program.ends(PATIENCE_S) == 1
            _assert_plain(program.stderr + program.stdout)
            scene.notes.append(program.stderr.strip())


def in_a_file(text: str, scene: Scene) -> None:
    """Where a CSV tells the address of a target; the rows are real ones."""
    program = measuring(scene, "run", "--interval", "5ms", rows=40)
    program.process.terminate()
    program.ends()
    rows = scene.rows("out.csv")
    with (scene.folder / "edited.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow(row | ({"transport": f"unix:/x{text}"} if row["transport"] == "tcp" else {}))
    comparing = scene.start("compare", "edited.csv", "edited.csv")
    assert comparing.ends(PATIENCE_S) == 0, comparing.stderr
    _assert_plain(comparing.stdout)
    terminal = scene.terminal()
    terminal.udstui("replay", "edited.csv")
    terminal.wait_for(lambda screen: rounds(screen) or "status:" in screen, "the replay", PATIENCE_S)
    assert "status:" not in terminal.screen
    terminal.press("q")
    terminal.wait_for(lambda screen: "status:0" in screen, "its end")
    terminal.assert_restored()


def in_the_log_of_serve(text: str, scene: Scene) -> None:
    """A name of an abstract socket, which serve prints back."""
    name = re.sub("[\x00/]", "", text)[:40]
    server = scene.start("serve", "echo", "--listen", f"unix:@{scene.folder.name}{name}")
    within(NO_HANG_S, lambda: "listens on" in server.stdout or server.process.poll() is not None, "its address")
    server.process.terminate()
    server.ends()
    _assert_plain(server.stdout + server.stderr)
    assert server.stdout.count("\n") <= 1, server.stdout


def in_the_dashboard(text: str, scene: Scene) -> None:
    """A target whose name would act: the screen stands, measures, and quits by its key."""
    path = re.sub("[\x00/]", "", text)[:30]
    quoted = "unix:" + str(scene.folder / f"s{path}")
    server = scene.start("serve", "echo", "--quiet", "--listen", quoted)
    server.wait_for_output("listens on", NO_HANG_S)
    words = "'" + quoted.replace("'", "") + "'"
    if "\n" in words or "\r" in words:  # a shell's line ends there
        words = "$" + repr(quoted)
    terminal, tree = started_dashboard(scene, "--transport", "uds", "--target", words)
    quit_dashboard(terminal, tree)
    server.process.terminate()
    assert server.ends() == 0


_PLACES = {
    "an address": in_an_address,
    "a path": in_a_path,
    "a server's answer": in_an_answer,
    "a file": in_a_file,
    "the log of serve": in_the_log_of_serve,
    "the dashboard": in_the_dashboard,
}
_TYPED = ("markup", "a link that quits", "marks that turn text round")
"""What a terminal takes from a keyboard without acting itself."""
FAULTS = tuple(
    Fault(f"{name} in {place}", "dashboard" if place == "the dashboard" else "all", partial(inflict, text),
          quick=(name, place) == ("an escape that sets the title", "a path"))
    for place, inflict in _PLACES.items()
    for name, text in HOSTILE.items()
    if place != "the dashboard" or name in _TYPED
)  # fmt: skip
