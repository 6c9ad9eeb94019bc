"""nginx: one process that serves a static file of the packet size on a Unix socket and on a port."""

from __future__ import annotations

from udstui.services.programs import Listening, Program, Start

_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_PATTERN = bytes(range(ord("!"), ord("~")))


def content(size_bytes: int) -> bytes:
    """Of the file that it serves: no piece of it looks like its neighbour."""
    return (_PATTERN * (size_bytes // len(_PATTERN) + 1))[:size_bytes]


class Nginx(Program):
    name = "nginx"
    package = "nginx-light"
    executables = ("nginx",)

    def start(self, executable: str, at: Listening) -> Start:
        (at.folder / "www").mkdir(exist_ok=True)
        (at.folder / "www" / "index.html").write_bytes(content(at.size_bytes))
        listen = [f"listen 127.0.0.1:{at.port};"] if at.port else []
        listen += [f'listen "unix:{at.path}";'] if at.path else []
        lines = [
            "daemon off;",
            "master_process off;",
            f'pid "{at.folder}/pid";',
            "events { worker_connections 2048; }",
            "http {",
            "access_log off;",
            "default_type text/html;",
            "sendfile on;",
            "keepalive_timeout 1h;",
            "keepalive_requests 2000000000;",
            *(f'{name}_temp_path "{at.folder}/{name}";' for name in _TEMPORARY),
            f'server {{ {" ".join(listen)} root "{at.folder}/www"; }}',
            "}",
        ]
        file = at.folder / "conf"
        file.write_text("\n".join([*lines, ""]))
        return Start((executable, "-p", str(at.folder), "-c", str(file), "-e", "stderr"))
