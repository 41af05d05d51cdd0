"""A moderate load for long, while agents, servers and clients come and go: does anything grow, is anything lost?"""

import asyncio
import random
import signal
import sys
import time

import accounts
import disturbances
import load_run
import soak_page
from fault import Fault
from ledger import Ledger
from places import Places
from processes import cpu_seconds
from samples import holdings
from stage import Stage
from traffic import Traffic
from wire import Wire

# So many can be drawn and kept; more often than every five seconds says nothing more.
MOST_SAMPLES, LEAST_INTERVAL = 200, 5
# So much more than before may be held in the end. What is held for clients is left out, but connections to servers come
# and go, too.
GROWTH_RATIO, GROWTH_MIB = 0.05, 1
GROWTH_COUNTS = {"descriptors": 10, "connections": 10, "threads": 2}


class Soak(Fault):
    """Four servers of six slots, so that a fleet without two of them is just about full."""

    name = "soak"
    servers, slots = 4, 6


class Run:
    def __init__(self, stage, options):
        self.stage, self.options = stage, options
        self.ledger = stage.tally = Ledger()
        self.traffic = Traffic(stage, random.Random(f"{options.seed} traffic"), options.rate)
        places = Places(stage)
        self.disturbances = [kind(stage, places, self.traffic, options.seed) for kind in disturbances.ALL]
        self.samples = []

    async def go(self):
        loop = asyncio.get_running_loop()
        self.begun = loop.time()
        deadline = self.begun + self.options.minutes * 60
        cpu = cpu_seconds(self.stage.balancer.pid)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.traffic.run(deadline))
            group.create_task(self.sample(deadline))
            for disturbance in self.disturbances:
                group.create_task(disturbance.run(deadline))
        self.cpu_share = (cpu_seconds(self.stage.balancer.pid) - cpu) / (loop.time() - self.begun)
        await self.traffic.settle()
        for server in self.stage.servers:
            await server.clear()
        await self.stage.ready()
        for server in self.stage.servers:
            self.ledger.take(server.name, await server.journal())

    async def sample(self, deadline):
        loop = asyncio.get_running_loop()
        interval = max(LEAST_INTERVAL, self.options.minutes * 60 / MOST_SAMPLES)
        before = self.ledger.total
        while loop.time() + interval <= deadline:
            await asyncio.sleep(interval)
            self.stage.balancer.process.require_running()
            total = self.ledger.total
            waiting = await self.stage.balancer.waiting()
            self.samples.append({
                "seconds": round(loop.time() - self.begun, 1),
                "balancer": holdings(self.stage.balancer.pid),
                "clients": Wire.held[self.stage.balancer.port],
                "agent": holdings(self.stage.agents[disturbances.FOLLOWED].pid),
                "ended_per_second": round((total - before) / interval, 1),
                "waiting": waiting,
            })  # fmt: skip
            before = total
            if len(self.samples) % 12 == 0:
                print(f"{loop.time() - self.begun:.0f} s: {self.summary()}", file=sys.stderr, flush=True)

    def summary(self):
        counts = ", ".join(f"{count:,} {outcome.value}" for outcome, count in self.ledger.outcomes.most_common())
        return f"{counts}; {self.samples[-1]['balancer']}" if self.samples else counts

    async def afterwards(self):
        """What is left when nobody asks any more."""
        asked = next(self.stage.numbers)
        counters = await accounts.Counters.of(self.stage.balancer)
        port = self.stage.balancer.port
        checks = accounts.checks(counters, self.ledger, asked, Wire.opened[port], Wire.given_up[port])
        await self.stage.recovered()
        return {
            "asked": asked,
            "lost": self.ledger.lost(asked),
            "twice": len(self.ledger.twice),
            "unexpected": {outcome.value: count for outcome, count in self.ledger.unexpected.items()},
            "leaks": await self.stage.leaks(),
            "checks": [check.record | {"holds": check.holds} for check in checks],
            "outcomes": {outcome.value: count for outcome, count in self.ledger.outcomes.most_common()},
            "statuses": {str(status): count for status, count in sorted(self.ledger.statuses.items())},
        }


def grown(samples):
    """What is not flat, in words."""
    found = []
    for whose in ("balancer", "agent"):
        for what, (first, last) in soak_page.growth(samples, whose).items():
            limit = first * GROWTH_RATIO + GROWTH_MIB if what == "memory_mib" else GROWTH_COUNTS[what]
            if last - first > limit:
                found.append(f"{what} of the {whose}: {first} before, {last} in the end")
    return found


async def play(options):
    task = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with Stage(options.programs.resolve(), Soak()) as stage:
        run = Run(stage, options)
        try:
            await run.go()
            result = await run.afterwards()
        except Exception:
            print(stage.balancer.log().decode(errors="replace")[-4000:], file=sys.stderr)
            raise
        for example in run.ledger.examples:
            print(example, file=sys.stderr)
        return result | {
            "most_in_flight": stage.most_in_flight,
            "cpu_share": round(run.cpu_share, 4),
            "disturbances": [{"text": one.text, "times": one.times} for one in run.disturbances],
            "samples": run.samples,
        }


def arguments():
    parser = load_run.parser(__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=50, help="requests per second (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of what happens when (%(default)s)")
    return parser.parse_args()


def main():
    options = arguments()
    begun = time.monotonic()
    result = load_run.play(play(options))
    result |= {"minutes": options.minutes, "rate": options.rate, "seed": options.seed}
    result |= {"took_seconds": round(time.monotonic() - begun)}
    load_run.conclude("soak", result, soak_page.failures(result) + grown(result["samples"]), options)


if __name__ == "__main__":
    main()
