"""Ports for programs that come back on the same one."""

import itertools
import os
import socket

# Below those that the system gives to connections going out: with thousands of these, one of them would sooner or later
# have the port of a program that is away for a moment.
FIRST, LAST = 12_000, 32_000
# Several runs at once begin in different places.
numbers = itertools.count(os.getpid() * 97)


def lasting_port():
    while True:
        port = FIRST + next(numbers) % (LAST - FIRST)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
