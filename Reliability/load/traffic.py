"""The soak's usual requests: they come when they come, whatever became of those before."""

import asyncio

from client import Client

# Milliseconds that a token takes: some twenty events a second and stream are what a person reads along with.
TOKEN_MS = 20
# Most answers are short, few are long.
TOKENS = [1, 2, 4, 4, 8, 8, 8, 16, 16, 32]
ANSWER_BYTES = [300, 1000, 1000, 20_000, 200_000]
FILLERS = [0, 0, 500, 2000, 8000]
# Clients that come again keep their connection; so many are kept by those that do.
KEPT = 40
# Longer than --buffered-request-timeout: whoever waits is told so by the balancer, or it is a loss.
PATIENCE = 90


class Traffic:
    def __init__(self, stage, random, rate):
        """`rate`: requests per second, at exponential distances."""
        self.stage, self.random, self.rate = stage, random, rate
        self.kept = []
        self.tasks = set()

    async def run(self, deadline):
        loop = asyncio.get_running_loop()
        due = loop.time()
        while due < deadline:
            due += self.random.expovariate(self.rate)
            # A rig that was late catches up.
            await asyncio.sleep(max(0, due - loop.time()))
            self.begin(self.ask())

    def begin(self, work):
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def burst(self, count):
        await asyncio.gather(*(self.ask() for _ in range(count)))

    async def ask(self):
        """One in twenty-five leaves after a while, wherever its request is then."""
        gives_up = self.random.uniform(0.001, 0.6) if self.random.random() < 0.04 else None
        client = self.kept.pop() if self.kept else Client(self.stage, PATIENCE)
        await client.ask(self.question(), gives_up)
        if len(self.kept) < KEPT and self.random.random() < 0.9:
            self.kept.append(client)
        else:
            client.close()

    def question(self):
        choice = self.random.choice
        streams = self.random.random() < 0.6
        script = [("Tokens", choice(TOKENS)), ("Token-Delay-Ms", TOKEN_MS)]
        if not streams:
            script.append(("Answer-Bytes", choice(ANSWER_BYTES)))
        return self.stage.question(streams, tuple(script), filler=choice(FILLERS))

    async def settle(self):
        """All that were asked have been answered, and nobody stays."""
        await asyncio.gather(*self.tasks)
        for client in self.kept:
            client.close()
        self.kept.clear()
