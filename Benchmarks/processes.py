"""Child processes, what they cost, and free ports."""

import contextlib
import math
import os
import resource
import socket
import subprocess
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")


NEEDED_DESCRIPTORS = 20_000


def raise_descriptor_limit(needed=NEEDED_DESCRIPTORS):
    """For thousands of connections; children inherit it."""
    if (most := allowed_descriptors()) < needed:
        raise SystemExit(f"error: {needed} open files are needed, and {most} allowed: see ulimit -Hn")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, most))


def allowed_descriptors():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return math.inf if most == resource.RLIM_INFINITY else most


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(what, condition, limit=30):
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not come about within {limit} s")
        time.sleep(0.02)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A child; its output goes to a file, and is shown when it ends before its time."""

    def __init__(self, arguments):
        self.log = tempfile.TemporaryFile()
        self.child = subprocess.Popen(
            [str(argument) for argument in arguments],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    @property
    def pid(self):
        return self.child.pid

    def require_running(self):
        if self.child.poll() is not None:
            self.log.seek(0)
            tail = self.log.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"{self.child.args[0]} ended with {self.child.returncode}: {tail}")

    def end(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        self.log.close()


@contextlib.contextmanager
def core_of_its_own(others):
    """This process alone on the last core for as long as the block runs, the other processes on the rest.

    A load generator that never sleeps holds up whoever is woken up on its core, for some milliseconds: by chance, and more
    often where a proxy has more threads.
    """
    cores = os.sched_getaffinity(0)
    if len(cores) == 1:
        yield
        return
    own = {max(cores)}
    for process in others:
        for thread in os.listdir(f"/proc/{process.pid}/task"):
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread), cores - own)
    os.sched_setaffinity(0, own)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def cpu_seconds(pid):
    """User and system time of all threads so far."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_mb(pid, key="VmRSS"):
    """Resident memory: now (VmRSS) or at its peak (VmHWM)."""
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) / 1024
    return 0.0
