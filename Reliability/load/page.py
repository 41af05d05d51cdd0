"""docs/reliability-load.md and its plots, from the results that are kept."""

import argparse
import json
import shutil
from pathlib import Path

import overload_page
import soak_page

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "Reliability" / "results"
DOCS = ROOT / "docs"
INTRODUCTION = """# Under load

What the balancer does under ten times what its servers can do, and in a long run in which everything around it comes and
goes. The rig is that of [reliability.md](reliability.md): real processes, fake llama-servers, and requests that can be told
apart, whose answers are compared byte for byte. This page is written by `Scripts/soak --write`, `Scripts/overload --write`
and `Scripts/load-page` from `Reliability/results`; don't change it by hand.
"""
PAGES = {"overload": overload_page, "soak": soak_page}


def compact(result):
    """A line for each sample, so that the file is small and a change of it can be read."""
    lines = []
    for key, value in result.items():
        if isinstance(value, list) and value:
            rows = ",\n  ".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in value)
            lines.append(f"{json.dumps(key)}: [\n  {rows}\n]")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write(**results):
    """`results`: files that become the kept ones."""
    RESULTS.mkdir(exist_ok=True)
    for name, file in results.items():
        shutil.copy(file, RESULTS / f"{name}.json")
    parts = [INTRODUCTION]
    for name, source in PAGES.items():
        kept = RESULTS / f"{name}.json"
        if kept.exists():
            result = json.loads(kept.read_text())
            parts.append(source.section(result))
            (DOCS / "images" / f"{name}.svg").write_text(source.plot(result))
    (DOCS / "reliability-load.md").write_text("\n".join(parts))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in PAGES:
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help="a result that is to be kept from now on")
    chosen = {name: file for name, file in vars(parser.parse_args()).items() if file}
    write(**chosen)


if __name__ == "__main__":
    main()
