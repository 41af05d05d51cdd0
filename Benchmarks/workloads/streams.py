"""Streamed answers: what a proxy costs per token, and how late it makes one."""

import re
import selectors
import socket
import time

from measurement import CPU, Figure, percentile
from processes import cpu_seconds, memory_mb

from .requests import body, message

STAMP = re.compile(rb'"t_ns": *(\d+)')


class Streams:
    unit = "event"
    needs = set()

    def __init__(self, count, delay_ms):
        self.count, self.delay_ms = count, delay_ms
        self.name = f"streams-{count}"
        pace = f"an event every {delay_ms} ms" if delay_ms else "events as fast as they come"
        self.title = f"{count:,} streams, {pace}, 200 B each"
        self.fleet = dict(
            slots=count + 10,
            arguments=["--tokens", "100000000", "--token-delay", f"{delay_ms}ms", "--event-bytes", "200", "--timestamps"],
        )
        self.figures = [CPU, Figure("rate", "events/s", "{:,.0f}"), Figure("rss_mb", "RSS MB", compared=True)]
        if delay_ms:
            self.figures[1:1] = [
                Figure("first_p50_us", "first byte p50 µs", "{:,.0f}"),
                Figure("delay_p50_us", "delay p50 µs", "{:,.0f}"),
                Figure("delay_p99_us", "delay p99 µs", "{:,.0f}", compared=True),
            ]

    def run(self, proxy, seconds):
        request = message(body(200, stream=True))
        selector = selectors.EpollSelector()
        sockets, first = [], []
        try:
            for _ in range(self.count):
                connection = self.connect(proxy.port)
                begun = time.perf_counter()
                connection.sendall(request)
                # One after the other is how they usually come.
                if len(first) < 100 and self.delay_ms:
                    connection.recv(1)
                    first.append(time.perf_counter() - begun)
                connection.setblocking(False)
                selector.register(connection, selectors.EVENT_READ)
                sockets.append(connection)
            self.read(selector, 1.5, [])
            delays = []
            before = cpu_seconds(proxy.pid)
            start = time.monotonic()
            events = self.read(selector, seconds, delays)
            elapsed = time.monotonic() - start
            cpu = cpu_seconds(proxy.pid) - before
            memory = memory_mb(proxy.pid)
        finally:
            for connection in sockets:
                connection.close()
            selector.close()
        if self.delay_ms and events < 0.8 * self.count * elapsed * 1000 / self.delay_ms:
            raise RuntimeError(f"{events} events came, too few: the rig is too slow to say anything")
        return {
            "cpu_us": cpu * 1e6 / events,
            "rate": events / elapsed,
            "rss_mb": memory,
            "first_p50_us": (percentile(first, 0.5) or 0) * 1e6,
            "delay_p50_us": (percentile(delays, 0.5) or 0) / 1e3,
            "delay_p99_us": (percentile(delays, 0.99) or 0) / 1e3,
        }

    def connect(self, port):
        return socket.create_connection(("127.0.0.1", port))

    def receive(self, connection):
        """None: no whole piece has come yet."""
        return connection.recv(65536)

    def read(self, selector, seconds, delays):
        """Counts events; the delay of every tenth piece is looked at, from the fake server's clock to ours."""
        events, pieces = 0, 0
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for key, _ in selector.select(timeout=0.1):
                piece = self.receive(key.fileobj)
                if piece is None:
                    continue
                if not piece:
                    raise RuntimeError("a stream ended")
                events += piece.count(b"data: ")
                pieces += 1
                if pieces % 10 == 0 and (stamp := STAMP.search(piece)):
                    delays.append(time.monotonic_ns() - int(stamp.group(1)))
        return events
