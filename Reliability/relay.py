"""A network that can be told to carry nothing."""

import asyncio


class Relay:
    """Stands between two who speak, an agent and its balancer say. While it is told to hold, neither hears of the other, nor
    of an end."""

    def __init__(self, target, port=0):
        self.target, self.port = target, port
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.server = None
        self.tasks = set()
        # Connections, so far.
        self.carried = 0

    async def start(self):
        if not self.server:
            self.server = await asyncio.start_server(self.carry, "127.0.0.1", self.port)
            self.port = self.server.sockets[0].getsockname()[1]

    async def carry(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        self.carried += 1
        try:
            await self.wait()
            there = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(self.pipe(reader, there[1]), self.pipe(there[0], writer, self.there_ended))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self.tasks.discard(asyncio.current_task())

    async def pipe(self, reader, writer, ended=None):
        broke = False
        try:
            while data := await reader.read(65536):
                await self.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            broke = True
        if ended:
            await ended()
        try:
            writer.transport.abort() if broke else writer.write_eof()
        except OSError:
            writer.close()

    async def wait(self):
        """Before a connection, and before each piece of bytes, is carried on."""
        await self.is_open.wait()

    async def there_ended(self):
        """The target's side of a connection has ended."""

    def hold(self):
        self.is_open.clear()

    def release(self):
        self.is_open.set()

    def break_off(self):
        """What a network does to connections in the end."""
        for task in list(self.tasks):
            task.cancel()

    def close(self):
        """No connection comes about any more; those that are there stay."""
        if self.server:
            self.server.close()
            self.server = None

    def end(self):
        self.close()
        self.break_off()
