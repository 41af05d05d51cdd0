"""Breaks things on purpose around real processes, looks whether a request was lost, and writes down what it saw."""

import argparse
import asyncio
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import faults
from machine import machine
from names import Names
from processes import raise_descriptor_limit
from programs import version
from stage import Stage
from table import Row, document

ROOT = Path(__file__).resolve().parent.parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="each fault a few times: under three minutes")
    parser.add_argument("--only", metavar="NAME", action="append", help="faults whose name begins so")
    parser.add_argument("--list", action="store_true", help="names, and what they mean")
    parser.add_argument("--at-once", type=int, default=4, help="how many faults are played at the same time")
    parser.add_argument("--markdown", type=Path, help="where to write the table")
    parser.add_argument("--programs", type=Path, default=ROOT / ".build" / "release", help="folder of our programs")
    return parser.parse_args()


def chosen(options):
    """Those that were asked for and can be played."""
    command = [options.programs / "paddler", "balancer", "--help"]
    known = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    found = []
    for fault in faults.ALL:
        if options.only and not any(fault.name.startswith(name) for name in options.only):
            continue
        if options.quick and not fault.quick_times:
            continue
        if missing := [flag for flag in fault.flags if flag.startswith("--") and flag not in known]:
            print(f"{fault.name} is left out: this balancer has no {missing[0]}", file=sys.stderr)
            continue
        if fault.has_names and not Names.are_possible():
            print(f"{fault.name} is left out: needs unshare, and leave to make namespaces", file=sys.stderr)
            continue
        if missing := [tool for tool in fault.tools if not shutil.which(tool)]:
            print(f"{fault.name} is left out: needs {missing[0]}", file=sys.stderr)
            continue
        found.append(fault)
    return found


async def play(fault, programs, quick):
    """A row of the table; whatever goes wrong with the play itself is in it, too."""
    row = Row(fault)
    begun = time.monotonic()
    try:
        async with Stage(programs, fault) as stage:
            try:
                await play_on(stage, fault, row, fault.quick_times if quick else fault.times)
            except Exception as error:
                row.trouble = f"{type(error).__name__}: {error}"
                row.log = stage.balancer.log().decode(errors="replace")[-4000:]
            row.take(stage)
            if row.failure and not row.log:
                row.log = stage.balancer.log().decode(errors="replace")[-4000:]
    except Exception as error:
        row.trouble = row.trouble or f"{type(error).__name__}: {error}"
    print(f"{fault.name}: {row.summary}, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return row


async def play_on(stage, fault, row, times):
    await fault.prepare(stage)
    for _ in range(times):
        await fault.strike(stage)
        stage.times += 1
    await fault.finish(stage)
    await stage.recovered()
    row.leaks = await stage.leaks()
    row.tried_again = await stage.tried_again()
    row.twice = await stage.twice()
    # So that what is measured says who paid for it.
    stage.balancer.process.require_running()


async def play_all(options):
    # Told to stop, it ends what it started.
    task = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    turn = asyncio.Semaphore(options.at_once)

    async def in_turn(fault):
        async with turn:
            return await play(fault, options.programs.resolve(), options.quick)

    return await asyncio.gather(*(in_turn(fault) for fault in chosen(options)))


def main():
    options = arguments()
    if options.list:
        for fault in chosen(options):
            print(f"{fault.name}: {fault.text}")
        return
    raise_descriptor_limit()
    begun = time.monotonic()
    try:
        rows = asyncio.run(play_all(options))
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.exit("told to stop")
    ours, took = version(options.programs), time.monotonic() - begun
    text = document(rows, options.quick, ours, machine(), date.today(), took)
    print(text)
    if options.markdown:
        options.markdown.write_text(text)
    failed = [row for row in rows if row.failure]
    for row in failed:
        print(f"\n{row.fault.name} FAILED: {row.failure}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
