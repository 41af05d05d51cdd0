"""Names of servers (DNS) that mean another address than before, or nothing."""

import asyncio
import subprocess
import tempfile
from pathlib import Path

from fault import Fault
from outcome import Outcome
from ports import lasting_port
from raw_agent import RawAgent
from stage import LONG
from waiting import eventually


class Moves(Fault):
    """A server that is known by a name is killed while it answers and comes back at another address. For half a second
    its name means nothing, then the new address."""

    part, name = "Balancer", "name-moves"
    has_names = True
    destroys_answers = True
    # What may have been executed by a server that is gone is sent to no other one.
    sees = (Outcome.CUT, Outcome.ERROR_EVENT, Outcome.REFUSED)

    async def strike(self, stage):
        server = stage.servers[0]

        async def move():
            await stage.busy(stage.servers[1].slots + 1)
            server.kill()
            stage.names.point(server.host, None)

        await stage.crowd(script=LONG, meanwhile=move)
        server.address = "127.0.0.2" if server.address == "127.0.0.1" else "127.0.0.1"
        server.start()
        await asyncio.sleep(0.5)
        stage.names.point(server.host, server.address)
        await server.ready()
        await stage.recovered()
        # What may have failed was the last connection to the former address.
        await stage.ready()


class Unknown(Fault):
    """The names of all servers mean nothing for half a second, and no connection to them is open."""

    part, name = "Balancer", "name-unknown"
    has_names = True

    async def strike(self, stage):
        for server in stage.servers:
            stage.names.point(server.host, None)
            await server.fault("close_idle")

        async def make_known():
            await asyncio.sleep(0.5)
            for server in stage.servers:
                stage.names.point(server.host, server.address)

        await stage.crowd(meanwhile=make_known)
        await stage.recovered()


class Unanswered(Fault):
    """The name server of one server's name is away, so that its lookup takes ten seconds. Those whose requests are for it
    get another server after five; while they wait, all others are served over new connections, by name."""

    part, name = "Balancer", "name-unanswered"
    times, quick_times = 5, 1
    why_fewer = "Fewer: each takes so long."
    has_names = True
    tools = ("cc",)
    # One event loop, whose connections would wait for each other.
    flags = ("--threads", "1")

    def arrange(self, stage):
        library = tempfile.NamedTemporaryFile(prefix="unanswered-names-", suffix=".so")
        source = Path(__file__).resolve().parent.parent / "unanswered_names.c"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library.name, source, "-ldl"], check=True)
        stage.others.append(Library(library))
        stage.balancer.prefix = (*stage.balancer.prefix, "env", f"LD_PRELOAD={library.name}")

    async def strike(self, stage):
        # Another one each time: this one's lookup goes on when everybody has ceased to wait for it.
        self.address = f"unanswered-{stage.times}.test:{lasting_port()}"
        agent = RawAgent(f"unanswered-{stage.times}", self.address, self.slots)
        await agent.connect(stage.balancer.management)
        stage.others.append(agent)
        await stage.ready(self.servers + 1)
        for server in stage.servers:
            await server.fault("close_idle")
        await stage.crowd(meanwhile=lambda: self.others_are_served(stage))
        agent.end()
        stage.others.remove(agent)
        await stage.recovered()

    async def others_are_served(self, stage):
        async def wait_for_the_name():
            return await self.leased(stage) == self.slots and sum(await self.free(stage)) == self.servers * self.slots

        await eventually("requests that wait for the name alone", wait_for_the_name)
        for server in stage.servers:
            await server.fault("close_idle")
        count = self.servers * self.slots
        await asyncio.gather(*(stage.ask_alone(stage.question(bool(number % 2))) for number in range(count)))
        if await self.leased(stage) < self.slots:
            raise RuntimeError("others were served only when nobody waited for the name any more")

    async def leased(self, stage):
        return sum(one["slots_leased"] for one in await self.upstreams(stage, True))

    async def free(self, stage):
        return [one["slots_idle"] for one in await self.upstreams(stage, False)]

    async def upstreams(self, stage, unanswered):
        all = await stage.balancer.upstreams()
        return [one for one in all if (one["external_llamacpp_addr"] == self.address) == unanswered]

    async def finish(self, stage):
        """Nobody else was held up for so long as to seem dead."""
        for line in stage.balancer.log().splitlines():
            if b"cannot connect" in line and b"upstream=unanswered" not in line:
                raise RuntimeError(f"another server could not be connected to: {line.decode()}")


class Library:
    """Gone with the stage."""

    def __init__(self, file):
        self.file = file

    def end(self):
        self.file.close()


ALL = [Moves(), Unknown(), Unanswered()]
