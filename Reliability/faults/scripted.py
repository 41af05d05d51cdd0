"""What the fake server does by itself when told to: one answer of the one server, while the other is well."""

from fault import Fault
from outcome import Outcome
from question import PATH
from waiting import eventually


class Scripted(Fault):
    """One request in the crowd meets it."""

    part = "Upstream"
    kind = ""
    # After so many tokens, in mid-stream.
    after_tokens = None
    # Both kinds of answers, or only streams, or none.
    streams = None

    async def strike(self, stage):
        before = await self.struck(stage)
        more = {"count": 1, "path": PATH}
        if self.after_tokens is not None:
            more["after_tokens"] = self.after_tokens
        await stage.servers[0].fault(self.kind, **more)

        async def met():
            await self.ask(stage)
            return await self.struck(stage) > before

        await eventually(f"a request that meets {self.kind}", met)

    async def ask(self, stage):
        await stage.crowd(streams=self.streams)

    async def struck(self, stage):
        return (await stage.servers[0].counts())["faults_struck"]

    async def finish(self, stage):
        await stage.servers[0].clear()


class ResetBeforeHead(Scripted):
    """The server resets the connection instead of answering."""

    name, kind = "reset-before-head", "reset_before_head"


class CloseBeforeHead(Scripted):
    """The server closes the connection instead of answering."""

    name, kind = "close-before-head", "close_before_head"


class HalfHead(Scripted):
    """The connection ends in the middle of the answer's head."""

    name, kind = "half-head", "half_head"
    sees = (Outcome.REFUSED,)


class MalformedHead(Scripted):
    """The answer's head is not quite HTTP."""

    name, kind = "malformed-head", "malformed_head"
    sees = (Outcome.REFUSED,)


class ResetMidBody(Scripted):
    """The connection is reset in the middle of an answer."""

    name, kind, after_tokens = "reset-mid-body", "reset_mid_stream", 3
    destroys_answers = True
    sees = (Outcome.CUT, Outcome.ERROR_EVENT)


class CutBetweenEvents(Scripted):
    """The connection ends between two events of a stream, or in the middle of a plain answer."""

    name, kind, after_tokens = "cut-between-events", "cut_mid_stream", 3
    sees = (Outcome.CUT, Outcome.ERROR_EVENT)


class CutInChunk(Scripted):
    """The connection ends within an event of a stream."""

    name, kind, after_tokens, streams = "cut-in-event", "cut_mid_chunk", 3, True
    sees = (Outcome.CUT,)


class ShortOfLength(Scripted):
    """The connection ends 10 bytes short of the answer's Content-Length."""

    name, kind, streams = "short-of-length", "wrong_content_length_long", False
    sees = (Outcome.CUT,)


class Loading(Scripted):
    """503: the server says that it is loading its model."""

    name, kind = "loading", "loading"


class Error500(Scripted):
    """500: the server says that it failed, which is an answer and no reason to ask another one."""

    name, kind = "error-500", "error_500"
    sees = (Outcome.REFUSED,)


class ErrorEvent(Scripted):
    """The server breaks a stream off with an error event of its own."""

    name, kind, after_tokens, streams = "error-event", "error_mid_stream", 3, True
    sees = (Outcome.ERROR_EVENT,)


class Trickle(Scripted):
    """An answer comes byte by byte, one each 10 ms, head and all."""

    name, kind, streams = "trickle", "trickle", False
    times, quick_times = 10, 1
    why_fewer = "Fewer: a plain answer takes 12 s."
    in_flight = 6


class ClosedAsReused(Scripted):
    """The server closes a kept connection just as the next request is sent on it: that goes out again, on a new one."""

    name, kind = "closed-as-reused", "close_on_reuse"


class Silent(Scripted):
    """The server takes the request and says nothing, until its client has had enough."""

    name, kind = "silent", "hang_before_head"
    sees = (Outcome.LEFT,)

    async def ask(self, stage):
        await stage.crowd(gives_up=0.7)


class SilentMidBody(Scripted):
    """The server falls silent in the middle of an answer, until its client has had enough."""

    name, kind, after_tokens = "silent-mid-body", "hang_mid_stream", 3
    sees = (Outcome.LEFT,)

    async def ask(self, stage):
        await stage.crowd(gives_up=0.7)


class SilentUntilTimeout(Scripted):
    """The server takes the request and says nothing for longer than --first-byte-timeout allows."""

    name, kind = "silent-until-timeout", "hang_before_head"
    flags = ("--first-byte-timeout", "1s", "--answer-idle-timeout", "1s")
    sees = (Outcome.REFUSED,)


class SilentMidBodyUntilTimeout(Scripted):
    """The server falls silent in the middle of an answer for longer than --answer-idle-timeout allows."""

    name, kind, after_tokens = "silent-mid-body-until-timeout", "hang_mid_stream", 3
    flags = ("--first-byte-timeout", "1s", "--answer-idle-timeout", "1s")
    sees = (Outcome.CUT, Outcome.ERROR_EVENT)


ALL = [
    fault()
    for fault in [
        ResetBeforeHead, CloseBeforeHead, HalfHead, MalformedHead, ResetMidBody, CutBetweenEvents, CutInChunk,
        ShortOfLength, Loading, Error500, ErrorEvent, Trickle, ClosedAsReused, Silent, SilentMidBody,
        SilentUntilTimeout, SilentMidBodyUntilTimeout,
    ]
]  # fmt: skip
