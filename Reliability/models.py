"""Models on demand under load, and when processes are killed: two machines with room for two of three models each."""

import argparse
import asyncio
import contextlib
import math
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from model_clients import ModelClients
from model_programs import MODELS, SLOTS, ModelBalancer, ModelHost, ModelServe, marked, model_list
from processes import raise_descriptor_limit
from waiting import eventually

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 8
# What is loaded or can be: one that was killed while it loaded is failing until somebody wants it there again.
AT_HAND = ("ready", "unloaded", "loading", "failing")
METRIC = 'paddler_load_wishes_total{{wish="{}"}}'


class Fleet:
    """Two hosts and their balancer; or, `is_tree`, all in one tree of processes."""

    def __init__(self, options, is_tree=False, rooms=2):
        """`rooms`: for how many models each host has memory."""
        self.options, self.is_tree, self.rooms_of_host = options, is_tree, rooms

    async def __aenter__(self):
        self.folder = tempfile.TemporaryDirectory()
        models = Path(self.folder.name) / "models.yaml"
        models.write_text(model_list(self.options.model, self.rooms_of_host))
        programs, server = self.options.programs.resolve(), self.options.llama_server
        if self.is_tree:
            self.balancer = ModelServe(programs, server, models)
            self.hosts = [self.balancer]
        else:
            self.balancer = ModelBalancer(programs, ())
            management = self.balancer.management
            self.hosts = [ModelHost(programs, server, models, name, management) for name in ("one", "two")]
        for program in self.programs:
            program.start()
        await self.ready()
        return self

    async def __aexit__(self, *_):
        for program in self.programs:
            program.end()
        self.folder.cleanup()

    @property
    def programs(self):
        return [self.balancer, *(host for host in self.hosts if host is not self.balancer)]

    @property
    def rooms(self):
        return self.rooms_of_host * len(self.hosts)

    @property
    def port(self):
        return self.balancer.port

    async def ready(self):
        """All models are known, and can be used or loaded."""

        async def is_so():
            self.balancer.process.require_running()
            # A killed agent's models come back on other ports.
            upstreams = [one for one in await self.balancer.upstreams() if one["lost"] is None]
            known = [one for one in upstreams if one["condition"] in AT_HAND]
            return len(known) == len(upstreams) == len(MODELS) * len(self.hosts)

        try:
            await eventually("a fleet that knows all its models", is_so, limit=20)
        except RuntimeError as error:
            raise RuntimeError(f"{error}: {await self.described()}") from error

    async def described(self):
        keys = ("agent_name", "external_llamacpp_addr", "condition", "state", "slots_leased", "leaving", "lost", "error")
        return [[one[key] for key in keys] for one in await self.balancer.upstreams()]

    async def load_seconds(self):
        """What loading took last, where it took longest."""
        upstreams = await self.balancer.upstreams()
        return max((one["on_demand"]["load_ms"] or 0 for one in upstreams if one["on_demand"]), default=0) / 1000

    async def stop(self):
        """All are told to end, and have to; what is left then, in words."""
        found = []
        # Agents first: a balancer that ends earlier can't say any more that nothing runs.
        for program in reversed(self.programs):
            ports = [port for _, _, port in program.llama_servers()]
            program.send(signal.SIGTERM)
            code = await asyncio.to_thread(program.process.child.wait, 60)
            found += [f"exit code {code} of {type(program).__name__}"] if code else []
            found += program.left(program.mark, ports)
        return found


# MARK: - Under load


async def watch(fleet, is_over, troubles):
    """Nothing may be unloaded, end or crash where something runs."""
    while not is_over():
        with contextlib.suppress(ValueError):
            for one in await fleet.balancer.upstreams():
                if one["slots_leased"] and one["condition"] != "ready" or one["condition"] not in AT_HAND[:3]:
                    troubles.append(f"{one['agent_name']} is {one['condition']}, {one['slots_leased']} requests in it")
        await asyncio.sleep(0.02)


async def play_rush(options, rooms):
    clients = ModelClients(random.Random(options.seed))
    troubles, is_over = [], False
    async with Fleet(options, rooms=rooms) as fleet:
        watching = asyncio.create_task(watch(fleet, lambda: is_over, troubles))
        begun = time.monotonic()
        await clients.rush(fleet.port, options.requests)
        took = time.monotonic() - begun
        is_over = True
        await watching
        loads = await fleet.balancer.metric(METRIC.format("load"))
        unloads = await fleet.balancer.metric(METRIC.format("unload"))
        starts = sum(host.log().count(b"starting llama-server") for host in fleet.hosts)
        load = await fleet.load_seconds()
        troubles += await fleet.stop()
        troubles += [f"{asked.model}: {asked.word} {asked.about}" for asked in clients.asked if not asked.is_right]
        if starts < len(MODELS):
            troubles.append(f"only {starts} loads: this says nothing of models that take turns")
        show_log(fleet, troubles)
    waits = sorted(asked.seconds for asked in clients.asked if asked.outcome.value == "right")
    row = (
        f"| {rooms} | {len(clients.asked)} in {took:.0f} s | {outcomes(clients.asked)} "
        f"| {quantile(waits, 0.5):.2f} s, {quantile(waits, 0.99):.2f} s | {loads} | {unloads} | {starts} "
        f"| {load:.2f} s | {len(troubles)} |"
    )
    print(row, file=sys.stderr, flush=True)
    return row, troubles


# MARK: - Under kill -9


class Strike:
    """Kills a process, has it come back if nobody else does, and knows which requests that may cost."""

    def __init__(self, fleet, random):
        self.fleet, self.random = fleet, random

    async def strike(self):
        """Kills. Returns what must be gone: a mark, or processes; and ports."""
        raise NotImplementedError

    def may_fail(self, asked):
        """Whether the kill may cost this request, which ran or came when it happened."""
        raise NotImplementedError


class LlamaServerStrike(Strike):
    name, is_tree = "a llama-server", False
    most = SLOTS

    async def strike(self):
        host, (pid, self.model, _) = self.random.choice(await self.running())
        # Whichever is killed, all of them have to go.
        group = [one for one, _ in marked(host.mark) if same_group(one, pid)]
        os.kill(self.victim(pid, group), signal.SIGKILL)
        return lambda: [one for one in group if has_sockets(one)]

    def victim(self, server, group):
        return server

    async def running(self):
        async def found():
            return [(host, server) for host in self.fleet.hosts for server in host.llama_servers()]

        return await eventually("a llama-server", found)

    def may_fail(self, asked):
        return asked.model == self.model


class GuardStrike(LlamaServerStrike):
    name = "a llama-server's guard"

    def victim(self, server, group):
        return next(one for one in group if one != server)


class ProgramStrike(Strike):
    async def chosen(self):
        raise NotImplementedError

    async def busy_host(self):
        """One whose llama-servers run: there has to be something that could be left."""

        async def found():
            return [host for host in self.fleet.hosts if host.llama_servers()]

        return self.random.choice(await eventually("a llama-server", found))

    async def strike(self):
        program = await self.chosen()
        mark, servers = program.mark, program.llama_servers()
        self.models = {model for _, model, _ in servers}
        ports = [port for _, _, port in servers]
        program.kill()
        program.start()
        return lambda: program.left(mark, ports)


class AgentStrike(ProgramStrike):
    name, is_tree = "an agent", False
    most = 2 * SLOTS

    async def chosen(self):
        return await self.busy_host()

    def may_fail(self, asked):
        return asked.model in self.models


class BalancerStrike(ProgramStrike):
    name, is_tree = "the balancer", False
    # Clients come again and again while it is away.
    most = math.inf

    async def chosen(self):
        return self.fleet.balancer

    def may_fail(self, asked):
        return True


class ServeStrike(BalancerStrike):
    name, is_tree = "`paddler serve`, of the whole tree", True

    async def chosen(self):
        return await self.busy_host()


STRIKES = [LlamaServerStrike, GuardStrike, AgentStrike, BalancerStrike, ServeStrike]


async def play_strikes(options, kind):
    """Returns a row of the table, and what went wrong."""
    clients = ModelClients(random.Random(options.seed))
    troubles, gone, whole, cost = [], [], [], []
    is_over = False
    async with Fleet(options, kind.is_tree, options.rooms) as fleet:
        crowd = asyncio.create_task(clients.crowd(fleet.port, AT_ONCE, lambda: is_over))
        await eventually("answers", lambda: answers(clients, 20))
        times = 0
        while times < options.times:
            times += 1
            try:
                await play_strike(fleet, kind(fleet, clients.random), clients, troubles, gone, whole, cost)
            except RuntimeError as error:
                troubles.append(str(error))
                break
            # Not always in the same moment of what comes next.
            await asyncio.sleep(clients.random.uniform(0, 1))
        is_over = True
        await crowd
        troubles += [f"{one.model}: {one.word} {one.about}" for one in clients.asked if one.outcome.is_loss]
        troubles += await fleet.stop()
        show_log(fleet, troubles)
    row = (
        f"| {kind.name} | {times} | {outcomes(clients.asked)} | {max(cost, default=0)} | {quantile(sorted(gone), 1):.2f} s "
        f"| {quantile(sorted(whole), 0.5):.2f} s, {quantile(sorted(whole), 1):.2f} s | {len(troubles)} |"
    )
    print(row, file=sys.stderr, flush=True)
    return row, troubles


async def play_strike(fleet, strike, clients, troubles, gone, whole, cost):
    load = await fleet.load_seconds()
    number = len(clients.asked)
    running = [asked for asked in clients.asked if asked.ended is None]
    begun = time.monotonic()
    left = await strike.strike()

    async def nothing_is_left():
        return not left()

    await eventually(f"the end of all that belonged to {strike.name}", nothing_is_left, limit=20)
    gone.append(time.monotonic() - begun)
    await fleet.balancer.ready()
    back = time.monotonic()
    await fleet.ready()
    probes = ModelClients(clients.random)
    asking = asyncio.gather(*(probes.ask(fleet.port, model) for model in MODELS))

    async def as_many_answer_as_fit():
        return sum(1 for asked in probes.asked if asked.ended) >= min(len(MODELS), fleet.rooms)

    await eventually("answers", as_many_answer_as_fit)
    whole.append(time.monotonic() - begun)
    await asking
    load = max(load, await fleet.load_seconds())
    if whole[-1] > load + fleet.options.slack:
        troubles.append(f"whole again after {whole[-1]:.2f} s, and loading takes {load:.2f} s")
    troubles += [f"asked afterwards: {one.model}: {one.word} {one.about}" for one in probes.asked if not one.is_right]
    seen = running + clients.asked[number:]
    failed = [one for one in seen if one.outcome and not one.is_right]
    cost.append(len(failed))
    if len(failed) > strike.most:
        troubles.append(f"{len(failed)} requests failed, and {strike.most} can have run there")
    for one in failed:
        is_late = isinstance(strike, BalancerStrike) and one.begun > back
        if is_late or not strike.may_fail(one):
            when = one.begun - begun
            troubles.append(f"asked {when:+.3f} s from the kill: {one.model}: {one.word} {one.about}")


async def answers(clients, count):
    return sum(1 for asked in clients.asked if asked.outcome and asked.is_right) >= count


def has_sockets(pid):
    """Whether it may still have some: a process that is killed loses its memory first, and they go with the last of its threads, when
    the first one may be a zombie already."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX" or len(os.listdir(f"/proc/{pid}/task")) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False


def same_group(one, other):
    with contextlib.suppress(ProcessLookupError):
        return os.getpgid(one) == os.getpgid(other)
    return False


# MARK: - What is printed

RUSH_HEAD = (
    "| models that fit on a host | requests | what clients saw | until the answer, p50, p99 | loads wished | unloads wished "
    "| llama-servers started | longest load | wrong |"
)
STRIKES_HEAD = (
    "| killed | times | what clients saw | requests a kill cost, most | nothing left after, most "
    "| whole again after, p50, most | wrong |"
)


def quantile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0


def outcomes(asked):
    return ", ".join(f"{count:,} {word}" for word, count in Counter(one.word for one in asked).most_common())


def show_log(fleet, troubles):
    if troubles and fleet.options.keep:
        for number, program in enumerate(fleet.programs):
            (fleet.options.keep / f"{number}.log").write_bytes(program.log())


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / ".build" / "release", help="folder of our programs")
    cache = ROOT / ".cache"
    parser.add_argument("--llama-server", type=Path, default=cache / "llama-server" / "bin" / "llama-server")
    parser.add_argument("--model", type=Path, default=cache / "models" / "tiny.gguf", help="a small one")
    parser.add_argument("--requests", type=int, default=500, help="under load (%(default)s)")
    parser.add_argument("--times", type=int, default=5, help="how often each process is killed (%(default)s)")
    parser.add_argument("--slack", type=float, default=2, help="seconds beside a load until all is well (%(default)s)")
    parser.add_argument("--rooms", type=int, default=2, help="models that fit on a host, in kills (%(default)s)")
    parser.add_argument("--only", metavar="NAME", action="append", help="what is played: rush, or a class of strikes")
    parser.add_argument("--seed", type=int, default=1, help="of what happens when (%(default)s)")
    parser.add_argument("--keep", type=Path, help="folder for logs of what went wrong")
    return parser.parse_args()


async def play(options):
    troubles = []
    if not options.only or "rush" in options.only:
        rows = [await play_rush(options, rooms) for rooms in (2, 1)]
        troubles += print_table(RUSH_HEAD, rows)
    kinds = [kind for kind in STRIKES if not options.only or kind.__name__ in options.only]
    rows = [await play_strikes(options, kind) for kind in kinds]
    return troubles + print_table(STRIKES_HEAD, rows)


def print_table(head, rows):
    """Returns what went wrong."""
    if rows:
        print(head, "|---" * (head.count("|") - 1) + "|", *(row for row, _ in rows), sep="\n", flush=True)
    return [trouble for _, troubles in rows for trouble in troubles]


def main():
    options = arguments()
    raise_descriptor_limit()
    troubles = asyncio.run(play(options))
    for trouble in troubles[:40]:
        print(f"FAILED: {trouble}", file=sys.stderr)
    sys.exit(1 if troubles else 0)


if __name__ == "__main__":
    main()
