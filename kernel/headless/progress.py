"""What the user sees while notebooks run: one line that is updated on a terminal, two lines elsewhere."""

from __future__ import annotations

import asyncio
import re
import shutil
import time

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f]")


def duration(seconds: float) -> str:
    """12 s, 3 min 05 s, 2 h 07 min"""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def last_line(text: str) -> str:
    """The last line that holds something, as one could see it on a terminal."""
    lines = [CONTROL.sub("", line).strip() for line in re.split(r"[\r\n]", text)]
    return next((line for line in reversed(lines) if line), "")


class Progress:
    def __init__(self, stream):
        self.stream = stream
        self.live = stream.isatty()
        self.ticker = None

    def start(self, name, run):
        self.name, self.cells, self.text = name, "", ""
        self.began = self.cell_began = time.monotonic()
        self.stream.write("" if self.live else f"{name}: running {run.count} cells\n")
        self.stream.flush()
        if self.live:
            self.ticker = asyncio.get_running_loop().create_task(self.tick())

    def cell(self, position, count):
        self.cells, self.cell_began, self.text = f"cell {position} of {count}", time.monotonic(), ""
        self.draw()

    def note(self, text):
        self.text = last_line(text) or self.text

    async def tick(self):
        while True:
            self.draw()
            await asyncio.sleep(0.5)

    def draw(self):
        if not self.live:
            return
        now = time.monotonic()
        parts = [self.name, self.cells, duration(now - self.began), self.text]
        line = "  ".join(part for part in parts if part)
        width = shutil.get_terminal_size().columns - 1
        self.stream.write(f"\r\x1b[K{line if len(line) <= width else line[: width - 1] + '…'}")
        self.stream.flush()

    def finish(self, line, trouble):
        if self.ticker is not None:
            self.ticker.cancel()
        self.stream.write(("\r\x1b[K" if self.live else "") + line + "\n")
        if trouble:
            self.stream.write("\n" + "\n".join(f"  {each}" for each in trouble.splitlines()) + "\n\n")
        self.stream.flush()
