"""What a process holds, from time to time, out of /proc."""

import os
import statistics

PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / (1 << 20)
LISTENS = "0A"


def resident_mib(pid):
    with open(f"/proc/{pid}/statm") as file:
        return round(int(file.read().split()[1]) * PAGE_MIB, 2)


def threads(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[17])


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def tcp_connections(pid):
    """In any state but listening."""
    folder = f"/proc/{pid}/fd"
    inodes = set()
    for name in os.listdir(folder):
        try:
            target = os.readlink(f"{folder}/{name}")
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    count = 0
    with open(f"/proc/{pid}/net/tcp") as file:
        next(file)
        for line in file:
            fields = line.split()
            count += fields[3] != LISTENS and fields[9] in inodes
    return count


def holdings(pid):
    return {
        "memory_mib": resident_mib(pid),
        "descriptors": descriptors(pid),
        "threads": threads(pid),
        "connections": tcp_connections(pid),
    }


def quarter_medians(values):
    """Of the second and of the last quarter: the first one is for warming up."""
    quarter = max(1, len(values) // 4)
    return statistics.median(values[quarter : 2 * quarter] or values), statistics.median(values[-quarter:])
