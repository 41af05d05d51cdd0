"""Many clients at once through a balancer, some of which leave early; then every count must be back at zero.

usage: crowd.py BALANCER_URL MANAGEMENT_URL CLIENTS SEED LLAMA_SERVER_URL...
"""

import asyncio
import json
import random
import sys
import time
from urllib.parse import urlsplit


async def exchange(url, method, path, body=None, leave_after=None):
    """The payload of the answer, or None if we left before its end. Raises if the answer is not whole."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        data = json.dumps(body).encode() if body is not None else b""
        writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode() + data
        )
        read = read_answer(reader)
        if leave_after is None:
            return await asyncio.wait_for(read, 120)
        try:
            return await asyncio.wait_for(read, leave_after)
        except asyncio.TimeoutError:
            return None
    finally:
        writer.transport.abort()


async def read_answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    status = int(head.split()[1])
    if "transfer-encoding: chunked" in head.lower():
        payload = b""
        while size := int((await reader.readline()).strip() or b"0", 16):
            payload += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readexactly(2)
    else:
        length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length"))
        payload = await reader.readexactly(int(length.split(":")[1]))
    return status, payload


async def one(url, chance):
    stream = chance.random() < 0.5
    body = {
        "messages": [{"role": "user", "content": "word " * chance.randint(1, 200)}],
        "max_tokens": chance.choice([1, 8, 64, 256]),
        "temperature": 0,
        "stream": stream,
    }
    leaves = chance.random() < 0.1
    answer = await exchange(
        url, "POST", "/v1/chat/completions", body, leave_after=chance.uniform(0.001, 1.0) if leaves else None
    )
    if answer is None:
        return "left"
    status, payload = answer
    if status != 200:
        return f"status {status}: {payload[:200]!r}"
    if stream:
        return "whole" if payload.rstrip().endswith(b"data: [DONE]") else "a stream without its end"
    return "whole" if json.loads(payload)["choices"][0]["finish_reason"] else "an answer without its end"


async def deferred(servers, seen):
    while True:
        for server in servers:
            _, payload = await exchange(server, "GET", "/metrics")
            for line in payload.decode().splitlines():
                if line.startswith("llamacpp:requests_deferred "):
                    seen.append(int(float(line.split()[1])))
        await asyncio.sleep(0.02)


async def main():
    balancer, management, clients, seed, *servers = sys.argv[1:]
    print(f"seed {seed}")
    seen = []
    watcher = asyncio.create_task(deferred(servers, seen))
    started = time.monotonic()
    results = await asyncio.gather(*(one(balancer, random.Random(f"{seed}/{n}")) for n in range(int(clients))))
    seconds = time.monotonic() - started
    watcher.cancel()
    outcomes = {outcome: results.count(outcome) for outcome in set(results)}
    print(f"{outcomes} in {seconds:.1f} s; deferred at most {max(seen, default=0)}, in {len(seen)} looks")
    failed = set(outcomes) - {"whole", "left"}
    if max(seen, default=0) > 1:
        failed.add("requests were deferred by a llama-server")

    for _ in range(300):
        health = json.loads((await exchange(balancer, "GET", "/health"))[1])
        agents = json.loads((await exchange(management, "GET", "/api/v1/agents"))[1])["agents"]
        counts = [health["slots_processing"], health["requests_buffered"]]
        counts += [agent[key] for agent in agents for key in ("slots_leased", "slots_cooling", "slots_foreign")]
        if not any(counts):
            break
        await asyncio.sleep(0.1)
    else:
        failed.add(f"counts that stayed: {health} {agents}")
    print("FAIL " + "; ".join(failed) if failed else "all passed")
    sys.exit(1 if failed else 0)


asyncio.run(main())
