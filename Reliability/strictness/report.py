"""The comparison as a document."""

from collections import Counter

KINDS = ["agreed", "stricter", "differently", "laxer"]

INTRODUCTION = """# How strict the reverse proxy is

Written by `Scripts/compare-strictness`; don't edit.

Each request of the corpus (`Sources/FramingCorpus/Requests`, where each has the section of RFC 9112 or RFC 9110 that it
follows from) was sent to our balancer and to HAProxy {version}, with another request right behind it, in front of an
upstream that notes what it gets. Both passed it on as one request, or both refused it: agreed. Passed on here and refused
there: laxer, and the reason stands below. `RequestCorpusTests` runs the same corpus in the tests.

**{total} cases: {agreed} agreed, {stricter} where we are stricter, {differently} passed on by both and not alike,
{laxer} where we are laxer.**
"""


def kind(ours, theirs):
    passed_here, passed_there = ours.outcome in ("passed", "split"), theirs.outcome in ("passed", "split")
    if passed_here and passed_there:
        return "agreed" if ours.meaning == theirs.meaning else "differently"
    if passed_here:
        return "laxer"
    return "stricter" if passed_there else "agreed"


def document(results, version):
    counts = Counter(result.kind for result in results)
    text = INTRODUCTION.format(version=version, total=len(results), **{name: counts[name] for name in KINDS})
    text += "\n## By family\n\n| family | cases | agreed | stricter | not alike | laxer |\n|---|--:|--:|--:|--:|--:|\n"
    for family in dict.fromkeys(result.family for result in results):
        of_family = Counter(result.kind for result in results if result.family == family)
        cells = [str(sum(of_family.values()))] + [str(of_family[name] or "") for name in KINDS]
        text += f"| {family} | {' | '.join(cells)} |\n"
    text += section(
        results,
        "laxer",
        "Where we are laxer",
        "reason",
        lambda result: result.case["laxBecause"] if result.case.get("laxBecause") else "**none: a defect**",
    )
    text += section(
        results, "differently", "Passed on by both, and not alike", "ours; HAProxy's", lambda result: both(result)
    )
    text += stricter(results)
    return text


def section(results, name, title, column, tell):
    rows = [result for result in results if result.kind == name]
    if not rows:
        return f"\n## {title}\n\nNowhere.\n"
    table = "".join(f"| {cell(row.name)} | {row.case['rule']} | {cell(tell(row))} |\n" for row in rows)
    return f"\n## {title}\n\n| case | rule | {column} |\n|---|---|---|\n{table}"


def stricter(results):
    rows = [result for result in results if result.kind == "stricter"]
    text = "\n## Where we are stricter\n\nHAProxy passes these on.\n\n"
    for family in dict.fromkeys(row.family for row in rows):
        names = [row.name.split(": ", 1)[1] for row in rows if row.family == family]
        text += f"- {family}: {cell('; '.join(names))}\n"
    return text


def both(result):
    return f"{result.ours.in_words}; {result.theirs.in_words}"


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ").replace("`", "'")
