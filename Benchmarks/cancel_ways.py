"""Which ways of leaving make llama-server stop: for how long a slot stays busy after its client has left.

usage: cancel_ways.py LLAMA_SERVER MODEL [WAY...]

Needs no proxy. MODEL should be slow enough for answers of 10 s and more (Scripts/make-tiny-model.py FILE 12 256). The next
request for the same slot says when it is free: llama-server keeps it back until then, and nothing is polled.
"""

import json
import random
import socket
import struct
import sys
import threading
import time

from processes import Process, free_port, listens, wait_until

# More than is ever waited for.
TOKENS = 6000
LONG_PROMPT = "the quick brown fox jumps over the lazy dog, and so on. " * 130
VICTIM, OTHER = 1, 0
# Seconds. A slot that is busy for so long after its client has left will be until the answer's end.
LIMIT = 10


def request(method, path, body=None, headers=""):
    text = "" if body is None else json.dumps(body)
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(text)}\r\n\r\n{text}".encode()


class Exchange:
    """One request on a connection of its own."""

    def __init__(self, port, message):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(message)

    def first_byte(self):
        self.socket.recv(1)
        return self

    def rest(self, limit=None):
        """Until nothing comes any more."""
        self.socket.settimeout(limit)
        while self.socket.recv(65536):
            pass

    def close(self):
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)


def completion(slot, stream, prompt="hello", tokens=TOKENS, headers="", **more):
    body = {
        "prompt": prompt, "n_predict": tokens, "ignore_eos": True, "stream": stream, "id_slot": slot, "seed": 1,
        "cache_prompt": False, **more,
    }  # fmt: skip
    return request("POST", "/completion", body, "Connection: close\r\n" + headers)


class Polling:
    """GET /slots, so many seconds from the end of one to the start of the next; the first just after a client left."""

    def __init__(self, port, interval):
        self.port, self.interval, self.ended = port, interval, threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        wait = 0.05
        while self.interval and not self.ended.wait(wait):
            Exchange(self.port, request("GET", "/slots", headers="Connection: close\r\n")).rest()
            wait = self.interval

    def end(self):
        self.ended.set()
        self.thread.join()


def measure(port, stream, during, leave="close", beside=False, poll=None, conversation=False, **more):
    """Seconds from the client's leaving until the slot serves the next request; None: not within the limit."""
    if beside:
        other = Exchange(port, completion(OTHER, stream=True)).first_byte()
        threading.Thread(target=drain, args=[other], daemon=True).start()
    prompt = LONG_PROMPT if during == "prefill" else "hello"
    headers = "X-Conversation-Id: victim\r\n" if conversation else ""
    victim = Exchange(port, completion(VICTIM, stream, prompt, headers=headers, **more))
    if stream and during == "decoding":
        victim.first_byte()
    time.sleep(random.uniform(0.3, 1.3))
    following = Exchange(port, completion(VICTIM, stream=False, prompt="x", tokens=1))
    time.sleep(0.1)
    left = time.monotonic()
    if leave == "delete":
        Exchange(port, request("DELETE", "/v1/stream?conv_id=victim", headers="Connection: close\r\n")).rest()
        victim.close()
    elif leave != "stay":
        getattr(victim, leave)()
    polling = Polling(port, poll)
    try:
        following.rest(LIMIT)
        return time.monotonic() - left
    except TimeoutError:
        return None
    finally:
        polling.end()


def drain(exchange):
    try:
        exchange.rest()
    except OSError:
        pass


WAYS = {
    "non-stream, nobody leaves": dict(stream=False, during="decoding", leave="stay"),
    "non-stream, close": dict(stream=False, during="decoding"),
    "non-stream, reset": dict(stream=False, during="decoding", leave="reset"),
    "non-stream, half-close": dict(stream=False, during="decoding", leave="half_close"),
    "non-stream, DELETE": dict(stream=False, during="decoding", leave="delete", conversation=True),
    "non-stream, close with conversation": dict(stream=False, during="decoding", conversation=True),
    **{
        f"non-stream, close, then polled each {poll} s": dict(stream=False, during="decoding", poll=poll)
        for poll in [0.5, 0.9, 1, 1.02, 1.05, 1.1, 1.25, 1.5]
    },
    "non-stream beside a stream, nobody leaves": dict(stream=False, during="decoding", leave="stay", beside=True),
    "non-stream beside a stream, close": dict(stream=False, during="decoding", beside=True),
    "non-stream beside a stream, reset": dict(stream=False, during="decoding", leave="reset", beside=True),
    "non-stream beside a stream, DELETE": dict(
        stream=False, during="decoding", leave="delete", beside=True, conversation=True
    ),
    "stream in prefill, nobody leaves": dict(stream=True, during="prefill", leave="stay"),
    "stream in prefill, close": dict(stream=True, during="prefill"),
    "stream in prefill, DELETE": dict(stream=True, during="prefill", leave="delete", conversation=True),
    "stream in prefill, return_progress, close": dict(stream=True, during="prefill", return_progress=True),
    "stream in prefill beside a stream, close": dict(stream=True, during="prefill", beside=True),
    "stream in prefill beside a stream, reset": dict(stream=True, during="prefill", beside=True, leave="reset"),
    "stream in prefill beside a stream, DELETE": dict(
        stream=True, during="prefill", leave="delete", beside=True, conversation=True
    ),
    "stream in prefill beside a stream, return_progress, close": dict(
        stream=True, during="prefill", beside=True, return_progress=True
    ),
    "stream decoding, close": dict(stream=True, during="decoding"),
    "stream decoding beside a stream, close": dict(stream=True, during="decoding", beside=True),
}


def main(server, model, wanted, repetitions=5):
    for name, way in WAYS.items():
        if wanted and not any(name.startswith(part) for part in wanted):
            continue
        seconds = [with_server(server, model, way) for _ in range(repetitions)]
        texts = [f"> {LIMIT}" if value is None else f"{value:.2f}" for value in seconds]
        print(f"| {name} | {', '.join(texts)} |", flush=True)


def with_server(server, model, way):
    """A server of its own for each: what runs on must not be in the way of the next."""
    port = free_port()
    # Batches that take far less than a second, as on a graphics processor.
    arguments = ["-np", 2, "-t", 1, "-c", 16384, "-b", 128, "-ub", 128, "--no-warmup", "--skip-chat-parsing"]
    process = Process([server, "-m", model, "--host", "127.0.0.1", "--port", port, *arguments])
    try:
        wait_until("llama-server's port", lambda: listens(port))
        wait_until("the model", lambda: b"200 OK" in answer(port, request("GET", "/health")))
        return measure(port, **way)
    finally:
        process.end()


def answer(port, message):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(message)
        return connection.recv(65536)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
