"""Small requests: what a proxy costs when llama-server costs nothing."""

import re
import selectors
import socket
import time

from measurement import CPU, Figure, percentile
from processes import core_of_its_own, cpu_seconds, memory_mb

from .requests import REQUEST_BYTES, body, message
from .wrk import wrk

ANSWER_AT_ONCE = ["--tokens", "0", "--token-delay", "0ms", "--answer-bytes", "1000"]
# As many slots as connections: the fake server is asked for its slots meanwhile, and a thousand would keep it busy.
CONNECTIONS = 64


class Saturated:
    name = "small"
    title = "Small requests: POST 2 kB, answer 1 kB, 64 connections, as fast as they go"
    unit = "request"
    fleet = dict(slots=CONNECTIONS, arguments=ANSWER_AT_ONCE)
    figures = [CPU, Figure("rate", "requests/s", "{:,.0f}"), Figure("rss_mb", "RSS MB")]
    needs = set()
    closes = False

    def run(self, proxy, seconds):
        wrk(proxy, 1, CONNECTIONS, self.closes)
        before = cpu_seconds(proxy.pid)
        requests = wrk(proxy, seconds, CONNECTIONS, self.closes)
        cpu = cpu_seconds(proxy.pid) - before
        return {"cpu_us": cpu * 1e6 / requests, "rate": requests / seconds, "rss_mb": memory_mb(proxy.pid)}


class Churn(Saturated):
    name = "churn"
    title = "Connection churn: the same without keep-alive"
    closes = True


class FixedRate:
    """An open loop: each request has its time, whatever became of those before it."""

    unit = "request"
    fleet = dict(slots=CONNECTIONS, arguments=ANSWER_AT_ONCE)
    figures = [
        CPU,
        Figure("p50_us", "p50 µs", "{:,.0f}", compared=True),
        Figure("p99_us", "p99 µs", "{:,.0f}", compared=True),
    ]
    needs = set()

    def __init__(self, rate):
        self.rate = rate
        self.name = "latency"
        self.title = f"The same at {rate:,} requests/s: time from when a request is due to its answer's end"

    def run(self, proxy, seconds):
        with core_of_its_own([proxy.process, *proxy.fleet.processes, *proxy.others]):
            return self.run_alone(proxy, seconds)

    def run_alone(self, proxy, seconds):
        request = message(body(REQUEST_BYTES))
        selector = selectors.EpollSelector()
        idle = []
        for _ in range(CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", proxy.port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ)
            idle.append(connection)
        everyone = list(idle)
        try:
            self.drive(selector, idle, request, 0.5)
            before = cpu_seconds(proxy.pid)
            latencies = self.drive(selector, idle, request, seconds)
            cpu = cpu_seconds(proxy.pid) - before
        finally:
            for connection in everyone:
                connection.close()
            selector.close()
        return {
            "cpu_us": cpu * 1e6 / len(latencies),
            "p50_us": percentile(latencies, 0.5) * 1e6,
            "p99_us": percentile(latencies, 0.99) * 1e6,
        }

    def drive(self, selector, idle, request, seconds):
        latencies, due, answers = [], {}, {}
        start = time.perf_counter()
        sent, total = 0, int(self.rate * seconds)
        while sent < total or due:
            now = time.perf_counter()
            while sent < total and start + sent / self.rate <= now and idle:
                # The one that was idle for the shortest time, as pools of clients do.
                connection = idle.pop()
                due[connection] = start + sent / self.rate
                answers[connection] = b""
                connection.send(request)
                sent += 1
            for key, _ in selector.select(0):
                connection = key.fileobj
                answers[connection] += connection.recv(65536)
                if self.is_whole(answers[connection]):
                    latencies.append(time.perf_counter() - due.pop(connection))
                    idle.append(connection)
        return latencies

    def is_whole(self, answer):
        head, separator, rest = answer.partition(b"\r\n\r\n")
        if not separator:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(answer[:200])
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        return len(rest) >= int(length.group(1)) if length else rest.endswith(b"0\r\n\r\n")
