"""Runs one notebook on a new kernel, which is always ended afterwards."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
from contextlib import asynccontextmanager, suppress

from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Makes the kernel process, in which this is called, receive SIGTERM when its parent process ends."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def code_cells(notebook) -> int:
    """The number of code cells that are not empty."""
    return sum(1 for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip())


class NotebookRun(NotebookClient):
    """nbclient's NotebookClient with three changes.

    - What the kernel process itself prints, such as messages of native libraries, goes to a log file and not into
      the report.
    - Output that a cell produces while a later cell runs is kept, in the cell that produced it.
    - `row` is updated with the running cell and its last output.
    """

    def __init__(self, notebook, kernel, folder, timeout, log, row):
        super().__init__(
            notebook,
            km=AsyncKernelManager(kernel_name=kernel),
            timeout=timeout,
            startup_timeout=120,
            coalesce_streams=True,
            resources={"metadata": {"path": folder}},
        )
        self.log_file = log
        self.row = row
        self.cell = None
        self.number = 0
        self.requested = {}
        self.log.disabled = True  # execute.py prints the errors.

    @asynccontextmanager
    async def async_setup_kernel(self, **_options):
        with open(self.log_file, "w", encoding="utf-8") as log:
            await self.async_start_new_kernel(stdout=log, stderr=log, preexec_fn=end_with_parent)
        manager = self.km
        try:
            await self.async_start_new_kernel_client()
            yield
        finally:
            await self.end_kernel(manager)

    async def end_kernel(self, manager: AsyncKernelManager) -> None:
        """Terminates the kernel's process group, and kills it after three seconds."""
        group = manager.provisioner.pgid if manager.provisioner else None
        if self.kc is not None:
            self.kc.stop_channels()
        self.kc = None
        if group is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)
        for _ in range(60):
            if not await manager.is_alive():
                break
            await asyncio.sleep(0.05)
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        await manager.shutdown_kernel(now=True)

    async def async_execute_cell(self, cell, cell_index, **options):
        if cell.cell_type == "code" and cell.source.strip():
            self.cell = cell
            self.number += 1
            self.row.start_cell(self.number)
        return await super().async_execute_cell(cell, cell_index, **options)

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        text = content.get("text") or content.get("data", {}).get("text/plain", "")
        if msg["msg_type"] in ("stream", "display_data", "update_display_data") and isinstance(text, str):
            self.row.show_output(text)
        return super().process_message(msg, cell, cell_index)

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        """Replaces nbclient's method, which drops messages of earlier cells."""
        self.requested[parent_msg_id] = (cell, cell_index)
        while True:
            msg = await self.kc.iopub_channel.get_msg(timeout=None)
            parent = msg["parent_header"].get("msg_id")
            if parent not in self.requested:
                continue
            with suppress(CellExecutionComplete):
                self.process_message(msg, *self.requested[parent])
                continue
            if parent == parent_msg_id:
                return

    def error_text(self) -> str:
        """The error of the failing cell: its error output, or else the end of its stderr."""
        outputs = (self.cell or {}).get("outputs", [])
        errors = [output for output in outputs if output.output_type == "error"]
        if errors:
            return "\n".join(errors[-1].traceback)
        printed = [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"]
        return "\n".join("".join(printed).rstrip().splitlines()[-40:])
