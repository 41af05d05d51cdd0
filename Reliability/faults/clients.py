"""Clients that go, dawdle, shout or say nothing, while others want to be served: those must not notice."""

import asyncio

from fault import Fault
from outcome import Outcome, Result
from question import PATH, Answer, read_answer
from stage import LONG, PACE
from waiting import eventually
from wire import Ended, Wire


class Gone(Fault):
    """A client leaves at a certain stage of its request, by a close or a reset in turn."""

    part = "Client"
    in_flight = 8
    sees = (Outcome.LEFT,)

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.come_and_go(stage))

    async def come_and_go(self, stage):
        question = stage.question(self.streams(stage), self.script)
        stage.begins(question.identity)
        wire = await Wire.open(stage.balancer.port)
        try:
            await self.go_so_far(stage, wire, question)
            stage.tally.add(Result(question.identity, Outcome.LEFT))
        finally:
            wire.close(resets=stage.times % 2 == 1)
            stage.ends(question.identity)

    script = LONG

    def streams(self, stage):
        return stage.times % 4 < 2

    async def go_so_far(self, stage, wire, question):
        raise NotImplementedError


class GoneInHead(Gone):
    """A client leaves with half of its request's head sent."""

    name = "gone-in-head"

    async def go_so_far(self, stage, wire, question):
        await wire.send(question.head[: len(question.head) // 2])


class GoneInBody(Gone):
    """A client leaves with half of its request's body sent."""

    name = "gone-in-body"

    async def go_so_far(self, stage, wire, question):
        await wire.send(question.message[: -len(question.body) // 2])


class GoneQueued(Gone):
    """A client leaves while its request waits in the queue."""

    name = "gone-in-queue"

    async def strike(self, stage):
        async def follow():
            await stage.busy(self.servers * self.slots)
            await self.come_and_go(stage)

        # The queue must last for as long as it takes to be seen.
        second = (("Tokens", 200), ("Token-Delay-Ms", 5))
        await stage.crowd(self.servers * self.slots, script=second, meanwhile=follow)

    async def go_so_far(self, stage, wire, question):
        await wire.send(question.message)

        async def waits():
            return await stage.balancer.waiting() > 0

        await eventually("a request in the queue", waits)


class GoneSent(Gone):
    """A client leaves while its request is executed, before the first byte of its answer."""

    name = "gone-when-sent"
    script = (("Delay-Ms", 2000), *LONG)

    async def go_so_far(self, stage, wire, question):
        await wire.send(question.message)

        async def runs():
            journals = [await server.journal() for server in stage.servers]
            return any(question.identity in journal for journal in journals)

        await eventually("a request that runs", runs)


class GoneAtFirstByte(Gone):
    """A client leaves with the first byte of its answer."""

    name = "gone-at-first-byte"

    async def go_so_far(self, stage, wire, question):
        await wire.send(question.message)
        await wire.fill(1)


class GoneInStream(Gone):
    """A client leaves in the middle of a stream."""

    name = "gone-in-stream"

    def streams(self, stage):
        return True

    async def go_so_far(self, stage, wire, question):
        await wire.send(question.message)
        for _ in range(10):
            await wire.until(b"data: ")


class GoneAtLastByte(Gone):
    """A client leaves with the last byte of its answer still to be read."""

    name = "gone-at-last-byte"
    script = PACE

    def streams(self, stage):
        return True

    async def go_so_far(self, stage, wire, question):
        await wire.send(question.message)
        await wire.until(b"data: [DONE]\n\n")


class AllGone(Fault):
    """Two hundred clients reset their connections at the same moment, streams and plain, running and queued."""

    part, name = "Client", "all-gone"
    count = 200
    in_flight = 8
    sees = (Outcome.LEFT,)

    async def strike(self, stage):
        wires, questions = [], [stage.question(bool(number % 2), LONG) for number in range(self.count)]
        try:
            for question in questions:
                stage.begins(question.identity)
                wires.append(await Wire.open(stage.balancer.port))
                await wires[-1].send(question.message)
            await stage.busy(self.servers * self.slots)
        finally:
            for wire, question in zip(wires, questions):
                wire.close(resets=True)
                stage.ends(question.identity)
                stage.tally.add(Result(question.identity, Outcome.LEFT))
        await stage.crowd()


class HalfClosed(Fault):
    """A client shuts its sending side behind its request and waits: it is asked whether it is there, as is written in
    [decisions](decisions.md), and gets its answer."""

    part, name = "Client", "half-closed"
    in_flight = 8

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.shut(stage))

    async def shut(self, stage):
        question = stage.question(stage.times % 2 == 0, LONG)
        answer, wire = Answer(), await Wire.open(stage.balancer.port)
        try:
            await wire.send(question.message)
            wire.shut()
            await read_answer(wire, answer)
        finally:
            wire.close()
        await stage.judge(question, answer)


class Slow(Fault):
    """A client sends its request and reads its answer a byte at a time, 2 ms each."""

    part, name = "Client", "slow"
    in_flight = 8

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.dawdle(stage))

    async def dawdle(self, stage):
        question = stage.question(True, PACE)
        wire = await SlowWire.open(stage.balancer.port, receive_buffer=2048)
        answer = Answer()
        try:
            for at in range(len(question.message)):
                await wire.send(question.message[at : at + 1])
                await asyncio.sleep(0.002)
            await read_answer(wire, answer)
        finally:
            wire.close()
        await stage.judge(question, answer)


class SlowWire(Wire):
    async def fill(self, most=1):
        await asyncio.sleep(0.0005)
        await super().fill(1)


class Silent(Fault):
    """A thousand clients connect and say nothing while others want to be served."""

    part, name = "Client", "silent-clients"
    count = 1000
    times, quick_times = 50, 2

    async def strike(self, stage):
        wires = []
        try:
            for _ in range(self.count):
                wires.append(await Wire.open(stage.balancer.port))
            await stage.crowd()
        finally:
            for wire in wires:
                wire.close()


class Unreadable(Fault):
    """A client sends what is no request."""

    part = "Client"
    in_flight = 8
    bombs = []
    sees = (Outcome.REFUSED,)

    async def strike(self, stage):
        bomb = self.bombs[stage.times % len(self.bombs)]
        await stage.crowd(self.in_flight, meanwhile=lambda: self.throw(stage, bomb))

    async def throw(self, stage, bomb):
        answer, wire = Answer(), await Wire.open(stage.balancer.port)
        try:
            try:
                await wire.send(bomb)
            except Ended:
                # Not all of it was taken, and what was answered may still be there.
                pass
            await read_answer(wire, answer)
            outcome = Outcome.REFUSED if answer.status >= 400 and answer.is_json_error else Outcome.WRONG
        except Ended:
            outcome = Outcome.CLOSED if answer.status == 0 else Outcome.CUT
        finally:
            wire.close()
        stage.tally.add(Result("bomb", outcome, None, answer.status))


class HeadBomb(Unreadable):
    """A client sends a head of 100 kB, or one with 300 fields, or one that never ends."""

    name = "head-bomb"
    bombs = [
        b"POST / HTTP/1.1\r\nHost: a\r\nX-Much: " + b"x" * 100_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(300)) + b"\r\n",
        b"POST /" + b"x" * 4_000_000,
    ]


class Nonsense(Unreadable):
    """A client sends random bytes, TLS, two lengths, a length and chunks, or chunks that are none."""

    name = "nonsense"
    start = f"POST {PATH} HTTP/1.1\r\nHost: a\r\n".encode()
    bombs = [
        bytes(range(128, 256)) * 8 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500,
        start + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        start + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        start + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        start + b"Content-Length: -1\r\n\r\n",
    ]


class NeverGoesOn(Unreadable):
    """A client sends half of a head, and nothing more: after 10 s it is told that it is too late."""

    name = "never-goes-on"
    times, quick_times = 10, 1
    why_fewer = "Fewer: each takes ten seconds."
    bombs = [f"POST {PATH} HTTP/1.1\r\nHos".encode()]


class Pipelined(Fault):
    """A client sends five requests at once and leaves in the middle of the second answer, by a close or a reset in
    turn: the last three are never executed."""

    part, name = "Client", "pipelined-and-gone"
    in_flight = 8
    sees = (Outcome.LEFT,)

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.pipeline(stage))

    async def prepare(self, stage):
        self.never = set()

    async def pipeline(self, stage):
        questions = [stage.question(True, LONG) for _ in range(5)]
        first, wire = Answer(), await Wire.open(stage.balancer.port)
        try:
            await wire.send(b"".join(question.message for question in questions))
            await read_answer(wire, first)
            await wire.until(b"data: ")
        finally:
            wire.close(resets=stage.times % 2 == 1)
        await stage.judge(questions[0], first)
        for question in questions[1:]:
            stage.tally.add(Result(question.identity, Outcome.LEFT))
        self.never |= {question.identity for question in questions[2:]}

    async def finish(self, stage):
        for server in stage.servers:
            if executed := self.never & (await server.journal()).keys():
                raise RuntimeError(f"{len(executed)} requests of clients that had left were executed")


class ExpectsContinue(Fault):
    """A client waits for 100 Continue before it sends its body, and the server would never say it."""

    part, name = "Client", "expects-continue"
    in_flight = 8

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.expect(stage))

    async def expect(self, stage):
        question = stage.question(stage.times % 2 == 0, fields=(("Expect", "100-continue"),))
        answer, wire = Answer(), await Wire.open(stage.balancer.port)
        try:
            await wire.send(question.head)
            if not (await wire.until(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 "):
                raise RuntimeError("no 100 Continue")
            await wire.send(question.body)
            await read_answer(wire, answer)
        finally:
            wire.close()
        await stage.judge(question, answer)


ALL = [
    fault()
    for fault in [
        GoneInHead, GoneInBody, GoneQueued, GoneSent, GoneAtFirstByte, GoneInStream, GoneAtLastByte, HalfClosed, Slow,
        AllGone, Silent, HeadBomb, Nonsense, NeverGoesOn, Pipelined, ExpectsContinue,
    ]
]  # fmt: skip
