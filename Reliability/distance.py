"""A way to a server that takes time, as over a network."""

import asyncio


class Distance:
    """Carries each piece of bytes a moment later, to the server and back. Over a real way a server that has died is found
    with its port closed; so is this one, before its connections end, if it is told to."""

    seconds = 0.003

    def __init__(self, target, port):
        self.target, self.port = target, port
        self.closes_with_server = False
        self.server = None
        self.tasks = set()

    async def open(self):
        if not self.server:
            self.server = await asyncio.start_server(self.carry, "127.0.0.1", self.port)

    async def carry(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        try:
            await asyncio.sleep(self.seconds)
            there = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(self.pipe(reader, there[1]), self.pipe_back(there[0], writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self.tasks.discard(asyncio.current_task())

    async def pipe(self, reader, writer):
        try:
            while data := await reader.read(65536):
                await asyncio.sleep(self.seconds)
                writer.write(data)
                await writer.drain()
            writer.write_eof()
        except OSError:
            writer.transport.abort()

    async def pipe_back(self, reader, writer):
        try:
            while data := await reader.read(65536):
                await asyncio.sleep(self.seconds)
                writer.write(data)
                await writer.drain()
            await self.server_ended()
            writer.write_eof()
        except OSError:
            await self.server_ended()
            writer.transport.abort()

    async def server_ended(self):
        """Its connection did; and perhaps itself."""
        await asyncio.sleep(self.seconds)
        if not self.closes_with_server:
            return
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.target)
            writer.close()
        except OSError:
            self.close()

    def close(self):
        """No connection comes about any more; those that are there stay."""
        if self.server:
            self.server.close()
            self.server = None

    def end(self):
        self.close()
        for task in list(self.tasks):
            task.cancel()
