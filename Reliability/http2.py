"""Clients over HTTP/2, under TLS: those of a crowd have one connection together."""

from http2_connection import Connection
from tls import TLS


class HTTP2Conversation:
    """One client's requests, one after the other, each a stream."""

    def __init__(self, connection, is_shared=False):
        self.connection, self.is_shared = connection, is_shared
        self.stream = None
        # Nothing can come behind a stream's end.
        self.has_more = False
        if is_shared:
            connection.users += 1

    async def begin(self, question):
        self.stream = await self.connection.begin(question)

    async def ask(self, question):
        await self.begin(question)
        await self.connection.send(self.stream, question.body)

    async def ask_half_head(self, question):
        await self.connection.send_half_head(question)

    async def ask_half_body(self, question):
        await self.begin(question)
        await self.connection.send(self.stream, question.body[: len(question.body) // 2], ends=False)

    async def ask_when_told(self, question):
        await self.begin(question)
        await self.stream.until(lambda: self.stream.may_continue)
        await self.connection.send(self.stream, question.body)

    async def read(self, answer):
        self.stream.hands_over_to(answer)
        await self.stream.until(lambda: answer.is_whole)

    async def hear_something(self):
        await self.stream.until(lambda: self.stream.answer.status)

    async def hear(self, text, times=1):
        answer = self.stream.answer
        await self.stream.until(lambda: answer.body.count(text) >= times)

    @property
    def has_heard(self):
        return self.stream is not None and self.stream.answer.status > 0

    @property
    def is_over(self):
        return self.connection.is_over

    async def leave(self, number):
        """Who shares the connection resets the stream, others end the connection, by a close or a reset in turn."""
        if self.is_shared and self.stream:
            await self.connection.reset(self.stream)
        self.close(resets=number % 2 == 1)

    def close(self, resets=False):
        if self.is_shared:
            self.is_shared = False
            self.connection.users -= 1
            if self.connection.users > 0:
                return
        self.connection.close(resets)


class HTTP2(TLS):
    """HTTP/2 over TLS."""

    suffix, part = "-http2", "ClientHTTP2"

    async def open(self, port, receive_buffer=None, manner=None, settings=None):
        wire = await self.kind_of_wire(manner).open(port, receive_buffer, "h2")
        return HTTP2Conversation(await Connection.open(wire, settings))

    async def join(self, stage):
        """Who comes first opens the connection, and again when it is told to go."""
        async with stage.joining:
            if stage.shared is None or stage.shared.is_over:
                stage.shared = (await self.open(stage.balancer.port)).connection
        return HTTP2Conversation(stage.shared, is_shared=True)


OVER_HTTP2 = HTTP2()
