"""The terminal dashboard on a pseudo-terminal, and in a pipe.

usage: dashboard.py PADDLER MANAGEMENT_PORT PROXY_PORT BALANCER_PID

The balancer has two servers, agent-0 and agent-1; it is stopped and started again.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

PADDLER, PORT, PROXY_PORT, BALANCER = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
COMMAND = [PADDLER, "dashboard", "--management-addr", f"127.0.0.1:{PORT}"]
ENTER = b"\x1b[?1049h"
LEAVE = b"\x1b[?25h\x1b[?1049l"
LIMIT = 60


class Dashboard:
    """One on a terminal of its own, and all that it wrote."""

    def __init__(self, columns=80, rows=24, environment={}, command=None):
        self.master, self.slave = pty.openpty()
        self.resize(columns, rows)
        self.modes = termios.tcgetattr(self.slave)
        self.output = b""
        self.process = subprocess.Popen(
            command or COMMAND,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **environment},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def resize(self, columns, rows):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait(self, text):
        """Until it has written that since the wait before."""
        text = text.encode()
        deadline = time.monotonic() + LIMIT
        start = len(self.output)
        while text not in self.output[start:]:
            if not select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0]:
                sys.exit(f"FAIL: no {text!r} in {self.output[-3000:]!r}")
            self.output += os.read(self.master, 65536)

    def press(self, keys):
        os.write(self.master, keys.encode())

    def end(self, code):
        """It ends so, and the terminal is as it was."""
        deadline = time.monotonic() + LIMIT
        while self.process.poll() is None or select.select([self.master], [], [], 0)[0]:
            if select.select([self.master], [], [], 0.01)[0]:
                self.output += os.read(self.master, 65536)
            if time.monotonic() > deadline:
                sys.exit("FAIL: it doesn't end")
        check(self.process.returncode == code, f"exit code {self.process.returncode} instead of {code}")
        check(termios.tcgetattr(self.slave) == self.modes, "the terminal's modes have changed")
        check(self.output.count(ENTER) == self.output.count(LEAVE), "the screen isn't the first one")
        check(self.output.rfind(ENTER) < self.output.rfind(LEAVE), "the screen isn't the first one")
        check(LEAVE in self.output[-200:], f"the cursor isn't shown: {self.output[-200:]!r}")
        os.close(self.master)
        os.close(self.slave)


def check(holds, complaint):
    if not holds:
        sys.exit(f"FAIL: {complaint}")


def run(*arguments, port=PORT):
    return subprocess.run(
        [PADDLER, "dashboard", "--management-addr", f"127.0.0.1:{port}", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT,
    )


def keys():
    dashboard = Dashboard()
    dashboard.wait("agent-1")
    dashboard.press("\r")
    dashboard.wait("agent id")
    dashboard.press("\x1b")
    dashboard.wait("ADDRESS")
    dashboard.resize(200, 50)
    dashboard.wait("PROBLEM")
    dashboard.press("/ent-1\r")
    dashboard.wait("1 of 2 servers")
    dashboard.press("\x1b")
    dashboard.wait("2 servers, problems first")
    dashboard.press("e")
    dashboard.wait("events, the newest first")
    dashboard.press("\x1b")
    dashboard.wait("ADDRESS")
    dashboard.press("d")
    dashboard.wait("Drain agent-1")
    dashboard.press("y")
    dashboard.wait("is draining; requests that run there")
    dashboard.press("u")
    dashboard.wait("Undrain agent-1")
    dashboard.press("y")
    dashboard.wait("takes requests again")
    dashboard.press("q")
    dashboard.end(0)


def ways_out():
    for key in ("\x03", "\x1b"):
        dashboard = Dashboard()
        dashboard.wait("agent-1")
        dashboard.press(key)
        dashboard.end(0)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        dashboard = Dashboard()
        dashboard.wait("agent-1")
        dashboard.process.send_signal(number)
        dashboard.end(128 + number)
    crashed = Dashboard()
    crashed.wait("agent-1")
    crashed.process.send_signal(signal.SIGSEGV)
    crashed.end(-signal.SIGSEGV)
    stuck = Dashboard()
    stuck.wait("agent-1")
    # Nobody reads what it draws.
    stuck.press("\x0c" * 100)
    stuck.process.send_signal(signal.SIGTERM)
    check(stuck.process.wait(LIMIT) == 128 + signal.SIGTERM, "a terminal that takes no more keeps it")
    check(termios.tcgetattr(stuck.slave) == stuck.modes, "the stuck terminal's modes have changed")
    lost = Dashboard()
    lost.wait("agent-1")
    os.close(lost.slave)
    os.close(lost.master)
    check(lost.process.wait(LIMIT) != 0, "a lost terminal is no success")


def suspended():
    shell = Dashboard(command=["bash", "--norc", "--noprofile", "-i"], environment={"PS1": "at your service: "})
    shell.press(" ".join(COMMAND) + "\n")
    shell.wait("agent-1")
    shell.press("\x1a")
    shell.wait("Stopped")
    check(LEAVE in shell.output, "the terminal isn't given back to the shell")
    shell.press("fg\n")
    shell.wait(ENTER.decode())
    shell.wait("agent-1")
    shell.press("q")
    shell.wait("at your service: ")
    shell.press("exit\n")
    shell.end(0)


def degraded():
    dashboard = Dashboard(environment={"NO_COLOR": "1", "LC_ALL": "C"})
    dashboard.wait("agent-1")
    dashboard.press("q")
    dashboard.end(0)
    check(b"\x1b[0;3" not in dashboard.output and b"\x1b[0;1;3" not in dashboard.output, "NO_COLOR has colours")
    check(all(byte < 0x80 for byte in dashboard.output), "the C locale got more than ASCII")
    dumb = Dashboard(environment={"TERM": "dumb"})
    dumb.wait("agent-1")
    check(dumb.process.wait(LIMIT) == 0, "a dumb terminal gets the table once")
    check(b"\x1b" not in dumb.output, "a dumb terminal was given sequences")


def pipes():
    for arguments in ((), ("--once",)):
        table = run(*arguments)
        lines = table.stdout.decode().splitlines()
        check(table.returncode == 0 and table.stderr == b"", f"{table}")
        check(lines[0].split()[:2] == ["NAME", "ADDRESS"], lines[0])
        check([line.split()[0] for line in lines[1:]] == ["agent-0", "agent-1"], f"{lines}")
        check(b"\x1b" not in table.stdout, "a pipe was given sequences")
    document = json.loads(run("--json").stdout)
    check(len(document["agents"]) == 2, f"{document}")
    nobody = run("--once", port=1)
    check(nobody.returncode == 1 and len(nobody.stderr.splitlines()) == 1 and nobody.stdout == b"", f"{nobody}")


def restart():
    dashboard = Dashboard()
    dashboard.wait("agent-1")
    os.kill(BALANCER, signal.SIGKILL)
    dashboard.wait("connection lost")
    balancer = subprocess.Popen(
        [PADDLER, "balancer", "--management-port", PORT, "--reverseproxy-port", PROXY_PORT],
        stderr=subprocess.DEVNULL,
    )
    try:
        dashboard.wait("2 servers usable")
        dashboard.press("q")
        dashboard.end(0)
    finally:
        balancer.kill()
        balancer.wait()


for step in (keys, ways_out, suspended, degraded, pipes, restart):
    print(step.__name__, flush=True)
    step()
print("all passed")
