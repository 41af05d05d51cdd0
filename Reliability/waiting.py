"""Waiting for what has to happen, while everything else goes on, and asking programs how they are."""

import asyncio
import json
import time

from question import Answer, read_answer
from wire import Ended, Wire


async def eventually(what, condition, limit=60):
    """`condition` is asked again and again; programs that can't be asked just now count as no."""
    deadline = time.monotonic() + limit
    while True:
        try:
            if value := await condition():
                return value
        except (Ended, TimeoutError, ValueError, KeyError):
            pass
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not come about within {limit} s")
        await asyncio.sleep(0.01)


async def ask(port, method, path, body=b"", limit=10):
    """The body of a 200; anything else raises ValueError."""
    if isinstance(body, dict):
        body = json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return (await say(port, head.encode() + body, limit)).body


async def say(port, message, limit=10):
    """The answer to a message of its own connection."""
    answer = Answer()
    wire = await asyncio.wait_for(Wire.open(port), limit)
    try:
        await wire.send(message)
        await asyncio.wait_for(read_answer(wire, answer), limit)
    finally:
        wire.close()
    if answer.status != 200:
        raise ValueError(f"{answer.status}: {answer.body[:200]}")
    return answer


async def ask_json(port, path):
    return json.loads(await ask(port, "GET", path))
