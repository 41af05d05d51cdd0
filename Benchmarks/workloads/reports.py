"""Agents that report: what the fleet's size costs the balancer."""

import json
import selectors
import socket
import time

from measurement import CPU, Figure
from processes import cpu_seconds, memory_mb


class Reports:
    """Each agent's slots change all the time, so that each of its reports says something new."""

    name = "reports"
    unit = "report"
    needs = {"agents"}
    slots = 8
    fleet = dict(slots=8)
    figures = [
        CPU,
        Figure("rate", "reports/s", "{:,.0f}"),
        Figure("rss_mb", "RSS MB"),
        Figure("kb", "kB per agent"),
    ]

    def __init__(self, agents):
        self.agents = agents
        self.title = f"Reports: {agents:,} agents, each with {self.slots} slots and a report a second"

    def run(self, proxy, seconds):
        memory_before = memory_mb(proxy.pid)
        # As if the agents had been up for a while: no moment may be negative.
        self.begun = time.monotonic() - 10
        selector = selectors.EpollSelector()
        connections = []
        try:
            for number in range(self.agents):
                connection = socket.create_connection(("127.0.0.1", proxy.management))
                connection.sendall(self.hello(number))
                connection.setblocking(False)
                selector.register(connection, selectors.EVENT_READ)
                connections.append(connection)
            self.report(connections, selector, 1)
            before = cpu_seconds(proxy.pid)
            started = time.monotonic()
            sent = self.report(connections, selector, seconds)
            elapsed = time.monotonic() - started
            cpu = cpu_seconds(proxy.pid) - before
            memory = memory_mb(proxy.pid)
        finally:
            for connection in connections:
                connection.close()
            selector.close()
        return {
            "cpu_us": cpu * 1e6 / sent,
            "rate": sent / elapsed,
            "rss_mb": memory,
            "kb": (memory - memory_before) * 1024 / self.agents,
        }

    def report(self, connections, selector, seconds):
        """Evenly over each second. How many were sent."""
        start = time.monotonic()
        sent, total = 0, len(connections) * seconds
        while sent < total:
            due = min(total, int((time.monotonic() - start) * len(connections)) + 1)
            for number in range(sent, due):
                connections[number % len(connections)].send(self.news(number))
            sent = max(sent, due)
            for key, _ in selector.select(0.001):
                if not key.fileobj.recv(65536):
                    raise RuntimeError(f"the balancer ended an agent's connection, {len(connections)} open")
        return sent

    def hello(self, number):
        head = (
            f"POST /api/v1/agents/agent-{number}/connection HTTP/1.1\r\nHost: balancer\r\n"
            "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        hello = {
            "type": "hello", "protocol_version": 1, "agent_version": "benchmark", "name": f"gpu-{number}",
            "address": f"127.0.0.1:{20_000 + number}", "heartbeat_interval_ms": 10_000,
        }  # fmt: skip
        report = {
            "type": "report", "sent_at_ms": self.now(), "condition": {"kind": "ready"}, "models": ["a-model"],
            "context_size": 8192, "build": "b6500", "is_leaving": False, "is_sleeping": False,
            "slots": self.sample(number),
        }  # fmt: skip
        return head.encode() + self.line(hello) + self.line(report)

    def news(self, number):
        return self.line({"type": "slots", "sent_at_ms": self.now()} | self.sample(number))

    def sample(self, number):
        now = self.now()
        busy = number // self.agents % (self.slots + 1)
        return {"total": self.slots, "processing": busy, "started_at_ms": now - 2, "finished_at_ms": now - 1}

    def line(self, message):
        line = json.dumps(message).encode() + b"\n"
        return b"%x\r\n%s\r\n" % (len(line), line)

    def now(self):
        return (time.monotonic() - self.begun) * 1000
