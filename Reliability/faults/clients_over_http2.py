"""Clients that go, dawdle, shout or say nothing, over HTTP/2: some on a connection of their own, some on one that they
share with all others."""

import asyncio

from faults.clients import (
    AllGone, ExpectsContinue, GoneAtFirstByte, GoneAtLastByte, GoneInBody, GoneInHead, GoneInStream, GoneQueued,
    GoneSent, OfClients, ResetAnywhere, Silent, Slow,
)  # fmt: skip
from faults.clients_over_tls import over
from faults.strange_servers import memory_mb
from hpack import Decoder, Encoder
from http2 import OVER_HTTP2
from outcome import Outcome, Result
from question import PATH, Answer
from stage import PACE
from tls_wire import TLSWire
from wire import Ended


class Beside:
    """In turn it closes or resets a connection of its own, or resets a stream of the connection that it shares with all
    others."""

    async def come(self, stage):
        return await (self.transport.join(stage) if stage.times % 3 == 2 else self.open(stage))


def beside(kind):
    return over(OVER_HTTP2, type(kind.__name__, (Beside, kind), {"__doc__": kind.__doc__}))


class AllStreamsGone(AllGone):
    """Two hundred streams of four connections end at the same moment, streams and plain, running and queued: by resets of
    the connections or of each stream in turn."""

    async def strike(self, stage):
        self.connections = [await self.open(stage) for _ in range(4)]
        self.resets_streams = stage.times % 2 == 1
        self.begun = 0
        try:
            await super().strike(stage)
        finally:
            for talk in self.connections:
                talk.close()

    async def come(self, stage):
        own = self.connections[self.begun % 4]
        self.begun += 1
        return type(own)(own.connection, is_shared=True)

    async def go(self, talk):
        if self.resets_streams:
            await talk.connection.reset(talk.stream)
        else:
            talk.connection.close(resets=True)


class OpensItsWindowByBytes(OfClients):
    """A client lets one byte of its answer come at a time."""

    name = "window-of-a-byte"

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.read_by_bytes(stage))

    async def read_by_bytes(self, stage):
        question = stage.question(True, PACE)
        # SETTINGS_INITIAL_WINDOW_SIZE
        answer, talk = Answer(), await self.open(stage, settings={4: 1})
        try:
            await talk.ask(question)
            await talk.read(answer)
        finally:
            talk.close()
        await stage.judge(question, answer)


class ReadsNothingOfItsStream(OfClients):
    """A server answers as fast as it can, 64 MiB, and the client lets nothing of that stream come for half a second:
    those beside it on the connection are answered, and the balancer's memory must not grow by more than 16 MiB."""

    name = "unread-stream"
    sees = (Outcome.LEFT,)
    most_growth_mb = 16
    script = (("Tokens", 16 * 1024), ("Token-Delay-Ms", 0), ("Event-Bytes", 4096))

    async def strike(self, stage):
        before = memory_mb(stage.balancer.pid)
        question = stage.question(True, self.script)
        stage.begins(question.identity)
        talk = await self.transport.join(stage)
        try:
            await talk.begin(question)
            talk.stream.is_read = False
            await talk.connection.send(talk.stream, question.body)
            await stage.busy(1)
            await asyncio.sleep(0.5)
            growth = memory_mb(stage.balancer.pid) - before
            if growth > self.most_growth_mb:
                raise RuntimeError(f"the balancer grew by {growth:.0f} MB")
            await stage.crowd(self.in_flight)
            stage.tally.add(Result(question.identity, Outcome.LEFT))
        finally:
            await talk.leave(stage.times)
            stage.ends(question.identity)


# MARK: - What is no HTTP/2

DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
HEAD = [(":method", "POST"), (":scheme", "https"), (":authority", "a"), (":path", PATH)]


def frame(kind, payload=b"", flags=0, stream=0):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def head(*more, names=HEAD):
    return Encoder().encode([*names, *more], huffman=False)


def request(block, flags=END_HEADERS | END_STREAM, stream=1):
    pieces = [block[at : at + 16000] for at in range(0, len(block), 16000)] or [b""]
    frames = [frame(HEADERS, pieces[0], flags if len(pieces) == 1 else flags & ~END_HEADERS, stream)]
    frames += [frame(CONTINUATION, piece, 0, stream) for piece in pieces[1:-1]]
    frames += [frame(CONTINUATION, pieces[-1], END_HEADERS, stream)] if len(pieces) > 1 else []
    return b"".join(frames)


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS)


class Thrown(OfClients):
    """A client over HTTP/2 sends what it mustn't."""

    bombs = []
    # Its stream or its connection ends, or it is answered.
    sees = (Outcome.REFUSED, Outcome.CLOSED)

    async def strike(self, stage):
        bomb = self.bombs[stage.times % len(self.bombs)]
        await stage.crowd(self.in_flight, meanwhile=lambda: self.throw(stage, bomb))

    async def throw(self, stage, bomb):
        wire = await TLSWire.open(stage.balancer.port, protocol="h2")
        answer = Answer()
        try:
            try:
                await wire.send(bomb)
            except Ended:
                pass
            await self.read(wire, answer)
            outcome = Outcome.REFUSED if answer.status >= 400 and answer.is_json_error else Outcome.WRONG
        except Ended:
            outcome = Outcome.CLOSED if answer.status == 0 else Outcome.CUT
        finally:
            wire.close()
        stage.tally.add(Result("bomb", outcome, None, answer.status))

    async def read(self, wire, answer):
        decoder = Decoder()
        while True:
            start = await wire.exactly(9)
            payload = await wire.exactly(int.from_bytes(start[:3], "big"))
            kind, flags = start[3], start[4]
            if kind in (RESET, GOAWAY):
                raise Ended("reset, or told to go")
            if kind == HEADERS:
                answer.fields = dict(decoder.decode(payload))
                answer.status = int(answer.fields[":status"])
            if kind == DATA:
                answer.body += payload
            if kind in (HEADERS, DATA) and flags & END_STREAM:
                return


class HeadBombOverHTTP2(Thrown):
    """A client sends a head of 100 kB, one with 300 fields, one that never ends, or one that is 16 MiB when it is
    unpacked."""

    name = "head-bomb-http2"
    # A field of 4000 bytes that is remembered, and then named again by a byte each.
    packed = Encoder().encode([*HEAD, ("x-much", "x" * 4000)], huffman=False) + b"\xbe" * 4000
    bombs = [
        # Until the balancer's settings are acknowledged heads may be no larger than 16 kB.
        PREFACE + frame(SETTINGS, flags=ACK) + request(head(("x-much", "x" * 100_000))),
        PREFACE + request(head(*((f"x-{number}", "1") for number in range(300)))),
        PREFACE + frame(HEADERS, head(), END_STREAM, 1) + frame(CONTINUATION, b"", 0, 1) * 10_000,
        PREFACE + frame(HEADERS, head(), END_STREAM, 1) + frame(CONTINUATION, head(("a", "b" * 9000)), 0, 1) * 100,
        PREFACE + request(packed),
    ]


class NonsenseOverHTTP2(Thrown):
    """A client sends random bytes, HTTP/1.1 or frames that break the rules: of wrong streams, lengths and orders, heads
    without a method or with a Connection, less of a body than was promised."""

    name = "nonsense-http2"
    bombs = [
        bytes(range(256)) * 8,
        f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".encode(),
        PREFACE[:-9] + frame(PING, b"12345678"),
        PREFACE + frame(DATA, b"{}", END_STREAM, 0),
        PREFACE + frame(DATA, b"{}", END_STREAM, 1),
        PREFACE + request(head(), stream=2),
        PREFACE + request(head(), stream=0),
        PREFACE + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01" + b"x" * 100_000,
        PREFACE + frame(SETTINGS, b"12345"),
        PREFACE + frame(SETTINGS, b"\x00\x04\xff\xff\xff\xff"),
        PREFACE + frame(PING, b"1234567"),
        PREFACE + frame(WINDOW, b"\x00\x00\x00\x00"),
        PREFACE + frame(WINDOW, b"\x7f\xff\xff\xff") * 2,
        PREFACE + frame(RESET, b"\x00\x00\x00\x08", 0, 1),
        PREFACE + frame(CONTINUATION, head(), END_HEADERS, 1),
        PREFACE + frame(HEADERS, head(), 0, 1) + frame(PING, b"12345678"),
        PREFACE + request(b"\xff\xff\xff\xff\xff\xff\xff\xff"),
        PREFACE + request(head(names=HEAD[1:])),
        PREFACE + request(head(("connection", "close"))),
        PREFACE + request(head(("X-Upper", "a"))),
        PREFACE + request(head(("content-length", "5")), END_HEADERS) + frame(DATA, b"{}", END_STREAM, 1),
        PREFACE + request(head(("content-length", "1")), END_HEADERS) + frame(DATA, b"{}", END_STREAM, 1),
        PREFACE + request(head(("content-length", "-1")), END_HEADERS) + frame(DATA, b"{}", END_STREAM, 1),
        PREFACE + request(head()) + request(head()),
    ]


class Flood(Thrown):
    """A client sends ten thousand PINGs, SETTINGS, frames of no data, or requests that it resets: it is told to go."""

    name = "flood-http2"
    sees = (Outcome.CLOSED,)
    bombs = [
        PREFACE + frame(PING, b"12345678") * 10_000,
        PREFACE + frame(SETTINGS) * 10_000,
        PREFACE + request(head(), END_HEADERS) + frame(DATA, b"", 0, 1) * 10_000,
        PREFACE
        + b"".join(
            request(head(), stream=number) + frame(RESET, b"\x00\x00\x00\x08", 0, number)
            for number in range(1, 20_001, 2)
        ),
    ]

    async def read(self, wire, answer):
        """Until it is told to go, or closed."""
        while True:
            start = await wire.exactly(9)
            await wire.exactly(int.from_bytes(start[:3], "big"))
            if start[3] == GOAWAY:
                raise Ended("told to go")


class NeverGoesOnOverHTTP2(Thrown):
    """A client sends half of its preface, or half of a request's head, and nothing more: it is told to go, or
    closed."""

    name = "never-goes-on-http2"
    times, quick_times = 10, 2
    why_fewer = "Fewer: each takes ten seconds."
    sees = (Outcome.CLOSED,)
    bombs = [PREFACE[:10], PREFACE + request(head())[:20]]


ALL = [
    *(beside(kind) for kind in [GoneInBody, GoneQueued, GoneSent, GoneAtFirstByte, GoneInStream, GoneAtLastByte]),
    over(OVER_HTTP2, GoneInHead),
    over(OVER_HTTP2, ResetAnywhere),
    over(OVER_HTTP2, Slow, times=10, why_fewer="Fewer: the handshake is as slow."),
    over(OVER_HTTP2, AllStreamsGone),
    over(OVER_HTTP2, Silent, count=200, times=20, why_fewer="Fewer, and two hundred of them: each shakes hands first."),
    over(OVER_HTTP2, ExpectsContinue),
    over(OVER_HTTP2, OpensItsWindowByBytes, name="window-of-a-byte"),
    over(OVER_HTTP2, ReadsNothingOfItsStream, name="unread-stream"),
    *(
        over(OVER_HTTP2, kind, name=kind.name)
        for kind in [HeadBombOverHTTP2, NonsenseOverHTTP2, Flood, NeverGoesOnOverHTTP2]
    ),
]
