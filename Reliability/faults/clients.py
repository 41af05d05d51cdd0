"""Clients that go, dawdle, shout or say nothing, while others want to be served: those must not notice."""

import asyncio

from fault import Fault
from outcome import Outcome, Result
from question import PATH, Answer
from stage import LONG, PACE
from waiting import eventually
from wire import Ended


class OfClients(Fault):
    in_flight = 8

    @property
    def part(self):
        return self.transport.part

    async def open(self, stage, **how):
        return await self.transport.open(stage.balancer.port, **how)


class Gone(OfClients):
    """A client leaves at a certain stage of its request, by a close or a reset in turn."""

    sees = (Outcome.LEFT,)

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.come_and_go(stage))

    async def come_and_go(self, stage):
        question = stage.question(self.streams(stage), self.script)
        stage.begins(question.identity)
        talk = await self.come(stage)
        try:
            await self.go_so_far(stage, talk, question)
            stage.tally.add(Result(question.identity, Outcome.LEFT))
        finally:
            await talk.leave(stage.times)
            stage.ends(question.identity)

    async def come(self, stage):
        return await self.open(stage)

    script = LONG

    def streams(self, stage):
        return stage.times % 4 < 2

    async def go_so_far(self, stage, talk, question):
        raise NotImplementedError


class GoneInHead(Gone):
    """A client leaves with half of its request's head sent."""

    name = "gone-in-head"

    async def go_so_far(self, stage, talk, question):
        await talk.ask_half_head(question)


class GoneInBody(Gone):
    """A client leaves with half of its request's body sent."""

    name = "gone-in-body"

    async def go_so_far(self, stage, talk, question):
        await talk.ask_half_body(question)


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

    async def go_so_far(self, stage, talk, question):
        await talk.ask(question)

        async def waits():
            return await stage.balancer.waiting() > 0

        await eventually("a request in the queue", waits)


class GoneSent(Gone):
    """A client leaves while its request is executed, before the first byte of its answer."""

    name = "gone-when-sent"
    script = (("Delay-Ms", 2000), *LONG)

    async def go_so_far(self, stage, talk, question):
        await talk.ask(question)

        async def runs():
            journals = [await server.journal() for server in stage.servers]
            return any(question.identity in journal for journal in journals)

        await eventually("a request that runs", runs)


class GoneAtFirstByte(Gone):
    """A client leaves with the first byte of its answer."""

    name = "gone-at-first-byte"

    async def go_so_far(self, stage, talk, question):
        await talk.ask(question)
        await talk.hear_something()


class GoneInStream(Gone):
    """A client leaves in the middle of a stream."""

    name = "gone-in-stream"

    def streams(self, stage):
        return True

    async def go_so_far(self, stage, talk, question):
        await talk.ask(question)
        await talk.hear(b"data: ", times=10)


class GoneAtLastByte(Gone):
    """A client leaves with the last byte of its answer still to be read."""

    name = "gone-at-last-byte"
    script = PACE

    def streams(self, stage):
        return True

    async def go_so_far(self, stage, talk, question):
        await talk.ask(question)
        await talk.hear(b"data: [DONE]\n\n")


class AllGone(OfClients):
    """Two hundred clients reset their connections at the same moment, streams and plain, running and queued."""

    name = "all-gone"
    count = 200
    sees = (Outcome.LEFT,)

    async def strike(self, stage):
        talks, questions = [], [stage.question(bool(number % 2), LONG) for number in range(self.count)]
        try:
            for question in questions:
                stage.begins(question.identity)
                talks.append(await self.come(stage))
                await talks[-1].ask(question)
            await stage.busy(self.servers * self.slots)
        finally:
            for talk, question in zip(talks, questions):
                await self.go(talk)
                stage.ends(question.identity)
                stage.tally.add(Result(question.identity, Outcome.LEFT))
        await stage.crowd()

    async def come(self, stage):
        return await self.open(stage)

    async def go(self, talk):
        talk.close(resets=True)


class HalfClosed(OfClients):
    """A client shuts its sending side behind its request and waits: it is asked whether it is there, as is written in
    [decisions](decisions.md), and gets its answer."""

    name = "half-closed"

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.shut(stage))

    async def shut(self, stage):
        question = stage.question(stage.times % 2 == 0, LONG)
        answer, talk = Answer(), await self.open(stage)
        try:
            await talk.ask(question)
            talk.wire.shut()
            await talk.read(answer)
        finally:
            talk.close()
        await stage.judge(question, answer)


class Slow(OfClients):
    """A client sends its request and reads its answer a byte at a time, 2 ms each."""

    name = "slow"

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.dawdle(stage))

    async def dawdle(self, stage):
        question = stage.question(True, PACE)
        answer, talk = Answer(), await self.open(stage, receive_buffer=2048, manner=Dawdling)
        try:
            await talk.ask(question)
            await talk.read(answer)
        finally:
            talk.close()
        await stage.judge(question, answer)


class Dawdling:
    """A wire that takes its time."""

    async def write(self, data):
        for at in range(len(data)):
            await super().write(data[at : at + 1])
            await asyncio.sleep(0.002)

    async def receive(self, most):
        await asyncio.sleep(0.0005)
        return await super().receive(1)


class ResetAnywhere(OfClients):
    """A client resets its connection behind any byte of what it sends, from the first one to the last."""

    name = "reset-anywhere"
    sees = (Outcome.LEFT,)

    async def prepare(self, stage):
        counting = type("Counting", (Counting,), {"count_of": 0})
        talk = await self.open(stage, manner=counting)
        question = stage.question(True, PACE)
        answer = Answer()
        try:
            await talk.ask(question)
            await talk.read(answer)
        finally:
            talk.close()
        await stage.judge(question, answer)
        self.length = counting.count_of

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.come_and_go(stage))

    async def come_and_go(self, stage):
        question = stage.question(stage.times % 2 == 0, LONG)
        stage.begins(question.identity)
        most = self.length * stage.times // self.times
        talk = None
        try:
            talk = await self.open(stage, manner=type("Limited", (Limited,), {"most": most}))
            await talk.ask(question)
            await talk.hear_something()
        except Ended:
            pass
        finally:
            if talk:
                talk.close(resets=True)
            stage.ends(question.identity)
            stage.tally.add(Result(question.identity, Outcome.LEFT))


class Counting:
    """A wire that knows how much was sent."""

    async def write(self, data):
        type(self).count_of += len(data)
        await super().write(data)


class Limited:
    """A wire that is reset behind so many bytes."""

    async def write(self, data):
        await super().write(data[: self.most])
        self.most -= len(data)
        if self.most <= 0:
            self.close(resets=True)
            raise Ended("reset by its client")


class Silent(OfClients):
    """A thousand clients connect and say nothing while others want to be served."""

    name = "silent-clients"
    in_flight = 12
    count = 1000
    times, quick_times = 50, 2

    async def strike(self, stage):
        held = []
        try:
            for _ in range(self.count):
                held.append(await self.open(stage))
            await stage.crowd()
        finally:
            for talk in held:
                talk.close()


class Unreadable(OfClients):
    """A client sends what is no request."""

    bombs = []
    sees = (Outcome.REFUSED,)

    async def strike(self, stage):
        bomb = self.bombs[stage.times % len(self.bombs)]
        await stage.crowd(self.in_flight, meanwhile=lambda: self.throw(stage, bomb))

    async def throw(self, stage, bomb):
        answer, talk = Answer(), await self.open(stage)
        try:
            try:
                await talk.wire.send(bomb)
            except Ended:
                # Not all of it was taken, and what was answered may still be there.
                pass
            await talk.read(answer)
            outcome = Outcome.REFUSED if answer.status >= 400 and answer.is_json_error else Outcome.WRONG
        except Ended:
            outcome = Outcome.CLOSED if answer.status == 0 else Outcome.CUT
        finally:
            talk.close()
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


class Pipelined(OfClients):
    """A client sends five requests at once and leaves in the middle of the second answer, by a close or a reset in
    turn: the last three are never executed."""

    name = "pipelined-and-gone"
    sees = (Outcome.LEFT,)

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.pipeline(stage))

    async def prepare(self, stage):
        self.never = set()

    async def pipeline(self, stage):
        questions = [stage.question(True, LONG) for _ in range(5)]
        first, talk = Answer(), await self.open(stage)
        try:
            await talk.wire.send(b"".join(question.message for question in questions))
            await talk.read(first)
            await talk.hear(b"data: ")
        finally:
            await talk.leave(stage.times)
        await stage.judge(questions[0], first)
        for question in questions[1:]:
            stage.tally.add(Result(question.identity, Outcome.LEFT))
        self.never |= {question.identity for question in questions[2:]}

    async def finish(self, stage):
        for server in stage.servers:
            if executed := self.never & (await server.journal()).keys():
                raise RuntimeError(f"{len(executed)} requests of clients that had left were executed")


class ExpectsContinue(OfClients):
    """A client waits for 100 Continue before it sends its body, and the server would never say it."""

    name = "expects-continue"

    async def strike(self, stage):
        await stage.crowd(self.in_flight, meanwhile=lambda: self.expect(stage))

    async def expect(self, stage):
        question = stage.question(stage.times % 2 == 0, fields=(("Expect", "100-continue"),))
        answer, talk = Answer(), await self.open(stage)
        try:
            await talk.ask_when_told(question)
            await talk.read(answer)
        finally:
            talk.close()
        await stage.judge(question, answer)


KINDS = [
    GoneInHead, GoneInBody, GoneQueued, GoneSent, GoneAtFirstByte, GoneInStream, GoneAtLastByte, ResetAnywhere,
    HalfClosed, Slow, AllGone, Silent, HeadBomb, Nonsense, NeverGoesOn, Pipelined, ExpectsContinue,
]  # fmt: skip

ALL = [kind() for kind in KINDS]
