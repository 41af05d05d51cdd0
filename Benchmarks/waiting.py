"""Very many requests that wait at one balancer, as streams of HTTP/2: what each takes, in which order they are served, and how soon
those are gone whose clients leave."""

import argparse
import json
import os
import selectors
import socket
import struct
import time
import urllib.request

from machine import machine
from processes import Process, allowed_descriptors, cpu_seconds, free_port, listens, memory_mb, raise_descriptor_limit, wait_until
from workloads.requests import body

STREAMS = 100
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(index, value):
    """A field of HPACK's static table, by RFC 7541 6.2.2, without Huffman's code."""
    prefix = bytes([index]) if index < 15 else bytes([15, index - 15])
    return prefix + bytes([len(value)]) + value


class Connection:
    """One connection with as many streams as are allowed, whose answers are heard as they end."""

    def __init__(self, port, number):
        self.number = number
        self.socket = socket.create_connection(("127.0.0.1", port))
        # Its own window is never to be what is waited for.
        window = frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 30))
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0) + window)
        self.rest = b""
        self.room = 65535
        self.waiting = {}
        # The balancer's windows, too, are those that it says first.
        while self.room < 900_000:
            self.read()

    def ask(self, numbers, data):
        """A request for each number, in that order."""
        fields = bytes([0x83, 0x86]) + literal(4, b"/v1/chat/completions") + literal(1, b"localhost")
        fields += literal(31, b"application/json") + literal(28, str(len(data)).encode())
        pieces = []
        for number in numbers:
            stream = 2 * (len(self.waiting) + 1) - 1
            self.waiting[stream] = number
            pieces += [frame(HEADERS, END_HEADERS, stream, fields), frame(DATA, END_STREAM, stream, data)]
        self.room -= len(numbers) * len(data)
        if self.room < 0:
            raise RuntimeError("the balancer's window is too small for so many bodies")
        self.socket.sendall(b"".join(pieces))

    def leave(self, streams):
        cancel = struct.pack(">I", 8)
        self.socket.sendall(b"".join(frame(RST_STREAM, 0, stream, cancel) for stream in streams))
        for stream in streams:
            del self.waiting[stream]

    def read(self):
        """Streams whose answers have ended, in their order."""
        piece = self.socket.recv(1 << 18)
        if not piece and self.waiting:
            raise RuntimeError(f"the balancer ended a connection with {len(self.waiting)} that wait")
        buffer, at, ended = self.rest + piece, 0, []
        while len(buffer) - at >= 9:
            length = int.from_bytes(buffer[at : at + 3], "big")
            if len(buffer) - at < 9 + length:
                break
            kind, flags = buffer[at + 3], buffer[at + 4]
            stream = int.from_bytes(buffer[at + 5 : at + 9], "big")
            payload = buffer[at + 9 : at + 9 + length]
            at += 9 + length
            if kind == SETTINGS and not flags & ACK:
                self.socket.sendall(frame(SETTINGS, ACK, 0))
            elif kind == PING and not flags & ACK:
                self.socket.sendall(frame(PING, ACK, 0, payload))
            elif kind == WINDOW_UPDATE and stream == 0:
                self.room += int.from_bytes(payload, "big")
            # A connection on which nothing more is waited for is told to go after a while.
            elif kind == RST_STREAM or kind == GOAWAY and self.waiting:
                raise RuntimeError(f"the balancer says {kind} of stream {stream}: {payload[:200]}")
            # 200 is one of the static table.
            elif kind == HEADERS and payload[0] != 0x88:
                raise RuntimeError(f"stream {stream} isn't answered 200: {payload[:100]}")
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                ended.append(stream)
        self.rest = buffer[at:]
        return ended


class Fleet:
    """One server with one slot, so that requests are served one after the other, and a balancer in front."""

    def __init__(self, options):
        programs, self.ports = options.programs, [free_port() for _ in range(4)]
        server, control, self.management, self.port = self.ports
        self.server = Process(
            [os.path.join(programs, "FakeLlamaServer"), "--port", server, "--control-port", control, "--slots", 1,
             "--tokens", 1, "--token-delay", "0ms", "--threads", 1]
        )  # fmt: skip
        self.balancer = Process(
            [os.path.join(programs, "paddler"), "balancer", "--management-addr", f"127.0.0.1:{self.management}",
             "--reverseproxy-addr", f"127.0.0.1:{self.port}", "--reverseproxy-h2c", "true", "--log-level", "error",
             "--max-buffered-requests", 2 * options.requests, "--buffered-request-timeout", "1h", "--max-buffered-bytes", "8GB",
             "--max-connections", options.requests + options.requests // STREAMS + 100, *options.balancer]
        )  # fmt: skip
        wait_until("the balancer", lambda: self.balancer.require_running() or listens(self.port))
        self.agent = Process(
            [os.path.join(programs, "paddler"), "agent", "--local-llamacpp-addr", f"127.0.0.1:{server}",
             "--management-addr", f"127.0.0.1:{self.management}", "--log-level", "error"]
        )  # fmt: skip
        wait_until("the server", lambda: self.ask("/health")["usable_targets"] == 1)

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.management}{path}") as reply:
            return json.load(reply)

    @property
    def queued(self):
        return self.ask("/health")["requests_buffered"]

    def end(self):
        for process in (self.agent, self.balancer, self.server):
            process.end()


def occupy(fleet):
    """Takes the slot until its connection is closed."""
    holder = socket.create_connection(("127.0.0.1", fleet.port))
    data = body(200)
    holder.sendall(
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-Fake-Delay-Ms: 3600000\r\n"
        + f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode()
        + data
    )
    wait_until("the slot's being taken", lambda: fleet.ask("/health")["slots_processing"] == 1)
    return holder


def say(name, value):
    print(f"| {name} | {value} |", flush=True)


def measure(options):
    fleet = Fleet(options)
    connections = []
    pid = fleet.balancer.pid
    data = body(options.bytes)
    say(f"{options.requests:,} requests of {options.bytes:,} bytes", f"{options.requests // STREAMS:,} connections with {STREAMS} streams each")
    say("---", "---")
    try:
        holder = occupy(fleet)
        begun, before, cpu = time.monotonic(), memory_mb(pid), cpu_seconds(pid)
        said = 0
        for first in range(0, options.requests, STREAMS):
            connection = Connection(fleet.port, len(connections))
            connections.append(connection)
            connection.ask(range(first, first + STREAMS), data)
            # Nobody is sent before those are in the queue that came earlier.
            if (first + STREAMS) % (10 * STREAMS) == 0:
                wait_until("the queue", lambda: fleet.queued == first + STREAMS, 120)
            if first + STREAMS >= said + options.requests // 4:
                said = first + STREAMS
                say(f"{said:,} wait", f"{memory_mb(pid):.0f} MB, {(memory_mb(pid) - before) * 1024 / said:.1f} kB each")
        wait_until("the queue", lambda: fleet.queued == options.requests, 120)
        say("to come and wait", f"{(cpu_seconds(pid) - cpu) * 1e6 / options.requests:.0f} µs of CPU each, {time.monotonic() - begun:.0f} s in all")
        cpu, begun = cpu_seconds(pid), time.monotonic()
        time.sleep(10)
        say("while all wait", f"{100 * (cpu_seconds(pid) - cpu) / (time.monotonic() - begun):.1f} % of a core")
        begun, cpu = time.monotonic(), cpu_seconds(pid)
        for connection in connections:
            connection.leave([stream for stream in connection.waiting if stream % 4 == 1])
        wait_until("half of the queue", lambda: fleet.queued == options.requests // 2, 120)
        say("half of them leave", f"in {time.monotonic() - begun:.1f} s, {(cpu_seconds(pid) - cpu) * 1e6 / (options.requests / 2):.0f} µs of CPU each; {memory_mb(pid):.0f} MB")
        serve(fleet, connections, holder, options)
        say("memory at its peak, and then", f"{memory_mb(pid, 'VmHWM'):.0f} MB, {memory_mb(pid):.0f} MB")
    finally:
        for connection in connections:
            connection.socket.close()
        fleet.end()


def serve(fleet, connections, holder, options):
    """Frees the slot, and looks at the order of all answers."""
    pid = fleet.balancer.pid
    selector = selectors.EpollSelector()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    left = sum(len(connection.waiting) for connection in connections)
    order, wrong = [], 0
    begun, cpu, count = time.monotonic(), cpu_seconds(pid), left
    holder.close()
    while left:
        events = selector.select(timeout=60)
        if not events:
            raise RuntimeError(f"{left} are still waiting, and nothing has come for a minute")
        for key, _ in events:
            connection = key.data
            for stream in connection.read():
                # Streams of one connection came in the order of their numbers.
                if stream != next(iter(connection.waiting)):
                    wrong += 1
                order.append(connection.waiting.pop(stream))
                left -= 1
            if not connection.waiting:
                selector.unregister(connection.socket)
    furthest = max(abs(place - rank) for place, rank in enumerate(sorted(range(len(order)), key=order.__getitem__)))
    say("the other half is served", f"in {time.monotonic() - begun:.1f} s, {(cpu_seconds(pid) - cpu) * 1e6 / count:.0f} µs of CPU each")
    say("answered out of turn", f"{wrong} within their connection; over all, nobody further from their place than {furthest}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, help="a folder with paddler and FakeLlamaServer")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--bytes", type=int, default=2000, help="of each body")
    parser.add_argument("--balancer", nargs="*", default=[], help="what else the balancer is told")
    options = parser.parse_args()
    options.requests -= options.requests % (10 * STREAMS)
    raise_descriptor_limit(int(min(allowed_descriptors(), 1 << 20)))
    print(f"{machine()}\n")
    measure(options)


if __name__ == "__main__":
    main()
