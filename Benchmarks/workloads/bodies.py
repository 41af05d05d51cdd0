"""Large bodies: pictures in, long answers out to clients that read slowly."""

import selectors
import socket
import time

from measurement import CPU, Figure
from processes import cpu_seconds, memory_mb

from .requests import body, message

MIB = 1 << 20


class LargeBodies:
    name = "bodies"
    title = "Large bodies: 16 clients at a time send 20 MiB, and 8 more read 50 MiB at 25 MiB/s"
    unit = "MiB"
    fleet = dict(slots=1000, arguments=["--tokens", "0", "--token-delay", "0ms", "--answer-bytes", str(50 * MIB)])
    figures = [CPU, Figure("rate", "MiB/s", "{:,.0f}"), Figure("peak_mb", "peak RSS MB", compared=True)]
    needs = set()
    uploads, downloads = 16, 8
    reading = 25 * MIB

    def run(self, proxy, seconds):
        upload = memoryview(message(body(20 * MIB)))
        download = message(body(200))
        before = cpu_seconds(proxy.pid)
        begun = time.perf_counter()
        moved = self.send(proxy, upload) + self.read(proxy, download)
        elapsed = time.perf_counter() - begun
        cpu = cpu_seconds(proxy.pid) - before
        return {
            "cpu_us": cpu * 1e6 / moved,
            "rate": moved / elapsed,
            "peak_mb": memory_mb(proxy.pid, "VmHWM"),
        }

    def send(self, proxy, upload):
        """Each client leaves when its answer's head has come. In MiB."""
        selector = selectors.EpollSelector()
        for _ in range(self.uploads):
            connection = self.connect(proxy)
            selector.register(connection, selectors.EVENT_WRITE, [0])
        left = self.uploads
        while left:
            for key, mask in selector.select(60):
                connection, progress = key.fileobj, key.data
                if mask & selectors.EVENT_WRITE:
                    progress[0] += connection.send(upload[progress[0] : progress[0] + 256 * 1024])
                    if progress[0] == len(upload):
                        selector.modify(connection, selectors.EVENT_READ, progress)
                else:
                    head = connection.recv(4096)
                    if not head.startswith(b"HTTP/1.1 200"):
                        raise RuntimeError(head[:200])
                    selector.unregister(connection)
                    connection.close()
                    left -= 1
        selector.close()
        return self.uploads * len(upload) / MIB

    def read(self, proxy, download):
        """In MiB. All read at the same speed, piece by piece."""
        connections = [self.connect(proxy) for _ in range(self.downloads)]
        for connection in connections:
            connection.setblocking(True)
            connection.sendall(download)
        piece = 256 * 1024
        begun, read = time.perf_counter(), 0
        left = [50 * MIB] * self.downloads
        while any(left):
            for number, connection in enumerate(connections):
                if left[number]:
                    got = len(connection.recv(min(piece, left[number])))
                    if not got:
                        raise RuntimeError("an answer was cut")
                    left[number] -= got
                    read += got
            # So many together, so that each reads at its speed.
            pause = begun + read / self.downloads / self.reading - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
        for connection in connections:
            connection.close()
        return self.downloads * 50

    def connect(self, proxy):
        connection = socket.create_connection(("127.0.0.1", proxy.port))
        connection.setblocking(False)
        return connection
