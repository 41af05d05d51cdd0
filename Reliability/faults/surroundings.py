"""What surrounds the balancer's process: its log, and its files of keys."""

import os
import tempfile
from pathlib import Path

from fault import Fault
from question import Question
from stage import LONG
from waiting import eventually, say


class Folder:
    """Gone with the stage."""

    def __init__(self, stage):
        self.held = tempfile.TemporaryDirectory()
        self.path = Path(self.held.name)
        stage.others.append(self)

    def end(self):
        self.held.cleanup()


class Descriptor:
    def __init__(self, stage, number):
        self.number = number
        stage.others.append(self)

    def end(self):
        os.close(self.number)


class UnreadLog(Fault):
    """Nobody reads the balancer's log, a pipe that is full before its first line."""

    part, name = "Balancer", "log-nobody-reads"
    flags = ("--log-level", "debug")

    def arrange(self, stage):
        pipe = Folder(stage).path / "log"
        os.mkfifo(pipe)
        # Open for both, so that neither end waits for the other.
        descriptor = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        Descriptor(stage, descriptor)
        try:
            while True:
                os.write(descriptor, b"x" * 4096)
        except BlockingIOError:
            pass
        stage.balancer.prefix = ("/bin/sh", "-c", 'exec "$@" 2>"$0"', pipe)

    async def strike(self, stage):
        await stage.crowd()


class SwappedKeys(Fault):
    """A file of keys is reached by links, of which one is swapped as Kubernetes does it, under load: the new key gets
    in, the old one doesn't, and nobody else sees anything of it."""

    part, name = "Balancer", "key-file-swapped-by-link"
    times, why_fewer = 10, "Fewer: files are looked at once a second."
    fields = (("X-Api-Key", "of-the-others"),)

    def arrange(self, stage):
        self.folder = Folder(stage).path
        self.number = 0
        self.swap()
        (self.folder / "keys").symlink_to("..data/keys")
        stage.balancer.flags = ("--api-key", "of-the-others", "--api-key-file", self.folder / "keys")

    def swap(self):
        self.number += 1
        version = self.folder / f"v{self.number}"
        version.mkdir()
        # As long as the one before, and without a line's end.
        (version / "keys").write_text(f"key-{self.number:04}")
        os.utime(version / "keys", (1_700_000_000, 1_700_000_000))
        (self.folder / "..data.new").symlink_to(version.name)
        (self.folder / "..data.new").rename(self.folder / "..data")

    async def strike(self, stage):
        async def swap():
            old = self.number
            self.swap()
            await eventually("the new key", lambda: self.opens(stage, self.number))
            if await self.opens(stage, old):
                raise RuntimeError("the key that was taken away still opens")

        await stage.crowd(script=LONG, meanwhile=swap)

    async def opens(self, stage, number):
        key = (("X-Api-Key", f"key-{number:04}"),)
        question = Question("probe", fields=key, path="/tokenize")
        try:
            await say(stage.balancer.port, question.message)
            return True
        except ValueError as refusal:
            if not str(refusal).startswith("401"):
                raise
            return False


ALL = [UnreadLog(), SwappedKeys()]
