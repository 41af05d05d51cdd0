"""The fake llama-server and the proxies in front of it, each at its best: one worker, keep-alive, nothing buffered."""

import shutil
import tempfile
import urllib.request
from dataclasses import replace
from pathlib import Path

from certificates import certificate, client_context
from processes import NEEDED_DESCRIPTORS, Process, free_port, listens, wait_until


class FakeFleet:
    """Fake llama-servers for as long as the block runs."""

    def __init__(self, folders, servers=1, slots=1000, arguments=()):
        self.folders, self.count, self.slots, self.arguments = folders, servers, slots, arguments
        self.processes, self.ports = [], []

    def __enter__(self):
        for _ in range(self.count):
            port = free_port()
            fake = [self.folders.programs / "FakeLlamaServer", "--port", port, "--slots", self.slots]
            self.processes.append(Process([*fake, *self.arguments]))
            self.ports.append(port)
        for port in self.ports:
            wait_until("the fake llama-server's port", lambda: listens(port))
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.end()


class Proxy:
    """A proxy in front of a fleet, for as long as the block runs."""

    # "queue": requests wait in it while every slot is taken. "agents": servers' agents report to it. "http2": to clients, by
    # ALPN.
    abilities = set()
    is_server = False

    def __init__(self, folders, fleet, threads=1, tls=False):
        self.folders, self.fleet, self.threads, self.tls = folders, fleet, threads, tls
        self.scheme = "https" if tls else "http"
        self.port = free_port()
        # Where clients may ask.
        self.ports = [self.port]
        self.others = []
        self.folder = tempfile.TemporaryDirectory()

    def __enter__(self):
        self.process = Process(self.command())
        try:
            wait_until(f"{type(self).__name__}'s port", self.is_ready)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in [*self.others, self.process]:
            process.end()
        self.folder.cleanup()

    @property
    def pid(self):
        return self.process.pid

    def is_ready(self):
        self.process.require_running()
        return listens(self.port)

    def file(self, name, text):
        path = Path(self.folder.name) / name
        path.write_text(text)
        return path

    @classmethod
    def is_installed(cls, folders):
        return True


class Direct(Proxy):
    """No proxy at all: what the server itself costs, which is the least that any proxy can."""

    abilities = {"queue"}
    is_server = True

    def __enter__(self):
        self.port = self.fleet.ports[0]
        self.process = self.fleet.processes[0]
        return self

    def __exit__(self, *_):
        self.folder.cleanup()


class Paddler(Proxy):
    abilities = {"queue", "agents", "http2"}

    def command(self):
        self.management = free_port()
        files = ["--reverseproxy-tls-cert", certificate().chain, "--reverseproxy-tls-key", certificate().key]
        return [
            self.folders.programs / "paddler", "balancer", "--threads", self.threads, "--log-level", "warning",
            "--reverseproxy-port", self.port, "--management-port", self.management,
            "--max-buffered-requests", 100_000, "--buffered-request-timeout", "10m", "--max-buffered-bytes", 2 << 30,
            *(files if self.tls else []),
        ]  # fmt: skip

    def is_ready(self):
        if not super().is_ready() or not listens(self.management):
            return False
        if not self.others:
            self.others = [Process(self.agent(port, [self.management])) for port in self.fleet.ports]
        return self.knows_fleet()

    def knows_fleet(self):
        url = f"{self.scheme}://127.0.0.1:{self.port}/health"
        with urllib.request.urlopen(url, context=client_context() if self.tls else None) as reply:
            return f'"slots_idle":{self.fleet.slots * self.fleet.count}' in reply.read().decode()

    def agent(self, port, managements):
        balancers = [word for each in managements for word in ("--management-addr", f"127.0.0.1:{each}")]
        # Agents have machines of their own; here they take what is left.
        return [
            "nice", "-n", "19", self.folders.programs / "paddler", "agent", "--log-level", "warning",
            "--local-llamacpp-port", port, *balancers,
        ]  # fmt: skip


class PaddlerBefore(Paddler):
    """An earlier build of ours: what a change costs is said by one run of both."""

    def __init__(self, folders, fleet, threads=1, tls=False):
        super().__init__(replace(folders, programs=folders.before), fleet, threads, tls)

    @classmethod
    def is_installed(cls, folders):
        return folders.before is not None


class HAProxy(Proxy):
    abilities = {"queue", "http2"}

    def command(self):
        tls = f" ssl crt {certificate().both} alpn h2,http/1.1" if self.tls else ""
        servers = "\n".join(
            f"    server s{port} 127.0.0.1:{port} maxconn {self.fleet.slots}" for port in self.fleet.ports
        )
        # Without http-no-delay, events arrive in clumps of 200 ms.
        return ["haproxy", "-db", "-f", self.file("haproxy.cfg", f"""
global
    nbthread {self.threads}
    maxconn {(NEEDED_DESCRIPTORS - 200) // 2}
defaults
    mode http
    option http-no-delay
    option abortonclose
    option redispatch
    http-reuse always
    timeout connect 2s
    timeout client 600s
    timeout server 600s
    timeout queue 600s
frontend clients
    bind 127.0.0.1:{self.port} backlog 16384{tls}
    default_backend servers
backend servers
    balance leastconn
{servers}
""")]  # fmt: skip

    @classmethod
    def is_installed(cls, folders):
        return shutil.which("haproxy")


class Nginx(Proxy):
    abilities = {"http2"}

    def command(self):
        tls = " ssl http2" if self.tls else ""
        files = f"ssl_certificate {certificate().chain}; ssl_certificate_key {certificate().key};" if self.tls else ""
        servers = "\n".join(f"        server 127.0.0.1:{port};" for port in self.fleet.ports)
        temporary = "\n".join(
            f"    {kind}_temp_path {self.folder.name}/{kind};"
            for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        )
        return ["nginx", "-p", self.folder.name, "-c", self.file("nginx.conf", f"""
daemon off;
master_process off;
worker_processes {self.threads};
pid {self.folder.name}/nginx.pid;
error_log stderr error;
events {{ worker_connections 16384; }}
http {{
    access_log off;
{temporary}
    client_max_body_size 0;
    keepalive_requests 100000000;
    upstream servers {{
        least_conn;
{servers}
        keepalive 4096;
        keepalive_requests 100000000;
    }}
    server {{
        listen 127.0.0.1:{self.port}{tls} backlog=16384;
        {files}
        location / {{
            proxy_pass http://servers;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
            proxy_read_timeout 600s;
        }}
    }}
}}
""")]  # fmt: skip

    @classmethod
    def is_installed(cls, folders):
        return shutil.which("nginx")


class Envoy(Proxy):
    abilities = {"http2"}

    def command(self):
        secrets = f"""
      transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
          common_tls_context:
            alpn_protocols: [h2, http/1.1]
            tls_certificates:
            - certificate_chain: {{filename: {certificate().chain}}}
              private_key: {{filename: {certificate().key}}}"""
        endpoints = "\n".join(
            f"        - endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}}}"
            for port in self.fleet.ports
        )
        return [
            self.folders.rivals / "bin" / "envoy", "--concurrency", self.threads, "--disable-hot-restart",
            "--log-level", "error", "--config-path", self.file("envoy.yaml", f"""
static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: {self.port}}}}}
    filter_chains:
    - {"" if not self.tls else secrets.strip()}
      filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: clients
          generate_request_id: false
          stream_idle_timeout: 0s
          http_filters:
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: {{prefix: "/"}}
                route: {{cluster: servers, timeout: 0s}}
  clusters:
  - name: servers
    type: STATIC
    connect_timeout: 2s
    lb_policy: LEAST_REQUEST
    circuit_breakers:
      thresholds:
      - {{max_connections: 30000, max_pending_requests: 100000, max_requests: 100000}}
    load_assignment:
      cluster_name: servers
      endpoints:
      - lb_endpoints:
{endpoints}
"""),
        ]  # fmt: skip

    @classmethod
    def is_installed(cls, folders):
        return (folders.rivals / "bin" / "envoy").exists()


class SGLangRouter(Proxy):
    def command(self):
        workers = [f"http://127.0.0.1:{port}" for port in self.fleet.ports]
        return [
            self.folders.rivals / "bin" / "smg", "launch", "--host", "127.0.0.1", "--port", self.port,
            "--policy", "cache_aware", "--worker-urls", *workers, "--prometheus-port", free_port(),
        ]  # fmt: skip

    @classmethod
    def is_installed(cls, folders):
        return (folders.rivals / "bin" / "smg").exists()


REFERENCE = "haproxy"
PROXIES = {
    "direct": Direct,
    "paddler": Paddler,
    "paddler-before": PaddlerBefore,
    "haproxy": HAProxy,
    "nginx": Nginx,
    "envoy": Envoy,
    "sglang-router": SGLangRouter,
}
