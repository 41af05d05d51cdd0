"""What one tenant's flood does to the others: paddler with and without tenants, HAProxy and LiteLLM in one run.

Fake llama-servers of 16 slots, answers of which each request says how long it takes, and clients that ask again as soon as they
are answered. What counts is slot time: how long each tenant had slots, and how long somebody had to wait for one.
"""

import argparse
import asyncio
import random
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bench import Folders
from machine import machine
from measurement import percentile
from processes import allowed_descriptors, raise_descriptor_limit
from proxies import FakeFleet, HAProxy, Paddler, Proxy
from workloads.requests import PATH, REQUEST_BYTES, body

ROOT = Path(__file__).resolve().parent.parent
SERVERS, SLOTS = 2, 8
ALL_SLOTS = SERVERS * SLOTS


@dataclass(frozen=True)
class Tenant:
    """Clients of one key. Service times are in seconds, evenly between two."""

    name: str
    clients: int
    service: tuple[float, float]
    weight: int = 1
    rank: str = "default"
    # Between an answer and the next request, in seconds.
    pause: float = 0


@dataclass
class Had:
    """What a tenant got: (came, ended, service) of each answer, in seconds."""

    answers: list = field(default_factory=list)
    refused: int = 0
    # When those came that have no answer yet.
    waiting: dict = field(default_factory=dict)


class PaddlerTenants(Paddler):
    title = "paddler, tenants"
    tenants = ()

    def command(self):
        lines = ["classes: [interactive, default, batch]", "tenants:"]
        for tenant in self.tenants:
            lines.append(f"  {tenant.name}: {{keys: key-{tenant.name}, weight: {tenant.weight}, class: {tenant.rank}}}")
        return [*super().command(), "--tenants-file", self.file("tenants.yaml", "\n".join(lines) + "\n")]


class PaddlerPlain(Paddler):
    title = "paddler, one queue"


class HAProxyQueue(HAProxy):
    title = "HAProxy, one queue"


class LiteLLM(Proxy):
    """Each server takes as many at one time as it has slots; the others wait."""

    title = "LiteLLM, max_parallel_requests"

    def command(self):
        models = "\n".join(
            f"- model_name: qwen\n  litellm_params: {{model: openai/qwen, api_base: 'http://127.0.0.1:{port}/v1',"
            f" api_key: none, max_parallel_requests: {self.fleet.slots}, timeout: 600}}"
            for port in self.fleet.ports
        )
        return [self.folders.rivals / "bin" / "litellm", "--port", self.port, "--config", self.file("litellm.yaml", f"""
model_list:
{models}
general_settings: {{forward_client_headers_to_llm_api: true}}
litellm_settings: {{request_timeout: 600, num_retries: 0}}
router_settings: {{routing_strategy: least-busy, num_retries: 0}}
""")]  # fmt: skip

    @classmethod
    def is_installed(cls, folders):
        return (folders.rivals / "bin" / "litellm").exists()


class Client:
    """One connection, which asks one request after the other."""

    def __init__(self, port, tenant, had, seed):
        self.port, self.tenant, self.had = port, tenant, had
        self.random = random.Random(seed)

    async def run(self):
        while True:
            try:
                await self.ask()
            except (ConnectionError, asyncio.IncompleteReadError):
                self.had.refused += 1
                await asyncio.sleep(1)

    async def ask(self):
        """One request after the other over one connection, until the server closes it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            closes = False
            while not closes:
                service = self.random.uniform(*self.tenant.service)
                came = time.monotonic()
                self.had.waiting[self] = came
                writer.write(self.message(service))
                status, wait, closes = await self.answer(reader)
                if status == 200:
                    del self.had.waiting[self]
                    self.had.answers.append((came, time.monotonic(), service))
                else:
                    self.had.refused += 1
                    await asyncio.sleep(wait)
                if self.tenant.pause:
                    await asyncio.sleep(self.random.expovariate(1 / self.tenant.pause))
        finally:
            writer.close()

    def message(self, service):
        text = body(REQUEST_BYTES).replace(b"{", b'{"model":"qwen",', 1)
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer key-{self.tenant.name}\r\n"
            f"Content-Type: application/json\r\nX-Fake-Delay-Ms: {round(service * 1000)}\r\n"
            f"Content-Length: {len(text)}\r\n\r\n"
        )
        return head.encode() + text

    async def answer(self, reader):
        """Its status, how long to wait before the next try, and whether the connection ends with it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if "content-length" in fields:
            await reader.readexactly(int(fields["content-length"]))
        elif fields.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        closes = fields.get("connection") == "close"
        return int(head.split(" ")[1]), float(fields.get("retry-after", "0.1")), closes


async def drive(port, tenants, seconds):
    """Lets all clients ask for so long, and tells what each tenant had."""
    had = {tenant.name: Had() for tenant in tenants}
    tasks = []
    for tenant in tenants:
        for number in range(tenant.clients):
            client = Client(port, tenant, had[tenant.name], f"{tenant.name}-{number}")
            tasks.append(asyncio.create_task(client.run()))
            if number % 100 == 99:
                await asyncio.sleep(0.02)
    began = time.monotonic()
    await asyncio.sleep(seconds)
    ended = time.monotonic()
    failures = [task.exception() for task in tasks if task.done() and not task.cancelled()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if failures:
        raise RuntimeError(f"{len(failures)} clients failed, one with {failures[0]!r}")
    return had, began, ended


def slot_time(had, began, ended):
    """In seconds, of what lies within the time that counts."""
    total = 0
    for _, end, service in had.answers:
        total += max(0, min(end, ended) - max(end - service, began))
    return total


def jain(values):
    return sum(values) ** 2 / (len(values) * sum(value * value for value in values)) if any(values) else 0


def waits(had, began, ended):
    """How long those waited that came within the time, those included that still wait."""
    answered = [end - came - service for came, end, service in had.answers if came >= began]
    return answered + [ended - came for came in had.waiting.values() if came >= began]


class Shares:
    name = "shares"
    title = "Ten tenants with 50 requests waiting each, answers from 50 ms to 5 s, of very different means"
    columns = ["Jain's index of slot time", "least and most slot time of a tenant, s", "slots busy"]

    def __init__(self):
        means = [0.1 * 1.4**number for number in range(10)]
        self.tenants = [Tenant(f"t{number}", 50, (max(0.05, mean / 2), min(5, mean * 1.5))) for number, mean in enumerate(means)]

    def figures(self, had, began, ended):
        times = [slot_time(had[tenant.name], began, ended) for tenant in self.tenants]
        busy = sum(times) / (ended - began) / ALL_SLOTS
        return [f"{jain(times):.3f}", f"{min(times):.0f} to {max(times):.0f}", f"{busy:.1%}"]


class Weights(Shares):
    name = "weights"
    title = "Three tenants of weights 1, 2 and 4, 50 requests waiting each, answers from 50 ms to 2 s"
    columns = ["slot time, of the whole", "slots busy"]

    def __init__(self):
        self.tenants = [Tenant(f"w{weight}", 50, (0.05, 2), weight) for weight in [1, 2, 4]]

    def figures(self, had, began, ended):
        times = [slot_time(had[tenant.name], began, ended) for tenant in self.tenants]
        busy = sum(times) / (ended - began) / ALL_SLOTS
        return [" : ".join(f"{time / sum(times):.3f}" for time in times), f"{busy:.1%}"]


class Flood:
    name = "flood"
    # Our balancer keeps three descriptors for each client.
    clients = 10_000 if allowed_descriptors() >= 40_000 else 4_500
    title = f"One tenant has {clients:,} requests waiting (answers of 50 to 500 ms); another sends one at a time (100 ms)"
    columns = ["the flood's requests", "the other's answers", "its longest wait, s", "p50, s"]
    tenants = [Tenant("flood", clients, (0.05, 0.5)), Tenant("one", 1, (0.1, 0.1))]

    def figures(self, had, began, ended):
        times = waits(had["one"], began, ended)
        flood = len(had["flood"].answers) + len(had["flood"].waiting)
        return [f"{flood:,}", str(len(had["one"].answers)), f"{max(times, default=0):.2f}", f"{percentile(times, 0.5) or 0:.2f}"]


class Classes:
    name = "classes"
    title = "500 batch requests waiting (answers of 50 to 500 ms), and 8 people who ask once a second (100 ms)"
    columns = ["people's answers", "their wait, p99, s", "p50, s", "slots busy"]
    tenants = [
        Tenant("batch", 500, (0.05, 0.5), rank="batch"),
        Tenant("people", 8, (0.1, 0.1), rank="interactive", pause=1),
    ]

    def figures(self, had, began, ended):
        times = waits(had["people"], began, ended)
        busy = sum(slot_time(had[tenant.name], began, ended) for tenant in self.tenants)
        return [
            str(len(had["people"].answers)),
            f"{percentile(times, 0.99) or 0:.2f}",
            f"{percentile(times, 0.5) or 0:.2f}",
            f"{busy / (ended - began) / ALL_SLOTS:.1%}",
        ]


SCENES = [Shares(), Weights(), Flood(), Classes()]
PROXIES = {"paddler": PaddlerTenants, "one-queue": PaddlerPlain, "haproxy": HAProxyQueue, "litellm": LiteLLM}


def run(scene, proxy, folders, seconds):
    with FakeFleet(folders, SERVERS, SLOTS, ["--tokens", "0", "--answer-bytes", "1000"]) as fleet:
        made = proxy(folders, fleet)
        made.tenants = scene.tenants
        with made as started:
            had, began, ended = asyncio.run(drive(started.port, scene.tenants, seconds))
    return scene.figures(had, began, ended) + [str(sum(one.refused for one in had.values()))]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="of each run (60)")
    parser.add_argument("--proxies", default=",".join(PROXIES), help="of %(default)s")
    parser.add_argument("--scenes", default=",".join(scene.name for scene in SCENES), help="of %(default)s")
    parser.add_argument("--programs", type=Path, default=ROOT / ".build" / "release", help="folder of our programs")
    parser.add_argument("--rivals", type=Path, default=ROOT / ".cache" / "litellm", help="a venv with LiteLLM")
    parser.add_argument("--markdown", type=Path, help="where to write the tables, too")
    return parser.parse_args()


def main():
    options = arguments()
    folders = Folders(options.programs, options.rivals)
    raise_descriptor_limit()
    print(f"{date.today().isoformat()}, {machine()}, {options.seconds} s each", file=sys.stderr)
    proxies = [PROXIES[name] for name in options.proxies.split(",") if PROXIES[name].is_installed(folders)]
    tables = []
    for scene in SCENES:
        if scene.name not in options.scenes.split(","):
            continue
        columns = ["", *scene.columns, "refused or reset"]
        lines = [f"### {scene.title}", "", f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
        for proxy in proxies:
            try:
                figures = run(scene, proxy, folders, options.seconds)
            except Exception as error:
                # A rival that fails is a result, too; we must not.
                if issubclass(proxy, Paddler):
                    raise
                figures = [f"failed: {str(error)[:100]}"] + ["–"] * len(scene.columns)
            lines.append(f"| {' | '.join([proxy.title, *figures])} |")
            print(lines[-1], file=sys.stderr, flush=True)
        tables.append("\n".join(lines))
        print("\n" + tables[-1], flush=True)
    if options.markdown:
        options.markdown.write_text("\n\n".join(tables) + "\n")


if __name__ == "__main__":
    main()
