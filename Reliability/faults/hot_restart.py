"""A balancer that is replaced by another on the same ports."""

import asyncio
import signal

from client import Client
from fault import Fault
from programs import Balancer
from waiting import eventually

# As short as an answer can be: it's the number of requests that matters.
SHORT = (("Tokens", 2), ("Token-Delay-Ms", 0))


class Replaced(Fault):
    """Another balancer is started on the ports of the first one (--reuse-port) and stands by; then the first one is told
    to stop (SIGTERM). The clients never cease to ask, every other one on a new connection each time."""

    async def strike(self, stage):
        former, successor = stage.balancer, self.successor(stage)
        successor.start()
        stage.others.append(successor)
        is_over = asyncio.Event()
        asking = [asyncio.create_task(self.ask(stage, number, is_over)) for number in range(self.in_flight)]
        try:
            await self.replace(former, successor)
        finally:
            is_over.set()
            await asyncio.gather(*asking)
        stage.others.remove(successor)
        successor.former_log = former.former_log
        stage.balancer = successor
        await stage.ready()
        await stage.balancer.measure_rest()

    def successor(self, stage):
        successor = Balancer(stage.programs, self.flags)
        successor.port, successor.management = stage.balancer.port, stage.balancer.management
        successor.control = successor.management
        return successor

    async def ask(self, stage, number, is_over):
        client = Client(stage)
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


ALL = [HotRestart()]
