"""What became of each request of a long run: counted, since there are hundreds of thousands."""

from collections import Counter

from outcome import Outcome

# A request may end so when others are killed on purpose: its client knows where it is.
EXPECTED = {Outcome.RIGHT, Outcome.REFUSED, Outcome.ERROR_EVENT, Outcome.CUT, Outcome.LEFT}
# Of what must not be, so many are kept to be looked at.
EXAMPLES = 20


class Ledger:
    """Stands where a fault has its `Tally`. Requests are known by the number at their identity's end."""

    def __init__(self):
        self.outcomes, self.statuses = Counter(), Counter()
        self.examples = []
        # By number: how often a client was told an end, and how often servers say that they began an answer.
        self.ended, self.answered = bytearray(), bytearray()
        # Answers that a server may have begun when it was killed: (number, server). Nobody need have seen them.
        self.destroyed = set()

    def add(self, result):
        self.outcomes[result.outcome] += 1
        if result.outcome is Outcome.REFUSED:
            self.statuses[result.status] += 1
        if result.outcome not in EXPECTED and len(self.examples) < EXAMPLES:
            self.examples.append(result)
        number = self.number(result.identity)
        if number is None:
            return
        self.count(self.ended, number)
        if (number, result.server) in self.destroyed:
            # It was seen after all.
            self.count(self.answered, number)

    def take(self, server, journal, asking=()):
        """At the end, or of a server that is about to be killed: `asking` are the requests that may run there."""
        running = {self.number(identity) for identity in asking}
        for identity, entry in journal.items():
            number = self.number(identity)
            if number is None or not entry["answered"]:
                continue
            if number in running:
                self.destroyed.add((number, server))
            else:
                self.count(self.answered, number, entry["answered"])

    @property
    def total(self):
        return sum(self.outcomes.values())

    def lost(self, asked):
        """How many of the first `asked` requests were told no end, or a wrong one."""
        silent = asked - sum(1 for times in self.ended[:asked] if times)
        return silent + sum(count for outcome, count in self.outcomes.items() if outcome.is_loss)

    @property
    def twice(self):
        """Numbers of requests that were told two ends, or whose answer was begun twice."""
        several = [number for number, times in enumerate(self.ended) if times > 1]
        return several + [number for number, times in enumerate(self.answered) if times > 1]

    @property
    def unexpected(self):
        return {outcome: count for outcome, count in self.outcomes.items() if outcome not in EXPECTED}

    @staticmethod
    def number(identity):
        digits = identity.rpartition("-")[2]
        return int(digits) if digits.isdigit() else None

    @staticmethod
    def count(array, number, times=1):
        if len(array) <= number:
            array.extend(bytes(number + 1 - len(array) + 4096))
        array[number] = min(255, array[number] + times)
