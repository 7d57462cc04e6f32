"""What a kernel can do, found out by asking it."""

import os
import time

from connection import EXECUTE, Kernel, Silence, texts
from languages import cells_of

PATIENCE = 5


def find(name):
    """Whether the kernel has each feature. One that says nothing, or ends, has not, and the next is asked of a fresh one."""
    found, kernel = {}, None
    try:
        for feature, holds in FEATURES.items():
            if kernel is None:
                kernel = started(name)
            try:
                found[feature] = bool(holds(kernel, cells_of(kernel.language)))
            except Silence:
                found[feature] = False
            if not found[feature] or not kernel.alive():
                kernel.end()
                kernel = None
        return {**found, "history": keeps_history(name)}
    finally:
        if kernel is not None:
            kernel.end()


def started(name):
    kernel = Kernel(name)
    try:
        kernel.ready()
        return kernel
    except BaseException:
        kernel.end()
        raise


def checks_types(kernel, cells):
    reply, _ = kernel.execute(cells.mistyped, PATIENCE)
    return reply["status"] == "error"


def shows_itself(kernel, cells):
    _, published = kernel.execute(cells.rich, PATIENCE)
    return any("text/html" in message.content.get("data", {}) for message in published)


def evaluates_expressions(kernel, cells):
    reply, _ = kernel.execute("1+1", PATIENCE, user_expressions={"sum": "20+3"})
    told = reply.get("user_expressions", {}).get("sum", {})
    return "23" in told.get("data", {}).get("text/plain", "")


def asks_for_input(kernel, cells):
    """Whether a cell may ask its user while it runs; the answer is what the cell gives."""
    request = kernel.send("execute_request", {"code": cells.question, **EXECUTE, "allow_stdin": True})
    for socket, message in kernel.listen([kernel.stdin, kernel.shell], PATIENCE):
        if socket is kernel.shell and message.parent == request:
            return False
        if message.type == "input_request":
            kernel.send("input_reply", {"status": "ok", "value": "me"}, kernel.stdin)
            return kernel.answer(request, seconds=PATIENCE)["status"] == "ok"


def aborts_queue(kernel, cells):
    """Whether an error ends the cells that wait behind it, unless it is told not to."""
    kept = behind_error(kernel, cells, stop_on_error=False)
    return kept == "ok" and behind_error(kernel, cells, stop_on_error=True) in ("aborted", "error")


def behind_error(kernel, cells, **options):
    """The status of a cell that waits behind one that fails."""
    kernel.send("execute_request", {"code": f"{cells.busy}\n{cells.fail}", **EXECUTE, **options})
    behind = kernel.send("execute_request", {"code": "1+1", **EXECUTE})
    return kernel.finish(behind, PATIENCE)[0]["status"]


def completes_while_busy(kernel, cells):
    kernel.execute(cells.declare, PATIENCE)
    computing = start(kernel, cells.busy)
    question = kernel.send("complete_request", {"code": "shelf.bo", "cursor_pos": 8})
    for _, message in kernel.listen([kernel.shell], PATIENCE):
        if message.parent == computing:
            return False
        if message.parent == question:
            kernel.finish(computing, PATIENCE)
            return any("books" in match for match in message.content["matches"])


def beats_while_busy(kernel, cells):
    computing = start(kernel, cells.busy)
    kernel.hb.send(b"beat")
    beats = bool(kernel.hb.poll(500))
    kernel.finish(computing, PATIENCE)
    return beats


def survives_interrupt(kernel, cells):
    """Whether an interrupt, sent as the kernelspec asks for, ends a loop and leaves the variables."""
    kernel.execute(cells.keep, PATIENCE)
    computing = start(kernel, cells.forever)
    kernel.interrupt()
    kernel.finish(computing, PATIENCE)
    time.sleep(0.5)  # Some abort what comes right after an error.
    _, published = kernel.execute("kept + 1", PATIENCE)
    return "42" in texts(published)


def start(kernel, code):
    """Runs a cell until it computes; returns the request's id."""
    request = kernel.send("execute_request", {"code": code, **EXECUTE})
    for _, message in kernel.listen([kernel.iopub], PATIENCE):
        if message.parent == request and message.content.get("execution_state") == "busy":
            time.sleep(0.3)
            return request


def has_debugger(kernel, cells):
    info = kernel.ask("kernel_info_request")
    return info.get("debugger", False) or "debugger" in info.get("supported_features", [])


def ends(kernel, cells):
    return kernel.shut_down(1)


def keeps_history(name):
    """Whether a kernel knows what an earlier one was asked."""
    code = f"{os.getpid()}{time.time_ns()}"
    with started(name) as kernel:
        kernel.execute(code)
        kernel.shut_down(3)
    with started(name) as kernel:
        request = {"hist_access_type": "tail", "n": 20, "raw": True, "output": False}
        try:
            reply = kernel.ask("history_request", request, seconds=PATIENCE)
        except Silence:
            return False
        return any(code in entry[2] for entry in reply.get("history", []))


FEATURES = {
    "types": checks_types,
    "rich": shows_itself,
    "expressions": evaluates_expressions,
    "input": asks_for_input,
    "queue": aborts_queue,
    "completion": completes_while_busy,
    "heartbeat": beats_while_busy,
    "interrupt": survives_interrupt,
    "debugger": has_debugger,
    "ends": ends,
}
