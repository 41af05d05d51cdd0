"""How clients speak to the balancer. What they say, and how they leave, is the same in each of these ways."""

from question import read_answer
from wire import Wire


class Conversation:
    """One client's requests, one after the other, over HTTP/1.1."""

    def __init__(self, wire):
        self.wire = wire

    async def ask(self, question):
        self.wire.count = 0
        await self.wire.send(question.message)

    async def ask_half_head(self, question):
        await self.wire.send(question.head[: len(question.head) // 2])

    async def ask_half_body(self, question):
        await self.wire.send(question.message[: -len(question.body) // 2])

    async def ask_when_told(self, question):
        """The body only behind 100 Continue, which the question asks for."""
        await self.wire.send(question.head)
        if not (await self.wire.until(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 "):
            raise RuntimeError("no 100 Continue")
        await self.wire.send(question.body)

    async def read(self, answer):
        """Fills it as it comes. Raises `Ended` if that comes too early."""
        await read_answer(self.wire, answer)

    async def hear_something(self):
        await self.wire.fill(1)

    async def hear(self, text, times=1):
        for _ in range(times):
            await self.wire.until(text)

    @property
    def has_heard(self):
        """Anything since it asked."""
        return self.wire.count > 0

    @property
    def has_more(self):
        """Behind an answer, where nothing may come."""
        return bool(self.wire.received)

    @property
    def is_over(self):
        """Clients look before they ask over a kept connection again."""
        return self.wire.is_over

    async def leave(self, number):
        """By a close or a reset in turn."""
        self.close(resets=number % 2 == 1)

    def close(self, resets=False):
        self.wire.close(resets)


class Transport:
    """HTTP/1.1 over TCP."""

    # Of the names of faults that are played in this way, and of what the table says of them.
    suffix, part = "", "Client"
    # Programs of the system that it needs.
    tools = ()
    wire = Wire

    def arrange(self, stage):
        """The balancer isn't started yet."""

    async def open(self, port, receive_buffer=None, manner=None):
        """A connection of one's own. `manner`: what its wire does in another way."""
        return Conversation(await self.kind_of_wire(manner).open(port, receive_buffer))

    async def join(self, stage):
        """As one of a crowd."""
        return await self.open(stage.balancer.port)

    def kind_of_wire(self, manner):
        return type(manner.__name__, (manner, self.wire), {}) if manner else self.wire


PLAIN = Transport()
