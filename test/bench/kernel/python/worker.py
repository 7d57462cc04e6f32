"""A process that measures and asks kernels, one JSON line at a time on stdin, and answers on file descriptor 3.

    python worker.py FOLDER        # where kernels are started
"""

import importlib.metadata
import json
import os
import platform
import resource
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import conformance  # noqa: E402
import features  # noqa: E402
import speed  # noqa: E402


def answer(request):
    what, name = request["do"], request.get("kernel")
    if what == "describe":
        return {"ipykernel": importlib.metadata.version("ipykernel"), "python": platform.python_version()}
    if what == "measure":
        return speed.measure(name, request["counts"])
    return {"found": features.find(name) if what == "features" else conformance.run(name)}


def own_cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    os.chdir(sys.argv[1])
    with os.fdopen(3, "w", buffering=1) as replies:
        for line in sys.stdin:
            before = own_cpu()
            try:
                reply = answer(json.loads(line))
                reply["cpu"] = reply.pop("kernelCpu", 0) + own_cpu() - before
            except Exception as error:
                lines = str(error).strip().splitlines() or [""]
                reply = {"failed": f"{type(error).__name__}: {lines[0]}"}
            replies.write(json.dumps(reply) + "\n")


if __name__ == "__main__":
    main()
