"""An agent that says what it is told to, true or not."""

import asyncio

from agent_wire import AgentWire
from wire import Ended, Wire


class RawAgent:
    """Speaks for one server over one connection, and looks nowhere."""

    def __init__(self, identity, address, total):
        self.wire = AgentWire(identity, identity, address, "reliability")
        self.total = total
        self.connection = None
        self.heard = b""
        self.tasks = []
        # Words of two tasks must not mix.
        self.turn = asyncio.Lock()

    async def connect(self, management):
        self.connection = await Wire.open(management)
        await self.say(self.wire.head(), self.wire.line(self.wire.hello()), self.report())
        self.tasks = [asyncio.create_task(self.listen()), asyncio.create_task(self.go_on())]

    def report(self):
        return self.wire.line(self.wire.report(self.total, 0))

    def slots(self):
        return self.wire.line(self.wire.slots(self.total, 0))

    async def say(self, *lines):
        async with self.turn:
            await self.connection.send(b"".join(lines))

    async def listen(self):
        try:
            while True:
                await self.connection.fill()
                self.heard += self.connection.take(len(self.connection.received))
        except Ended:
            self.heard += b"\nended"

    async def go_on(self):
        """As if it had looked, and no slot were busy with anything but the balancer's own requests."""
        try:
            while True:
                await asyncio.sleep(0.2)
                await self.say(self.slots())
        except Ended:
            pass

    async def is_refused(self):
        """With a reason, or by the end of the connection."""
        return b'"refused"' in self.heard or b"\nended" in self.heard

    def end(self):
        for task in self.tasks:
            task.cancel()
        if self.connection:
            self.connection.close()
