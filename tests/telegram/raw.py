"""A client that knows nothing but HTTP, for the fake's own contract; and somewhere for it to deliver to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.fakes.telegram.server import FakeTelegram


class Client:
    """Calls methods and gives the whole answer."""

    def __init__(self, fake: FakeTelegram) -> None:
        self.http = httpx.Client(base_url=fake.url, trust_env=False, timeout=10)
        self._token = fake.token

    def call(self, method: str, **fields: Any) -> dict[str, Any]:
        """A form, as most libraries send: what is no text is JSON."""
        values = {name: one if isinstance(one, str) else json.dumps(one) for name, one in fields.items()}
        return self.read(self.http.post(self.path(method), data=values))

    def path(self, method: str) -> str:
        """Where a method lies."""
        return f"/bot{self._token}/{method}"

    @staticmethod
    def read(answer: httpx.Response) -> dict[str, Any]:
        """The JSON; its code must be the status."""
        told: dict[str, Any] = answer.json()
        assert told["ok"] is (answer.status_code == 200)
        assert told.get("error_code", 200) == answer.status_code
        return told

    def ok(self, method: str, **fields: Any) -> Any:
        """The result of a call that must work."""
        told = self.call(method, **fields)
        assert told["ok"], told
        return told["result"]

    def refused(self, method: str, **fields: Any) -> tuple[int, str]:
        """Code and description of a call that must not work."""
        told = self.call(method, **fields)
        assert not told["ok"], told
        return told["error_code"], told["description"]


@dataclass
class Receiver:
    """A webhook of somebody's: answers as told, and keeps what came."""

    url: str = ""
    came: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    """Headers (lower case) and update."""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    """Taken one by one; then 200."""
    news: threading.Condition = field(default_factory=threading.Condition)

    def ids(self) -> list[int]:
        """Numbers of the updates, as they came."""
        return [update["update_id"] for _, update in self.came]

    def wait(self, count: int) -> None:
        """Until so many deliveries have come."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.came) >= count, 60), f"{len(self.came)} came, not {count}"


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A webhook on this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with receiver.news:
                receiver.came.append(({name.lower(): one for name, one in self.headers.items()}, json.loads(body)))
                status, headers, content = receiver.answers.pop(0) if receiver.answers else (200, {}, b"")
                receiver.news.notify_all()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
