"""Where a fault is played: a balancer, fake llama-servers with agents, and clients; and what must be so afterwards."""

import asyncio
import itertools

from client import Client
from names import Names
from outcome import Outcome, Result, Tally
from programs import Agent, Balancer, FakeServer
from question import Question
from waiting import eventually, say

# Tokens of the usual answer, and the time each takes: short, and long enough for something to happen meanwhile.
PACE = (("Tokens", 8), ("Token-Delay-Ms", 3))
# Long enough for a process to be struck in the middle of it.
LONG = (("Tokens", 60), ("Token-Delay-Ms", 5))


class Stage:
    def __init__(self, programs, fault):
        self.programs, self.fault = programs, fault
        self.balancer = Balancer(programs, fault.flags)
        names = "abcdefgh"[: fault.servers]
        self.servers = [FakeServer(programs, name, fault.slots, fault.fake_arguments) for name in names]
        # Nobody but us knows it: what it says is what the others should have said. Its name is as long as theirs.
        self.oracle = FakeServer(programs, "o", 64, ())
        self.agents = [
            Agent(programs, server, self.balancer.management, fault.agent_flags) for server in self.servers
        ]
        # What else is to be ended: anything with end().
        self.others = []
        if fault.has_names:
            self.name_servers()
        self.tally = Tally()
        self.times = 0
        self.asking = set()
        self.most_in_flight = 0
        self.numbers = itertools.count()
        self.references = {}
        self.clients = []
        # A connection that those of a crowd have together, and who is about to open it.
        self.shared, self.joining = None, asyncio.Lock()
        fault.transport.arrange(self)
        fault.arrange(self)

    def name_servers(self):
        self.names = Names([f"{server.name}.test" for server in self.servers])
        self.others.append(self.names)
        for server in self.servers:
            server.host = f"{server.name}.test"
        for program in [self.balancer, *self.agents]:
            program.prefix = self.names.prefix

    async def __aenter__(self):
        try:
            for program in [self.balancer, self.oracle, *self.servers]:
                program.start()
            for program in [self.balancer, self.oracle, *self.servers]:
                await program.ready()
            await self.fault.before_agents(self)
            for agent in self.agents:
                agent.start()
            await self.ready()
            await self.balancer.measure_rest()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_):
        for client in self.clients:
            client.close()
        for thing in [*self.others, *self.agents, self.balancer, self.oracle, *self.servers]:
            thing.end()

    # MARK: - Asking

    def question(self, streams, script=PACE, **more):
        return Question(
            f"{self.fault.name}-{next(self.numbers)}", streams, script, **({"fields": self.fault.fields} | more)
        )

    def begins(self, identity):
        self.asking.add(identity)
        self.most_in_flight = max(self.most_in_flight, len(self.asking))

    def ends(self, identity):
        self.asking.discard(identity)

    async def crowd(self, count=None, script=PACE, streams=None, gives_up=None, meanwhile=None, **more):
        """So many clients ask at once, every other one for a stream. `meanwhile` begins when they have."""
        count = count or self.fault.in_flight
        while len(self.clients) < count:
            self.clients.append(Client(self))
        kinds = [bool(number % 2) if streams is None else streams for number in range(count)]
        questions = [self.question(kind, script, **more) for kind in kinds]
        asking = [client.ask(question, gives_up) for client, question in zip(self.clients, questions)]
        if meanwhile is None:
            return await asyncio.gather(*asking)
        return (await asyncio.gather(*asking, meanwhile()))[:-1]

    async def ask_alone(self, question, gives_up=None):
        client = Client(self)
        try:
            return await client.ask(question, gives_up)
        finally:
            client.close()

    async def judge(self, question, answer):
        """Notes whether a whole answer is the right one."""
        is_right = answer.is_answer_to(question, await self.reference(question))
        outcome = Outcome.RIGHT if is_right else Outcome.WRONG
        self.tally.add(Result(question.identity, outcome, answer.server, answer.status, repr(answer)[:2000]))

    async def reference(self, question):
        """What the server itself says to such a request."""
        script = tuple(part for part in question.script if part[0] != "Fault")
        key = (question.streams, script, question.path)
        if key not in self.references:
            plain = Question("reference", question.streams, script, path=question.path)
            self.references[key] = (await say(self.oracle.port, plain.message)).body
        return self.references[key]

    # MARK: - Waiting

    async def busy(self, count):
        """So many requests run in the servers."""

        async def is_so():
            counts = await asyncio.gather(*(server.counts() for server in self.servers if server.process))
            return sum(each["running_now"] for each in counts) >= count

        await eventually(f"{count} running requests", is_so)

    async def condition(self, server, condition):
        """The server's agent says so, and the balancer knows."""

        async def is_so():
            upstreams = await self.balancer.upstreams()
            return any(one["agent_name"] == f"agent-{server.name}" and one["condition"] == condition for one in upstreams)

        await eventually(f"a server that is {condition}", is_so)

    async def ready(self, count=None):
        """All servers, or so many, are used, and all their slots are idle."""
        wanted = len(self.servers) if count is None else count

        async def is_so():
            self.balancer.process.require_running()
            usable = [one for one in await self.balancer.upstreams() if one["state"] == "usable"]
            return len(usable) == wanted and all(one["slots_idle"] == one["slots_total"] for one in usable)

        await eventually("a fleet at rest", is_so, limit=90)

    # MARK: - Afterwards

    async def recovered(self):
        """Everything works again. A server that answers isn't left alone for longer with each of its failures."""
        await self.ready()
        tally, self.tally = self.tally, Tally()
        await self.crowd()
        wrong = [result for result in self.tally.results if result.outcome.value != "right"]
        self.tally = tally
        if wrong:
            raise RuntimeError(f"{len(wrong)} requests went wrong after the fault, the first: {wrong[0]}")

    async def leaks(self):
        """What is still held when nobody asks any more, in words."""
        for client in self.clients:
            client.close()
        found = []

        async def is_clean():
            found[:] = await self.held()
            return not found

        try:
            for server in self.servers:
                await server.fault("close_idle")
            await eventually("rest", is_clean, limit=45)
        except RuntimeError:
            pass
        return found

    async def held(self):
        upstreams = await self.balancer.upstreams()
        counts = {
            "leases": sum(one["slots_leased"] for one in upstreams),
            "cooling slots": sum(one["slots_cooling"] for one in upstreams),
            "requests in the queue": await self.balancer.waiting(),
            "bytes": await self.balancer.metric("paddler_request_bodies_held_bytes"),
            "clients": await self.balancer.metric("paddler_clients_connected"),
            "descriptors": self.balancer.descriptors() - self.balancer.at_rest,
        }
        return [f"{count} {what}" for what, count in counts.items() if count > 0]

    async def twice(self):
        """Requests that were executed once more after an answer to them had begun, or answered more than once."""
        journals = {server.name: await server.journal() for server in self.servers}
        return [result.identity for result in self.tally.results if self.answers(result, journals) > 1]

    def answers(self, result, journals):
        counts = {name: journal.get(result.identity, {}).get("answered", 0) for name, journal in journals.items()}
        if self.fault.destroys_answers and result.server != self.servers[0].name:
            # What the server that breaks had begun to say may have been destroyed before anybody saw it.
            counts[self.servers[0].name] = 0
        if result.server in counts:
            # A server that was killed remembers nothing.
            counts[result.server] = max(1, counts[result.server])
        return sum(counts.values())

    async def tried_again(self):
        """A connection that was reused and broke is replaced without a word, so the journals are asked, too."""
        again = self.balancer.tried_again()
        started = {}
        for server in self.servers:
            for identity, entry in (await server.journal()).items():
                started[identity] = started.get(identity, 0) + entry["started"]
        return again | {identity for identity, count in started.items() if count > 1}
