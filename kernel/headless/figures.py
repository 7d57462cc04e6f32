"""The figures of an executed notebook: outputs that nbconvert shows as an image, numbered from 1 in reading order."""

from __future__ import annotations

import copy
import re

IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
PREFERRED_TO_IMAGES = ("text/html", "text/markdown")


def is_figure(output) -> bool:
    data = output.get("data", {})
    return any(kind in data for kind in IMAGES) and not any(kind in data for kind in PREFERRED_TO_IMAGES)


def figures(notebook) -> list[tuple]:
    """The figures as (cell, output)."""
    outputs = [(cell, output) for cell in notebook.cells for output in cell.get("outputs", [])]
    return [(cell, output) for cell, output in outputs if is_figure(output)]


def number_figures(notebook):
    """A copy of the notebook in which the metadata of each figure holds its number, as "figure"."""
    copied = copy.deepcopy(notebook)
    for number, (_cell, output) in enumerate(figures(copied), start=1):
        output.setdefault("metadata", {})["figure"] = number
    return copied


def prefix_ids(svg: str, prefix: str) -> str:
    """The SVG image with `prefix` before each of its ids, so that ids of several images on one page do not clash."""
    svg = svg[max(svg.find("<svg"), 0) :]
    svg = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{prefix}", svg)
    return re.sub(
        r' (aria-(?:labelledby|describedby))="([^"]*)"',
        lambda found: f' {found[1]}="{" ".join(prefix + name for name in found[2].split())}"',
        svg,
    )
