"""Finds out which features a kernel has by trying them."""

import os
import time

from connection import EXECUTE, Kernel, NoReply, texts
from languages import cells_of

TIMEOUT = 5
"""Seconds without a message after which a feature counts as missing."""


def find(name):
    """Tries every feature: whether the kernel has it. After a failure the kernel is restarted."""
    found, kernel = {}, None
    try:
        for feature, holds in FEATURES.items():
            if kernel is None:
                kernel = start_kernel(name)
            try:
                found[feature] = bool(holds(kernel, cells_of(kernel.language)))
            except NoReply:
                found[feature] = False
            if not found[feature] or not kernel.alive():
                kernel.end()
                kernel = None
        return {**found, "history": keeps_history(name)}
    finally:
        if kernel is not None:
            kernel.end()


def start_kernel(name, folder=None):
    kernel = Kernel(name, folder)
    try:
        kernel.ready()
        return kernel
    except BaseException:
        kernel.end()
        raise


def checks_types(kernel, cells):
    reply, _ = kernel.execute(cells.mistyped, TIMEOUT)
    return reply["status"] == "error"


def shows_html(kernel, cells):
    _, published = kernel.execute(cells.rich, TIMEOUT)
    return any("text/html" in message.content.get("data", {}) for message in published)


def evaluates_expressions(kernel, cells):
    reply, _ = kernel.execute("1+1", TIMEOUT, user_expressions={"sum": "20+3"})
    result = reply.get("user_expressions", {}).get("sum", {})
    return "23" in result.get("data", {}).get("text/plain", "")


def asks_for_input(kernel, cells):
    """Whether a running cell can ask the user for input."""
    request = kernel.send("execute_request", {"code": cells.question, **EXECUTE, "allow_stdin": True})
    for socket, message in kernel.listen([kernel.stdin, kernel.shell], TIMEOUT):
        if socket is kernel.shell and message.parent == request:
            return False
        if message.type == "input_request":
            kernel.send("input_reply", {"status": "ok", "value": "me"}, kernel.stdin)
            return kernel.answer(request, seconds=TIMEOUT)["status"] == "ok"


def aborts_queue(kernel, cells):
    """Whether an error aborts the queued cells if `stop_on_error` is true, and only then."""
    status = status_after_error(kernel, cells, stop_on_error=False)
    return status == "ok" and status_after_error(kernel, cells, stop_on_error=True) in ("aborted", "error")


def status_after_error(kernel, cells, **options):
    """The status of a cell that is queued behind a failing one."""
    kernel.send("execute_request", {"code": f"{cells.busy}\n{cells.fail}", **EXECUTE, **options})
    queued = kernel.send("execute_request", {"code": "1+1", **EXECUTE})
    return kernel.finish(queued, TIMEOUT)[0]["status"]


def completes_while_busy(kernel, cells):
    kernel.execute(cells.declare, TIMEOUT)
    running = start_cell(kernel, cells.busy)
    question = kernel.send("complete_request", {"code": "shelf.bo", "cursor_pos": 8})
    for _, message in kernel.listen([kernel.shell], TIMEOUT):
        if message.parent == running:
            return False
        if message.parent == question:
            kernel.finish(running, TIMEOUT)
            return any("books" in match for match in message.content["matches"])


def beats_while_busy(kernel, cells):
    running = start_cell(kernel, cells.busy)
    kernel.hb.send(b"beat")
    beats = bool(kernel.hb.poll(500))
    kernel.finish(running, TIMEOUT)
    return beats


def survives_interrupt(kernel, cells):
    """Whether an interrupt ends an endless loop and keeps the variables."""
    kernel.execute(cells.keep, TIMEOUT)
    running = start_cell(kernel, cells.forever)
    kernel.interrupt()
    kernel.finish(running, TIMEOUT)
    time.sleep(0.5)  # Some kernels abort requests that arrive right after an error.
    _, published = kernel.execute("kept + 1", TIMEOUT)
    return "42" in texts(published)


def start_cell(kernel, code):
    """Requests a cell and waits until it runs. Returns the id of the request."""
    request = kernel.send("execute_request", {"code": code, **EXECUTE})
    for _, message in kernel.listen([kernel.iopub], TIMEOUT):
        if message.parent == request and message.content.get("execution_state") == "busy":
            time.sleep(0.3)
            return request


def has_debugger(kernel, cells):
    info = kernel.ask("kernel_info_request")
    return info.get("debugger", False) or "debugger" in info.get("supported_features", [])


def ends(kernel, cells):
    return kernel.shut_down(1)


def keeps_history(name):
    """Whether a new kernel has the history of an earlier one."""
    code = f"{os.getpid()}{time.time_ns()}"
    with start_kernel(name) as kernel:
        kernel.execute(code)
        kernel.shut_down(3)
    with start_kernel(name) as kernel:
        request = {"hist_access_type": "tail", "n": 20, "raw": True, "output": False}
        try:
            reply = kernel.ask("history_request", request, seconds=TIMEOUT)
        except NoReply:
            return False
        return any(code in entry[2] for entry in reply.get("history", []))


FEATURES = {
    "types": checks_types,
    "rich": shows_html,
    "expressions": evaluates_expressions,
    "input": asks_for_input,
    "queue": aborts_queue,
    "completion": completes_while_busy,
    "heartbeat": beats_while_busy,
    "interrupt": survives_interrupt,
    "debugger": has_debugger,
    "ends": ends,
}
