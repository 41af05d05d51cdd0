"""An upstream that notes every request and answers it."""

import re
import socket
import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Received:
    """A request as the upstream read it, strictly: a length, chunks or nothing."""

    method: str
    target: str
    host: str
    body: bytes
    whole: bool


class RecordingUpstream:
    ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._changed = threading.Condition()
        self._received = []
        self._open_requests = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def take(self):
        """What came since the last call, when no request is half read any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._open_requests == 0, timeout=0.3)
            received, self._received = self._received, []
            return received

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        stream = connection.makefile("rb")
        while True:
            try:
                if not stream.peek(1):
                    return
            except OSError:
                return
            with self._changed:
                self._open_requests += 1
            request = self._read(stream)
            with self._changed:
                self._open_requests -= 1
                self._received.append(request)
                self._changed.notify_all()
            if not request.whole:
                return connection.close()
            try:
                connection.sendall(self.ANSWER)
            except OSError:
                return

    def _read(self, stream):
        head, body, whole = b"", b"", False
        try:
            while not head.endswith(b"\r\n\r\n"):
                line = stream.readline()
                if not line:
                    raise EOFError
                head += line
            body = self._read_body(stream, head)
            whole = True
        except (EOFError, OSError, ValueError, OverflowError):
            pass
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        host = re.search(rb"\r\nhost:[ \t]*([^\r]*?)[ \t]*\r\n", head, re.IGNORECASE)
        return Received(
            method=words[0],
            target=words[1] if len(words) > 1 else "",
            host=host.group(1).decode("latin-1") if host else "",
            body=body,
            whole=whole,
        )

    def _read_body(self, stream, head):
        if re.search(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n", head, re.IGNORECASE):
            return self._read_chunks(stream)
        length = re.search(rb"\r\ncontent-length:[ \t]*([0-9]+)[ \t]*\r\n", head, re.IGNORECASE)
        return self._exactly(stream, int(length.group(1))) if length else b""

    def _read_chunks(self, stream):
        body = b""
        while size := int(stream.readline().split(b";")[0], 16):
            body += self._exactly(stream, size)
            stream.readline()
        while stream.readline().strip():
            pass
        return body

    @staticmethod
    def _exactly(stream, count):
        data = stream.read(count)
        if len(data) < count:
            raise EOFError
        return data
