"""Whether the balancer's counters and its clients tell the same story, once all is at rest."""

import re
from collections import Counter

from outcome import Outcome
from waiting import ask

LINE = re.compile(r"^(\w+?)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
PREFIX = "paddler_requests_"


class Counters:
    """What /metrics says of the whole: by name, and by name and label."""

    def __init__(self, text):
        self.sums, self.labelled = Counter(), Counter()
        for name, labels, value in LINE.findall(text):
            if "upstream=" in labels or not re.fullmatch(r"\d+(\.0*)?", value):
                continue
            self.sums[name] += int(float(value))
            self.labelled[name, labels.partition('"')[2].rstrip('"')] += int(float(value))

    @classmethod
    async def of(cls, balancer):
        return cls((await ask(balancer.management, "GET", "/metrics")).decode())

    def __getitem__(self, name):
        return self.sums[name]


class Check:
    """Two numbers that must be the same; a client that left can't know which way its request went, hence a range."""

    def __init__(self, what, counted, least, most=None):
        self.what, self.counted, self.least = what, counted, least
        self.most = least if most is None else most

    @property
    def holds(self):
        return self.least <= self.counted <= self.most

    @property
    def record(self):
        return {"what": self.what, "counted": self.counted, "least": self.least, "most": self.most}


# What a request is refused with that may have been left by its client meanwhile.
OF_WAITING = {429, 502, 503, 504}


def checks(counters, ledger, asked, opened, given_up):
    """`asked`, `opened`: how many requests and connections there were of clients; `given_up`: while they connected."""
    seen = ledger.outcomes
    left = seen[Outcome.LEFT]
    broken = seen[Outcome.ERROR_EVENT] + seen[Outcome.CUT]
    ends = sum(counters[PREFIX + name + "_total"] for name in ["answered", "failed", "rejected", "abandoned"])
    found = [
        Check("requests that asked for a slot; requests sent",
              counters[PREFIX + "submitted_total"], asked - left, asked),
        Check("requests answered, failed, refused and abandoned; those that asked for a slot", ends,
              counters[PREFIX + "submitted_total"]),
        Check("requests answered by a server; right answers", counters[PREFIX + "answered_total"],
              seen[Outcome.RIGHT], seen[Outcome.RIGHT] + left),
        Check("requests failed or refused; errors and cut answers", 
              counters[PREFIX + "failed_total"] + counters[PREFIX + "rejected_total"],
              broken, broken + seen[Outcome.REFUSED] + left),
        Check("requests abandoned; clients that left", counters[PREFIX + "abandoned_total"], 0, left),
        Check("connections accepted; connections opened", counters["paddler_clients_accepted_total"], opened,
              opened + given_up),
    ]  # fmt: skip
    statuses = {int(label) for name, label in counters.labelled if name == "paddler_own_answers_total"}
    for status in sorted(statuses | set(ledger.statuses)):
        counted, told = counters.labelled["paddler_own_answers_total", str(status)], ledger.statuses[status]
        if counted or told:
            most = told + left if status in OF_WAITING else told
            found.append(Check(f"the balancer's own answers with {status}; clients that got it", counted, told, most))
    return found
