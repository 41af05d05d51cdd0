"""Agents that are gone, deaf, doubled, or talk nonsense. Requests go on all the time: an agent carries none."""

import asyncio
import signal
import time

from fault import Fault
from outcome import Outcome
from programs import Agent
from raw_agent import RawAgent
from relay import Relay
from stage import LONG
from waiting import eventually


class AgentKilled(Fault):
    """An agent is killed (SIGKILL) while its server answers: what runs goes on, nothing new is sent there until another
    agent speaks for it."""

    part, name = "Agent", "agent-killed"

    async def strike(self, stage):
        agent = stage.agents[0]

        async def kill():
            await stage.busy(stage.servers[1].slots + 1)
            agent.kill()

        await stage.crowd(script=LONG, meanwhile=kill)
        agent.start()
        await stage.ready()


class AgentToldToStop(Fault):
    """An agent is told to stop (SIGTERM) while its server answers: it leaves when nothing runs there any more."""

    part, name = "Agent", "agent-told-to-stop"

    async def strike(self, stage):
        agent = stage.agents[0]

        async def stop():
            await stage.busy(stage.servers[1].slots + 1)
            agent.send(signal.SIGTERM)

        await stage.crowd(script=LONG, meanwhile=stop)
        await agent.come_back()
        await stage.ready()


class ManagementFlood(Fault):
    """600 connections to the management listener, more than it has places for, say half a head and no more, and one agent
    is killed and started again among them: it comes back, probes are answered, and clients notice nothing."""

    part, name = "Agent", "management-flood"
    times, quick_times = 20, 2
    why_fewer = "Fewer: each opens 600 connections."

    def arrange(self, stage):
        # An eighth of what is free of them are the listener's places.
        stage.balancer.prefix = ("/bin/sh", "-c", 'ulimit -n 4096 && exec "$@"', "sh")

    async def strike(self, stage):
        strangers = []
        agent = stage.agents[0]

        async def flood():
            for _ in range(600):
                _, writer = await asyncio.open_connection("127.0.0.1", stage.balancer.management)
                writer.write(b"POST /x HTTP/1.1\r\nHost: localhost\r\nX: ")
                strangers.append(writer)
            agent.kill()
            await stage.balancer.upstreams()

        try:
            await stage.crowd(script=LONG, meanwhile=flood)
            agent.start()
            await stage.ready()
        finally:
            for writer in strangers:
                writer.close()


class AgentStopped(Fault):
    """An agent's process is stopped for half a second (SIGSTOP, SIGCONT)."""

    part, name = "Agent", "agent-stopped"

    async def strike(self, stage):
        agent = stage.agents[0]

        async def stop():
            agent.send(signal.SIGSTOP)
            await asyncio.sleep(0.5)
            agent.send(signal.SIGCONT)

        await stage.crowd(script=LONG, meanwhile=stop)
        await stage.ready()


class Partitioned(Fault):
    """The network between an agent and the balancer carries nothing for a second, that to its server does; then all of
    it arrives, or the connections break, in turn."""

    part, name = "Agent", "agent-partitioned"
    seconds = 1

    async def before_agents(self, stage):
        self.relay = Relay(stage.balancer.management)
        await self.relay.start()
        stage.others.append(self.relay)
        stage.agents[0].management = self.relay.port

    async def strike(self, stage):
        self.relay.hold()
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            await stage.crowd(script=LONG)
        await self.before_release(stage)
        if stage.times % 2:
            self.relay.break_off()
        self.relay.release()
        await stage.ready()

    async def before_release(self, stage):
        """Nothing has been heard of the agent for all the time."""


class LongPartitioned(Partitioned):
    """The same for 25 seconds: a server of which nothing is heard isn't used any more, and is used again afterwards."""

    name, seconds = "agent-partitioned-for-long", 25
    times, quick_times = 4, 1
    why_fewer = "Fewer: it takes so long."

    async def before_release(self, stage):
        states = {one["agent_name"]: one["state"] for one in await stage.balancer.upstreams()}
        if states.get("agent-a") == "usable":
            raise RuntimeError("a server of which nothing is heard is still used")


class TwoAgents(Fault):
    """A second agent speaks for the same server, and one of the two is killed in the middle: the server's slots are
    never counted twice, nor are they gone with one agent."""

    part, name = "Agent", "two-agents"
    servers = 1
    in_flight = 10

    async def prepare(self, stage):
        self.second = Agent(stage.programs, stage.servers[0], stage.balancer.management)
        stage.others.append(self.second)

    async def strike(self, stage):
        self.second.start()
        victim = stage.agents[0] if stage.times % 2 else self.second

        async def kill():
            await stage.busy(2)
            victim.kill()

        await stage.crowd(script=LONG, meanwhile=kill)
        if (await stage.servers[0].counts())["deferred_max"]:
            raise RuntimeError("the server had more requests than slots")
        if victim is self.second:
            return await stage.ready()
        stage.agents[0].start()
        await stage.ready()
        self.second.kill()
        await stage.ready()


class Untrue(Fault):
    """An agent of our own making speaks for the server."""

    part = "Agent"
    servers = 1
    in_flight = 10

    async def before_agents(self, stage):
        stage.agents = []
        self.agent = await self.connected(stage)

    async def connected(self, stage, identity="raw"):
        agent = RawAgent(identity, f"127.0.0.1:{stage.servers[0].port}", self.slots)
        await agent.connect(stage.balancer.management)
        stage.others.append(agent)
        return agent


class WrongClock(Untrue):
    """The times in an agent's messages jump by a day, back and forth."""

    name = "agent-clock"

    async def strike(self, stage):
        self.agent.wire.begun += -86_400 if stage.times % 2 == 0 else 86_400
        await stage.crowd()
        await self.agent.say(self.agent.report())
        await stage.crowd()


class ReportsRepeated(Untrue):
    """An agent's reports come three times each, and old ones after newer ones."""

    name = "reports-repeated"

    async def strike(self, stage):
        old = [self.agent.slots(), self.agent.report()]
        await asyncio.sleep(0.005)
        await self.agent.say(self.agent.slots(), self.agent.slots(), self.agent.slots())

        async def repeat():
            await self.agent.say(self.agent.report(), *old, *old, *reversed(old))

        await stage.crowd(meanwhile=repeat)


class ReportsAbsurd(Untrue):
    """A second agent for the same server says what can't be: negative counts, a thousand million slots, a line of
    10 MB, no JSON, or no HTTP chunk. It is refused; what the true agent says counts."""

    name = "reports-absurd"

    async def strike(self, stage):
        liar = await self.connected(stage, "liar")
        wire = liar.wire
        lies = [
            wire.line(wire.slots(4, -1)),
            wire.line(wire.slots(-4, 0)),
            wire.line(wire.slots(1_000_000_000, 0)),
            wire.line(wire.report(1_000_000_000, 999_999_999)),
            wire.line({"type": "slots", "sent_at_ms": 1e300} | wire.sample(4, 0)),
            wire.chunk(b"{" + b" " * 10_000_000 + b"}\n"),
            wire.chunk(b"\xff\xfe nonsense {[\n"),
            wire.line({"type": "report"}),
            b"no chunk at all\r\n",
        ]

        async def lie():
            try:
                await liar.say(lies[stage.times % len(lies)])
            finally:
                await eventually("a refusal of what can't be", liar.is_refused)

        await stage.crowd(meanwhile=lie)
        liar.end()
        stage.others.remove(liar)
        await stage.ready()


class ReportsFlood(Untrue):
    """An agent sends ten thousand reports at once, and reads nothing of what it is told."""

    name = "reports-flood"
    times, quick_times = 20, 2
    why_fewer = "Fewer: each takes a second."

    async def strike(self, stage):
        report = self.agent.report()

        async def flood():
            for _ in range(100):
                await self.agent.say(*[report] * 100)

        await stage.crowd(meanwhile=flood)


class AddressClaimed(Fault):
    """Another agent claims the address of a server whose agent is well: it says that there are no slots, or 60,000, or
    connects and hangs up again and again, in turn. It waits and is told so, and nothing changes for the server."""

    part, name = "Agent", "address-claimed"
    servers = 1
    in_flight = 10

    async def strike(self, stage):
        address = f"127.0.0.1:{stage.servers[0].port}"

        async def claim():
            if stage.times % 3 == 2:
                for number in range(50):
                    flapping = RawAgent(f"thief-{stage.times}-{number}", address, 0)
                    await flapping.connect(stage.balancer.management)
                    flapping.end()
                return
            thief = RawAgent(f"thief-{stage.times}", address, 60_000 if stage.times % 3 else 0)
            stage.others.append(thief)
            await thief.connect(stage.balancer.management)
            await eventually("a word that it has to wait", lambda: self.is_told(thief))
            (upstream,) = await stage.balancer.upstreams()
            if upstream["agent_name"] != "agent-a" or upstream["slots_total"] != stage.servers[0].slots:
                raise RuntimeError(f"the server is another's: {upstream}")
            if upstream["conflict"]["agent_id"] != f"thief-{stage.times}":
                raise RuntimeError("nobody learns that two agents claim one address")
            thief.end()
            stage.others.remove(thief)

        await stage.crowd(meanwhile=claim)
        if (await stage.servers[0].counts())["deferred_max"]:
            raise RuntimeError("the server had more requests than slots")

    async def is_told(self, agent):
        return b'"notice"' in agent.heard


class OwnAddress(Fault):
    """An agent names an address at which the balancer itself listens: it is told so, and no request goes there."""

    part, name = "Agent", "address-of-the-balancer"

    async def strike(self, stage):
        hosts = ("127.0.0.1", "LOCALHOST.", "[::ffff:127.0.0.1]")
        ports = (stage.balancer.port, stage.balancer.management)
        address = f"{hosts[stage.times % 3]}:{ports[stage.times % 2]}"

        async def claim():
            agent = RawAgent(f"loop-{stage.times}", address, self.slots)
            stage.others.append(agent)
            await agent.connect(stage.balancer.management)
            await eventually("a word that this is the balancer", lambda: self.is_told(agent))
            if len(await stage.balancer.upstreams()) != self.servers:
                raise RuntimeError(f"the balancer has itself as an upstream: {address}")
            agent.end()
            stage.others.remove(agent)

        await stage.crowd(meanwhile=claim)

    async def is_told(self, agent):
        return b"where this balancer itself listens" in agent.heard


class Loop(Fault):
    """An agent names the address of a TCP forwarder that leads back to the balancer: requests that come back are answered
    508, and go round no second time."""

    part, name = "Agent", "loop"
    sees = (Outcome.REFUSED,)

    async def before_agents(self, stage):
        self.forwarder = Relay(stage.balancer.port)
        await self.forwarder.start()
        stage.others.append(self.forwarder)

    async def strike(self, stage):
        agent = RawAgent(f"loop-{stage.times}", f"127.0.0.1:{self.forwarder.port}", self.slots)
        await agent.connect(stage.balancer.management)
        stage.others.append(agent)
        before = self.forwarder.carried
        await stage.ready(self.servers + 1)
        seen = await stage.crowd()
        if not 0 < self.forwarder.carried - before <= seen.count(Outcome.REFUSED):
            raise RuntimeError("requests went round more than once")
        agent.end()
        stage.others.remove(agent)
        await stage.recovered()

    async def finish(self, stage):
        if others := {result.status for result in stage.tally.results} - {200, 508}:
            raise RuntimeError(f"loops were answered {others}")


ALL = [
    AgentKilled(), AgentToldToStop(), AgentStopped(), Partitioned(), LongPartitioned(), TwoAgents(), AddressClaimed(),
    OwnAddress(), Loop(), WrongClock(), ReportsRepeated(), ReportsAbsurd(), ReportsFlood(), ManagementFlood(),
]  # fmt: skip
