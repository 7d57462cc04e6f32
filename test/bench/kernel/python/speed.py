"""One round of measuring one kernel, from its start to its end."""

import statistics
import time

from connection import EXECUTE, Kernel, Silence, texts
from languages import cells_of

SETTLE = 0.5
SUM = "1+1"
LOST = 5
"""Seconds of silence after which a message counts as lost."""


def measure(name, counts):
    """Times in seconds and memory in bytes of one kernel that is started, used and ended.

    `counts`: how many round trips and questions are timed, and how many cells are queued at once. `found` tells
    whether completions and inspections held what was asked for.
    """
    with Kernel(name) as kernel:
        first_reply, _ = kernel.ready()
        first_result = result_shown(kernel)
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
        queue = queued(kernel, waiting)
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
            **{what: statistics.median(found) for what, found in asked.items()},
            "memoryAtStart": at_start["pss"],
            "memoryAfter": after["pss"],
            "rss": [at_start["rss"], after["rss"]],
            "found": found,
            "cpu": kernel.cpu(),
        }


def timed(act):
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def times(kernel, codes):
    """The seconds that each cell takes, one after the other. Those of which a message is lost are left out."""
    found = []
    for code in codes:
        try:
            found.append(timed(lambda: kernel.execute(code, LOST)))
        except Silence:
            if not kernel.alive():
                raise
    return found


def result_shown(kernel):
    """When both the reply to a sum and its value have come."""
    request = kernel.send("execute_request", {"code": SUM, **EXECUTE})
    replied = shown = False
    for socket, message in kernel.listen([kernel.shell, kernel.iopub], 30):
        if message.parent == request:
            replied = replied or socket is kernel.shell
            shown = shown or "2" in texts([message])
        if replied and shown:
            return kernel.age()


def queued(kernel, codes):
    """Sends cells all at once: the seconds until the last reply and status, or None where some never come."""
    requests = [kernel.send("execute_request", {"code": code, **EXECUTE}) for code in codes]
    waiting = {(socket, request) for request in requests for socket in (kernel.shell, kernel.iopub)}
    began = time.perf_counter()
    try:
        for socket, message in kernel.listen([kernel.shell, kernel.iopub], LOST):
            if socket is kernel.shell or message.content.get("execution_state") == "idle":
                waiting.discard((socket, message.parent))
            if not waiting:
                return time.perf_counter() - began
    except Silence:
        return None
