"""Unpacks the files of a wheel whose names start with one of the prefixes: unpack.py FOLDER STRIP WHEEL... -- PREFIX...

STRIP is a prefix to remove from the names. Executable files stay executable; zipfile alone would drop the mode.
"""

import os
import shutil
import sys
import zipfile


def unpack(wheel: str, folder: str, strip: str, prefixes: tuple[str, ...]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            if entry.is_dir() or not entry.filename.startswith(prefixes):
                continue
            target = os.path.join(folder, entry.filename.removeprefix(strip))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(entry) as source, open(target, "wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
            if entry.external_attr >> 16 & 0o111:
                os.chmod(target, 0o755)


if __name__ == "__main__":
    folder, strip, *rest = sys.argv[1:]
    separator = rest.index("--")
    for wheel in rest[:separator]:
        unpack(wheel, folder, strip, tuple(rest[separator + 1 :]))
