"""Looks up Jupyter kernels by name.

kernels.py NAME prints one sentence and exits with status 2 if there is no kernel of that name.
"""

from __future__ import annotations

import difflib
import sys

from jupyter_client.kernelspec import KernelSpecManager

from visible import visible_line


def unknown_kernel(name: str) -> str | None:
    """A sentence if there is no kernel of a name: which one was probably meant, or else all. None if there is one."""
    names = sorted(KernelSpecManager().find_kernel_specs())
    if name.lower() in names:
        return None
    near = difflib.get_close_matches(name.lower(), names, 1)
    if near:
        return f'There is no kernel "{name}": did you mean "{near[0]}"?'
    return f'There is no kernel "{name}": the kernels are {", ".join(names)}.'


if __name__ == "__main__":
    sentence = unknown_kernel(sys.argv[1])
    if sentence is not None:
        print(visible_line(sentence), file=sys.stderr)
        sys.exit(2)
