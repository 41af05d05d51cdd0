"""HTTP/2 as a client speaks it: a connection, its streams, and what came of each."""

import asyncio

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    InformationalResponseReceived,
    ResponseReceived,
    SettingsAcknowledged,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import ProtocolError

from question import Answer
from wire import Ended, NotProcessed

FRAME_HEAD = 9
GOAWAY = 7
# Of HTTP/1.1's alone.
HOP_BY_HOP = {"host", "connection"}


class Stream:
    def __init__(self, connection):
        self.connection, self.answer = connection, Answer()
        self.number = connection.state.get_next_available_stream_id()
        self.may_continue = False
        # What comes of it makes room for more.
        self.is_read = True
        # Why nothing more comes.
        self.end = None

    def hands_over_to(self, answer):
        """What has come, and what will."""
        answer.status, answer.fields = self.answer.status, self.answer.fields
        answer.body, answer.is_whole = self.answer.body, self.answer.is_whole
        self.answer = answer

    async def until(self, condition):
        while not condition():
            if self.end:
                raise self.end
            await self.connection.change()


class Connection:
    def __init__(self, wire):
        self.wire = wire
        self.state = H2Connection(H2Configuration(client_side=True, header_encoding="latin-1"))
        self.streams = {}
        # It takes no more streams.
        self.is_leaving = False
        self.end = None
        # What GOAWAY said of it.
        self.reason = ""
        self.unread = bytearray()
        self.changed = asyncio.Event()
        self.sending = asyncio.Lock()
        self.reading = None
        # Settings of ours that the balancer has not acknowledged.
        self.unknown_settings = 0
        # Clients that share it.
        self.users = 0

    @classmethod
    async def open(cls, wire, settings=None):
        connection = cls(wire)
        connection.state.initiate_connection()
        connection.unknown_settings = 1
        if settings:
            connection.state.update_settings(settings)
            connection.unknown_settings = 2
        try:
            await connection.flush()
        except BaseException:
            wire.close()
            raise
        connection.reading = asyncio.create_task(connection.read())
        if settings:
            # What comes before the balancer knows them follows others.
            await connection.agreed()
        return connection

    async def agreed(self):
        while self.unknown_settings:
            if self.end:
                raise self.end
            await self.change()

    # MARK: - What goes

    async def begin(self, question):
        """A stream with the request's head."""
        if self.is_leaving or self.end:
            raise NotProcessed("the connection takes no more streams")
        stream = Stream(self)
        self.streams[stream.number] = stream
        self.state.send_headers(stream.number, fields(question))
        await self.flush()
        return stream

    async def send(self, stream, data, ends=True):
        while data:
            await stream.until(lambda: self.state.local_flow_control_window(stream.number) > 0)
            window = self.state.local_flow_control_window(stream.number)
            piece, data = data[: min(window, 16384)], data[min(window, 16384) :]
            self.state.send_data(stream.number, piece, end_stream=ends and not data)
            await self.flush()

    async def send_half_head(self, question):
        """Nothing can follow but the end of the connection."""
        self.state.send_headers(self.state.get_next_available_stream_id(), fields(question))
        frame = self.state.data_to_send()
        await self.wire.send(frame[: len(frame) // 2])

    async def reset(self, stream):
        """The client doesn't want it any more."""
        if self.streams.pop(stream.number, None) and not self.end:
            self.state.reset_stream(stream.number, ErrorCodes.CANCEL)
            await self.flush()

    async def flush(self):
        # Frames leave in the order in which they were made.
        async with self.sending:
            if data := self.state.data_to_send():
                await self.wire.send(data)

    # MARK: - What comes

    async def read(self):
        try:
            while True:
                await self.wire.fill()
                self.take(self.wire.take(len(self.wire.received)))
                await self.flush()
                self.tell()
        except (Ended, ProtocolError) as end:
            self.fail(end if isinstance(end, Ended) else Ended(f"not HTTP/2: {end!r}"))

    def take(self, data):
        """h2 takes GOAWAY for the end of everything, and would understand nothing of the streams that go on."""
        self.unread += data
        while len(self.unread) >= FRAME_HEAD:
            length = FRAME_HEAD + int.from_bytes(self.unread[:3], "big")
            if len(self.unread) < length:
                return
            frame = bytes(self.unread[:length])
            del self.unread[:length]
            if frame[3] == GOAWAY:
                self.goes_away(frame[FRAME_HEAD:])
            else:
                for event in self.state.receive_data(frame):
                    self.note(event)

    def goes_away(self, payload):
        self.is_leaving = True
        last, code = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF, int.from_bytes(payload[4:8], "big")
        for stream in [stream for stream in self.streams.values() if stream.number > last]:
            self.finish(stream, NotProcessed("GOAWAY"))
        self.reason = f"GOAWAY with error {code}"

    def note(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, DataReceived):
            if stream is None or stream.is_read:
                self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            else:
                self.state.increment_flow_control_window(event.flow_controlled_length)
        if isinstance(event, SettingsAcknowledged):
            self.unknown_settings -= 1
        if stream is None:
            return
        match event:
            case InformationalResponseReceived():
                stream.may_continue = True
            case ResponseReceived():
                answer = stream.answer
                answer.fields = dict(event.headers)
                answer.status = int(answer.fields.pop(":status"))
            case DataReceived():
                stream.answer.body += event.data
            case StreamEnded():
                stream.answer.is_whole = True
                self.finish(stream, Ended("the end"))
            case StreamReset():
                was_refused = event.error_code == ErrorCodes.REFUSED_STREAM
                # Behind a whole answer it says that the rest of the request isn't wanted.
                if not stream.answer.is_whole:
                    kind = NotProcessed if was_refused else Ended
                    self.finish(stream, kind(f"its stream was reset with error {event.error_code}"))

    def finish(self, stream, end):
        stream.end = end
        self.streams.pop(stream.number, None)

    def fail(self, end):
        self.end = self.end or end
        for stream in list(self.streams.values()):
            self.finish(stream, Ended(f"{end} {self.reason}"))
        self.tell()

    def tell(self):
        self.changed.set()
        self.changed = asyncio.Event()

    async def change(self):
        await self.changed.wait()

    @property
    def is_over(self):
        return self.is_leaving or self.end is not None

    def close(self, resets=False):
        self.reading.cancel()
        self.fail(Ended("closed by its client"))
        self.wire.close(resets)


def fields(question):
    """The head of the question's HTTP/1.1, in HTTP/2's words."""
    lines = question.head.decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ")
    named = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:] if line)]
    pseudo = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
    return pseudo + [(name, value) for name, value in named if name not in HOP_BY_HOP]
