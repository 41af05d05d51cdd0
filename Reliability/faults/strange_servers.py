"""Servers that no fake llama-server can be: sockets that do something else than HTTP, with an agent that praises them."""

import asyncio
import os
import socket

from fault import Fault
from processes import memory_mb
from raw_agent import RawAgent
from stage import PACE
from wire import Wire


class Strange(Fault):
    """An agent calls it ready, with as many slots as the other server."""

    part = "Upstream"
    in_flight = 8

    async def prepare(self, stage):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        await self.listen(stage)
        self.agent = RawAgent("strange", f"127.0.0.1:{self.port}", self.slots)
        await self.agent.connect(stage.balancer.management)
        stage.others += [self.agent, self]
        await stage.ready(self.servers + 1)
        # The agent's connection stays to the end.
        await stage.balancer.measure_rest()

    async def listen(self, stage):
        raise NotImplementedError

    async def strike(self, stage):
        await stage.crowd()

    async def finish(self, stage):
        self.agent.end()
        self.end()
        stage.balancer.at_rest -= 1

    def end(self):
        self.listener.close()


class BlackHole(Strange):
    """An address from which nothing comes back, not even a refusal: connecting runs into its timeout of 2 s."""

    name = "black-hole"
    times, why_fewer = 10, "Fewer: each takes the 2 s of a connection's timeout."

    async def listen(self, stage):
        # Nobody accepts, and the one place is taken: the system answers no further SYN.
        self.listener.listen(0)
        self.fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self.fillers.append(filler)

    def end(self):
        super().end()
        for filler in self.fillers:
            filler.close()


class Garbage(Strange):
    """A port that answers a request with 4 kB of random bytes, as a program that isn't a llama-server would."""

    name = "garbage"

    async def listen(self, stage):
        self.server = await asyncio.start_server(self.serve, sock=self.listener)

    async def serve(self, reader, writer):
        try:
            await reader.read(65536)
            writer.write(os.urandom(4096))
            await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    def end(self):
        self.server.close()


class FasterThanRead(Fault):
    """A server answers as fast as it can, 64 MiB, and the client reads nothing of it for half a second: the balancer's
    memory must not grow by more than 16 MiB."""

    part, name = "Upstream", "faster-than-read"
    in_flight = 4
    times, quick_times = 50, 2
    most_growth_mb = 16
    events = 16 * 1024
    script = (("Tokens", events), ("Token-Delay-Ms", 0), ("Event-Bytes", 4096))

    async def strike(self, stage):
        before = memory_mb(stage.balancer.pid)
        wires = []
        try:
            for _ in range(self.in_flight):
                question = stage.question(True, self.script)
                stage.begins(question.identity)
                wire = await Wire.open(stage.balancer.port, receive_buffer=4096)
                wires.append((wire, question))
                await wire.send(question.message)
            await stage.busy(self.in_flight)
            await asyncio.sleep(0.5)
            growth = memory_mb(stage.balancer.pid) - before
            if growth > self.most_growth_mb:
                raise RuntimeError(f"the balancer grew by {growth:.0f} MB")
            # As well as the others: who doesn't read holds nobody up.
            await stage.crowd(self.in_flight, PACE)
        finally:
            for wire, question in wires:
                wire.close()
                stage.ends(question.identity)


ALL = [BlackHole(), Garbage(), FasterThanRead()]
