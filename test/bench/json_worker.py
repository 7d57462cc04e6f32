"""The worker side of json-worker.mjs. Requests come from stdin; replies go to file descriptor 3, which libraries do not
print to. The process ends when stdin is closed.
"""

import json
import os
import sys
import time


def serve(answer):
    """Answers each request, a JSON line, with a JSON line: the dict that `answer` returns, or {"failed": message}.

    Adds to the reply's `cpu` the CPU seconds that this process spent on the request.
    """
    with os.fdopen(3, "w", buffering=1) as replies:
        for line in sys.stdin:
            before = time.process_time()
            try:
                reply = answer(json.loads(line))
                reply["cpu"] = reply.get("cpu", 0) + time.process_time() - before
            except Exception as error:
                lines = str(error).strip().splitlines() or [""]
                reply = {"failed": f"{type(error).__name__}: {lines[0]}"}
            replies.write(json.dumps(reply) + "\n")
