"""HAProxy and our balancer, each in front of an upstream of its own."""

import json
import re
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

from upstream import RecordingUpstream

HAPROXY_CONFIGURATION = """
global
    maxconn 1000
    nbthread 1
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend clients
    bind 127.0.0.1:{port}
    default_backend upstreams
backend upstreams
    server upstream 127.0.0.1:{upstream}
"""


class Proxy:
    """A process that is ended with the `with` block."""

    name = ""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.upstream = RecordingUpstream()
        self.port = 0
        self._process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def _wait_until_listening(self):
        deadline = time.monotonic() + 20
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{self.name} doesn't listen; see {self.folder}")
                time.sleep(0.05)


class HAProxy(Proxy):
    name = "HAProxy"

    def __enter__(self):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        configuration = self.folder / "haproxy.cfg"
        configuration.write_text(HAPROXY_CONFIGURATION.format(port=self.port, upstream=self.upstream.port))
        log = open(self.folder / "haproxy.log", "wb")
        self._process = subprocess.Popen(["haproxy", "-db", "-f", configuration], stdout=log, stderr=log)
        self._wait_until_listening()
        return self

    @staticmethod
    def version():
        text = subprocess.run(["haproxy", "-v"], capture_output=True, text=True, check=True).stdout
        return re.search(r"version (\S+)", text).group(1)


class Paddler(Proxy):
    name = "paddler"

    def __init__(self, folder, program):
        super().__init__(folder)
        self._program = program
        self._over = threading.Event()

    def __enter__(self):
        log = self.folder / "paddler.log"
        self._process = subprocess.Popen(
            [self._program, "balancer", "--management-port", "0", "--reverseproxy-port", "0", "--log-format", "json"],
            stdout=open(log, "wb"),
            stderr=subprocess.STDOUT,
        )
        management = self._address(log, "management")
        self.port = int(self._address(log, "reverse_proxy").rsplit(":", 1)[1])
        self._register(management)
        threading.Thread(target=self._keep_registered, args=(management,), daemon=True).start()
        return self

    def __exit__(self, *details):
        self._over.set()
        super().__exit__(*details)

    def _address(self, log, listener):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process.poll() is None:
            for line in log.read_text().splitlines():
                if f'"listener":"{listener}"' in line:
                    return json.loads(line)["address"]
            time.sleep(0.05)
        raise RuntimeError(f"paddler doesn't listen; see {log}")

    def _keep_registered(self, management):
        while not self._over.wait(1):
            try:
                self._register(management)
            except OSError:
                return

    def _register(self, management):
        """As an agent of Paddler 0.10."""
        body = {
            "llama_cpp_slots_aggregated_status": {"status": "", "slots_idle": 4, "slots_processing": 0},
            "llama_cpp_target_configuration": {
                "Id": "strictness",
                "Name": "strictness",
                "llama_cpp_configuration": {
                    "http_address": {"host": "127.0.0.1", "port": self.upstream.port, "scheme": "http"},
                    "ApiKey": "",
                },
            },
        }
        request = urllib.request.Request(
            f"http://{management}/register/target",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()
