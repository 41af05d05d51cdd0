"""What a request costs whose client leaves, with a real llama-server behind paddler and behind HAProxy.

For each client that left: for how many seconds llama-server went on (by its own log), and for how many the client had to
wait that was next. All slots are busy, so that the next one waits for this slot.
"""

import argparse
import random
import re
import select
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from cancel_ways import Exchange, answer, completion, drain, request
from measurement import Runs
from processes import free_port, listens, wait_until
from proxies import PROXIES

ROOT = Path(__file__).resolve().parent.parent
LONG_PROMPT = "the quick brown fox jumps over the lazy dog, and so on. " * 130
# Whole answers may run to their end, and should take some seconds; no stream does.
TOKENS, STREAMED_TOKENS = 800, 6000
RELEASE = re.compile(rb"^(\d+)\.(\d\d)\.(\d{3})\.(\d{3}) .* release: ", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    title: str
    streams: bool
    prompt: str = "hello"
    has_begun: bool = False
    # Whether another client's stream runs on the same server.
    beside: bool = False


CASES = [
    Case("whole answer", streams=False),
    Case("whole answer, beside a stream", streams=False, beside=True),
    Case("stream whose prompt is read", streams=True, prompt=LONG_PROMPT),
    Case("stream whose prompt is read, beside a stream", streams=True, prompt=LONG_PROMPT, beside=True),
    Case("stream that has begun", streams=True, has_begun=True),
    Case("stream that has begun, beside a stream", streams=True, has_begun=True, beside=True),
]


@dataclass(frozen=True)
class Folders:
    programs: Path
    rivals: Path


class RealFleet:
    """One llama-server, for as long as the block runs."""

    count = 1

    def __init__(self, options, slots):
        self.options, self.slots, self.port = options, slots, free_port()
        self.ports = [self.port]

    def __enter__(self):
        self.log = tempfile.NamedTemporaryFile()
        # Batches that take much less than a second, as on a graphics processor.
        arguments = ["-np", self.slots, "-c", 8192 * self.slots, "-t", 1, "-b", 128, "-ub", 128]
        command = [self.options.llama_server, "-m", self.options.model, "--host", "127.0.0.1", "--port", self.port]
        command += [*arguments, "--no-warmup", "--skip-chat-parsing"]
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        try:
            self.set_clock()
        except BaseException:
            self.__exit__()
            raise
        return self

    def set_clock(self):
        """By a request, whose end is in the log, too."""
        wait_until("llama-server's port", lambda: listens(self.port))
        wait_until("the model", lambda: b"200 OK" in answer(self.port, request("GET", "/health")))
        Exchange(self.port, completion(0, stream=False, tokens=1)).rest()
        answered = time.monotonic()
        wait_until("llama-server's log", self.releases)
        self.clock = answered - self.releases()[-1]

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def releases(self):
        """When slots were given free, by the server's clock."""
        text = Path(self.log.name).read_bytes()
        return [int(m) * 60 + int(s) + int(ms) / 1e3 + int(us) / 1e6 for m, s, ms, us in RELEASE.findall(text)]

    def release_after(self, moment):
        """The first one after this moment by our clock, by our clock."""
        found = []

        def look():
            found[:] = [time + self.clock for time in self.releases() if time + self.clock > moment]
            return found

        wait_until("the slot's release", look, limit=120)
        return found[0]

    def is_idle(self):
        time.sleep(1.5)
        exchange = Exchange(self.port, request("GET", "/slots", headers="Connection: close\r\n"))
        text = b""
        while part := exchange.socket.recv(65536):
            text += part
        return b'"is_processing":true' not in text


def cancel(case, fleet, proxy):
    """One client leaves: seconds until its slot is free, and until the next one is answered."""
    other = None
    if case.beside:
        other = Exchange(proxy.port, completion(-1, stream=True, tokens=-1)).first_byte()
        threading.Thread(target=drain, args=[other], daemon=True).start()
    tokens = STREAMED_TOKENS if case.has_begun else TOKENS
    leaving = Exchange(proxy.port, completion(-1, case.streams, case.prompt, tokens))
    if case.has_begun:
        leaving.first_byte()
    time.sleep(random.uniform(0.3, 1.3))
    following = Exchange(proxy.port, completion(-1, stream=False, prompt="x", tokens=1))
    time.sleep(0.2)
    if select.select([following.socket], [], [], 0)[0]:
        raise RuntimeError("an answer was over before its client left: a slower model is needed")
    left = time.monotonic()
    leaving.close()
    following.rest()
    waited = time.monotonic() - left
    wasted = fleet.release_after(left) - left
    if other:
        other.reset()
    wait_until("idle slots", fleet.is_idle, limit=120)
    return {"wasted": wasted, "waited": waited}


def measure(case, name, options):
    runs = Runs()
    with RealFleet(options, slots=2 if case.beside else 1) as fleet:
        with PROXIES[name](Folders(options.programs, options.programs), fleet) as proxy:
            for _ in range(options.times):
                runs.samples.append(cancel(case, fleet, proxy))
    return runs


def cell(runs, key):
    values = runs.values(key)
    return f"{runs.median(key):.2f} ({min(values):.2f}–{max(values):.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llama-server", required=True)
    parser.add_argument("--model", required=True, help="one whose answers take seconds")
    parser.add_argument("--programs", type=Path, default=ROOT / ".build" / "release", help="folder of our programs")
    parser.add_argument("--times", type=int, default=5, help="that a client leaves, in each case")
    parser.add_argument("--proxies", default="paddler,haproxy")
    parser.add_argument("--cases", default="", help="only those whose title begins so")
    options = parser.parse_args()

    print("| whose client leaves | proxy | llama-server went on for, s | the next one waited, s |")
    print("|---|---|---|---|", flush=True)
    for case in CASES:
        for name in options.proxies.split(","):
            if case.title.startswith(options.cases):
                runs = measure(case, name, options)
                print(f"| {case.title} | {name} | {cell(runs, 'wasted')} | {cell(runs, 'waited')} |", flush=True)


if __name__ == "__main__":
    main()
