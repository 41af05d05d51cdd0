"""Requests that wait in the proxy: what one costs, and how long a slot stands idle between two of them."""

import selectors
import socket
import time

from measurement import CPU, Figure
from processes import cpu_seconds, memory_mb

from .requests import body, message


class Queueing:
    unit = "request"
    queues = True
    service_ms = 20

    def __init__(self, count, slots):
        self.count, self.slots = count, slots
        self.name = "queue"
        self.title = (
            f"Queueing: {count:,} requests of 2 kB at once on {slots} slots, each of which takes {self.service_ms} ms"
        )
        self.fleet = dict(
            slots=slots,
            arguments=["--tokens", "1", "--token-delay", f"{self.service_ms}ms", "--answer-bytes", "1000"],
        )
        self.figures = [
            CPU,
            Figure("kb", "kB per waiting request", compared=True),
            Figure("turnaround_us", "slot idle between two requests, mean µs", "{:,.0f}"),
        ]

    def run(self, proxy, seconds):
        request = message(body(2000))
        memory_before = memory_mb(proxy.pid)
        cpu_before = cpu_seconds(proxy.pid)
        selector = selectors.EpollSelector()
        sockets = []
        try:
            begun = time.perf_counter()
            for _ in range(self.count):
                connection = socket.create_connection(("127.0.0.1", proxy.port))
                connection.sendall(request)
                connection.setblocking(False)
                selector.register(connection, selectors.EVENT_READ)
                sockets.append(connection)
            arrived = time.perf_counter() - begun
            memory = memory_mb(proxy.pid)
            finished = self.finish(selector, begun)
            cpu = cpu_seconds(proxy.pid) - cpu_before
        finally:
            for connection in sockets:
                connection.close()
            selector.close()
        # Those that were answered while the others arrived don't wait any more.
        waiting = self.count - arrived * 1000 / self.service_ms * self.slots
        ideal = self.count / self.slots * self.service_ms / 1000
        return {
            "cpu_us": cpu * 1e6 / self.count,
            "kb": (memory - memory_before) * 1024 / waiting if waiting > 1000 else None,
            "turnaround_us": (finished - ideal) / self.count * self.slots * 1e6,
        }

    def finish(self, selector, begun):
        """The time at which the last answer was there."""
        left = self.count
        while left:
            for key, _ in selector.select(timeout=60):
                piece = key.fileobj.recv(65536)
                if piece.startswith(b"HTTP/1.1 "):
                    if not piece.startswith(b"HTTP/1.1 200"):
                        raise RuntimeError(piece[:200])
                    left -= 1
                elif not piece:
                    selector.unregister(key.fileobj)
        return time.perf_counter() - begun
