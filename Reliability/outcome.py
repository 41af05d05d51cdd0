"""What became of a request, as its client sees it."""

from collections import Counter
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """The value is the table's word for it."""

    RIGHT = "right"
    RETRIED = "right after another try"
    REFUSED = "error status"
    ERROR_EVENT = "error event"
    # An answer had begun, and its framing shows that it isn't all.
    CUT = "cut"
    # The connection ended, and nothing of an answer had come.
    CLOSED = "closed without an answer"
    NOT_CONNECTED = "no connection"
    # The client went of its own accord.
    LEFT = "left"
    # Neither an answer nor an error in all its patience.
    LOST = "LOST"
    # Whole to all appearances, and not the answer to this request.
    WRONG = "WRONG"

    @property
    def is_loss(self):
        """Whether the client doesn't know, or is deceived about, what became of its request."""
        return self in (Outcome.LOST, Outcome.WRONG)


@dataclass(frozen=True)
class Result:
    identity: str
    outcome: Outcome
    # The server whose answer had begun.
    server: str | None = None
    # Of an error.
    status: int = 0
    # For who has to find out why.
    about: str = ""


class Tally:
    """Results of one fault."""

    def __init__(self):
        self.results = []

    def add(self, result):
        self.results.append(result)

    @property
    def losses(self):
        return [result for result in self.results if result.outcome.is_loss]

    def text(self, retried):
        """`retried`: identities that had more than one try."""
        counts = Counter(self.word(result, retried) for result in self.results)
        words = {outcome.value: number for number, outcome in enumerate(Outcome)}
        order = sorted(counts, key=lambda word: (words.get(word, words["error status"]), word))
        return ", ".join(f"{counts[word]:,} {word}" for word in order) or "–"

    def word(self, result, retried):
        if result.outcome is Outcome.RIGHT and result.identity in retried:
            return Outcome.RETRIED.value
        return f"× {result.status}" if result.outcome is Outcome.REFUSED else result.outcome.value
