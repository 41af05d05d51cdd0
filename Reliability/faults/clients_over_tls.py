"""Clients that go, dawdle, shout or say nothing, under TLS."""

from faults.clients import KINDS, HalfClosed, OfClients, Silent, Slow
from faults.strange_servers import FasterThanRead
from outcome import Outcome, Result
from question import Answer
from tls import OVER_TLS
from transport import PLAIN
from wire import Ended


def over(transport, kind, **changes):
    """The same fault by clients that speak in this way."""
    members = {"__doc__": kind.__doc__, "name": kind.name + transport.suffix, "transport": transport}
    return type(kind.__name__, (kind,), members | {"tools": transport.tools} | changes)()


class SilentBehindTCP(Silent):
    """A thousand clients connect and don't begin with TLS while others want to be served."""

    async def open(self, stage):
        return await PLAIN.open(stage.balancer.port)


class NonsenseInsteadOfTLS(OfClients):
    """A client sends a request without TLS, and is told so, or random bytes or an alert, and is closed."""

    name = "nonsense-instead-of-tls"
    transport, tools = OVER_TLS, OVER_TLS.tools
    sees = (Outcome.REFUSED, Outcome.CLOSED)
    bombs = [
        b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n",
        bytes(range(256)) * 8,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 505,
        b"\x15\x03\x03\x00\x02\x02\x28",
    ]

    async def strike(self, stage):
        bomb = self.bombs[stage.times % len(self.bombs)]
        await stage.crowd(self.in_flight, meanwhile=lambda: self.throw(stage, bomb))

    async def throw(self, stage, bomb):
        answer, talk = Answer(), await PLAIN.open(stage.balancer.port)
        try:
            await talk.wire.send(bomb)
            # An alert may be said first.
            while not talk.wire.received.startswith(b"HTTP"):
                await talk.wire.fill()
            await talk.read(answer)
            outcome = Outcome.REFUSED if answer.status >= 400 and answer.is_json_error else Outcome.WRONG
        except Ended:
            outcome = Outcome.CLOSED if answer.status == 0 else Outcome.CUT
        finally:
            talk.close()
        stage.tally.add(Result("bomb", outcome, None, answer.status))


class HalfAHandshake(OfClients):
    """A client sends half of a ClientHello, and nothing more: after 10 s it is closed."""

    name = "half-a-handshake"
    transport, tools = OVER_TLS, OVER_TLS.tools
    sees = (Outcome.CLOSED,)
    times, quick_times = 10, 1
    why_fewer = "Fewer: each takes ten seconds."

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.begin(stage))

    async def begin(self, stage):
        talk = await PLAIN.open(stage.balancer.port)
        try:
            await talk.wire.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            while True:
                await talk.wire.fill()
        except Ended:
            stage.tally.add(Result("half", Outcome.CLOSED))
        finally:
            talk.close()


# Who says goodbye under TLS is gone, and can't wait for an answer behind it.
SAME = [kind for kind in KINDS if kind not in (HalfClosed, Slow, Silent)]

ALL = [
    *(over(OVER_TLS, kind) for kind in SAME),
    over(OVER_TLS, Slow, times=10, why_fewer="Fewer: the handshake is as slow."),
    over(OVER_TLS, SilentBehindTCP),
    NonsenseInsteadOfTLS(),
    HalfAHandshake(),
    over(OVER_TLS, FasterThanRead, part=OVER_TLS.part),
]
