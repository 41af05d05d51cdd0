"""A large fleet's agents on one balancer: what they cost, how soon they are known, and how much those who look on get."""

import argparse
import contextlib
import http.client
import json
import os
import resource
import socket
import subprocess
import threading
import time

from machine import machine
from processes import Process, allowed_descriptors, cpu_seconds, free_port, listens, memory_mb, wait_until

# A fleet that isn't whole by then won't be.
LONGEST = 180


class Crowd:
    """Agents in a process of their own, which tells how many are connected."""

    def __init__(self, program, management, arguments):
        self.counts = {"connected": 0}
        self.child = subprocess.Popen(
            [program, "--management", f"127.0.0.1:{management}", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.child.stdout:
            self.counts = json.loads(line)

    def end(self):
        self.child.kill()
        self.child.wait()


class Balancer:
    def __init__(self, program, options):
        self.program, self.options = program, options
        self.management, self.port = free_port(), free_port()

    def start(self):
        self.began = time.monotonic()
        self.process = Process(
            [self.program, "balancer", "--management-addr", f"127.0.0.1:{self.management}",
             "--reverseproxy-addr", f"127.0.0.1:{self.port}", *self.options]
        )  # fmt: skip

    def get(self, path, headers={}):
        """The body as it came, and how long it took."""
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.management, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} is answered {answer.status}: {body[:500]}")
        return body, time.monotonic() - begun

    def usable(self):
        with contextlib.suppress(OSError):
            return json.loads(self.get("/health")[0])["usable_targets"]
        return 0

    @property
    def cpu(self):
        return cpu_seconds(self.process.pid)

    @property
    def memory(self):
        return memory_mb(self.process.pid)


class Watchers:
    """Streams of snapshots, read as they come."""

    def __init__(self, balancer, count):
        self.bytes, self.events, self.largest, self.is_over = 0, 0, 0, False
        self.threads = [threading.Thread(target=self.read, args=(balancer,)) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def read(self, balancer):
        with socket.create_connection(("127.0.0.1", balancer.management)) as connection:
            connection.sendall(b"GET /api/v1/agents/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            connection.settimeout(0.5)
            event = 0
            while not self.is_over:
                try:
                    piece = connection.recv(1 << 20)
                except TimeoutError:
                    continue
                if not piece:
                    return
                self.bytes += len(piece)
                self.events += piece.count(b"data: {")
                event = len(piece) if b"data: {" in piece else event + len(piece)
                self.largest = max(self.largest, event)

    def end(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()


def say(name, value):
    print(f"| {name} | {value} |", flush=True)


def whole(balancer, crowd, agents):
    """When the whole fleet is usable, in seconds since the balancer was started."""
    try:
        wait_until("the whole fleet", lambda: crowd.counts["connected"] >= agents and balancer.usable() >= agents, LONGEST)
    except RuntimeError:
        raise SystemExit(f"error: {balancer.usable()} of {agents} are usable after {LONGEST} s: {crowd.counts}")
    return time.monotonic() - balancer.began


def during(balancer, seconds, what):
    cpu, begun = balancer.cpu, time.monotonic()
    time.sleep(seconds)
    elapsed = time.monotonic() - begun
    say(what, f"{100 * (balancer.cpu - cpu) / elapsed:.1f} % of a core, {balancer.memory:.0f} MB")


def measure(options):
    programs = options.programs
    balancer = Balancer(
        os.path.join(programs, "paddler"),
        ["--max-agents", str(options.agents), "--log-level", "error", *options.balancer],
    )
    crowd = None
    say(f"{options.agents:,} agents, a report every {options.interval:g} s", " ".join(options.balancer) or "defaults")
    say("---", "---")
    try:
        balancer.start()
        wait_until("the balancer", lambda: listens(balancer.management))
        say("the balancer without agents", f"{balancer.memory:.0f} MB")
        balancer.process.end()
        crowd = Crowd(
            os.path.join(programs, "measure-agents"),
            balancer.management,
            ["--agents", options.agents, "--interval", options.interval, "--models", options.models]
            + (["--one-address"] if options.one_address else []),
        )
        # Until every agent waits as long as it ever does.
        time.sleep(options.away)
        for what, away in [("started after a long time", 0), ("killed and started at once", 0), ("killed and started after 5 s", 5)]:
            if what.startswith("killed"):
                balancer.process.end()
                time.sleep(away)
            before = dict(crowd.counts)
            balancer.start()
            time_taken = whole(balancer, crowd, options.agents)
            after = crowd.counts
            more = {key: after[key] - before.get(key, 0) for key in ("attempts", "silent", "declined")}
            say(
                f"whole again: balancer {what}",
                f"{time_taken:.1f} s, {balancer.cpu:.1f} s of CPU; connections begun {more['attempts']:,}, "
                f"of these closed without a word {more['silent']:,}, declined {more['declined']:,}",
            )
        time.sleep(options.interval)
        during(balancer, options.seconds, "at rest")
        body, seconds = balancer.get("/health")
        say("GET /health", f"{1000 * seconds:.1f} ms")
        for path in options.paths:
            try:
                body, seconds = balancer.get(path)
            except (RuntimeError, OSError) as error:
                say(f"GET {path}", str(error)[:100])
                continue
            compressed, zipped = balancer.get(path, {"Accept-Encoding": "gzip"})
            say(f"GET {path}", f"{len(body) / 1e6:.2f} MB in {seconds:.2f} s; with gzip {len(compressed) / 1e6:.2f} MB in {zipped:.2f} s")
        say("memory after that", f"{balancer.memory:.0f} MB")
        for count in options.watchers:
            watchers = Watchers(balancer, count)
            time.sleep(1)
            before = watchers.bytes
            begun = time.monotonic()
            during(balancer, options.seconds / 2, f"while {count} watch")
            rate = (watchers.bytes - before) / (time.monotonic() - begun)
            watchers.end()
            say(f"sent to {count} who watch", f"{rate / 1e6:.2f} MB/s, the largest event {watchers.largest / 1e6:.2f} MB")
        say("memory at its peak", f"{memory_mb(balancer.process.pid, 'VmHWM'):.0f} MB")
        say("still connected", f"{crowd.counts['connected']:,}; lost in all {crowd.counts['lost']:,}")
        refused = [line for line in balancer.get("/metrics")[0].decode().splitlines() if "management_refusals_total{" in line]
        say("refused by the management listener", ", ".join(refused) or "nothing")
    finally:
        if crowd:
            crowd.end()
        with contextlib.suppress(AttributeError):
            balancer.process.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, help="a folder with paddler and measure-agents")
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument("--interval", type=float, default=5, help="seconds from one report of an agent to its next")
    parser.add_argument("--models", type=int, default=1)
    parser.add_argument("--one-address", action="store_true", help="all agents come from one address")
    parser.add_argument("--seconds", type=float, default=20, help="for which CPU is measured")
    parser.add_argument("--away", type=float, default=25, help="seconds for which agents find no balancer at first")
    parser.add_argument("--watchers", type=int, nargs="*", default=[1, 10])
    parser.add_argument("--paths", nargs="*", default=["/api/v1/agents", "/metrics"])
    parser.add_argument("--balancer", nargs="*", default=[], help="what else the balancer is told, as --balancer=--threads=1")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if options.agents > allowed_descriptors() - 100:
        raise SystemExit(f"error: {options.agents} agents need as many descriptors, and {most} are allowed: see ulimit -Hn")
    print(f"{machine()}\n")
    measure(options)


if __name__ == "__main__":
    main()
