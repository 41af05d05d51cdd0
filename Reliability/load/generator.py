"""Requests at a rate, or so many at a time, from one thread that does nothing else: asyncio would be too slow."""

import selectors
import socket
import time
from dataclasses import dataclass

from question import Answer, Question

# One in ten comes over a connection of its own, as from clients that don't keep them.
NEW_EVERY = 10
# So many idle connections are kept: those of whoever waited are closed once they are answered, as their clients are served.
KEPT = 100


@dataclass(slots=True)
class Ask:
    """A request and its end."""

    number: int
    question: Question
    # By the monotonic clock: when it should have been sent, when it was, when its answer was whole.
    due: float
    sent: float = 0
    ended: float = 0
    status: int = 0
    is_right: bool = False
    # The connection ended before the answer did.
    is_cut: bool = False


class Connection:
    def __init__(self, port):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.ask = None
        self.received = b""


class Generator:
    """`begin(due)` sends a request; `ended` is called with each one that has ended. The caller runs `turn`."""

    def __init__(self, port, script, reference, ended):
        self.port, self.script, self.reference, self.ended = port, script, reference, ended
        self.selector = selectors.EpollSelector()
        self.idle = []
        self.count, self.in_flight = 0, 0
        # Of connections that ended while nobody asked.
        self.closed_idle = 0

    def begin(self, due):
        self.count += 1
        ask = Ask(self.count, Question(f"load-{self.count}", False, self.script), due)
        connection = self.idle.pop() if self.idle and self.count % NEW_EVERY else self.connect()
        connection.ask, connection.received = ask, b""
        ask.sent = time.monotonic()
        # A small message always fits into an empty socket's buffer.
        connection.socket.send(ask.question.message)
        self.in_flight += 1

    def connect(self):
        connection = Connection(self.port)
        self.selector.register(connection.socket, selectors.EVENT_READ, connection)
        return connection

    def turn(self, until):
        """Takes what comes, at the latest until then."""
        for key, _ in self.selector.select(max(0, until - time.monotonic())):
            self.take(key.data)

    def take(self, connection):
        try:
            piece = connection.socket.recv(65536)
        except ConnectionResetError:
            piece = b""
        ask = connection.ask
        if not piece:
            self.drop(connection)
            if ask:
                ask.is_cut = True
                self.end(connection)
            else:
                self.closed_idle += 1
                self.idle.remove(connection)
            return
        connection.received += piece
        if answer := self.whole(connection.received):
            ask.status = answer.status
            if answer.status == 200:
                ask.is_right = answer.is_answer_to(ask.question, self.reference)
            else:
                ask.is_right = answer.is_json_error
            closes = answer.fields.get("connection") == "close" or not ask.number % NEW_EVERY or len(self.idle) >= KEPT
            if closes:
                self.drop(connection)
            self.end(connection)
            if not closes:
                self.idle.append(connection)

    def whole(self, received):
        """The answer, if all of it is there. All answers here have a length."""
        head, separator, body = received.partition(b"\r\n\r\n")
        if not separator:
            return None
        lines = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if len(body) < int(fields["content-length"]):
            return None
        return Answer(int(lines[0].split(" ")[1]), fields, body, True)

    def end(self, connection):
        ask, connection.ask = connection.ask, None
        ask.ended = time.monotonic()
        self.in_flight -= 1
        self.ended(ask)

    def drop(self, connection):
        self.selector.unregister(connection.socket)
        connection.socket.close()

    def close(self):
        for key in list(self.selector.get_map().values()):
            self.drop(key.data)
        self.selector.close()
