from . import agents, balancer, clients, hot_restart, processes_of_servers, scripted, strange_servers

ALL = [*scripted.ALL, *processes_of_servers.ALL, *strange_servers.ALL, *agents.ALL, *balancer.ALL, *hot_restart.ALL, *clients.ALL]
