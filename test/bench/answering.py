"""The other side of answering.mjs: a process that is asked on stdin and answers on file descriptor 3, where nothing that
a library prints can get in between. It ends when stdin does.
"""

import json
import os
import sys
import time


def serve(answer):
    """Answers each request, a JSON line, by a JSON line: the dict that `answer` returns for it, or what went wrong.

    `cpu` in the answer is the processor's seconds that it took, those that `answer` itself reports there included.
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
