"""What can go wrong: one way of it."""

from transport import PLAIN


class Fault:
    """A subclass's docstring is what the table says of it, its attributes are how it is played."""

    # Upstream, Agent, Balancer or Client.
    part = ""
    name = ""
    # How often: as a rule, and with --quick.
    times, quick_times = 50, 3
    # Why it is done less often than others.
    why_fewer = ""
    in_flight = 12
    servers, slots = 2, 4
    # Of the balancer, the agents and the fake servers.
    flags, agent_flags, fake_arguments = (), (), ()
    # Fields of each request's head.
    fields = ()
    # Balancer and agents know the servers by names, whose addresses can be changed: a.test and so on.
    has_names = False
    # Programs of the system that it needs.
    tools = ()
    # How clients speak.
    transport = PLAIN
    # What clients may see of it beside right answers.
    sees = ()
    # A reset destroys what is on its way: a server has begun to answer then, and nobody saw it. It is the first one.
    destroys_answers = False

    @property
    def text(self):
        return " ".join(self.__doc__.split())

    def arrange(self, stage):
        """No process runs yet."""

    async def before_agents(self, stage):
        """Servers and balancer run, agents don't yet."""

    async def prepare(self, stage):
        """All is well, and about to go wrong."""

    async def strike(self, stage):
        """Once, with requests in flight."""
        raise NotImplementedError

    async def finish(self, stage):
        """All has to be well again afterwards."""
