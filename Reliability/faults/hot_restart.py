"""A balancer that is replaced by another on the same ports."""

import asyncio
import signal

from client import Client
from fault import Fault
from programs import Balancer
from http2 import OVER_HTTP2
from tls import OVER_TLS
from waiting import eventually

# As short as an answer can be: it's the number of requests that matters.
SHORT = (("Tokens", 2), ("Token-Delay-Ms", 0))


class Replaced(Fault):
    """Another balancer is started on the ports of the first one (--reuse-port) and stands by; then the first one is told
    to stop (SIGTERM). The clients never cease to ask, every other one on a new connection each time."""

    # Requests that are at least to come to their end during each.
    least = 0

    async def strike(self, stage):
        former, successor = stage.balancer, self.successor(stage)
        successor.start()
        stage.others.append(successor)
        is_over = asyncio.Event()
        before = len(stage.tally.results)
        asking = [asyncio.create_task(self.ask(stage, number, is_over)) for number in range(self.in_flight)]
        try:
            await self.replace(former, successor)
            await self.enough(stage, before + self.least)
        finally:
            is_over.set()
            await asyncio.gather(*asking)
        stage.others.remove(successor)
        successor.former_log = former.former_log
        stage.balancer = successor
        await stage.ready()
        await stage.balancer.measure_rest()

    async def enough(self, stage, count):
        async def is_so():
            return len(stage.tally.results) >= count

        await eventually(f"{count} answers", is_so)

    def successor(self, stage):
        successor = Balancer(stage.programs, stage.balancer.flags)
        successor.port, successor.management = stage.balancer.port, stage.balancer.management
        successor.control = successor.management
        return successor

    async def ask(self, stage, number, is_over):
        client = Client(stage, is_alone=number % 2 == 1)
        kind = bool(number // 2 % 2)
        while not is_over.is_set():
            await client.ask(stage.question(kind, SHORT))
            if number % 2:
                client.close()
        client.close()

    async def replace(self, former, successor):
        async def stands_by():
            return b"standing by" in successor.log()

        async def is_gone():
            return former.process.child.poll() is not None

        await eventually("a balancer that stands by", stands_by)
        await self.stop(former)
        await eventually("the end of the first balancer", is_gone)
        former.gone()

    async def stop(self, former):
        former.send(signal.SIGTERM)


class HotRestart(Replaced):
    __doc__ = Replaced.__doc__
    part, name = "Balancer", "balancer-hot-restart"
    times, quick_times = 25, 1
    why_fewer = "Fewer: some thousand requests during each."
    in_flight = 16
    flags = ("--reuse-port",)


class HotRestartUnderTLS(HotRestart):
    """The same under TLS, until two thousand requests are through each time: each was executed once, and answered."""

    name = "balancer-hot-restart-tls"
    transport, tools = OVER_TLS, OVER_TLS.tools
    why_fewer = "Fewer: two thousand requests during each."
    least = 2000

    async def finish(self, stage):
        """The servers have executed what was answered, each once, and nothing else."""
        executed = {}
        for server in stage.servers:
            for identity, entry in (await server.journal()).items():
                executed[identity] = executed.get(identity, 0) + entry["started"]
        asked = {result.identity for result in stage.tally.results}
        if wrong := {identity for identity, count in executed.items() if count != 1} | asked ^ executed.keys():
            raise RuntimeError(f"{len(wrong)} requests were executed twice, or never, one of them: {wrong.pop()}")


class HotRestartOverHTTP2(HotRestartUnderTLS):
    """The same over HTTP/2 and TLS, every other client on one connection with the others: it is told to go (GOAWAY), and
    what it had begun there is answered."""

    name = "balancer-hot-restart-http2"
    transport = OVER_HTTP2


ALL = [HotRestart(), HotRestartUnderTLS(), HotRestartOverHTTP2()]
