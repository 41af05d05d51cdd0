"""A client: asks, and says what came of it."""

import asyncio

from outcome import Outcome, Result
from question import Answer
from wire import Ended, NotProcessed


class Client:
    """Keeps its connection from one request to the next, as clients do."""

    def __init__(self, stage, patience=60, is_alone=False):
        """`is_alone`: it shares its connection with nobody, where others do."""
        self.stage, self.patience, self.is_alone = stage, patience, is_alone
        self.conversation = None

    async def ask(self, question, gives_up=None):
        """`gives_up`: after so many seconds it goes of its own accord."""
        answer = Answer()
        self.stage.begins(question.identity)
        try:
            await asyncio.wait_for(self.exchange(question, answer), gives_up or self.patience)
            outcome, about = Outcome.RIGHT, ""
        except TimeoutError:
            outcome, about = (Outcome.LEFT if gives_up else Outcome.LOST), f"{self.patience} s passed"
        except Ended as end:
            outcome, about = self.broken(answer), str(end)
        except ValueError as error:
            outcome, about = Outcome.WRONG, f"not HTTP: {error}"
        finally:
            self.stage.ends(question.identity)
        if outcome is Outcome.RIGHT:
            outcome = await self.judge(question, answer)
        if outcome not in (Outcome.RIGHT, Outcome.REFUSED) or answer.fields.get("connection") == "close":
            self.close()
        if outcome is not Outcome.RIGHT:
            about = f"{about} {answer.status} {answer.fields} {len(answer.body)} bytes, last {answer.body[-200:]}"
        self.stage.tally.add(Result(question.identity, outcome, answer.server, answer.status, about))
        return outcome

    async def exchange(self, question, answer):
        while True:
            try:
                return await self.try_once(question, answer)
            except NotProcessed:
                self.close()

    async def try_once(self, question, answer):
        if self.conversation and self.conversation.is_over:
            self.close()
        if self.conversation is None:
            self.conversation = await self.come()
        await self.conversation.ask(question)
        await self.conversation.read(answer)

    async def come(self):
        transport = self.stage.fault.transport
        return await (transport.open(self.stage.balancer.port) if self.is_alone else transport.join(self.stage))

    async def judge(self, question, answer):
        if self.conversation.has_more:
            return Outcome.WRONG
        if answer.status >= 400:
            return Outcome.REFUSED if answer.is_json_error else Outcome.WRONG
        if answer.ends_with_error_event:
            return Outcome.ERROR_EVENT
        is_right = answer.is_answer_to(question, await self.stage.reference(question))
        return Outcome.RIGHT if is_right else Outcome.WRONG

    def broken(self, answer):
        if self.conversation is None:
            return Outcome.NOT_CONNECTED
        if answer.ends_with_error_event:
            return Outcome.ERROR_EVENT
        if answer.status == 0 and not self.conversation.has_heard:
            return Outcome.CLOSED
        return Outcome.CUT

    def close(self):
        if self.conversation:
            self.conversation.close()
            self.conversation = None
