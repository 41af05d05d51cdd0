"""Clients under TLS."""

from certificates import certificate
from tls_wire import TLSWire
from transport import Transport


class TLS(Transport):
    """HTTP/1.1 over TLS."""

    suffix, part = "-tls", "ClientTLS"
    tools = ("openssl",)
    wire = TLSWire

    def arrange(self, stage):
        files = certificate()
        stage.balancer.flags += (
            "--reverseproxy-tls-cert", files.chain, "--reverseproxy-tls-key", files.key,
        )  # fmt: skip


OVER_TLS = TLS()
