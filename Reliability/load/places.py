"""Servers with their agents, of which few may be broken at one time."""

from contextlib import asynccontextmanager

# Half of the fleet is always well.
BROKEN_AT_MOST = 2


class Places:
    def __init__(self, stage):
        self.all = list(zip(stage.servers, stage.agents))
        self.broken = set()

    @asynccontextmanager
    async def some(self, random, spared=()):
        """A server and its agent, for this block alone; None if enough is broken."""
        free = [number for number in range(len(self.all)) if number not in self.broken and number not in spared]
        if len(self.broken) >= BROKEN_AT_MOST or not free:
            yield None
            return
        number = random.choice(free)
        self.broken.add(number)
        try:
            yield self.all[number]
        finally:
            self.broken.discard(number)
