"""The overload's result as people read it."""

import statistics

from chart import Line, Panel, draw

# What memory may grow by within the overload, from its second quarter to its last.
GROWTH_RATIO, GROWTH_MIB = 0.05, 1


def best(variant):
    return max(variant["goodput_before"], variant["goodput_after"])


def quarters(variant):
    """Medians of resident memory in the second and the last quarter of the overload, in MiB."""
    start, stop = variant["shaded"]
    memory = [row["memory_mib"] for row in variant["seconds"] if start <= row["second"] < stop]
    quarter = max(1, len(memory) // 4)
    return statistics.median(memory[quarter : 2 * quarter] or memory), statistics.median(memory[-quarter:])


def failures(result, least_share):
    found = []
    for variant in result["variants"]:
        name = variant["flags"] or "default limits"
        if variant["goodput"] < least_share * best(variant):
            found.append(f"{name}: goodput {variant['goodput']:.1f} a second, and {best(variant):.1f} when calm")
        if variant["goodput_after"] < least_share * variant["goodput_before"]:
            found.append(f"{name}: goodput {variant['goodput_after']:.1f} a second afterwards")
        second, last = quarters(variant)
        if last > second * (1 + GROWTH_RATIO) + GROWTH_MIB:
            found.append(f"{name}: memory grew from {second} to {last} MiB")
        for what in ("late_or_wrong", "wrongly_refused", "cut", "without_end"):
            if variant[what]:
                found.append(f"{name}: {variant[what]} {what}")
        found += [f"{name}: leaked {leak}" for leak in variant["leaks"]]
    return found


def summary(variant):
    return (
        f"{variant['flags'] or 'default limits'}: goodput {variant['goodput_before']:.1f}, {variant['goodput']:.1f} "
        f"(worst second {variant['goodput_worst_second']}), {variant['goodput_after']:.1f}; refused {variant['refused']}, "
        f"p99 {variant['refusal_p99'] * 1000:.1f} ms; held {variant['held']}; generator {variant['generator_share']:.2f}"
    )


def rows(result):
    """Title, and how a variant's cell is written."""

    def held(number, form):
        return lambda one: " / ".join(form.format(one["held"][when][number]) for when in ("before", "peak", "after"))

    def ms(key):
        return lambda one: f"{one[key] * 1000:,.1f} ms"

    def grown(one):
        second, last = quarters(one)
        return f"{(last / second - 1) * 100:+.1f} %"

    def refused(one):
        return ", ".join(f"{count:,} × {status}" for status, count in one["refused"].items()) or "0"

    def without_good_end(one):
        return str(one["late_or_wrong"] + one["wrongly_refused"] + one["cut"] + one["without_end"])

    return [
        ("goodput before, per second", lambda one: f"{one['goodput_before']:.1f}"),
        ("**goodput under overload**, per second", lambda one: f"**{one['goodput']:.1f}**"),
        ("of the best there was", lambda one: f"**{one['goodput'] / best(one) * 100:.1f} %**"),
        ("its worst second", lambda one: f"{one['goodput_worst_second']}"),
        ("goodput after, per second", lambda one: f"{one['goodput_after']:.1f}"),
        ("offered, per second", lambda one: f"{one['offered_rate']:,.0f}"),
        ("refused", refused),
        ("time until a refusal, p50", ms("refusal_p50")),
        ("time until a refusal, p99", ms("refusal_p99")),
        ("time until an answer, p50", lambda one: f"{one['wait_p50']:.2f} s"),
        ("time until an answer, p99", lambda one: f"{one['wait_p99']:.2f} s"),
        ("too late, wrong, cut, or without an end", without_good_end),
        ("places from its turn that an answer came, p99", lambda one: f"{one['places_p99']}"),
        ("places before / behind its turn, most", lambda one: f"{one['most_places_early']} / {one['most_places_late']}"),
        ("CPU of the balancer, of a core", lambda one: f"{one['cpu_share'] * 100:.1f} %"),
        ("CPU for an answer", lambda one: f"{one['cpu_us_per_answer']:.0f} µs"),
        ("CPU for a refusal", lambda one: f"{one['cpu_us_per_refusal']:.0f} µs"),
        ("resident memory before / peak / after, MiB", held(0, "{:.1f}")),
        ("memory, from the overload's second quarter to its last", grown),
        ("descriptors before / peak / after", held(1, "{}")),
        ("lateness of the generator, p99", ms("generator_late_p99")),
        ("CPU of the generator, of a core", lambda one: f"{one['generator_share'] * 100:.0f} %"),
    ]


def section(result):
    about = result["machine"]
    names = [f"`{one['flags']}`" if one["flags"] else "default limits" for one in result["variants"]]
    parts = [
        f"""## Overload

{result["servers"]} fake llama-servers with {result["slots"]} slots each, and an answer takes {result["service_ms"]} ms: they can answer
{result["capacity"]:,} requests a second. For {result["calm_seconds"]} s, half as many clients again as there are slots ask one
request after the other, which gives the most that can be had; then {result["times"] * result["capacity"]:,} new requests a second
come for {result["overload_seconds"]} s, whatever becomes of those before, one in ten over a new connection; then it is calm again.
Goodput is what was answered right, byte for byte, within {result["deadline"]} s of when it was due: with the default limits,
whoever is let into the queue waits behind 1,024 others at {result["capacity"]} a second, some five seconds. With `--max-queue-wait-estimate` the queue is as
short as one likes, for the same goodput.

| | {" | ".join(names)} |
|---|{"--:|" * len(names)}"""
    ]
    for title, cell in rows(result):
        parts.append(f"| {title} | {' | '.join(cell(one) for one in result['variants'])} |")
    parts += [
        "",
        "Whoever waits keeps its place: an answer's turn is its request's among all that were let in. Sixteen slots answer side by",
        "side, and a server that the machine stops for a moment answers late, but nobody is answered much before its turn; without",
        "an order it would be by hundreds of places, among a thousand that wait.",
        "",
        "![Offered, answered and refused requests, and the balancer's memory](images/overload.svg)",
        "",
        "So few and slow slots, since the generator, a thread of Python, must not be what limits: the table has what it took. Times",
        "run from when a request was due, so that the generator's lateness counts as the balancer's.",
        "",
        f"Made by `Scripts/overload --write` on {result['day']} with version {result['version']}, on {about['cores']} cores of",
        f"{about['processor']}, {about['system']}.",
    ]
    return "\n".join(parts) + "\n"


def plot(result):
    variant = result["variants"][0]
    seconds = variant["seconds"]

    def line(name, key):
        return Line(name, [(row["second"], row[key]) for row in seconds])

    shaded = [tuple(variant["shaded"])]
    panels = [
        Panel(
            "Offered and refused",
            "requests per second",
            [line("offered", "offered"), line("refused", "refused")],
            shaded,
        ),
        Panel("Goodput", "right answers per second", [line("goodput", "good")], shaded),
        Panel("The balancer's resident memory", "MiB", [line("memory", "memory_mib")], shaded),
        Panel("The balancer's descriptors", "", [line("descriptors", "descriptors")], shaded),
        Panel("The balancer's processor time", "of a core", [line("CPU", "cpu")], shaded),
    ]
    title = f"{result['times']} times the capacity for {result['overload_seconds']} seconds"
    return draw(title, panels, "seconds", seconds[-1]["second"])
