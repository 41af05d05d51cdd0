"""Clients that ask for models, and know whose answer they got."""

import asyncio
import json
import time
from dataclasses import dataclass

from model_programs import MODELS
from outcome import Outcome
from question import PATH, Answer, read_answer
from wire import Ended, Wire

# Zipf's law: the second is asked for half as often as the first, the third a third.
POPULARITY = [1 / rank for rank in range(1, len(MODELS) + 1)]
SHARE_OF_LEAVERS = 0.05


@dataclass
class Asked:
    """A request and what became of it."""

    model: str
    begun: float
    ended: float | None = None
    outcome: Outcome | None = None
    status: int = 0
    # For who has to find out why.
    about: str = ""

    @property
    def seconds(self):
        return self.ended - self.begun

    @property
    def is_right(self):
        return self.outcome in (Outcome.RIGHT, Outcome.LEFT)

    @property
    def word(self):
        return f"× {self.status}" if self.outcome is Outcome.REFUSED else self.outcome.value


class ModelClients:
    """Each request has a connection of its own."""

    def __init__(self, random, patience=60):
        self.random, self.patience = random, patience
        self.asked = []

    async def rush(self, port, count):
        """Bursts, one after the other, whatever became of the one before."""
        async with asyncio.TaskGroup() as group:
            while count:
                burst = min(count, self.random.randint(1, 50))
                count -= burst
                for _ in range(burst):
                    group.create_task(self.ask_any(port))
                await asyncio.sleep(self.random.expovariate(1.5))

    async def crowd(self, port, at_once, is_over):
        """So many clients that ask one request after the other until `is_over`."""

        async def one():
            while not is_over():
                if not (await self.ask_any(port)).is_right:
                    await asyncio.sleep(0.05)

        await asyncio.gather(*(one() for _ in range(at_once)))

    async def ask_any(self, port):
        leaves = self.random.random() < SHARE_OF_LEAVERS
        return await self.ask(
            port,
            self.random.choices(MODELS, POPULARITY)[0],
            tokens=self.random.choice((8, 100, 600)),
            gives_up=self.random.uniform(0, 1) if leaves else None,
        )

    async def ask(self, port, model, tokens=8, gives_up=None):
        """`gives_up`: after so many seconds it goes of its own accord."""
        asked = Asked(model, time.monotonic())
        self.asked.append(asked)
        answer = Answer()
        try:
            await asyncio.wait_for(self.exchange(port, model, tokens, answer), gives_up or self.patience)
            asked.outcome = self.judge(model, answer)
        except TimeoutError:
            asked.outcome = Outcome.LEFT if gives_up else Outcome.LOST
        except Ended as end:
            asked.outcome, asked.about = (Outcome.CUT if answer.status else Outcome.CLOSED), str(end)
        except ConnectionRefusedError as error:
            asked.outcome, asked.about = Outcome.NOT_CONNECTED, str(error)
        asked.ended, asked.status = time.monotonic(), answer.status
        if not asked.is_right:
            asked.about += f" {answer.body[:300]}"
        return asked

    async def exchange(self, port, model, tokens, answer):
        body = {"model": model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": tokens}
        body = json.dumps(body | {"ignore_eos": True}).encode()
        head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        try:
            wire = await Wire.open(port)
        except Ended as end:
            raise ConnectionRefusedError(str(end)) from end
        try:
            await wire.send(head + body)
            await read_answer(wire, answer)
        finally:
            wire.close()

    def judge(self, model, answer):
        if answer.status >= 400:
            return Outcome.REFUSED if answer.is_json_error else Outcome.WRONG
        try:
            said = json.loads(answer.body)
            return Outcome.RIGHT if said["model"] == model and said["choices"] else Outcome.WRONG
        except (ValueError, KeyError):
            return Outcome.WRONG
