"""Requests that wait in the proxy: what one costs, and for how long a slot stands idle between two of them."""

import json
import selectors
import socket
import time
import urllib.request

from measurement import CPU, Figure
from processes import cpu_seconds, memory_mb

from .requests import REQUEST_BYTES, body, message
from .wrk import wrk


class Queueing:
    unit = "request"
    needs = {"queue"}
    # So slow that few are answered while the others arrive.
    service_ms = 40

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
        ]

    def run(self, proxy, seconds):
        request = message(body(REQUEST_BYTES))
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
            self.finish(selector)
            cpu = cpu_seconds(proxy.pid) - cpu_before
        finally:
            for connection in sockets:
                connection.close()
            selector.close()
        # Those that were answered while the others arrived don't wait any more.
        waiting = self.count - arrived * 1000 / self.service_ms * self.slots
        return {
            "cpu_us": cpu * 1e6 / self.count,
            "kb": (memory - memory_before) * 1024 / waiting if waiting > 1000 else None,
        }

    def finish(self, selector):
        """Waits for the last answer."""
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


class Turnaround:
    """The fake server measures it: from the last byte of an answer to the next request that it has whole."""

    name = "turnaround"
    unit = "request"
    needs = {"queue"}
    slots, waiting, service_ms = 64, 192, 20
    title = f"Slot turnaround: {slots} slots, {service_ms} ms each, {waiting} more requests always waiting"
    fleet = dict(
        slots=slots,
        arguments=["--tokens", "1", "--token-delay", f"{service_ms}ms", "--answer-bytes", "1000"],
    )
    figures = [
        CPU,
        Figure("p50_us", "slot idle p50 µs", "{:,.0f}", compared=True),
        Figure("p99_us", "slot idle p99 µs", "{:,.0f}", compared=True),
    ]

    def run(self, proxy, seconds):
        # In the server itself nobody waits: a client's next request takes the slot of its last.
        connections = self.slots if proxy.is_server else self.slots + self.waiting
        wrk(proxy, 1, connections)
        # Its last requests were given up: until it is known that their slots are free, they stand idle.
        time.sleep(4)
        self.ask(proxy, "reset", method="POST")
        before = cpu_seconds(proxy.pid)
        requests = wrk(proxy, seconds, connections)
        cpu = cpu_seconds(proxy.pid) - before
        counts = json.loads(self.ask(proxy, "counts"))
        return {
            "cpu_us": cpu * 1e6 / requests,
            "p50_us": counts["turnaround_p50_us"],
            "p99_us": counts["turnaround_p99_us"],
        }

    def ask(self, proxy, what, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{proxy.fleet.ports[0]}/fake/{what}", method=method)
        with urllib.request.urlopen(request) as reply:
            return reply.read()
