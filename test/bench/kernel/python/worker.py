"""The worker that measures kernels; its requests are JSON lines as ../../json_worker.py describes.

    python worker.py FOLDER        # the working directory of the kernels
"""

import importlib.metadata
import os
import platform
import sys
from pathlib import Path

import cells
import conformance
import features
import speed

sys.path.append(str(Path(__file__).parents[2]))
from json_worker import serve  # noqa: E402


def answer(request):
    what, name = request["do"], request.get("kernel")
    if what == "describe":
        return {"ipykernel": importlib.metadata.version("ipykernel"), "python": platform.python_version()}
    if what == "measure":
        return speed.measure(name, request["counts"])
    if what == "cells":
        return {"found": cells.find(name, request["folder"])}
    return {"found": features.find(name) if what == "features" else conformance.run(name)}


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    serve(answer)
