"""Writes a wheel as a description on stdin says, and prints its path.

The description is JSON: `name`, `version`, `tag`, `metadata` (lines), `entry_points` (a text), `folder`, and `files`,
which maps paths in the wheel to `{"file": path}` or `{"text": content}`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import sys
import zipfile


def content_of(entry: dict[str, str]) -> tuple[bytes, int]:
    """The bytes and the mode of a file."""
    if "text" in entry:
        return entry["text"].encode(), 0o644
    with open(entry["file"], "rb") as file:
        executable = os.stat(entry["file"]).st_mode & stat.S_IXUSR
        return file.read(), 0o755 if executable else 0o644


def write(description: dict) -> str:
    name, version, tag = description["name"], description["version"], description["tag"]
    info = f"{name}-{version}.dist-info"
    wheel = ["Wheel-Version: 1.0", "Generator: allroads-kernel", "Root-Is-Purelib: false"]
    tags = [f"Tag: py3-none-{platform}" for platform in tag.split(".")]
    files = {
        **description["files"],
        f"{info}/METADATA": {"text": "\n".join([*description["metadata"], ""])},
        f"{info}/WHEEL": {"text": "\n".join([*wheel, *tags, ""])},
        f"{info}/entry_points.txt": {"text": description["entry_points"]},
    }
    path = os.path.join(description["folder"], f"{name}-{version}-py3-none-{tag}.whl")
    records = []

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=description["level"]) as archive:

        def add(target: str, content: bytes, mode: int) -> None:
            entry = zipfile.ZipInfo(target, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, description["level"])

        for target, source in files.items():
            content, mode = content_of(source)
            add(target, content, mode)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            records.append(f"{target},sha256={digest},{len(content)}")
        add(f"{info}/RECORD", "\n".join([*records, f"{info}/RECORD,,", ""]).encode(), 0o644)
    return path


print(write(json.load(sys.stdin)))
