"""Ten times as many requests as the servers can answer, for a minute: what is answered, how are others refused?"""

import asyncio
import gc
import signal
import sys
import time
from collections import Counter

import load_run
import overload_page
from fault import Fault
from generator import Generator
from measurement import percentile
from processes import cpu_seconds
from samples import descriptors, resident_mib
from stage import Stage

SERVICE_MS = 80
SCRIPT = (("Tokens", 1), ("Token-Delay-Ms", SERVICE_MS), ("Answer-Bytes", 1000))
TIMES = 10
# With 1024 in the queue and 200 answers a second, whoever is let in waits for five seconds.
DEADLINE = 10
# At one time the capacity: all slots are taken, and a few requests are always ready for the next one.
CLIENTS_PER_SLOT = 1.5
# Goodput must stay so near to what it was before.
LEAST_SHARE = 0.95
# A generator that is later than this (seconds, p99) says that the machine does something else, and nothing of the balancer.
LATE_AT_MOST = 0.05


class Overload(Fault):
    """So few and slow slots that ten times their capacity is nothing to the generator."""

    name = "overload"
    servers, slots = 4, 4
    capacity = servers * slots * 1000 // SERVICE_MS

    def __init__(self, flags):
        self.flags = flags


class Run:
    def __init__(self, stage, reference, options):
        self.stage, self.options = stage, options
        self.balancer = stage.balancer.pid
        self.generator = Generator(stage.balancer.port, SCRIPT, reference, self.take)
        self.begun = time.monotonic()
        self.asks, self.seconds = [], []
        self.rebegins = False
        self.looked = -1

    def take(self, ask):
        self.asks.append(ask)
        if self.rebegins:
            self.generator.begin(ask.ended)

    # MARK: - Phases

    def closed(self, seconds):
        """So many clients at a time, each asks again when it was answered."""
        end = time.monotonic() + seconds
        self.rebegins = True
        for _ in range(int(Overload.servers * Overload.slots * CLIENTS_PER_SLOT)):
            self.generator.begin(time.monotonic())
        while time.monotonic() < end:
            self.turn(end)
        self.rebegins = False
        self.drain()

    def open(self, seconds, rate):
        """Each has its time, whatever became of those before it."""
        begun = time.monotonic()
        for number in range(int(seconds * rate)):
            due = begun + number / rate
            while time.monotonic() < due:
                self.turn(due)
            self.generator.begin(due)
            if number % 8 == 0:
                # Late or not, what came is taken.
                self.turn(0)

    def drain(self):
        end = time.monotonic() + 90
        while self.generator.in_flight and time.monotonic() < end:
            self.turn(end)

    def turn(self, until):
        now = time.monotonic() - self.begun
        if int(now) > self.looked:
            self.looked = int(now)
            self.look(now)
        self.generator.turn(min(until, self.begun + self.looked + 1))

    def look(self, now):
        self.seconds.append({
            "second": round(now, 2),
            "memory_mib": resident_mib(self.balancer),
            "descriptors": descriptors(self.balancer),
            "cpu_seconds": cpu_seconds(self.balancer),
        })  # fmt: skip

    def phase(self, play):
        """What was begun in it, and what it cost."""
        self.asks, begun, cpu, own = [], time.monotonic(), cpu_seconds(self.balancer), time.process_time()
        play()
        elapsed = time.monotonic() - begun
        return self.asks, begun, elapsed, cpu_seconds(self.balancer) - cpu, (time.process_time() - own) / elapsed


def is_good(ask):
    return ask.status == 200 and ask.is_right and ask.ended - ask.due <= DEADLINE


def rate_of_good(asks, begun, end):
    return sum(is_good(ask) and begun <= ask.ended < end for ask in asks) / (end - begun)


def displacements(asks):
    """Of the answered ones: by how many places each came behind its turn; less than 0 is before it."""
    answered = [ask.number for ask in sorted(asks, key=lambda ask: ask.ended) if ask.status == 200]
    return [place - turn for turn, (_, place) in enumerate(sorted((n, p) for p, n in enumerate(answered)))]


def measure(stage, reference, options):
    run = Run(stage, reference, options)
    calm, overloaded = options.calm_seconds, options.seconds
    # The first requests open connections and warm up what there is.
    run.phase(lambda: run.closed(2))
    before, begun_before, _, cpu_before, _ = run.phase(lambda: run.closed(calm))
    memory_before, descriptors_before = resident_mib(run.balancer), descriptors(run.balancer)
    offered = Overload.capacity * TIMES

    def overload():
        run.open(overloaded, offered)

    start = time.monotonic() - run.begun
    during, begun, elapsed, cpu, own = run.phase(overload)
    late = [ask.sent - ask.due for ask in during]
    run.drain()
    # What was begun before the end was answered after it.
    stop = start + elapsed
    all_asked, without_end = run.asks, run.generator.in_flight
    after, begun_after, _, _, _ = run.phase(lambda: run.closed(calm))
    refused = [ask for ask in all_asked if ask.status and ask.status != 200]
    good = [ask for ask in all_asked if is_good(ask)]
    refused_meanwhile = sum(ask.ended < begun + elapsed for ask in refused)
    good_meanwhile = sum(ask.ended < begun + elapsed for ask in good)
    cpu_per_answer = cpu_before / sum(map(is_good, before))
    places = displacements(all_asked)
    bins = by_second([*before, *all_asked, *after], run)
    result = {
        "flags": " ".join(stage.fault.flags),
        "offered_rate": len(all_asked) / elapsed,
        "asked": len(all_asked),
        "good": len(good),
        "late_or_wrong": sum(ask.status == 200 for ask in all_asked) - len(good),
        "refused": dict(Counter(str(ask.status) for ask in refused)),
        "wrongly_refused": sum(not ask.is_right for ask in refused),
        "cut": sum(ask.is_cut for ask in all_asked),
        "without_end": without_end,
        "goodput_before": rate_of_good(before, begun_before + 1, begun_before + calm),
        "goodput": rate_of_good(all_asked, begun, begun + elapsed),
        "goodput_worst_second": min(row["good"] for row in bins if start + 1 <= row["second"] < stop - 1),
        "goodput_after": rate_of_good(after, begun_after + 1, begun_after + calm),
        "wait_p50": percentile([ask.ended - ask.due for ask in good], 0.5),
        "wait_p99": percentile([ask.ended - ask.due for ask in good], 0.99),
        "refusal_p50": percentile([ask.ended - ask.due for ask in refused], 0.5),
        "refusal_p99": percentile([ask.ended - ask.due for ask in refused], 0.99),
        "refusal_worst": max((ask.ended - ask.due for ask in refused), default=0),
        "generator_late_p99": percentile(late, 0.99),
        "generator_share": own,
        "cpu_share": cpu / elapsed,
        "cpu_us_per_answer": cpu_per_answer * 1e6,
        "cpu_us_per_refusal": (cpu - good_meanwhile * cpu_per_answer) * 1e6 / max(1, refused_meanwhile),
        "places_p99": percentile([abs(place) for place in places], 0.99),
        "most_places_early": -min(places),
        "most_places_late": max(places),
        "held": {
            "before": [memory_before, descriptors_before],
            "peak": [max(row[what] for row in run.seconds) for what in ("memory_mib", "descriptors")],
            "after": [resident_mib(run.balancer), descriptors(run.balancer)],
        },
        "shaded": [round(start, 2), round(stop, 2)],
        "seconds": bins,
    }
    run.generator.close()
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in result.items()}


def by_second(asks, run):
    """What was offered, and what ended, in each second; and what the balancer held at its beginning."""
    offered, good, refused = Counter(), Counter(), Counter()
    for ask in asks:
        offered[int(ask.due - run.begun)] += 1
        end = int(ask.ended - run.begun)
        if is_good(ask):
            good[end] += 1
        elif ask.status:
            refused[end] += 1
    rows = []
    for row, following in zip(run.seconds, run.seconds[1:]):
        second = int(row["second"])
        cpu = (following["cpu_seconds"] - row["cpu_seconds"]) / (following["second"] - row["second"])
        rows.append({
            "second": second, "offered": offered[second], "good": good[second], "refused": refused[second],
            "memory_mib": row["memory_mib"], "descriptors": row["descriptors"], "cpu": round(cpu, 2),
        })  # fmt: skip
    return rows


async def play(options):
    task = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    variants = []
    for flags in [(), ("--max-queue-wait-estimate", "1s")]:
        async with Stage(options.programs.resolve(), Overload(flags)) as stage:
            reference = await stage.reference(stage.question(False, SCRIPT))
            # Nothing else goes on in this process meanwhile, and nothing is thrown away that could be collected.
            gc.disable()
            variant = measure(stage, reference, options)
            gc.enable()
            await stage.ready()
            variant["leaks"] = await stage.leaks()
            variants.append(variant)
        print(overload_page.summary(variant), file=sys.stderr, flush=True)
        if variant["generator_late_p99"] > LATE_AT_MOST:
            sys.exit(f"error: the generator was {variant['generator_late_p99']:.2f} s late: the machine is too busy")
    return variants


def arguments():
    parser = load_run.parser(__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of the overload (%(default)s)")
    parser.add_argument("--calm-seconds", type=int, default=15, help="before it and after it (%(default)s)")
    return parser.parse_args()


def main():
    options = arguments()
    result = {
        "servers": Overload.servers, "slots": Overload.slots, "service_ms": SERVICE_MS, "capacity": Overload.capacity,
        "times": TIMES, "deadline": DEADLINE, "overload_seconds": options.seconds, "calm_seconds": options.calm_seconds,
        "variants": load_run.play(play(options)),
    }  # fmt: skip
    load_run.conclude("overload", result, overload_page.failures(result, LEAST_SHARE), options)


if __name__ == "__main__":
    main()
