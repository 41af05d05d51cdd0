"""A client's connection under TLS. What is read, when, and how it ends, is as visible as without."""

import functools
import socket
import ssl

from certificates import client_context
from wire import Ended, Wire


@functools.cache
def context(protocol):
    made = client_context()
    made.set_alpn_protocols([protocol])
    return made


class TLSWire(Wire):
    def __init__(self, connection, port):
        super().__init__(connection, port)
        self.came, self.goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = None

    @classmethod
    async def open(cls, port, receive_buffer=None, protocol="http/1.1"):
        wire = await super().open(port, receive_buffer)
        wire.tls = context(protocol).wrap_bio(wire.came, wire.goes, server_hostname="localhost")
        try:
            await wire.shake_hands(protocol)
        except BaseException:
            wire.close()
            raise
        return wire

    async def shake_hands(self, protocol):
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self.flush()
                await self.take_in()
            except ssl.SSLError as error:
                raise Ended(str(error)) from error
        await self.flush()
        if self.tls.selected_alpn_protocol() != protocol:
            raise RuntimeError(f"the balancer speaks {self.tls.selected_alpn_protocol()} and not {protocol}")

    async def send(self, data):
        self.tls.write(data)
        await self.flush()

    async def flush(self):
        if encrypted := self.goes.read():
            await self.write(encrypted)

    async def fill(self, most=65536):
        while (piece := self.decrypted(most)) is None:
            await self.take_in()
        self.received += piece
        self.count += len(piece)

    async def take_in(self):
        piece = await self.receive(65536)
        if not piece:
            # Only a goodbye says that what came is all.
            raise Ended("an end without a goodbye")
        self.came.write(piece)

    def decrypted(self, most):
        """None: more has to come."""
        try:
            if piece := self.tls.read(most):
                return piece
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLZeroReturnError:
            pass
        except ssl.SSLError as error:
            raise Ended(str(error)) from error
        raise Ended("the end")

    @property
    def is_over(self):
        """What says so is encrypted, as is what says nothing."""
        try:
            while piece := self.connection.recv(65536):
                self.came.write(piece)
                if early := self.decrypted(65536):
                    self.received += early
            return True
        except BlockingIOError:
            return False
        except (OSError, Ended):
            return True

    def shut(self):
        raise NotImplementedError("who says goodbye under TLS is gone")

    def close(self, resets=False):
        if self.tls and not resets and self.connection.fileno() >= 0:
            try:
                self.tls.unwrap()
            except ssl.SSLError:
                # The other side's goodbye isn't waited for.
                pass
            try:
                self.connection.send(self.goes.read(), socket.MSG_DONTWAIT)
            except OSError:
                pass
        super().close(resets)
