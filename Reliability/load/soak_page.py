"""The soak's result as people read it."""

from chart import Line, Panel, draw
from samples import quarter_medians

TITLES = {
    "memory_mib": "resident memory, MiB",
    "descriptors": "descriptors",
    "threads": "threads",
    "connections": "TCP connections",
}


# How many clients there are is the rig's doing.
FOR_CLIENTS = {"descriptors", "connections"}


def growth(samples, whose):
    """Of what it holds: medians of the second and of the last quarter of the run."""
    return {what: quarter_medians([held(sample, whose, what) for sample in samples]) for what in TITLES}


def held(sample, whose, what):
    """The balancer's descriptors and connections are those beyond its clients'."""
    of_clients = sample["clients"] if whose == "balancer" and what in FOR_CLIENTS else 0
    return sample[whose][what] - of_clients


def name(whose, what):
    return f"{whose}: {TITLES[what]}" + (" beside its clients'" if whose == "balancer" and what in FOR_CLIENTS else "")


def failures(result):
    """What must not be, in words; growth apart."""
    found = [f"{result[what]} requests {what}" for what in ("lost", "twice") if result[what]]
    found += [f"{count} × {outcome}" for outcome, count in result["unexpected"].items()]
    found += [f"leaked: {', '.join(result['leaks'])}"] if result["leaks"] else []
    found += [f"{one['what']}: {one['counted']}, {expected(one)}" for one in result["checks"] if not one["holds"]]
    return found


def expected(check):
    return f"{check['least']:,}" + (f" to {check['most']:,}" if check["most"] > check["least"] else "")


INTRODUCTION = """## Soak

{minutes:g} minutes, {rate:g} new requests a second whatever became of those before, streams and plain answers of 20 ms to
0.6 s, on four fake llama-servers of four to eight slots. Meanwhile all this goes on, at times that follow from a seed
({seed}):

| what happens | times |
|---|--:|
{disturbances}

Two of the four servers are always left alone. One in 25 clients leaves within 0.6 s, wherever its request is.

**Every request is accounted for.** What became of them, as clients saw it:

| requests | {outcomes} | lost | answered twice |
|{rule}
| {counts} |

Statuses of the errors: {statuses}. At rest afterwards, still held: {leaks}.

The balancer's counters say the same as the clients; which way a request went that its client left, only the balancer knows:

| the balancer's counters; the same for clients | counted | to be |
|---|--:|--:|
{checks}

**Nothing grows.** Medians of the second quarter of the run and of the last one:

| | second quarter | last quarter | growth |
|---|--:|--:|--:|
{growth}

![What balancer and agent held over time](images/soak.svg)

The balancer took {cpu:.1f} % of a core; at most {in_flight:,} requests were under way. Made by
`Scripts/soak --minutes {minutes:g} --write` on {day} with version {version}, on {cores} cores of {processor}, {system}.
"""


def section(result):
    growths = [
        f"| {name(whose, what)} | {first:,.4g} | {last:,.4g} | {(last / first - 1) * 100 if first else 0:+.1f} % |"
        for whose in ("balancer", "agent")
        for what, (first, last) in growth(result["samples"], whose).items()
    ]
    counts = [sum(result["outcomes"].values()), *result["outcomes"].values(), result["lost"], result["twice"]]
    return INTRODUCTION.format(
        minutes=result["minutes"],
        rate=result["rate"],
        seed=result["seed"],
        disturbances="\n".join(f"| {one['text']} | {one['times']:,} |" for one in result["disturbances"]),
        outcomes=" | ".join(result["outcomes"]),
        rule="--:|" * len(counts),
        counts=" | ".join(f"{count:,}" for count in counts),
        statuses=", ".join(f"{count:,} × {status}" for status, count in result["statuses"].items()) or "none",
        leaks=", ".join(result["leaks"]) or "no slot, no place in the queue, no bytes, no descriptor",
        checks="\n".join(f"| {one['what']} | {one['counted']:,} | {expected(one)} |" for one in result["checks"]),
        growth="\n".join(growths),
        cpu=result["cpu_share"] * 100,
        in_flight=result["most_in_flight"],
        day=result["day"],
        version=result["version"],
        **result["machine"],
    )


def plot(result):
    samples = result["samples"]

    def line(name, read):
        return Line(name, [(sample["seconds"] / 60, read(sample)) for sample in samples])

    def of(whose, what, name=None):
        return line(name or whose, lambda sample: sample[whose][what])

    panels = [
        Panel("Resident memory", "MiB", [of("balancer", "memory_mib"), of("agent", "memory_mib")]),
        Panel(
            "The balancer's descriptors and connections",
            "",
            [
                of("balancer", "descriptors", "descriptors"),
                of("balancer", "connections", "TCP connections"),
                line("clients of the rig", lambda sample: sample["clients"]),
            ],
        ),
        Panel(
            "The agent's descriptors and connections",
            "",
            [of("agent", "descriptors", "descriptors"), of("agent", "connections", "TCP connections")],
        ),
        Panel("Threads", "", [of("balancer", "threads"), of("agent", "threads")]),
        Panel("Requests", "per second", [line("ended", lambda sample: sample["ended_per_second"])]),
        Panel("Requests that wait for a slot", "at this moment", [line("waiting", lambda sample: sample["waiting"])]),
    ]
    return draw("Soak", panels, "minutes", result["minutes"])
