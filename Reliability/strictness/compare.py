"""Our balancer and HAProxy on the same requests, one by one: who lets through what the other refuses?"""

import argparse
import base64
import json
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import report
from observation import Observation, observe
from proxies import HAProxy, Paddler

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Result:
    case: dict
    ours: Observation
    theirs: Observation

    @property
    def name(self):
        return self.case["name"]

    @property
    def family(self):
        return self.name.split(": ", 1)[0]

    @property
    def kind(self):
        return report.kind(self.ours, self.theirs)

    @property
    def is_as_expected(self):
        return self.ours.outcome == self.case["expected"].replace("unfinished", "waits")

    @property
    def is_defect(self):
        return not self.is_as_expected or self.kind == "laxer" and not self.case.get("laxBecause")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, required=True, help="folder of paddler and framing-corpus")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "reliability-strictness.md")
    parser.add_argument("--only", default="", help="cases whose names contain this; nothing is written")
    return parser.parse_args()


def run(corpus, paddler, haproxy):
    follower = corpus["follower"].encode()
    for case in corpus["cases"]:
        data = base64.b64decode(case["bytes"]) + follower
        yield Result(case, observe(paddler, data), observe(haproxy, data))


def main():
    options = arguments()
    corpus = json.loads(subprocess.run([options.programs / "framing-corpus"], capture_output=True, check=True).stdout)
    corpus["cases"] = [case for case in corpus["cases"] if options.only in case["name"]]
    with tempfile.TemporaryDirectory() as folder:
        with Paddler(folder, options.programs / "paddler") as paddler, HAProxy(folder) as haproxy:
            results = list(run(corpus, paddler, haproxy))
    for result in results:
        if options.only or result.is_defect:
            print(f"{result.name}: {result.kind}; ours {report.both(result)}; expected {result.case['expected']}")
    counts = Counter(result.kind for result in results)
    print(f"{len(results)} cases: " + ", ".join(f"{counts[name]} {name}" for name in report.KINDS))
    if not options.only:
        options.output.write_text(report.document(results, HAProxy.version()))
        print(f"see {options.output}")
    if defects := sum(result.is_defect for result in results):
        sys.exit(f"{defects} defects")


if __name__ == "__main__":
    main()
