"""The figures of an executed notebook: outputs that are shown as an image, numbered from 1 in reading order."""

from __future__ import annotations

import copy
import re

IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
SHOWN_BEFORE_IMAGES = ("text/html", "text/markdown")


def is_figure(output) -> bool:
    data = output.get("data", {})
    return any(kind in data for kind in IMAGES) and not any(kind in data for kind in SHOWN_BEFORE_IMAGES)


def figures(notebook) -> list[tuple]:
    """(cell, output) of every figure."""
    outputs = [(cell, output) for cell in notebook.cells for output in cell.get("outputs", [])]
    return [(cell, output) for cell, output in outputs if is_figure(output)]


def numbered(notebook):
    """A copy of the notebook whose figures hold their number in their metadata, as "figure"."""
    copied = copy.deepcopy(notebook)
    for number, (_cell, output) in enumerate(figures(copied), start=1):
        output.setdefault("metadata", {})["figure"] = number
    return copied


def apart(svg: str, mark: str) -> str:
    """The drawing with `mark` before each of its ids: many drawings on one page may have the same names."""
    svg = svg[max(svg.find("<svg"), 0) :]
    svg = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{mark}", svg)
    return re.sub(
        r' (aria-(?:labelledby|describedby))="([^"]*)"',
        lambda found: f' {found[1]}="{" ".join(mark + name for name in found[2].split())}"',
        svg,
    )
