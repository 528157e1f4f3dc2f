"""A backend on the loopback, for integrations that pass calls on. It answers with what it was asked, as JSON."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from e2e.emulator import HOST


@dataclass(frozen=True)
class Backend:
    """`address` is host and port."""

    address: str


class _Echo(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        body = json.dumps({"method": self.command, "path": self.path}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_DELETE = do_PUT = _answer

    def log_message(self, *_: object) -> None:
        """Tests read answers, not logs."""


@contextmanager
def listening_backend() -> Iterator[Backend]:
    with ThreadingHTTPServer((HOST, 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Backend(f"{HOST}:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()
