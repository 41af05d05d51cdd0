"""Processes that have no more of the machine's processors than they would have of a machine of their own."""

import contextlib
import os
import tempfile
from pathlib import Path

# In microseconds: short beside what a llama-server takes for a token.
PERIOD = 10_000


@contextlib.contextmanager
def cpu_share(pid, cores):
    """So much of a core for one process, and no more, by a cgroup of its own for as long as the block runs."""
    group = Path(tempfile.mkdtemp(prefix="paddler-bench-", dir=root()))
    try:
        allow(group, int(cores * PERIOD))
        (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        # A group can be removed when nobody is in it any more: the process goes back to where it came from, or has ended.
        with contextlib.suppress(ProcessLookupError):
            (root() / "cgroup.procs").write_text(str(pid))
        os.rmdir(group)


def root():
    """Of the controller of processor time, by version 1 of cgroups or by version 2."""
    for path in (Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")):
        if os.access(path, os.W_OK) and ((path / "cpu.shares").exists() or is_second(path)):
            return path
    raise SystemExit("error: --cpu-share needs cgroups that can be written to, as root can")


def is_second(path):
    controllers = path / "cgroup.subtree_control"
    return controllers.exists() and "cpu" in controllers.read_text().split()


def allow(group, microseconds):
    if (group / "cpu.max").exists():
        (group / "cpu.max").write_text(f"{microseconds} {PERIOD}")
        return
    (group / "cpu.cfs_period_us").write_text(str(PERIOD))
    (group / "cpu.cfs_quota_us").write_text(str(microseconds))
