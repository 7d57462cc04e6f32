"""Measures one kernel in one round, from its start to its end."""

import statistics
import time

from connection import EXECUTE, Kernel, NoReply, texts
from languages import cells_of

SETTLE = 0.5
"""Seconds to wait before the memory is measured."""
SUM = "1+1"
TIMEOUT = 5
"""Seconds without a message after which it counts as lost."""


def measure(name, counts):
    """Starts, uses and ends a kernel. Returns times in seconds and memory in bytes.

    `counts` has the number of timed round trips and requests ("trips"), and the number of cells queued at once
    ("queued"). The result's `found` says whether completion and inspection gave the expected answer.
    """
    with Kernel(name) as kernel:
        first_reply, _ = kernel.ready()
        first_result = time_of_first_result(kernel)
        time.sleep(SETTLE)
        at_start = kernel.memory()

        cells = cells_of(kernel.language)
        kernel.execute(cells.declare)
        questions = {
            "complete": ("complete_request", {"code": "shelf.bo", "cursor_pos": 8}),
            "inspect": ("inspect_request", {"code": "shelf", "cursor_pos": 5, "detail_level": 0}),
        }
        for _ in range(max(1, counts["trips"] // 5)):
            kernel.execute(SUM)
            for question in questions.values():
                kernel.ask(*question)

        trips = times(kernel, [SUM] * counts["trips"])
        asked = {
            what: [timed(lambda: kernel.ask(*question)) for _ in range(counts["trips"])]
            for what, question in questions.items()
        }
        sums = times(kernel, [f"{n}+{n}" for n in range(2, counts["trips"] + 2)])
        new = times(kernel, [cells.new.format(n=n) for n in range(counts["trips"])])
        waiting = [cells.new.format(n=n + counts["trips"]) for n in range(counts["queued"])]
        queue = time_queue(kernel, waiting)
        found = {
            "complete": any("books" in match for match in kernel.ask(*questions["complete"])["matches"]),
            "inspect": bool(kernel.ask(*questions["inspect"]).get("data")),
        }
        after = kernel.memory()
        return {
            "firstReply": first_reply,
            "firstResult": first_result,
            "roundTrip": statistics.median(trips),
            "newSum": statistics.median(sums),
            "newCell": statistics.median(new),
            "queued": queue,
            **{what: statistics.median(seconds) for what, seconds in asked.items()},
            "memoryAtStart": at_start["pss"],
            "memoryAfter": after["pss"],
            "rss": [at_start["rss"], after["rss"]],
            "found": found,
            "cpu": kernel.cpu(),
        }


def timed(act):
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def times(kernel, codes):
    """The seconds that each cell takes, run one after the other. Cells with a lost message are left out."""
    found = []
    for code in codes:
        try:
            found.append(timed(lambda: kernel.execute(code, TIMEOUT)))
        except NoReply:
            if not kernel.alive():
                raise
    return found


def time_of_first_result(kernel):
    """Runs a sum. Returns the time since the kernel's start at which its reply and its value have arrived."""
    request = kernel.send("execute_request", {"code": SUM, **EXECUTE})
    replied = shown = False
    for socket, message in kernel.listen([kernel.shell, kernel.iopub], 30):
        if message.parent == request:
            replied = replied or socket is kernel.shell
            shown = shown or "2" in texts([message])
        if replied and shown:
            return kernel.age()


def time_queue(kernel, codes):
    """Requests all cells at once. Returns the seconds until the last reply and idle status, or None if one is lost."""
    requests = [kernel.send("execute_request", {"code": code, **EXECUTE}) for code in codes]
    waiting = {(socket, request) for request in requests for socket in (kernel.shell, kernel.iopub)}
    started = time.perf_counter()
    try:
        for socket, message in kernel.listen([kernel.shell, kernel.iopub], TIMEOUT):
            if socket is kernel.shell or message.content.get("execution_state") == "idle":
                waiting.discard((socket, message.parent))
            if not waiting:
                return time.perf_counter() - started
    except NoReply:
        return None
