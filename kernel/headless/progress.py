"""Progress of running notebooks: on a terminal one live line per notebook; otherwise a line at its start and its end, and
every 30 seconds one that says where it is."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from dataclasses import dataclass, field

from visible import unstyled, visible_line, visible_text

INTERVAL = 30  # seconds between two lines on a notebook where there is no terminal

SEQUENCE = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]")  # a colour, or a movement of the cursor


def duration(seconds: float) -> str:
    """A duration as text: 12 s, 3 min 05 s, 2 h 07 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def last_line(text: str) -> str:
    """The last line that is not blank, without colours and movements of the cursor."""
    lines = [SEQUENCE.sub("", line).strip() for line in re.split(r"[\r\n]", text)]
    return visible_line(next((line for line in reversed(lines) if line), ""))


@dataclass(eq=False)
class Row:
    """The progress of one notebook: the number of the running cell, of `count`, and the last line of output."""

    name: str
    count: int
    number: int = 0
    text: str = ""
    started: float = field(default_factory=time.monotonic)

    def start_cell(self, number: int) -> None:
        self.number, self.text = number, ""

    def show_output(self, text: str) -> None:
        self.text = last_line(text) or self.text

    def line(self, now: float) -> str:
        cells = f"cell {self.number} of {self.count}" if self.number else "starting"
        parts = (visible_line(self.name), cells, duration(now - self.started), self.text)
        return "  ".join(part for part in parts if part)


@dataclass(eq=False)
class ProgramRow(Row):
    """The progress of a program that runs beside the notebooks."""

    count: int = 0

    def line(self, now: float) -> str:
        return "  ".join(part for part in (self.name, duration(now - self.started), self.text) if part)


def fit(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"


class Progress:
    """Draws the rows of the running notebooks below the log. `total` is the number of all notebooks."""

    def __init__(self, stream, total: int):
        self.stream = stream
        self.live = stream.isatty()
        self.rows: list[Row] = []
        self.programs: list[ProgramRow] = []
        self.left = total
        self.drawn = 0
        self.started = time.monotonic()

    async def keep_drawing(self) -> None:
        while self.live:
            self.draw()
            await asyncio.sleep(0.5)
        while True:
            await asyncio.sleep(INTERVAL)
            now = time.monotonic()
            self.draw("".join(f"{row.line(now)}\n" for row in self.rows if now - row.started >= INTERVAL))

    def start(self, name: str, count: int) -> Row:
        row = Row(name, count)
        self.rows.append(row)
        self.draw("" if self.live else f"{visible_line(name)}: running {count} cells\n")
        return row

    def finish(self, row: Row | None, line: str, error: str = "") -> None:
        """Removes a row, if the notebook has one, and logs a line and below it the error, without its colours."""
        if row is not None:
            self.rows.remove(row)
        self.left -= 1
        lines = visible_text(unstyled(error)).split("\n")
        below = "\n" + "\n".join(f"  {each}" for each in lines) + "\n\n" if error else ""
        self.draw(f"{visible_line(line)}\n{below}")

    def log(self, program: ProgramRow, line: str) -> None:
        """Logs a line that a program has written, without its colours."""
        text = visible_line(SEQUENCE.sub("", line)).rstrip()
        self.draw(f"{program.name}: {text}\n" if text else "")

    def lines(self) -> list[str]:
        if not self.live or not (self.rows or self.programs):
            return []
        size, now = shutil.get_terminal_size(), time.monotonic()
        waiting = self.left - len(self.rows)
        shown = [*self.rows[: max(1, size.lines - 3 - len(self.programs))], *self.programs]
        counts = [f"{len(self.rows)} running", f"{waiting} waiting" if waiting else "", duration(now - self.started)]
        summary = [" · ".join(count for count in counts if count)] if self.left > 1 else []
        return [fit(line, size.columns - 1) for line in [row.line(now) for row in shown] + summary]

    def draw(self, log: str = "") -> None:
        """Replaces the rows by `log`, which stays, and the present rows below it."""
        lines = self.lines()
        back = f"\x1b[{self.drawn}F\x1b[J" if self.drawn else ""
        self.stream.write(back + log + "".join(f"{line}\n" for line in lines))
        self.stream.flush()
        self.drawn = len(lines)
