"""llama-servers as processes: gone, asleep, back again, out of descriptors."""

import asyncio
import signal

from distance import Distance
from fault import Fault
from outcome import Outcome
from ports import lasting_port
from question import PATH
from stage import LONG
from waiting import ask_json, eventually, say
from wire import Ended


class Refused(Fault):
    """A server's port is closed and its connections with it: new ones are refused."""

    part, name = "Upstream", "refused"

    async def strike(self, stage):
        server = stage.servers[0]
        await server.fault("close_idle")
        await server.fault("refuse")
        await stage.crowd()
        await server.clear()
        await stage.recovered()


class Killed(Fault):
    """A server is killed (SIGKILL) while it answers, and started again on its port."""

    part, name = "Upstream", "server-killed"
    destroys_answers = True
    # What may have been executed by a server that is gone is sent to no other one.
    sees = (Outcome.CUT, Outcome.ERROR_EVENT, Outcome.REFUSED)

    def again(self, server):
        """What is different when it comes back."""

    async def strike(self, stage):
        server = stage.servers[0]

        async def kill():
            await stage.busy(stage.servers[1].slots + 1)
            server.kill()

        await stage.crowd(script=LONG, meanwhile=kill)
        self.again(server)
        server.start()
        await server.ready()
        await stage.recovered()


class RestartedOtherwise(Killed):
    """A server is killed and comes back on its port with another number of slots: four, then two, and so on."""

    name = "restarted-with-other-slots"
    times = 20
    why_fewer = "Fewer: the same as above, but for the slots."

    def again(self, server):
        server.slots = 2 if server.slots == 4 else 4


class Stopped(Fault):
    """A server's process is stopped for half a second (SIGSTOP, SIGCONT) while it answers."""

    part, name = "Upstream", "server-stopped"

    async def strike(self, stage):
        server = stage.servers[0]

        async def stop():
            await stage.busy(stage.servers[1].slots + 1)
            server.send(signal.SIGSTOP)
            await asyncio.sleep(0.5)
            server.send(signal.SIGCONT)

        await stage.crowd(script=LONG, meanwhile=stop)
        await stage.ready()


class StoppedForLong(Fault):
    """A server's process is stopped (SIGSTOP) for longer than --first-byte-timeout and --answer-idle-timeout, one second
    each, allow."""

    part, name = "Upstream", "server-stopped-until-timeout"
    flags = ("--first-byte-timeout", "1s", "--answer-idle-timeout", "1s")
    sees = (Outcome.REFUSED, Outcome.ERROR_EVENT, Outcome.CUT)

    async def strike(self, stage):
        server = stage.servers[0]

        async def stop():
            await stage.busy(stage.servers[1].slots + 1)
            server.send(signal.SIGSTOP)

        await stage.crowd(script=LONG, meanwhile=stop)
        server.send(signal.SIGCONT)
        await stage.recovered()


class StandsStill(Fault):
    """A server's slots stand still while it says that it is well, for longer than --stuck-after (one second) allows: it gets
    nothing new until they move, and then ends what it had begun."""

    part, name = "Upstream", "slots-stand-still"
    times = 20
    why_fewer = "Fewer: three looks at the slots take as many seconds."
    agent_flags = ("--monitoring-interval", "100ms", "--stuck-after", "1s")

    async def strike(self, stage):
        server = stage.servers[0]

        async def stall():
            await stage.busy(stage.servers[1].slots + 1)
            await server.fault("stall")
            await stage.condition(server, "stuck")
            before = (await server.counts())["requests_received"]
            await asyncio.gather(*(stage.ask_alone(stage.question(streams)) for streams in (True, False, True)))
            if (await server.counts())["requests_received"] > before:
                raise RuntimeError("a server that was known to be stuck got something new")
            await server.clear()

        await stage.crowd(script=LONG, meanwhile=stall)
        await stage.recovered()


class OutOfDescriptors(Fault):
    """A server has no descriptors left: connections are taken by its system and not by itself, for half a second."""

    part, name = "Upstream", "server-out-of-descriptors"

    async def strike(self, stage):
        server = stage.servers[0]
        await server.fault("close_idle")

        async def starve():
            await asyncio.sleep(0.5)
            server.limit_descriptors(None)

        server.limit_descriptors(server.descriptors())
        await stage.crowd(meanwhile=starve)
        await stage.ready()


class AllGone(Fault):
    """All servers are killed while nobody asks, then requests come: they wait, and are answered when servers are
    back."""

    part, name = "Upstream", "all-servers-gone"

    async def strike(self, stage):
        for server in stage.servers:
            server.kill()

        async def come_back():
            async def are_waiting():
                return await stage.balancer.waiting() == self.in_flight

            await eventually("requests that wait", are_waiting)
            for server in stage.servers:
                server.start()

        await stage.crowd(meanwhile=come_back)
        await stage.ready()


class GoesOnWorking(Fault):
    """A server goes on with an answer whose client has left: its slot is not used before it is free. None of the other
    requests ever waits within a server."""

    part, name = "Upstream", "works-for-nobody"
    fake_arguments = ("--sticky-cancel",)
    in_flight = 8
    sees = (Outcome.LEFT,)

    async def strike(self, stage):
        # Half of the slots are kept busy by servers that don't see that their clients have left.
        left = stage.crowd(self.servers * self.slots // 2, script=(("Delay-Ms", 600),), streams=False, gives_up=0.2)
        await left
        await stage.crowd()
        for server in stage.servers:
            if (await server.counts())["deferred_max"]:
                raise RuntimeError("a server had more requests than slots")
        await stage.ready()


class EndsItsServer(Fault):
    """A request ends the server that executes it, over a new connection: one server is lost, and never a second one. It is
    started again."""

    part, name = "Upstream", "request-ends-its-server"
    servers = 4
    times = 20
    why_fewer = "Fewer: each time a server is started again."
    sees = (Outcome.REFUSED,)

    async def connections(self, stage):
        for server in stage.servers:
            await server.fault("close_idle")

    async def strike(self, stage):
        await self.connections(stage)
        await stage.ask_alone(stage.question(stage.times % 2 == 0, (("Fault", "die"),)))
        ended = await self.ended(stage)
        await ended.come_back()
        await ended.ready()
        await self.again(stage)
        await stage.recovered()

    async def ended(self, stage):
        """The one server that is lost."""

        async def is_any_gone():
            return any(server.process.child.poll() is not None for server in stage.servers)

        # A connection ends before its process does.
        await eventually("the end of a server", is_any_gone)
        lost = [server for server in stage.servers if not await self.lives(server)]
        if len(lost) != 1:
            raise RuntimeError(f"one request ended {len(lost)} servers")
        return lost[0]

    async def lives(self, server):
        try:
            await server.counts()
            return True
        except Ended:
            return False

    async def again(self, stage):
        """The server is back."""


class EndsItsServerWarm(EndsItsServer):
    """The same over a connection that was used before."""

    name = "request-ends-its-server-warm"

    async def connections(self, stage):
        await stage.crowd(self.servers * self.slots)


class EndsItsServerFar(EndsItsServer):
    """The same over a new connection to servers that are 3 ms away: the port of the one that is gone is closed before its
    connections end, or opens and says nothing, in turn."""

    name = "request-ends-its-server-far"

    def arrange(self, stage):
        self.ways = [Distance(server.port, lasting_port()) for server in stage.servers]
        for agent, way in zip(stage.agents, self.ways):
            agent.flags = ("--external-llamacpp-port", way.port)

    async def before_agents(self, stage):
        for way in self.ways:
            stage.others.append(way)
            await way.start()

    async def strike(self, stage):
        for way in self.ways:
            way.closes_with_server = stage.times % 4 < 2
        await super().strike(stage)

    async def again(self, stage):
        for way in self.ways:
            await way.start()


class EndsItsServerFarWarm(EndsItsServerFar, EndsItsServerWarm):
    """The same over a connection that was used before."""

    name = "request-ends-its-server-far-warm"


class WithoutServer(Fault):
    """Asked while all servers are gone."""

    part = "Upstream"
    times = 10
    why_fewer = "Fewer: each time all servers are started again."

    async def strike(self, stage):
        for server in stage.servers:
            server.kill()
        for server in stage.servers:
            await stage.condition(server, "down")
        asking = asyncio.create_task(self.ask(stage))
        await stage.crowd(meanwhile=lambda: self.come_back(stage, asking))
        await asking
        await stage.ready()

    async def ask(self, stage):
        raise NotImplementedError

    async def come_back(self, stage, asking):
        async def are_waiting():
            return await stage.balancer.waiting() == self.in_flight

        await eventually("requests that wait", are_waiting)
        await self.before_servers(asking)
        for server in stage.servers:
            server.start()

    async def before_servers(self, asking):
        """Everybody else waits."""


class ListWithoutServer(WithoutServer):
    """A list of models is asked for while all servers are gone: it waits until one is back."""

    name = "list-without-server"

    async def ask(self, stage):
        if "data" not in await ask_json(stage.balancer.port, "/v1/models"):
            raise RuntimeError("no list of models came")

    async def before_servers(self, asking):
        if asking.done():
            raise RuntimeError(f"a list of models came from nowhere, or didn't wait: {asking}")


class PreflightWithoutServer(WithoutServer):
    """A browser asks whether its page may ask (a preflight) while all servers are gone: it is told so before there is one,
    and the request waits."""

    name = "preflight-without-server"
    fields = (("Origin", "https://page.example"),)
    question = (
        f"OPTIONS {PATH} HTTP/1.1\r\nHost: api.example\r\nOrigin: https://page.example\r\n"
        "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n\r\n"
    ).encode()

    async def ask(self, stage):
        answer = await say(stage.balancer.port, self.question)
        if answer.fields.get("access-control-allow-origin") not in ("*", "https://page.example"):
            raise RuntimeError(f"the page may not ask: {answer.fields}")

    async def before_servers(self, asking):
        await asking


class SlowAndWorking(Fault):
    """Whole answers take twice as long as --first-byte-timeout (three seconds) allows, while slots are seen to move."""

    part, name = "Upstream", "slow-while-slots-move"
    times, quick_times = 5, 1
    why_fewer = "Fewer: each answer takes six seconds."
    flags = ("--first-byte-timeout", "3s")
    agent_flags = ("--monitoring-interval", "100ms")
    in_flight = 8

    async def strike(self, stage):
        await stage.crowd(script=(("Tokens", 120), ("Token-Delay-Ms", 50)), streams=False)
        await stage.ready()


ALL = [
    Refused(), Killed(), RestartedOtherwise(), EndsItsServer(), EndsItsServerWarm(), EndsItsServerFar(),
    EndsItsServerFarWarm(), Stopped(), StoppedForLong(), StandsStill(), SlowAndWorking(), OutOfDescriptors(), AllGone(),
    ListWithoutServer(), PreflightWithoutServer(), GoesOnWorking(),
]  # fmt: skip
