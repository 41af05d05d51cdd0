"""Programs that load models, each model in a real llama-server, and what is left of them."""

import os
from pathlib import Path

from processes import Process, listens
from programs import Balancer, Program

MODELS = ("a", "b", "c")
# Whatever a program starts inherits it.
MARK = "RELIABILITY_MARK"
SLOTS = 2
# For the tiny model: its chatter fits no chat format, and several threads would wait for each other.
TINY = f"-t 1 -np {SLOTS} --no-warmup --skip-chat-parsing"


def model_list(model, rooms):
    """For `--config`, with memory for so many of them.

    Each llama-server answers in the name that it was given, whatever it is asked for.
    """
    lines = [f"memory: {rooms}GB", "models:"]
    for name in MODELS:
        lines += [f"  - name: {name}", f"    model: {model}", f"    arguments: {TINY} -a {name}", "    memory: 900MB"]
    return "\n".join(lines) + "\n"


def marked(mark):
    """Processes that run, and were started by the program that has this mark."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdecimal():
            continue
        try:
            # Of a process that is gone and not asked for yet, it is empty.
            variables = Path(f"/proc/{entry}/environ").read_bytes().split(b"\0")
            words = Path(f"/proc/{entry}/cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if wanted in variables:
            found.append((int(entry), words))
    return found


class Marked(Program):
    """Its processes can be told from all others, also from those of the same program when it was started before."""

    starts = 0

    def start(self):
        self.starts += 1
        self.mark = f"{os.getpid()}-{id(self)}-{self.starts}"
        self.process = Process(["env", f"{MARK}={self.mark}", *self.command()])

    def llama_servers(self):
        """Their process, model and port."""
        return [
            (pid, words[words.index("-a") + 1], int(words[words.index("--port") + 1]))
            for pid, words in marked(self.mark)
            if "-a" in words
        ]

    def left(self, mark, ports):
        """What there is of a program that has ended, in words."""
        processes = [f"{pid} {' '.join(words)[:80]}" for pid, words in marked(mark)]
        return processes + [f"port {port}" for port in ports if listens(port)]


class ModelHost(Marked):
    """An agent that runs models."""

    def __init__(self, programs, server, models, name, management):
        super().__init__()
        self.programs, self.server, self.models = programs, server, models
        self.name, self.management = name, management

    def command(self):
        return [
            self.programs / "paddler", "agent", "--log-level", "info", "--config", self.models, "--name", self.name,
            "--llama-server", self.server, "--management-addr", f"127.0.0.1:{self.management}",
        ]  # fmt: skip


class ModelBalancer(Marked, Balancer):
    pass


class ModelServe(Marked, Balancer):
    """Balancer, agents and llama-servers in one tree."""

    def __init__(self, programs, server, models):
        super().__init__(programs, ())
        self.server, self.models = server, models
        self.name = "serve"

    def command(self):
        return [
            self.programs / "paddler", "serve", "--log-level", "info", "--config", self.models,
            "--llama-server", self.server,
            "--reverseproxy-port", self.port, "--management-port", self.management,
        ]  # fmt: skip
