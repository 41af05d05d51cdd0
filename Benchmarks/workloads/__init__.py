"""What is asked of a proxy, and what is measured of it. Each workload has:

name, title, unit   what one operation is
fleet               the fake llama-servers it wants
figures             what it measures; the CPU time of the proxy's process per operation is always among them
needs               what a proxy must be able to do: see its `abilities`
tls                 if it has that: clients speak TLS
run(proxy, seconds) one run: {figure's key: value}
"""

from processes import allowed_descriptors

from .bodies import LargeBodies
from .queueing import Queueing, Turnaround
from .reports import Reports
from .small import Churn, FixedRate, Saturated
from .streams import Streams
from .tls import HTTP2Saturated, TLSHandshakes, TLSIdle, TLSSaturated, TLSStreams

# Our balancer keeps three for each client, and takes no more clients, or agents, than they are enough for.
HAS_MANY_DESCRIPTORS = allowed_descriptors() >= 40_000

ALL = [
    Saturated(),
    FixedRate(4000),
    Churn(),
    Streams(500, delay_ms=20),
    Streams(2000, delay_ms=100),
    Streams(64, delay_ms=0),
    Queueing(9_500 if HAS_MANY_DESCRIPTORS else 4_500, slots=64),
    Turnaround(),
    LargeBodies(),
    TLSSaturated(),
    TLSHandshakes(),
    TLSStreams(500, delay_ms=20),
    TLSIdle(),
    HTTP2Saturated(),
    Reports(10_000 if HAS_MANY_DESCRIPTORS else 4_000),
]
