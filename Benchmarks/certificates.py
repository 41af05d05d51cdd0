"""A certificate for the proxies' TLS: of the kind that authorities give out today."""

import functools
import ssl
import subprocess
import tempfile
from pathlib import Path


class Certificate:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.chain = Path(self.folder.name) / "chain.pem"
        self.key = Path(self.folder.name) / "key.pem"
        # As HAProxy wants it.
        self.both = Path(self.folder.name) / "both.pem"
        subprocess.run(
            [
                "openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", self.key, "-out", self.chain,
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip
        self.both.write_text(self.chain.read_text() + self.key.read_text())


@functools.cache
def certificate():
    return Certificate()


def client_context():
    """Who the server is doesn't matter here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
