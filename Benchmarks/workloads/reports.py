"""Agents that report: what the fleet's size costs the balancer."""

import selectors
import socket
import time

from agent_wire import AgentWire
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
        self.clock = AgentWire("any", "any", "127.0.0.1:1", "benchmark")
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
        wire = AgentWire(f"agent-{number}", f"gpu-{number}", f"127.0.0.1:{20_000 + number}", "benchmark", self.clock.begun)
        lines = [wire.hello(), wire.report(self.slots, self.busy(number))]
        return wire.head() + b"".join(wire.line(line) for line in lines)

    def news(self, number):
        return AgentWire.line(self.clock.slots(self.slots, self.busy(number)))

    def busy(self, number):
        return number // self.agents % (self.slots + 1)
