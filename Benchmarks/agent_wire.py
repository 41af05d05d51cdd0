"""What an agent says to a balancer, in bytes: a request whose body has no end, with a line of JSON in each chunk."""

import json
import time


class AgentWire:
    """One agent's words. Its clock is what its messages say; nobody else's counts."""

    def __init__(self, identity, name, address, version, begun=None):
        self.identity, self.name, self.address, self.version = identity, name, address, version
        # As if the agent had been up for a while: no moment may be negative.
        self.begun = time.monotonic() - 10 if begun is None else begun

    def head(self):
        return (
            f"POST /api/v1/agents/{self.identity}/connection HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        ).encode()

    def hello(self):
        return {
            "type": "hello", "protocol_version": 1, "agent_version": self.version, "name": self.name,
            "address": self.address, "heartbeat_interval_ms": 10_000,
        }  # fmt: skip

    def report(self, total, busy):
        sample = self.sample(total, busy)
        return {
            "type": "report", "sent_at_ms": self.now(), "condition": {"kind": "ready"}, "models": ["a-model"],
            "context_size": 8192, "build": "b6500", "is_leaving": False, "is_sleeping": False,
            "slots": sample,
        }  # fmt: skip

    def slots(self, total, busy):
        sample = self.sample(total, busy)
        return {"type": "slots", "sent_at_ms": self.now()} | sample

    def sample(self, total, busy):
        """To be taken before the message's own time is: no poll ends after its report is sent."""
        now = self.now()
        return {"total": total, "processing": busy, "started_at_ms": now - 2, "finished_at_ms": now - 1}

    def now(self):
        return (time.monotonic() - self.begun) * 1000

    @staticmethod
    def line(message):
        return AgentWire.chunk(json.dumps(message).encode() + b"\n")

    @staticmethod
    def chunk(data):
        return b"%x\r\n%s\r\n" % (len(data), data)
