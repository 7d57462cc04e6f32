"""What the user sees while notebooks run: on a terminal a line for each, kept up to date; elsewhere two lines each."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from dataclasses import dataclass, field

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


@dataclass(eq=False)
class Row:
    """How far one notebook is: the cell that runs, of how many, and the last that it said of itself."""

    name: str
    count: int
    position: int = 0
    text: str = ""
    began: float = field(default_factory=time.monotonic)

    def cell(self, position: int) -> None:
        self.position, self.text = position, ""

    def note(self, text: str) -> None:
        self.text = last_line(text) or self.text

    def line(self, now: float) -> str:
        cells = f"cell {self.position} of {self.count}" if self.position else "starting"
        return "  ".join(part for part in (self.name, cells, duration(now - self.began), self.text) if part)


def fit(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"


class Progress:
    """The rows of the notebooks that run, below all that is finished. `total` is how many there are."""

    def __init__(self, stream, total: int):
        self.stream = stream
        self.live = stream.isatty()
        self.rows: list[Row] = []
        self.left = total
        self.drawn = 0
        self.began = time.monotonic()

    async def keep_drawing(self) -> None:
        while self.live:
            self.draw()
            await asyncio.sleep(0.5)

    def start(self, name: str, count: int) -> Row:
        row = Row(name, count)
        self.rows.append(row)
        self.draw("" if self.live else f"{name}: running {count} cells\n")
        return row

    def finish(self, row: Row, line: str, trouble: str) -> None:
        self.rows.remove(row)
        self.left -= 1
        below = "\n" + "\n".join(f"  {each}" for each in trouble.splitlines()) + "\n\n" if trouble else ""
        self.draw(f"{line}\n{below}")

    def lines(self) -> list[str]:
        if not self.live or not self.rows:
            return []
        size, now = shutil.get_terminal_size(), time.monotonic()
        waiting = self.left - len(self.rows)
        shown = self.rows[: max(1, size.lines - 3)]
        counts = [f"{len(self.rows)} running", f"{waiting} waiting" if waiting else "", duration(now - self.began)]
        summary = [" · ".join(count for count in counts if count)] if self.left > 1 else []
        return [fit(line, size.columns - 1) for line in [row.line(now) for row in shown] + summary]

    def draw(self, said: str = "") -> None:
        """Writes `said` for good, in place of the rows, and the rows as they are now below it."""
        lines = self.lines()
        back = f"\x1b[{self.drawn}F\x1b[J" if self.drawn else ""
        self.stream.write(back + said + "".join(f"{line}\n" for line in lines))
        self.stream.flush()
        self.drawn = len(lines)
