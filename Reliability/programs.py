"""Our programs as processes that can be ended, stopped and started again in the same place."""

import asyncio
import os
import re
import resource
import signal
import subprocess

from ports import lasting_port
from processes import Process, listens
from waiting import ask, ask_json, eventually

# What the balancer's log says of a request that gets another try.
TRIED_AGAIN = re.compile(
    rb"(?:cannot connect to upstream|upstream closed without an answer|upstream is not ready|upstream is unavailable)[^\n]*?request_id=(\S+)"
)


def version(programs):
    found = subprocess.run([programs / "paddler", "--version"], stdout=subprocess.PIPE, text=True, check=True)
    return found.stdout.strip()


class Program:
    """A process and its place in the world, which outlives it."""

    def __init__(self):
        self.process = None
        # What its command is started by.
        self.prefix = ()
        # What processes that are gone wrote.
        self.former_log = b""

    def command(self):
        raise NotImplementedError

    def start(self):
        self.process = Process([*self.prefix, *self.command()])

    @property
    def pid(self):
        return self.process.pid

    def send(self, number):
        # Nothing happens if it has ended already.
        self.process.child.send_signal(number)

    def kill(self):
        self.send(signal.SIGKILL)
        self.gone()

    async def come_back(self):
        """It was told to end."""

        async def has_ended():
            return self.process.child.poll() is not None

        await eventually(f"the end of a {type(self).__name__}", has_ended)
        self.gone()
        self.start()

    def gone(self):
        """It has ended, or is about to."""
        self.process.child.wait()
        self.former_log = self.log()
        self.process.end()
        self.process = None

    def log(self):
        if self.process is None:
            return self.former_log
        # Never by seeking: the child writes where the file's one position is.
        file = self.process.log.fileno()
        return self.former_log + os.pread(file, os.fstat(file).st_size, 0)

    async def ready(self):
        """Takes connections."""
        await eventually(f"{type(self).__name__}'s port", self.listens)

    async def listens(self):
        self.process.require_running()
        return listens(self.control)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def limit_descriptors(self, count):
        """None lifts the limit."""
        _, most = resource.prlimit(self.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (most if count is None else count, most))

    def end(self):
        if self.process:
            # A stopped process takes the signal, too.
            self.kill()


class FakeServer(Program):
    """A llama-server without a model, told to fail over its control port."""

    def __init__(self, programs, name, slots, arguments):
        super().__init__()
        self.programs, self.name, self.slots, self.arguments = programs, name, slots, arguments
        # Where it listens, and what others know that by.
        self.address = self.host = "127.0.0.1"
        self.port, self.control = lasting_port(), lasting_port()

    def command(self):
        return [
            self.programs / "FakeLlamaServer", "--journal", "--name", self.name, "--slots", self.slots,
            "--address", self.address, "--port", self.port, "--control-port", self.control, *self.arguments,
        ]  # fmt: skip

    async def fault(self, kind, **more):
        await ask(self.control, "POST", "/fake/fault", {"kind": kind} | more)

    async def clear(self):
        await ask(self.control, "DELETE", "/fake/fault")

    async def counts(self):
        return await ask_json(self.control, "/fake/counts")

    async def journal(self):
        return await ask_json(self.control, "/fake/journal")


class Balancer(Program):
    def __init__(self, programs, flags):
        super().__init__()
        self.programs, self.flags = programs, flags
        self.port, self.management = lasting_port(), lasting_port()
        self.control = self.management
        # Open descriptors when nothing goes on.
        self.at_rest = None

    def command(self):
        return [
            self.programs / "paddler", "balancer", "--log-level", "info",
            "--reverseproxy-port", self.port, "--management-port", self.management, *self.flags,
        ]  # fmt: skip

    async def measure_rest(self):
        """The least of some looks: what was asked a moment ago may not be closed yet."""
        looks = []
        for _ in range(10):
            looks.append(self.descriptors())
            await asyncio.sleep(0.02)
        self.at_rest = min(looks)

    async def upstreams(self):
        return (await ask_json(self.management, "/api/v1/agents"))["agents"]

    async def waiting(self):
        return (await ask_json(self.management, "/api/v1/buffered_requests"))["buffered_requests_count"]

    async def metric(self, name):
        text = (await ask(self.management, "GET", "/metrics")).decode()
        return int(float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE).group(1)))

    def tried_again(self):
        return {identity.decode() for identity in TRIED_AGAIN.findall(self.log())}


class Agent(Program):
    def __init__(self, programs, server, management, flags=()):
        super().__init__()
        self.programs, self.server, self.management, self.flags = programs, server, management, flags

    def command(self):
        return [
            self.programs / "paddler", "agent", "--log-level", "info", "--name", f"agent-{self.server.name}",
            "--local-llamacpp-host", self.server.host, "--local-llamacpp-port", self.server.port,
            "--management-port", self.management, *self.flags,
        ]  # fmt: skip
