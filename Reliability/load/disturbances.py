"""What goes wrong during a soak, again and again."""

import asyncio
import random
import signal

from client import Client
from faults import clients
from outcome import Outcome, Result
from question import PATH
from traffic import PATIENCE
from transport import PLAIN
from waiting import ask, eventually
from wire import Ended, Wire

# The agent of the first server is never ended, so that one agent's memory can be followed for the whole run.
FOLLOWED = 0
# However long it takes to come to where it wants to leave, a client has left by then.
LEAVES_AT_LAST = 20
# Two thousand bytes one by one, each of which waits for its turn when the machine is busy.
SLOW_PATIENCE = 280


class Disturbance:
    """A subclass's docstring is what the table says of it."""

    # Seconds from one to the next, in the mean.
    every = 10

    def __init__(self, stage, places, traffic, seed):
        self.stage, self.places, self.traffic = stage, places, traffic
        # Its own, so that when one happens doesn't depend on how the others went.
        self.random = random.Random(f"{seed} {type(self).__name__}")
        self.times = 0

    @property
    def text(self):
        return " ".join(self.__doc__.split())

    async def run(self, deadline):
        loop = asyncio.get_running_loop()
        while True:
            pause = self.random.expovariate(1 / self.every)
            if loop.time() + pause > deadline:
                return
            await asyncio.sleep(pause)
            if await self.strike() is not False:
                self.times += 1

    async def strike(self):
        """False if it can't be done just now."""
        raise NotImplementedError


# MARK: - Agents and servers


class AtAPlace(Disturbance):
    """Happens to a server and its agent, of those to which nothing happens yet."""

    spared = ()

    async def strike(self):
        async with self.places.some(self.random, spared=self.spared) as place:
            if not place:
                return False
            await self.strike_at(*place)

    async def strike_at(self, server, agent):
        raise NotImplementedError

    async def stand_still(self, program, least, most):
        program.send(signal.SIGSTOP)
        await asyncio.sleep(self.random.uniform(least, most))
        program.send(signal.SIGCONT)


class AgentKilled(AtAPlace):
    """An agent is killed, and started again one to five seconds later."""

    every = 12
    spared = (FOLLOWED,)

    async def strike_at(self, server, agent):
        agent.kill()
        await asyncio.sleep(self.random.uniform(1, 5))
        agent.start()


class AgentToldToStop(AtAPlace):
    """An agent is told to stop, leaves when nothing runs there any more, and is started again."""

    every = 25
    spared = (FOLLOWED,)

    async def strike_at(self, server, agent):
        agent.send(signal.SIGTERM)
        await agent.come_back()


class AgentStopped(AtAPlace):
    """An agent's process stands still (SIGSTOP) for half a second to four."""

    every = 15

    async def strike_at(self, server, agent):
        await self.stand_still(agent, 0.5, 4)


class ServerKilled(AtAPlace):
    """A server is killed while it answers, and comes back on its port up to three seconds later, with four to eight
    slots."""

    every = 15

    async def strike_at(self, server, agent):
        journal = await server.journal()
        server.kill()
        self.stage.tally.take(server.name, journal, self.stage.asking)
        await asyncio.sleep(self.random.uniform(0.1, 3))
        server.slots = self.random.randint(4, 8)
        server.start()
        await server.ready()


class ServerStopped(AtAPlace):
    """A server's process stands still (SIGSTOP) for half a second to two while it answers."""

    every = 20

    async def strike_at(self, server, agent):
        await self.stand_still(server, 0.5, 2)


class AnswerBroken(AtAPlace):
    """A server breaks one connection: before the head of its answer, in the middle of it, or in the middle of the
    body."""

    every = 8

    async def strike_at(self, server, agent):
        kind = self.random.choice(["close_before_head", "half_head", "cut_mid_stream"])
        await server.fault(kind, count=1, path=PATH, after_tokens=1)


class Drained(AtAPlace):
    """An operator drains a server through the API, and undrains it one to five seconds later."""

    every = 20

    async def strike_at(self, server, agent):
        await self.tell(server, "drain")
        await asyncio.sleep(self.random.uniform(1, 5))
        await self.tell(server, "undrain")

    async def tell(self, server, what):
        async def is_known():
            # Its agent may still be on its way back.
            return await ask(self.stage.balancer.management, "POST", f"/api/v1/agents/127.0.0.1:{server.port}/{what}")

        await eventually(f"a server to {what}", is_known)


# MARK: - Clients


class Burst(Disturbance):
    """Sixty to a hundred and fifty requests at the same moment: most of them wait in the queue."""

    every = 15

    async def strike(self):
        await self.traffic.burst(self.random.randint(60, 150))


class ClientLeaves(Disturbance):
    """A client leaves: in its request's head, in its body, at the first byte of the answer, in a stream, or with the
    last byte still to be read; by a close or a reset."""

    every = 1
    stages = [clients.GoneInHead, clients.GoneInBody, clients.GoneAtFirstByte, clients.GoneInStream,
              clients.GoneAtLastByte]  # fmt: skip

    async def strike(self):
        fault = self.random.choice(self.stages)()
        streams = fault.streams(self.stage) or self.random.random() < 0.5
        question = self.stage.question(streams, fault.script)
        self.stage.begins(question.identity)
        outcome, talk = Outcome.LEFT, await fault.open(self.stage)
        try:
            await asyncio.wait_for(fault.go_so_far(self.stage, talk, question), LEAVES_AT_LAST)
        except TimeoutError:
            pass
        except Ended:
            outcome = Outcome.CUT if talk.has_heard else Outcome.CLOSED
        finally:
            talk.close(resets=self.random.random() < 0.5)
            self.stage.ends(question.identity)
        self.stage.tally.add(Result(question.identity, outcome))


class Silent(Disturbance):
    """Fifty clients connect, say nothing, and go one to ten seconds later."""

    every = 20

    async def strike(self):
        wires = [await Wire.open(self.stage.balancer.port) for _ in range(50)]
        await asyncio.sleep(self.random.uniform(1, 10))
        for wire in wires:
            wire.close()


class Slow(Disturbance):
    """A client sends its request a byte at a time, 2 ms each, and reads the answer byte by byte."""

    every = 10

    async def strike(self):
        client = SlowClient(self.stage, SLOW_PATIENCE)
        await client.ask(self.stage.question(True))
        client.close()


class SlowClient(Client):
    async def come(self):
        return await PLAIN.open(self.stage.balancer.port, receive_buffer=2048, manner=clients.Dawdling)


class LargeBody(Disturbance):
    """A request with a body of 256 kB, 1 MB or 4 MB."""

    every = 5

    async def strike(self):
        filler = self.random.choice([256_000, 1_000_000, 4_000_000])
        client = Client(self.stage, PATIENCE)
        await client.ask(self.stage.question(self.random.random() < 0.5, filler=filler))
        client.close()


class Wrong(Disturbance):
    """A client sends what is no request: random bytes, TLS, two lengths, chunks that are none, a head that is too
    large."""

    every = 4
    bombs = [*clients.HeadBomb.bombs, *clients.Nonsense.bombs]

    async def strike(self):
        await clients.Nonsense().throw(self.stage, self.random.choice(self.bombs))


class HalfAHead(Disturbance):
    """A client sends half of a head, and nothing more: after 10 s it is told that it is too late."""

    every = 20

    async def strike(self):
        await clients.NeverGoesOn().throw(self.stage, clients.NeverGoesOn.bombs[0])


ALL = [
    AgentKilled, AgentToldToStop, AgentStopped, ServerKilled, ServerStopped, AnswerBroken, Drained, Burst, ClientLeaves,
    Silent, Slow, LargeBody, Wrong, HalfAHead,
]  # fmt: skip
