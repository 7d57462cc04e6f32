"""Runs a program beside the notebooks. Lines that it ends are logged; what it is writing is shown as its row."""

from __future__ import annotations

import asyncio
import codecs
import os
import signal
from contextlib import suppress

from notebook_run import end_with_parent
from progress import Progress, ProgramRow

NICENESS = 5  # the notebooks come first: what the program says is wanted last


def start_beside() -> None:
    """Called in the new process."""
    end_with_parent()
    os.nice(NICENESS)


class Beside:
    """A program that runs beside the notebooks. On a terminal it writes to one, so that its progress is alive."""

    def __init__(self, command: list[str], progress: Progress):
        self.command = command
        self.progress = progress
        self.row = ProgramRow("check")
        self.text = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.process: asyncio.subprocess.Process | None = None

    async def run(self) -> int:
        """Runs the program to its end and returns its exit status."""
        reading, writing = os.openpty() if self.progress.live else os.pipe()
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()

        def read() -> None:
            data = b""
            with suppress(OSError):  # of a terminal whose other side is closed
                data = os.read(reading, 65536)
            self.show(self.decoder.decode(data, final=not data))
            if not data:
                loop.remove_reader(reading)
                ended.set()

        self.progress.programs.append(self.row)
        try:
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
                preexec_fn=start_beside,
            )
            os.close(writing)
            writing = -1
            loop.add_reader(reading, read)
            await ended.wait()
            return await self.process.wait()
        finally:
            loop.remove_reader(reading)
            for descriptor in (reading, writing):
                if descriptor >= 0:
                    os.close(descriptor)
            self.progress.programs.remove(self.row)

    def show(self, text: str) -> None:
        *lines, self.text = (self.text + text).split("\n")
        if lines:
            self.row.text = ""
        for line in lines:
            self.progress.log(self.row, line.rstrip("\r").rpartition("\r")[2])
        self.row.show_output(self.text)

    def stop(self) -> None:
        """Asks the program to end. It is the leader of a session of its own, so a Ctrl-C does not reach it."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
