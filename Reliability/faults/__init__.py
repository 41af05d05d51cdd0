from . import (
    agents, balancer, clients, clients_over_http2, clients_over_tls, hot_restart, names_of_servers, processes_of_servers,
    scripted, strange_servers, surroundings,
)  # fmt: skip

ALL = [
    *scripted.ALL, *processes_of_servers.ALL, *strange_servers.ALL, *agents.ALL, *balancer.ALL, *hot_restart.ALL,
    *names_of_servers.ALL, *surroundings.ALL, *clients.ALL, *clients_over_tls.ALL, *clients_over_http2.ALL,
]  # fmt: skip
