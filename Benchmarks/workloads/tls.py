"""TLS in front: what handshakes, requests, events and idle connections cost then."""

import re
import socket
import ssl
import subprocess
import tempfile

from certificates import client_context
from measurement import CPU, Figure
from processes import cpu_seconds, memory_mb

from .requests import HEADERS, PATH, REQUEST_BYTES, body
from .small import ANSWER_AT_ONCE, CONNECTIONS, Saturated
from .streams import Streams


class TLSSaturated(Saturated):
    name = "tls-small"
    title = "Small requests over TLS: POST 2 kB, answer 1 kB, 64 connections, as fast as they go"
    tls = True


class TLSHandshakes(Saturated):
    name = "tls-handshakes"
    title = "A handshake for each small request, without resumption"
    unit = "handshake"
    figures = [CPU, Figure("rate", "handshakes/s", "{:,.0f}"), Figure("rss_mb", "RSS MB")]
    tls = True
    closes = True


class TLSStreams(Streams):
    tls = True

    def __init__(self, count, delay_ms):
        super().__init__(count, delay_ms)
        self.name = f"tls-{self.name}"
        self.title += ", over TLS"
        self.context = client_context()

    def connect(self, port):
        return self.context.wrap_socket(socket.create_connection(("127.0.0.1", port)))

    def receive(self, connection):
        pieces = []
        try:
            # What OpenSSL holds already wakes nobody up.
            while piece := connection.recv(65536):
                pieces.append(piece)
            return b""
        except ssl.SSLWantReadError:
            return b"".join(pieces) or None


class TLSIdle:
    name = "tls-idle"
    title = "1,000 idle connections over TLS, a request on each before"
    unit = "connection"
    fleet = dict(slots=CONNECTIONS, arguments=ANSWER_AT_ONCE)
    figures = [CPU, Figure("kb", "KB per connection", compared=True)]
    needs = set()
    tls = True
    count = 1000

    def run(self, proxy, seconds):
        context = client_context()
        request = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
        before, cpu, connections = memory_mb(proxy.pid), cpu_seconds(proxy.pid), []
        try:
            for _ in range(self.count):
                connection = context.wrap_socket(socket.create_connection(("127.0.0.1", proxy.port)))
                connection.sendall(request)
                connection.recv(65536)
                connections.append(connection)
            return {
                "cpu_us": (cpu_seconds(proxy.pid) - cpu) * 1e6 / self.count,
                "kb": (memory_mb(proxy.pid) - before) * 1024 / self.count,
            }
        finally:
            for connection in connections:
                connection.close()


class HTTP2Saturated:
    name = "h2-small"
    title = "Small requests over HTTP/2 and TLS: 8 connections with 8 streams each, as fast as they go"
    unit = "request"
    fleet = dict(slots=CONNECTIONS, arguments=ANSWER_AT_ONCE)
    figures = [CPU, Figure("rate", "requests/s", "{:,.0f}"), Figure("rss_mb", "RSS MB")]
    needs = {"http2"}
    tls = True

    def run(self, proxy, seconds):
        self.load(proxy, 1)
        before = cpu_seconds(proxy.pid)
        requests = self.load(proxy, seconds)
        cpu = cpu_seconds(proxy.pid) - before
        return {"cpu_us": cpu * 1e6 / requests, "rate": requests / seconds, "rss_mb": memory_mb(proxy.pid)}

    def load(self, proxy, seconds):
        with tempfile.NamedTemporaryFile() as data:
            data.write(body(REQUEST_BYTES))
            data.flush()
            fields = [part for name, value in HEADERS.items() if name != "Host" for part in ("-H", f"{name}: {value}")]
            command = ["h2load", "-t1", "-c8", "-m8", f"-D{seconds}", "-d", data.name, *fields]
            output = subprocess.run(
                [*command, f"https://127.0.0.1:{proxy.port}{PATH}"], check=True, capture_output=True, text=True
            ).stdout
        done = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored", output)
        if not done or int(done[1]) == 0 or int(done[2]) > 0 or "status codes: " not in output:
            raise RuntimeError(output)
        return int(done[1])
