"""Servers that no fake llama-server can be: sockets that do something else than HTTP, with an agent that praises
them."""

import asyncio
import os
import re
import socket

from fault import Fault
from outcome import Outcome
from processes import memory_mb
from raw_agent import RawAgent
from stage import PACE
from wire import Wire


class Strange(Fault):
    """An agent calls it ready, with as many slots as each of the others; each time anew, so that it isn't left alone
    for what it did before."""

    part = "Upstream"
    in_flight = 8

    async def prepare(self, stage):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        await self.listen(stage)
        stage.others.append(self)

    async def listen(self, stage):
        raise NotImplementedError

    async def strike(self, stage):
        agent = RawAgent("strange", f"127.0.0.1:{self.port}", self.slots)
        await agent.connect(stage.balancer.management)
        try:
            await stage.ready(self.servers + 1)
            await stage.crowd()
        finally:
            agent.end()
        await stage.recovered()

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
    sees = (Outcome.REFUSED,)

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


class AnswersTwice(Strange):
    """A server says each answer twice: the second is nobody's, least of all the next request's."""

    name = "answers-twice"

    async def listen(self, stage):
        self.oracle = stage.oracle.port
        self.server = await asyncio.start_server(self.serve, sock=self.listener)

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(re.search(rb"\r\nContent-Length: (\d+)", head).group(1))
                body = await reader.readexactly(length)
                answer = await self.ask(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + body)
                writer.write(answer.replace(b"Connection: close\r\n", b"") * 2)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def ask(self, message):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.oracle)
        try:
            writer.write(message)
            return await reader.read(-1)
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
        held = []
        try:
            for _ in range(self.in_flight):
                question = stage.question(True, self.script)
                stage.begins(question.identity)
                talk = await self.transport.open(stage.balancer.port, receive_buffer=4096)
                held.append((talk, question))
                await talk.ask(question)
            await stage.busy(self.in_flight)
            await asyncio.sleep(0.5)
            growth = memory_mb(stage.balancer.pid) - before
            if growth > self.most_growth_mb:
                raise RuntimeError(f"the balancer grew by {growth:.0f} MB")
            # As well as the others: who doesn't read holds nobody up.
            await stage.crowd(self.in_flight, PACE)
        finally:
            for talk, question in held:
                talk.close()
                stage.ends(question.identity)


ALL = [BlackHole(), Garbage(), AnswersTwice(), FasterThanRead()]
