"""What becomes of one case at one proxy."""

import re
import socket
import time
from dataclasses import dataclass

STATUS = re.compile(rb"HTTP/1\.1 ([2-9][0-9][0-9])[ \r]")
FOLLOWER = "/follower"


@dataclass(frozen=True)
class Observation:
    # Of the final answers that the client got.
    statuses: tuple
    # Whether the proxy ended the connection.
    ended: bool
    # Whole requests that the upstream got, without the one that follows each case.
    requests: tuple
    # Whether the one that follows reached the upstream as a request of its own.
    follower: bool

    @property
    def outcome(self):
        """refused, passed, answered, waits or split."""
        if len(self.requests) > 1:
            return "split"
        if self.requests:
            return "passed"
        if self.follower:
            return "answered"
        return "refused" if self.ended else "waits"

    @property
    def meaning(self):
        return [(request.method, request.target, request.body) for request in self.requests]

    @property
    def in_words(self):
        if self.outcome == "passed":
            request = self.requests[0]
            return f"{request.method} {request.target[:60]}, Host {request.host or 'empty'}, {len(request.body)} bytes"
        statuses = ", ".join(str(status) for status in self.statuses)
        return f"{self.outcome}, {statuses}" if statuses else self.outcome


def observe(proxy, data, patience=0.4):
    """Sends `data`, and reads until the proxy ends the connection or says nothing for so many seconds."""
    proxy.upstream.take()
    answer, ended = b"", False
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=patience) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            client.sendall(data)
        except OSError:
            # It has closed already, and what it said is there to be read.
            pass
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                piece = client.recv(65536)
            except socket.timeout:
                break
            except OSError:
                ended = True
                break
            if not piece:
                ended = True
                break
            answer += piece
    received = [request for request in proxy.upstream.take() if request.whole]
    followers = [request for request in received if request.target == FOLLOWER]
    return Observation(
        statuses=tuple(int(status) for status in STATUS.findall(answer)),
        ended=ended,
        requests=tuple(request for request in received if request.target != FOLLOWER),
        follower=bool(followers),
    )
