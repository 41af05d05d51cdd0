"""A network that can be told to carry nothing."""

import asyncio


class Relay:
    """Stands between an agent and its balancer. While it is told to hold, neither hears of the other, nor of an end."""

    def __init__(self, target):
        self.target = target
        self.open = asyncio.Event()
        self.open.set()
        self.tasks = set()
        # Connections, so far.
        self.carried = 0

    async def start(self):
        self.server = await asyncio.start_server(self.carry, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def carry(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        self.carried += 1
        try:
            await self.open.wait()
            there = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(self.pipe(reader, there[1]), self.pipe(there[0], writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self.tasks.discard(asyncio.current_task())

    async def pipe(self, reader, writer):
        try:
            while data := await reader.read(65536):
                await self.open.wait()
                writer.write(data)
                await writer.drain()
            writer.write_eof()
        except OSError:
            writer.close()

    def hold(self):
        self.open.clear()

    def release(self):
        self.open.set()

    def break_off(self):
        """What a network does to connections in the end."""
        for task in list(self.tasks):
            task.cancel()

    def end(self):
        self.server.close()
        self.break_off()
