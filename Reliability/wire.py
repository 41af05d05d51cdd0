"""A client's connection, byte by byte: what came before a reset or an end must not be lost with it."""

import asyncio
import socket
import struct
from collections import Counter


class Ended(Exception):
    """The other side ended the connection, or it can't be had."""


class NotProcessed(Ended):
    """And says that the request was never executed: it may be asked again (RFC 9113 8.7)."""


class Wire:
    """Like asyncio's streams, but for these two: those throw away what was received when a reset follows, and they read
    on when nobody wants it, which hides backpressure."""

    # Connections that came about, those of them that are there now, and those that were given up before, by port.
    opened, held, given_up = Counter(), Counter(), Counter()

    def __init__(self, connection, port):
        self.connection, self.port = connection, port
        self.is_held = False
        self.received = bytearray()
        # What has come in all.
        self.count = 0

    @classmethod
    async def open(cls, port, receive_buffer=None):
        connection = socket.socket()
        connection.setblocking(False)
        # An event is one small segment: it mustn't wait for another.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        wire = cls(connection, port)
        try:
            await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
        except OSError as error:
            wire.close()
            raise Ended(str(error)) from error
        except BaseException:
            # The system may have come further than we know.
            cls.given_up[port] += 1
            wire.close()
            raise
        cls.opened[port] += 1
        cls.held[port] += 1
        wire.is_held = True
        return wire

    async def send(self, data):
        await self.write(data)

    async def fill(self, most=65536):
        piece = await self.receive(most)
        if not piece:
            raise Ended("the end")
        self.received += piece
        self.count += len(piece)

    async def write(self, data):
        """To the socket."""
        try:
            await asyncio.get_running_loop().sock_sendall(self.connection, data)
        except OSError as error:
            raise Ended(str(error)) from error

    async def receive(self, most):
        """From the socket; nothing: its end."""
        try:
            return await asyncio.get_running_loop().sock_recv(self.connection, most)
        except OSError as error:
            raise Ended(str(error)) from error

    async def until(self, end):
        while (at := self.received.find(end)) < 0:
            await self.fill()
        return self.take(at + len(end))

    async def exactly(self, count):
        while len(self.received) < count:
            await self.fill()
        return self.take(count)

    @property
    def is_over(self):
        """Whether the other side has ended it meanwhile: clients look before they use a kept connection again."""
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def take(self, count):
        piece = bytes(self.received[:count])
        del self.received[:count]
        return piece

    def shut(self):
        """Nothing more will be sent; the answer is still wanted."""
        self.connection.shutdown(socket.SHUT_WR)

    def close(self, resets=False):
        if self.connection.fileno() < 0:
            return
        if resets:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Whoever was waiting for it may not have been told yet, and the next one gets its number.
        loop = asyncio.get_running_loop()
        loop.remove_reader(self.connection)
        loop.remove_writer(self.connection)
        self.connection.close()
        self.held[self.port] -= self.is_held
        self.is_held = False
