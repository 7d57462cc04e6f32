"""A PEP 517 build backend for the package in this folder. It needs only Python, so installing fetches nothing.

The same sources give the same bytes: set-up checks the wheel's SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tomllib
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))


def record(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}"


def entry_points(groups: dict[str, dict[str, str]]) -> str:
    sections = [
        "\n".join([f"[{group}]", *(f"{name} = {place}" for name, place in found.items()), ""])
        for group, found in groups.items()
    ]
    return "\n".join(sections)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None) -> str:
    """Writes the wheel and returns its file name (PEP 517)."""
    with open(os.path.join(HERE, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)["project"]
    name, version = project["name"], project["version"]
    with open(os.path.join(HERE, f"{name}.py"), "rb") as file:
        module = file.read()
    info = f"{name}-{version}.dist-info"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        f"Summary: {project['description']}",
        f"Requires-Python: {project['requires-python']}",
    ]
    wheel = ["Wheel-Version: 1.0", "Generator: wheel_builder", "Root-Is-Purelib: true", "Tag: py3-none-any"]
    files = {
        f"{name}.py": module,
        f"{info}/METADATA": "\n".join([*metadata, ""]).encode(),
        f"{info}/WHEEL": "\n".join([*wheel, ""]).encode(),
        f"{info}/entry_points.txt": entry_points(project["entry-points"]).encode(),
    }
    listed = [record(path, content) for path, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*listed, f"{info}/RECORD,,", ""]).encode()
    made = f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, made), "w") as archive:
        for path, content in files.items():
            # Neither compressed, since that depends on the version of zlib, nor with the present time.
            entry = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return made
