"""The balancer itself: told to stop, killed, short of descriptors or of memory it may hold."""

import asyncio
import signal

from fault import Fault
from outcome import Outcome
from stage import LONG
from waiting import eventually


class Restarted(Fault):
    """It comes back on the same ports, and learns the fleet from its agents."""

    part = "Balancer"
    in_flight = 16
    times, quick_times = 25, 2
    why_fewer = "Fewer: agents take up to some seconds to come back."

    async def strike(self, stage):
        already = await self.taken(stage)

        async def are_taken():
            return await self.taken(stage) == already + self.in_flight

        async def stop():
            # A request that is on its way when its connection ends is no request that was taken.
            await eventually("all requests in the balancer", are_taken)
            await self.end(stage)

        await stage.crowd(script=LONG, meanwhile=stop)
        await stage.balancer.come_back()
        await stage.ready()
        await stage.balancer.measure_rest()
        await stage.crowd()

    async def taken(self, stage):
        return await stage.balancer.metric("paddler_requests_submitted_total")

    async def end(self, stage):
        raise NotImplementedError


class ToldToStop(Restarted):
    """The balancer is told to stop (SIGTERM) under load, with a queue: what it has taken is answered first. Started
    again, it serves as before."""

    name = "balancer-told-to-stop"

    async def end(self, stage):
        stage.balancer.send(signal.SIGTERM)


class Killed(Restarted):
    """The balancer is killed (SIGKILL) under load, with a queue. Clients see their connections end; started again, it
    serves as before."""

    name = "balancer-killed"
    sees = (Outcome.CUT, Outcome.CLOSED, Outcome.NOT_CONNECTED)

    async def end(self, stage):
        stage.balancer.send(signal.SIGKILL)


class StoppedInVain(Fault):
    """The balancer is told to stop (SIGTERM), and a server never ends its answers: after 30 s streams are cut, and
    whoever has nothing of an answer yet sees the connection end."""

    part, name = "Balancer", "balancer-told-to-stop-in-vain"
    times, quick_times = 3, 0
    why_fewer = "Fewer: it takes so long."
    in_flight = 4
    sees = (Outcome.CUT, Outcome.ERROR_EVENT, Outcome.CLOSED, Outcome.REFUSED)

    async def strike(self, stage):
        async def stop():
            await stage.busy(self.in_flight)
            stage.balancer.send(signal.SIGTERM)

        endless = (("Tokens", 1_000_000), ("Token-Delay-Ms", 50))
        await stage.crowd(script=endless, meanwhile=stop)
        await stage.balancer.come_back()
        await stage.ready()
        await stage.balancer.measure_rest()


class Stopped(Fault):
    """The balancer's process is stopped for half a second (SIGSTOP, SIGCONT)."""

    part, name = "Balancer", "balancer-stopped"
    in_flight = 16

    async def strike(self, stage):
        async def stop():
            await stage.busy(self.slots * self.servers)
            stage.balancer.send(signal.SIGSTOP)
            await asyncio.sleep(0.5)
            stage.balancer.send(signal.SIGCONT)

        await stage.crowd(script=LONG, meanwhile=stop)
        await stage.ready()


class OutOfDescriptors(Fault):
    """The balancer may open eight more descriptors and 40 clients come, for half a second; then the limit is lifted."""

    part, name = "Balancer", "balancer-out-of-descriptors"
    in_flight = 40

    async def strike(self, stage):
        for server in stage.servers:
            await server.fault("close_idle")
        for client in stage.clients:
            client.close()
        balancer = stage.balancer
        balancer.limit_descriptors(balancer.at_rest + 8)

        async def lift():
            await asyncio.sleep(0.5)
            balancer.limit_descriptors(None)

        await stage.crowd(meanwhile=lift)
        await stage.ready()


class TooManyBytes(Fault):
    """Ten bodies of 256 kB while --max-buffered-bytes is 1 MiB and all slots are taken: those that don't fit are
    refused at once, the others wait and are answered."""

    part, name = "Balancer", "max-buffered-bytes"
    servers, slots = 1, 2
    in_flight = 10
    flags = ("--max-buffered-bytes", "1MiB", "--max-request-body", "512KiB")
    sees = (Outcome.REFUSED,)

    async def strike(self, stage):
        async def ask_much():
            await stage.busy(self.slots)
            await asyncio.gather(*(stage.ask_alone(self.large(stage)) for _ in range(self.in_flight)))

        occupied = [stage.ask_alone(stage.question(True, LONG)) for _ in range(self.slots)]
        await asyncio.gather(*occupied, ask_much())
        await stage.ready()

    def large(self, stage):
        return stage.question(False, filler=256_000)


class QueueFull(Fault):
    """Twelve requests while all slots are taken and four may wait: the others are refused at once."""

    part, name = "Balancer", "queue-full"
    servers, slots = 1, 2
    flags = ("--max-buffered-requests", "4")
    sees = (Outcome.REFUSED,)

    async def strike(self, stage):
        seen = await stage.crowd(script=LONG)
        if seen.count(Outcome.RIGHT) < self.slots + 4:
            raise RuntimeError("fewer were answered than have place")

    # A crowd is more than fits.
    async def finish(self, stage):
        self.in_flight = 4


class Waiting(Fault):
    """All slots stay taken for longer than --buffered-request-timeout, one second."""

    part, name = "Balancer", "waited-too-long"
    servers, slots = 1, 2
    in_flight = 6
    times, why_fewer = 20, "Fewer: each takes two seconds."
    flags = ("--buffered-request-timeout", "1s")
    sees = (Outcome.REFUSED,)

    async def strike(self, stage):
        await stage.crowd(script=(("Tokens", 100), ("Token-Delay-Ms", 18)))
        await stage.ready()


ALL = [ToldToStop(), Killed(), StoppedInVain(), Stopped(), OutOfDescriptors(), TooManyBytes(), QueueFull(), Waiting()]
