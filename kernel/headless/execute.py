"""Runs notebooks without a browser and writes each as an executed notebook and an HTML report.

execute.py PLAN, where PLAN is JSON: {notebooks: [{name, path, title, abstract}], folder, out, kernel, jobs, timeout,
template: {name, basedir, charts}, metadata, logs, beside}. `jobs` is the number of notebooks run in parallel. Each runs on its
own kernel; what the kernel process prints goes to a file in the folder `logs`. Parameters are passed in environment
variables. The notebooks themselves are not changed, and results are written atomically. A notebook that cannot be
read, run or written fails alone. `beside` is the command line of a program that runs beside the notebooks, or null.

Exit status: 0 if every cell of every notebook ran and the program did not fail, 1 if one failed, 2 for an unknown kernel or a folder that cannot be
written, 130 or 143 after Ctrl-C or a termination signal.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from beside import Beside
from kernels import unknown_kernel
from notebook_file import NotebookError, read_notebook, shortened
from notebook_run import NotebookRun, code_cells
from progress import Progress, Row, duration
from provenance import run_dates
from report import error_report, html_report
from visible import visible_line, visible_text

INTERNAL_ERROR = (
    "This is an error in Allroads, not in how you called it. "
    "Please report it where you got Allroads, with the command and these lines:"
)


def write_atomically(path: str, text: str) -> None:
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        # Half of a surrogate pair, which a cell may print, is not UTF-8; in JSON its escape stands for it.
        with open(temporary, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def tail(path: str, lines: int) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines:]).rstrip()
    except OSError:
        return ""


def describe_error(run: NotebookRun, error: BaseException) -> str:
    """The failing cell and its error."""
    log = run.log_file
    if run.cell is None:
        return f"The kernel did not start: {error}\n{tail(log, 15)}".rstrip()
    source = run.cell.source.strip().splitlines()
    shown = "\n".join(f"    {line}" for line in source[:12]) + ("\n    ..." if len(source) > 12 else "")
    if isinstance(error, DeadKernelError):
        why = f"The kernel died (its output is in {log}).\n{tail(log, 15)}"
    elif isinstance(error, CellTimeoutError):
        why = f"The cell took longer than the {run.timeout} s that --timeout allows."
    else:
        name = getattr(error, "ename", type(error).__name__)
        why = run.error_text() or f"{name}: {getattr(error, 'evalue', error)}"
    return f"Cell {run.number} of {run.row.count}:\n{shown}\n\n{why}".rstrip()


class Runs:
    """The running notebooks. A signal cancels them; each is then saved with the outputs it has so far."""

    def __init__(self):
        self.tasks: set[asyncio.Task] = set()
        self.beside: Beside | None = None
        self.signals: list[int] = []

    def stop(self, signum: int) -> None:
        if not self.signals:
            for task in self.tasks:
                task.cancel()
            if self.beside is not None:
                self.beside.stop()
        self.signals.append(signum)

    async def wait_for(self, work) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        try:
            await task
        finally:
            self.tasks.discard(task)


async def run_cells(run: NotebookRun, runs: Runs) -> tuple[str, str]:
    """Runs the cells of a notebook: returns its status and the error, if any, as text."""
    try:
        await runs.wait_for(run.async_execute())
    except (asyncio.CancelledError, Exception) as error:
        return ("interrupted", "") if runs.signals else ("failed", describe_error(run, error))
    return "done", ""


async def make_report(item: dict, notebook, plan: dict, pool: ThreadPoolExecutor) -> tuple[str, str]:
    """The HTML page of a notebook, and the reason if it could not be made: then the page says so."""
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(pool, html_report, notebook, item["title"], plan["template"]), ""
    except Exception as error:
        reason = f"{type(error).__name__}: {shortened(str(error))}"
        return await loop.run_in_executor(pool, error_report, item["title"], reason, plan["template"]), reason


async def execute(item: dict, plan: dict, progress: Progress, runs: Runs, pool: ThreadPoolExecutor) -> str:
    """Runs one notebook and writes its .ipynb and .html: returns "done", "failed" or "interrupted" (by a signal)."""
    name = item["name"]
    try:
        notebook = read_notebook(item["path"])
    except NotebookError as error:
        progress.finish(None, f"{name}: failed, {error}")
        return "failed"
    row: Row = progress.start(name, code_cells(notebook))
    log = os.path.join(plan["logs"], f"{name}.log")
    run = NotebookRun(notebook, plan["kernel"], plan["folder"], plan["timeout"], log, row)
    started, clock = datetime.now(timezone.utc), time.monotonic()
    status, error_text = await run_cells(run, runs)
    seconds = time.monotonic() - clock
    notebook.metadata["allroads"] = {
        **plan["metadata"],
        "title": item["title"],
        "abstract": item["abstract"],
        "status": status,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
    }
    if dates := run_dates(notebook):
        notebook.metadata["allroads"]["runs"] = dates
    base = os.path.join(plan["out"], name)
    try:
        write_atomically(f"{base}.ipynb", nbformat.writes(notebook) + "\n")
        row.show_output("writing the report")
        page, reason = await make_report(item, notebook, plan, pool)
        if reason:
            status = notebook.metadata["allroads"]["status"] = "failed"
            error_text = f"{error_text}\n\nThe report could not be made: {reason}".strip()
            write_atomically(f"{base}.ipynb", nbformat.writes(notebook) + "\n")
        write_atomically(f"{base}.html", page)
    except OSError as error:
        status, error_text = "failed", f"{base}.ipynb and .html cannot be written ({error.strerror})."
    progress.finish(row, f"{name}: {status} after {duration(seconds)}", error_text)
    return status


async def execute_all(plan: dict) -> int:
    progress = Progress(sys.stdout, len(plan["notebooks"]))
    runs = Runs()
    slots = asyncio.Semaphore(plan["jobs"])
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(signum, runs.stop, signum)

    with ThreadPoolExecutor(1) as reports:

        async def execute_in_slot(item: dict) -> str:
            async with slots:
                return "waiting" if runs.signals else await execute(item, plan, progress, runs, reports)

        async def run_beside() -> int:
            if plan.get("beside") is None:
                return 0
            runs.beside = Beside(plan["beside"], progress)
            return await runs.beside.run()

        drawing = asyncio.ensure_future(progress.keep_drawing())
        notebooks = (execute_in_slot(item) for item in plan["notebooks"])
        beside, *statuses = await asyncio.gather(run_beside(), *notebooks)
        drawing.cancel()
    if runs.signals:
        return 128 + runs.signals[0]
    return 1 if "failed" in statuses or beside != 0 else 0


def main() -> int:
    plan = json.loads(sys.argv[1])
    sentence = unknown_kernel(plan["kernel"])
    try:
        os.makedirs(plan["logs"], exist_ok=True)
        if sentence is None:
            os.makedirs(plan["out"], exist_ok=True)
    except OSError as error:
        sentence = f"The folder {error.filename} cannot be made ({error.strerror}): give another one by --out."
    if sentence is not None:
        print(visible_line(sentence), file=sys.stderr)
        return 2
    return asyncio.run(execute_all(plan))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception:
        print(f"{INTERNAL_ERROR}\n{visible_text(traceback.format_exc())}", file=sys.stderr)
        sys.exit(1)
