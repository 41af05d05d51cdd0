"""A way to a server that takes time, as over a network."""

import asyncio

from relay import Relay


class Distance(Relay):
    """Carries each piece of bytes a moment later, to the server and back. Over a real way a server that has died is found
    with its port closed; so is this one, before its connections end, if it is told to."""

    seconds = 0.003

    def __init__(self, target, port):
        super().__init__(target, port)
        self.closes_with_server = False

    async def wait(self):
        await asyncio.sleep(self.seconds)

    async def there_ended(self):
        """Its connection did; and perhaps the server itself."""
        await self.wait()
        if not self.closes_with_server:
            return
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.target)
            writer.close()
        except OSError:
            self.close()
