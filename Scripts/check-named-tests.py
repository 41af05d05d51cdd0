#!/usr/bin/env python3
"""Fails if docs/migrating-from-paddler.md names a test that doesn't exist.

Names are as `Scripts/test --filter` takes them: a target or a suite's type, or Type/function.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/migrating-from-paddler.md"


def declared():
    """Every target, type and Type/function below Tests."""
    names = set()
    for file in (ROOT / "Tests").rglob("*.swift"):
        names.add(file.relative_to(ROOT / "Tests").parts[0])
        suite = None
        pattern = r"^(?:private |fileprivate )?(?:struct|final class|extension) (\w+)|\bfunc (\w+)\("
        for match in re.finditer(pattern, file.read_text(), re.MULTILINE):
            if match[1]:
                suite = match[1]
                names.add(suite)
            elif suite:
                names.add(f"{suite}/{match[2]}")
    return names


def main():
    names = declared()
    missing = []
    for number, line in enumerate(PAGE.read_text().splitlines(), 1):
        if not line.startswith("|"):
            continue
        tests = line.rstrip("| ").split(" | ")[-1]
        missing += [
            f"{PAGE.relative_to(ROOT)}:{number}: there is no test {name}"
            for name in re.findall(r"`([A-Z]\w+(?:/\w+)?)`", tests)
            if name not in names
        ]
    print("\n".join(missing) or "every test that is named exists")
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
