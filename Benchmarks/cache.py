"""What prompt caches are worth: conversations over several real llama-servers, by policy and by rival.

The same conversations, from one seed, for each: what their prompts cost in computed tokens is counted exactly, by the
servers' own words; times are those of this machine.
"""

import argparse
import contextlib
import json
import random
import re
import socket
import statistics
import threading
import time
from pathlib import Path
from types import SimpleNamespace

from cpu_share import cpu_share
from measurement import percentile
from processes import Process, free_port, listens, wait_until
from proxies import HAProxy, Paddler, SGLangRouter


class LlamaServers:
    """What a fleet of the fake one is to the proxies, with real ones."""

    def __init__(self, options):
        self.options, self.count, self.slots = options, options.servers, options.slots
        self.processes, self.ports = [], []
        self.shares = contextlib.ExitStack()

    def __enter__(self):
        for _ in range(self.count):
            port = free_port()
            self.processes.append(Process([
                self.options.llama_server, "-m", self.options.model, "--host", "127.0.0.1", "--port", port,
                "-np", self.slots, "-c", self.options.context * self.slots, "-t", "1",
                "--slot-prompt-similarity", "0.5", "--cache-ram", self.options.cache_ram, "--metrics",
            ]))  # fmt: skip
            self.ports.append(port)
        for port in self.ports:
            wait_until("a llama-server's model", lambda: health(port), limit=60)
        if self.options.cpu_share:
            for process in self.processes:
                self.shares.enter_context(cpu_share(process.pid, self.options.cpu_share))
        return self

    def __exit__(self, *_):
        self.shares.close()
        for process in self.processes:
            process.end()

    def spread(self):
        """By how much the tokens that the busiest server has generated exceed what would be its even share."""
        generated = []
        for port in self.ports:
            metrics = get(port, "/metrics").decode()
            generated.append(float(re.search(r"^llamacpp:tokens_predicted_total (\S+)", metrics, re.M)[1]))
        return max(generated) / statistics.mean(generated) - 1


def get(port, path):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return connection.makefile("rb").read()


def health(port):
    return listens(port) and b" 200 " in get(port, "/health")


class ByPolicy(Paddler):
    policy = "cache-aware"

    def command(self):
        return [*super().command(), "--balance", self.policy]


class PaddlerBySession(ByPolicy):
    policy = "session"


class LeastBusy(ByPolicy):
    policy = "least-busy"


class TwoBalancers(ByPolicy):
    """Over the same servers, with agents in common: each turn comes to either by chance."""

    def __init__(self, folders, fleet, threads=1, tls=False):
        super().__init__(folders, fleet, threads, tls)
        self.second = ByPolicy(folders, fleet, threads, tls)
        self.ports = [self.port, self.second.port]

    def is_ready(self):
        self.process.require_running()
        if not self.others:
            self.others = [Process(self.second.command())]
        both = [self, self.second]
        if not all(listens(port) for each in both for port in (each.port, each.management)):
            return False
        if len(self.others) == 1:
            self.others += [Process(agent) for agent in self.agents()]
        return all(each.knows_fleet() for each in both)

    def agents(self):
        return [self.agent(port, [self.management, self.second.management]) for port in self.fleet.ports]

    def __exit__(self, *_):
        super().__exit__()
        self.second.folder.cleanup()


class TwoBalancersApart(TwoBalancers):
    """With agents of their own, so that neither hears of the other."""

    def agents(self):
        return [
            self.agent(port, [management])
            for port in self.fleet.ports
            for management in (self.management, self.second.management)
        ]


class LeastConnections(HAProxy):
    balance = "balance leastconn"

    def command(self):
        command = super().command()
        path = Path(command[-1])
        # llama-server closes connections that have been idle for 5 s, now and then just as a request comes.
        text = path.read_text().replace("mode http", "mode http\n    retry-on conn-failure empty-response")
        path.write_text(text.replace("balance leastconn", self.balance))
        return command


class BySession(LeastConnections):
    """By a hash of the session's header, with bounded load."""

    balance = "balance hdr(X-Session-Id)\n    hash-type consistent\n    hash-balance-factor 150"


PROXIES = {
    "paddler cache-aware": ByPolicy,
    "paddler session": PaddlerBySession,
    "paddler least-busy": LeastBusy,
    "two paddlers": TwoBalancers,
    "two paddlers apart": TwoBalancersApart,
    "haproxy leastconn": LeastConnections,
    "haproxy by session": BySession,
    "sglang cache_aware": SGLangRouter,
}

WORDS = ["".join(random.Random(n).choice("aeioubdglmnrst") for _ in range(5)) for n in range(800)]


def text(dice, words):
    return " ".join(dice.choice(WORDS) for _ in range(words))


class Chat:
    """Conversations in groups that share a system prompt; people think between their turns."""

    name = "chat"

    def __init__(self, options):
        dice = random.Random(options.seed)
        systems = [text(dice, 120) for _ in range(4)]
        self.conversations = [
            SimpleNamespace(
                number=number,
                system=systems[number % len(systems)],
                turns=[text(dice, 50) for _ in range(options.turns)],
                pauses=[dice.expovariate(1 / options.think) for _ in range(options.turns)],
            )
            for number in range(options.conversations)
        ]


class Agents:
    """Coding agents: long prompts that grow, with hardly a pause."""

    name = "agents"

    def __init__(self, options):
        dice = random.Random(options.seed)
        tools = text(dice, 200)
        self.conversations = [
            SimpleNamespace(
                number=number,
                system=tools + text(dice, 100),
                turns=[text(dice, dice.choice([20, 40, 120])) for _ in range(options.turns * 2)],
                pauses=[dice.expovariate(1 / (options.think / 4)) for _ in range(options.turns * 2)],
            )
            for number in range(options.conversations // 2)
        ]


def questions(dice, options, words, system):
    """One each, by many people. system: called for each."""
    return [
        SimpleNamespace(
            number=number,
            system=system(),
            turns=[text(dice, words)],
            pauses=[dice.expovariate(1 / options.think)],
        )
        for number in range(options.conversations * 4)
    ]


class Noise:
    """Prompts that no cache helps."""

    name = "noise"

    def __init__(self, options):
        dice = random.Random(options.seed)
        self.conversations = questions(dice, options, 50, lambda: text(dice, 150))


class Documents:
    """Questions about a few long documents, some of them asked for far more often than others, and about none."""

    name = "documents"

    def __init__(self, options):
        dice = random.Random(options.seed)
        documents = [text(dice, 400) for _ in range(24)]
        weights = [1 / (rank + 1) for rank in range(len(documents))]
        self.conversations = questions(
            dice, options, 20,
            lambda: dice.choices(documents, weights)[0] if dice.random() < 0.8 else text(dice, 400),
        )  # fmt: skip


class Hot:
    """One system prompt for everybody, and nothing else in common."""

    name = "hot"

    def __init__(self, options):
        dice = random.Random(options.seed)
        system = text(dice, 300)
        self.conversations = questions(dice, options, 30, lambda: system)


WORKLOADS = {workload.name: workload for workload in (Chat, Agents, Documents, Noise, Hot)}


class AtOnce:
    """So many conversations at a time; the next one begins when one is over."""

    def __init__(self, count):
        self.count = count

    def __str__(self):
        return f"{self.count} at one time."

    def begin(self, conversations):
        """How long each waits before it begins, for each of those that may go on at the same time."""
        waiting = iter([(0, conversation) for conversation in conversations])
        return waiting, min(self.count, len(conversations))


class Arrivals:
    """Conversations begin by chance, however many go on: so many percent of the turns that the fleet can answer."""

    def __init__(self, load, capacity, seed):
        self.load, self.capacity, self.seed = load, capacity, seed

    def __str__(self):
        return f"{self.load} % of the {self.capacity:.1f} turns a second that the fleet can answer."

    def begin(self, conversations):
        dice = random.Random(self.seed)
        turns = statistics.mean(len(conversation.turns) for conversation in conversations)
        rate = self.load / 100 * self.capacity / turns
        times, now = [], 0
        for conversation in conversations:
            now += dice.expovariate(rate)
            times.append((now, conversation))
        return iter(times), len(conversations)


class Run:
    """All conversations through one proxy."""

    def __init__(self, ports, conversations, rhythm, pauses=True):
        self.ports, self.pauses = ports, pauses
        self.waiting, self.threads = rhythm.begin(conversations)
        self.lock = threading.Lock()
        self.times, self.computed, self.found, self.generated = [], 0, 0, 0
        self.failures = []

    def __call__(self):
        threads = [threading.Thread(target=self.work) for _ in range(self.threads)]
        self.started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.seconds = time.monotonic() - self.started
        if self.failures:
            raise SystemExit(f"error: a request failed: {self.failures[0]}")
        return self

    def work(self):
        while True:
            with self.lock:
                start, conversation = next(self.waiting, (None, None))
            if conversation is None or self.failures:
                return
            try:
                time.sleep(max(0, self.started + start - time.monotonic()))
                self.hold(conversation)
            except Exception as error:
                self.failures.append(repr(error))

    def hold(self, conversation):
        messages = [{"role": "system", "content": conversation.system}]
        dice = random.Random(conversation.number)
        for turn, pause in zip(conversation.turns, conversation.pauses):
            if self.pauses:
                time.sleep(pause)
            messages.append({"role": "user", "content": turn})
            reply = self.ask(dice.choice(self.ports), conversation.number, messages)
            messages.append({"role": "assistant", "content": reply})

    def ask(self, port, session, messages):
        body = json.dumps({"messages": messages, "max_tokens": 12, "stream": True, "temperature": 0}).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"X-Session-Id: {session}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        sent = time.monotonic()
        first, reply, timings = None, "", None
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head.encode() + body)
            answer = connection.makefile("rb")
            status = answer.readline()
            if b" 200 " not in status:
                raise RuntimeError(status + answer.read(2000))
            for line in answer:
                if not line.startswith(b"data: {"):
                    continue
                event = json.loads(line[6:])
                content = event["choices"][0]["delta"].get("content") if event.get("choices") else None
                if content:
                    first = first or time.monotonic()
                    reply += content
                timings = event.get("timings") or timings
        with self.lock:
            self.times.append(((first or time.monotonic()) - sent) * 1000)
            self.computed += timings["prompt_n"]
            self.found += timings["cache_n"]
            self.generated += timings["predicted_n"]
        return reply


def capacity(conversations, folders, options):
    """Turns a second while nobody thinks and twice as many conversations go on as there are slots."""
    with LlamaServers(options) as fleet, ByPolicy(folders, fleet) as proxy:
        run = Run(proxy.ports, conversations, AtOnce(2 * options.servers * options.slots), pauses=False)()
    return len(run.times) / run.seconds


def measure(name, conversations, rhythm, folders, options):
    # Each has servers of its own: what one leaves in their caches must not help the next.
    with LlamaServers(options) as fleet, PROXIES[name](folders, fleet) as proxy:
        run = Run(proxy.ports, conversations, rhythm)()
        spread = fleet.spread()
    times = sorted(run.times)
    return SimpleNamespace(
        computed=run.computed,
        found=run.found,
        mean=statistics.mean(times),
        p50=percentile(times, 0.5),
        p90=percentile(times, 0.9),
        p99=percentile(times, 0.99),
        spread=spread,
        seconds=run.seconds,
        speed=run.generated / run.seconds,
    )


def row(name, rounds):
    """The median of each figure, and of the mean its least and its most."""

    def median(figure):
        return statistics.median(getattr(each, figure) for each in rounds)

    means = [each.mean for each in rounds]
    extremes = f" ({min(means):,.0f} to {max(means):,.0f})" if len(rounds) > 1 else ""
    return (
        f"| {name} | {median('computed'):,.0f} | {median('found'):,.0f} | {median('mean'):,.0f}{extremes} "
        f"| {median('p50'):,.0f} | {median('p90'):,.0f} | {median('p99'):,.0f} "
        f"| +{median('spread'):.0%} | {median('seconds'):.0f} | {median('speed'):.0f} |"
    )


def compare(names, conversations, rhythm, folders, options):
    """Each in its turn, round by round: a machine that is slower for a minute is so for all of them."""
    rounds = {name: [] for name in names}
    for _ in range(options.rounds):
        for name in names:
            rounds[name].append(measure(name, conversations, rhythm, folders, options))
    for name in names:
        print(row(name, rounds[name]), flush=True)


def rhythms(conversations, folders, options):
    if not options.load:
        return [AtOnce(int(count)) for count in options.at_once.split(",")]
    most = capacity(conversations, folders, options)
    return [Arrivals(int(load), most, options.seed) for load in options.load.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--llama-server", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--rivals", type=Path, help="a virtual environment with sglang-router in it")
    parser.add_argument("--proxies", default=",".join(PROXIES))
    parser.add_argument("--workloads", default=",".join(WORKLOADS))
    parser.add_argument("--servers", type=int, default=4)
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--context", type=int, default=16384, help="of each slot, in tokens")
    parser.add_argument("--cache-ram", type=int, default=8192, help="of each server, in MiB")
    parser.add_argument(
        "--cpu-share",
        type=float,
        help="how much of a core each server has, and no more: else what one doesn't use is for the others, as it is in no "
        "fleet (needs root)",
    )
    parser.add_argument("--conversations", type=int, default=48)
    parser.add_argument("--at-once", default="16", help="conversations at one time; several numbers for several loads")
    parser.add_argument("--load", help="percent of what the fleet can answer, instead: begun by chance; several for several")
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--think", type=float, default=1.0, help="seconds between two turns, on average")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1, help="how often each proxy is measured, in turns")
    options = parser.parse_args()
    folders = SimpleNamespace(programs=options.programs.resolve(), rivals=options.rivals, before=None)

    for workload in options.workloads.split(","):
        conversations = WORKLOADS[workload](options).conversations
        for rhythm in rhythms(conversations, folders, options):
            print(f"\n{WORKLOADS[workload].__doc__} {rhythm} Seed {options.seed}.\n", flush=True)
            print(
                "| proxy | prompt tokens computed | found | first token: mean ms | p50 | p90 | p99 | busiest | seconds "
                "| tokens/s |"
            )
            print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
            compare(options.proxies.split(","), conversations, rhythm, folders, options)


if __name__ == "__main__":
    main()
