"""The table that people read."""

from outcome import Outcome

INTRODUCTION = """# Reliability

What happens when something breaks, seen with real processes: a balancer, fake llama-servers, their agents, and clients
whose requests can be told apart. Every answer is compared byte for byte with what the server says to such a request,
and must name this one's body. This page is written by `{command}`; don't change it by hand.

- **times**: how often the fault happened; **in flight**: requests under way at one time meanwhile, at most.
- **what clients saw**: *right*: the whole answer to this request. *Another try*: the request was sent again, since no
  byte of an answer had come. *× 502*: so many answers with this status and an error in JSON. *Error event*: a stream
  that broke off says so, last. *Cut*: an answer that broke off, and whose framing shows it. *Closed*: the
  connection's end, or its stream's, instead of an answer. *Left*: the client itself went.
- **lost**: requests whose client was told nothing, or took a part of an answer, or somebody else's, for the whole.
- **twice**: requests that were executed again after an answer to them had begun, or were answered twice. The servers
  say so, or, of a server that was killed and has forgotten, the clients that had begun to read its answers.
- **leaked**: leases, slots, places in the queue, bytes of bodies, descriptors that were still held at rest.

After each row all servers were in use again, with all slots idle, and as many requests as before were answered right.

Not played: the loss and delay of single packets.

[reliability-load.md](reliability-load.md): ten times as many requests as the servers can answer, and a long run in which
everything comes and goes.
"""

HEAD = """| fault | times | in flight | what clients saw | lost | twice | leaked |
|---|---|---|---|---|---|---|"""

PARTS = {
    "Upstream": "llama-server breaks",
    "Agent": "An agent breaks",
    "Balancer": "The balancer breaks",
    "Client": "Clients break",
    "ClientTLS": "Clients break, under TLS",
    "ClientHTTP2": "Clients break, over HTTP/2 and TLS",
}


class Row:
    """A fault and what was seen of it."""

    def __init__(self, fault):
        self.fault = fault
        self.times, self.most_in_flight, self.seen = 0, 0, "–"
        self.lost, self.unexpected, self.twice, self.leaks = [], [], [], []
        self.tried_again = set()
        # Why it could not be played to its end.
        self.trouble = ""
        self.log = ""

    def take(self, stage):
        self.times, self.most_in_flight = stage.times, stage.most_in_flight
        self.seen = stage.tally.text(self.tried_again)
        self.lost = stage.tally.losses
        allowed = {Outcome.RIGHT, *self.fault.sees}
        self.unexpected = [result for result in stage.tally.results if result.outcome not in allowed]

    @property
    def failure(self):
        """What must not be, in words; empty if all is well."""
        found = [self.trouble] if self.trouble else []
        found += [f"lost: {self.lost[0]}"] if self.lost else []
        found += [f"unexpected: {self.unexpected[0]}"] if self.unexpected and not self.lost else []
        found += [f"twice: {self.twice[0]}"] if self.twice else []
        found += [f"leaked: {', '.join(self.leaks)}"] if self.leaks else []
        return "; ".join(found) + (f"\n{self.log}" if self.log else "")

    @property
    def summary(self):
        return f"{self.times} times, {self.seen}" + (", FAILED" if self.failure else "")

    @property
    def line(self):
        about = self.fault.text + (f" *{self.fault.why_fewer}*" if self.fault.why_fewer else "")
        cells = [about, f"{self.times}", f"{self.most_in_flight:,}", self.seen]
        cells += [f"{len(self.lost)}", f"{len(self.twice)}", ", ".join(self.leaks) or "0"]
        if self.trouble:
            cells[3] += " **not played to its end**"
        return f"| {' | '.join(cells)} |"


def document(rows, quick, version, machine, day, seconds):
    command = "make reliability" if not quick else "Scripts/reliability --quick"
    parts = [INTRODUCTION.format(command=command)]
    for part, title in PARTS.items():
        lines = [row.line for row in rows if row.fault.part == part]
        if lines:
            parts.append(f"## {title}\n\n{HEAD}\n" + "\n".join(lines) + "\n")
    parts.append(
        f"Made by `{command}` on {day.isoformat()} in {seconds / 60:.0f} minutes, with version {version}, on "
        f"{machine['cores']} cores of {machine['processor']}, {machine['system']}.\n"
    )
    return "\n".join(parts)
