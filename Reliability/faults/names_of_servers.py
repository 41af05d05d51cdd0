"""Names of servers (DNS) that mean another address than before, or nothing."""

import asyncio

from fault import Fault
from outcome import Outcome
from stage import LONG


class Moves(Fault):
    """A server that is known by a name is killed while it answers and comes back at another address. For half a second
    its name means nothing, then the new address."""

    part, name = "Balancer", "name-moves"
    has_names = True
    destroys_answers = True
    sees = (Outcome.CUT, Outcome.ERROR_EVENT)

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


ALL = [Moves(), Unknown()]
