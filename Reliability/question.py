"""A request that can be told from every other one, and whether an answer is the answer to it."""

import functools
import json
import re
from dataclasses import dataclass, field

from wire import Ended

# What the fake server says of the request that it answers.
FACTS = re.compile(rb'"fake":\{"server":"([^"]*)","body_bytes": *(\d+) *,"body_fnv1a":"([0-9a-f]{16})"\}')
PATH = "/v1/chat/completions"
# What the balancer says to a client whose stream is silent for long, before or within the answer.
COMMENT = b": the request is in hand\n\n"


def checksum(data, value=0xCBF29CE484222325):
    """FNV-1a, 64 bits: what the fake server calls body_fnv1a. `value`: of what comes before."""
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


@functools.cache
def beginning(streams, filler):
    """What all bodies of a kind begin with, and its checksum: a megabyte takes Python a fifth of a second."""
    start = b'{"stream":true,' if streams else b"{"
    start += b'"messages":[{"role":"user","content":"' + b"x" * filler
    return start, checksum(start)


@dataclass(frozen=True)
class Question:
    identity: str
    streams: bool = False
    # What the fake server is told to do, by the names of its headers without X-Fake-.
    script: tuple = ()
    filler: int = 0
    fields: tuple = ()
    path: str = PATH

    @property
    def body(self):
        return beginning(self.streams, self.filler)[0] + self.ending

    @property
    def ending(self):
        return self.identity.encode() + b'"}]}'

    @property
    def checksum(self):
        return checksum(self.ending, beginning(self.streams, self.filler)[1])

    @property
    def head(self):
        lines = [f"POST {self.path} HTTP/1.1", "Host: api.example", "Content-Type: application/json"]
        lines += [f"X-Request-Id: {self.identity}"]
        lines += [f"X-Fake-{name}: {value}" for name, value in self.script]
        lines += [f"{name}: {value}" for name, value in self.fields]
        lines += [f"Content-Length: {len(self.body)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    @property
    def message(self):
        return self.head + self.body


@dataclass
class Answer:
    """As much as came of one."""

    status: int = 0
    fields: dict = field(default_factory=dict)
    # Without chunks' framing.
    body: bytes = b""
    # Its framing says that this is all of it.
    is_whole: bool = False

    @property
    def server(self):
        return self.fields.get("x-fake-server")

    @property
    def is_stream(self):
        return self.fields.get("content-type", "").startswith("text/event-stream")

    @property
    def is_json_error(self):
        try:
            error = json.loads(self.body)["error"]
            return isinstance(error["code"], int) and bool(error["message"]) and bool(error["type"])
        except (ValueError, KeyError, TypeError):
            return False

    @property
    def ends_with_error_event(self):
        """Nothing comes behind it that would call the answer whole."""
        last = self.body.rstrip(b"\n").rsplit(b"\n\n", 1)[-1]
        return self.is_stream and last.startswith(b'data: {"error":')

    def is_answer_to(self, question, reference):
        """Byte for byte what the server says to anybody, and what it says of the request is true of this one."""
        body = self.body.replace(COMMENT, b"") if self.is_stream else self.body
        facts = FACTS.search(body)
        # A head that was sent before there was a server names none.
        named = self.server or (self.is_stream and len(body) < len(self.body) and facts and facts.group(1).decode())
        if not facts or facts.group(1).decode() != named:
            return False
        if int(facts.group(2)) != len(question.body) or int(facts.group(3), 16) != question.checksum:
            return False
        return FACTS.sub(b"", body) == FACTS.sub(b"", reference)


async def read_answer(wire, answer):
    """Fills it as it comes, so that what came before an end is there. Raises `Ended` if it comes too early."""
    # 1xx heads announce; the answer is still to come.
    while answer.status < 200:
        lines = (await wire.until(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        answer.status = int(lines[0].split(" ")[1])
        answer.fields = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)
        }
    if answer.fields.get("transfer-encoding") == "chunked":
        await read_chunks(wire, answer)
    elif "content-length" in answer.fields:
        await read_length(wire, answer, int(answer.fields["content-length"]))
    else:
        await read_to_end(wire, answer)
    answer.is_whole = True


async def read_chunks(wire, answer):
    while size := int(await wire.until(b"\r\n"), 16):
        answer.body += (await wire.exactly(size + 2))[:-2]
    await wire.until(b"\r\n")


async def read_length(wire, answer, length):
    while length:
        if not wire.received:
            await wire.fill()
        piece = wire.take(min(length, len(wire.received)))
        answer.body += piece
        length -= len(piece)


async def read_to_end(wire, answer):
    try:
        while True:
            await wire.fill()
    except Ended as end:
        answer.body += wire.take(len(wire.received))
        if str(end) != "the end":
            raise
