"""What overload and soak have in common: their flags, how they are told to stop, and what becomes of their results."""

import argparse
import asyncio
import sys
from datetime import date
from pathlib import Path

import page
from machine import machine
from processes import raise_descriptor_limit
from programs import version

ROOT = Path(__file__).resolve().parents[2]


def parser(description):
    found = argparse.ArgumentParser(description=description)
    found.add_argument("--keep", type=Path, default=ROOT / ".cache" / "load", help="folder of result and plot")
    found.add_argument("--write", action="store_true", help="make it the result in docs/reliability-load.md")
    found.add_argument("--programs", type=Path, default=ROOT / ".build" / "release", help="folder of our programs")
    return found


def play(playing):
    raise_descriptor_limit()
    try:
        return asyncio.run(playing)
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.exit("told to stop")


def conclude(name, result, failures, options):
    """Keeps and shows the result, and ends the process."""
    result |= {"day": date.today().isoformat(), "machine": machine(), "version": version(options.programs)}
    result["failures"] = failures
    source = page.PAGES[name]
    kept = options.keep / f"{name}.json"
    options.keep.mkdir(parents=True, exist_ok=True)
    kept.write_text(page.compact(result))
    kept.with_suffix(".svg").write_text(source.plot(result))
    print(source.section(result))
    print(f"kept: {kept} and {name}.svg", file=sys.stderr)
    if options.write:
        page.write(**{name: kept})
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    sys.exit(1 if failures else 0)
