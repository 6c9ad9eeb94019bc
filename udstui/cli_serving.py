"""The commands that serve and call: their options, and who does the work. The others are in udstui.cli."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from udstui.commands.options import ADDRESS, DURATION, FILE, MODE, PATH, Choice
from udstui.services import SERVICES

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST_UID = 2**32 - 2  # the one above means none (chown(2))


@click.command()
@click.argument("service", type=Choice(SERVICES))
@click.option("--listen", "addresses", multiple=True, metavar="ADDRESS", help="Where; repeatable.")
@click.option("--mode", type=MODE, help="Of the socket file.  [default: 600]")
@click.option(
    "--allow-uid", "allowed_uids", type=click.IntRange(0, _LARGEST_UID), multiple=True, metavar="UID",
    help="Serve this user only; repeatable.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Do not tell on stderr who connects.")
@click.option("--log", type=FILE, metavar="FILE", help="Tell here who connects, and when.")
def serve(
    *,
    service: str,
    addresses: tuple[str, ...],
    mode: int | None,
    allowed_uids: tuple[int, ...],
    quiet: bool,
    log: Path | None,
) -> int:
    """Serve echo, sink, packets or rpc, until Ctrl-C.

    On unix:/path, on tcp:HOST:PORT, or on several. Port 0 picks a free one; the real address is printed. Sockets that
    systemd hands over (LISTEN_FDS) need no --listen.
    """
    from udstui.commands.serve import serve as run_service

    return run_service(service, addresses, mode, allowed_uids, is_quiet=quiet, log=log)


@click.command()
@click.argument("address", type=ADDRESS)
@click.argument("text", required=False)
@click.option("--timeout", type=DURATION, default="5s", show_default=True, help="How long to wait for an answer.")
def send(address: str, text: str | None, timeout: int) -> int:
    """Send TEXT, or stdin, to ADDRESS, and print what comes back."""
    from udstui.commands.send import send as send_to
    from udstui.transports.address import parse_address

    return send_to(parse_address(address), text, timeout)


class _Call(click.Command):
    """Whatever comes after METHOD is an argument of it, however it looks."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = index = 0
        while index < len(args) and words < 2 and args[index] != "--":
            words += not args[index].startswith("-")
            index += 2 if args[index] in ("--timeout", "--path") else 1
        if words == 2:
            args = [*args[:index], "--", *args[index:]]
        return super().parse_args(ctx, args)


@click.command(cls=_Call)
@click.argument("address", type=ADDRESS)
@click.argument("method")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--timeout", type=DURATION, default="5s", show_default=True, help="How long to wait for the answer.")
@click.option("--path", type=PATH, default="/", show_default=True, help="Where the call is posted over HTTP.")
def call(address: str, method: str, arguments: tuple[str, ...], timeout: int, path: str) -> int:
    """Call METHOD of the JSON-RPC server at ADDRESS.

    Arguments are JSON, plain words are strings. Everything after METHOD is an argument: options go before it.
    """
    from udstui.commands.call import call as call_method
    from udstui.transports.address import parse_address

    return call_method(parse_address(address), method, arguments, timeout, path)


SERVING: tuple[click.Command, ...] = (serve, send, call)
