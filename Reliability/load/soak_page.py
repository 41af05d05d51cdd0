"""The soak's result as people read it."""

from chart import Line, Panel, draw
from samples import quarter_medians

TITLES = {
    "memory_mib": "resident memory, MiB",
    "descriptors": "descriptors",
    "threads": "threads",
    "connections": "TCP connections",
}


def growth(samples, whose):
    """Of what it holds: medians of the second and of the last quarter of the run."""
    return {what: quarter_medians([sample[whose][what] for sample in samples]) for what in TITLES}


def failures(result):
    """What must not be, in words; growth apart."""
    found = [f"{result[what]} requests {what}" for what in ("lost", "twice") if result[what]]
    found += [f"{count} × {outcome}" for outcome, count in result["unexpected"].items()]
    found += [f"leaked: {', '.join(result['leaks'])}"] if result["leaks"] else []
    found += [f"{one['what']}: {one['counted']}, {expected(one)}" for one in result["checks"] if not one["holds"]]
    return found


def expected(check):
    return f"{check['least']:,}" + (f" to {check['most']:,}" if check["most"] > check["least"] else "")


def section(result):
    parts = [
        f"""## Soak

{result["minutes"]:.0f} minutes, {result["rate"]:.0f} new requests a second whatever became of those before, streams and plain
answers of 20 ms to 1.3 s, on four fake llama-servers of four to eight slots, while all this goes on, at times that follow
from a seed ({result["seed"]}):

| what happens | times |
|---|--:|"""
    ]
    parts += [f"| {one['text']} | {one['times']:,} |" for one in result["disturbances"]]
    parts += ["", "Two of the four servers are always left alone, and one in 25 clients leaves within 0.6 s, wherever its request is.", ""]
    parts += ["**Every request is accounted for.** What became of them, as clients saw it:", ""]
    parts += ["| requests | " + " | ".join(result["outcomes"]) + " | lost | answered twice |"]
    parts += ["|" + "--:|" * (len(result["outcomes"]) + 3)]
    cells = [total(result), *result["outcomes"].values(), result["lost"], result["twice"]]
    parts += ["| " + " | ".join(f"{cell:,}" for cell in cells) + " |", ""]
    parts += ["Statuses of the errors: " + ", ".join(f"{count:,} × {status}" for status, count in result["statuses"].items()) + "."]
    parts += ["At rest afterwards, still held: " + (", ".join(result["leaks"]) or "no slot, no place in the queue, no bytes, no descriptor") + "."]
    parts += ["", "The balancer's counters say the same as the clients, who don't know which way a request went that they left:", ""]
    parts += ["| counter; clients | counter | clients |", "|---|--:|--:|"]
    parts += [f"| {one['what']} | {one['counted']:,} | {expected(one)} |" for one in result["checks"]]
    parts += ["", "**Nothing grows.** Medians of the second quarter of the run and of the last one:", ""]
    parts += ["| | second quarter | last quarter | growth |", "|---|--:|--:|--:|"]
    for whose in ("balancer", "agent"):
        for what, (first, last) in growth(result["samples"], whose).items():
            parts.append(f"| {whose}: {TITLES[what]} | {first:,.4g} | {last:,.4g} | {(last / first - 1) * 100:+.1f} % |")
    about = result["machine"]
    parts += ["", "![What balancer and agent held over time](images/soak.svg)", ""]
    parts += [
        f"The balancer took {result['cpu_share'] * 100:.1f} % of a core; at most {result['most_in_flight']:,} requests were under way.",
        f"Made by `Scripts/soak --minutes {result['minutes']:.0f} --write` on {result['day']} with version {result['version']}, on "
        f"{about['cores']} cores of {about['processor']}, {about['system']}.",
    ]
    return "\n".join(parts) + "\n"


def total(result):
    return sum(result["outcomes"].values())


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
            [of("balancer", "descriptors", "descriptors"), of("balancer", "connections", "TCP connections")],
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
