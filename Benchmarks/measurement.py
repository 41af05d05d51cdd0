"""What one run of a workload on one proxy gave, and what runs say together."""

import statistics
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """A figure of a workload: how it is called and how it is written."""

    key: str
    title: str
    form: str = "{:,.1f}"
    # Whether the figure's ratio to the reference proxy is shown.
    compared: bool = False

    def text(self, value):
        return "–" if value is None else self.form.format(value)


CPU = Figure("cpu_us", "CPU µs", compared=True)


@dataclass
class Runs:
    """The runs of one proxy: each a dictionary of figures by key."""

    samples: list = field(default_factory=list)

    def values(self, key):
        return [sample[key] for sample in self.samples if sample.get(key) is not None]

    def median(self, key):
        values = self.values(key)
        return statistics.median(values) if values else None

    def ratio(self, key, reference):
        """Round by round, since what slows the machine down slows down both."""
        pairs = zip(self.samples, reference.samples)
        ratios = [a[key] / b[key] for a, b in pairs if a.get(key) is not None and b.get(key)]
        return statistics.median(ratios) if ratios else None


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None
