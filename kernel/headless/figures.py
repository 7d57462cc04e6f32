"""The figures of an executed notebook: outputs that nbconvert shows as an image, numbered from 1 in reading order.

A figure has a caption, "Figure 3. Title. Subtitle", from the title of its Vega-Lite specification. It may have a name: a
tag of its cell that begins with "figure-", such as "figure-win-rates". A link to `#figure-win-rates` whose text is
"Figure" is shown with the figure's number, "Figure 3"; in other viewers it stays a link with that text.

A figure may be drawn twice, for a column and for a phone, as image/svg+xml;layout=wide and ;layout=narrow. Both are
without the heading that image/svg+xml has, since the caption says the same.
"""

from __future__ import annotations

import copy
import re
from html import escape

IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
PREFERRED_TO_IMAGES = ("text/html", "text/markdown")
LAYOUTS = ("wide", "narrow")
LAYOUT_TYPE = "image/svg+xml;layout={}"

NAME = re.compile(r"figure-[A-Za-z0-9][\w-]*")
REFERENCE = re.compile(r'(<a\b[^<>]*? href="#(figure-[\w-]+)"[^<>]*>)\s*([Ff]ig(?:ure|\.))\s*(?=</a>)')


def is_figure(output) -> bool:
    data = output.get("data", {})
    return any(kind in data for kind in IMAGES) and not any(kind in data for kind in PREFERRED_TO_IMAGES)


def figures(notebook) -> list[tuple]:
    """The figures as (cell, output)."""
    outputs = [(cell, output) for cell in notebook.cells for output in cell.get("outputs", [])]
    return [(cell, output) for cell, output in outputs if is_figure(output)]


def number_figures(notebook):
    """A copy of the notebook in which the metadata of each figure holds its number, as "figure", and its "name" if any.

    A name is that of the first figure of its cell, and of the first cell with it.
    """
    copied = copy.deepcopy(notebook)
    named: set[str] = set()
    for number, (cell, output) in enumerate(figures(copied), start=1):
        metadata = output.setdefault("metadata", {})
        metadata["figure"] = number
        tags = [tag for tag in cell.metadata.get("tags", []) if NAME.fullmatch(tag) and tag not in named]
        if tags and not re.fullmatch(r"figure-\d+", tags[0]):
            metadata["name"] = tags[0]
            named.add(tags[0])
    return copied


def numbers_by_name(notebook) -> dict[str, int]:
    """The numbers of the figures of a numbered notebook, by their ids and names."""
    all_metadata = [output.metadata for _cell, output in figures(notebook)]
    names = {each["name"]: each["figure"] for each in all_metadata if "name" in each}
    return {**{f"figure-{each['figure']}": each["figure"] for each in all_metadata}, **names}


def with_references(html: str, numbers: dict[str, int]) -> str:
    """The page with the number of its figure in each link whose text is "Figure"."""

    def numbered(found: re.Match) -> str:
        number = numbers.get(found[2])
        return found[0] if number is None else f"{found[1]}{found[3]} {number}"

    return REFERENCE.sub(numbered, html)


def _joined(text) -> str:
    return " ".join(map(str, text)) if isinstance(text, list) else str(text or "")


def heading(data: dict) -> tuple[str, str]:
    """The title and subtitle of a chart's specification; empty if it has none."""
    for kind, specification in data.items():
        if kind.startswith("application/vnd.vega") and isinstance(specification, dict):
            title = specification.get("title")
            if isinstance(title, dict):
                return _joined(title.get("text")), _joined(title.get("subtitle"))
            return _joined(title), ""
    return "", ""


def caption(output) -> str:
    """A figure's caption as HTML: its number and, of a figure without a heading of its own, the heading."""
    title, subtitle = heading(output.data) if has_layouts(output.data) else ("", "")
    end = "" if title.endswith((".", "?", "!")) else "."
    strong = f" <b>{escape(title)}{end}</b>" if title else ""
    return f"<b>Figure {output.metadata['figure']}.</b>{strong}" + (f" {escape(subtitle)}" if subtitle else "")


def has_layouts(data: dict) -> bool:
    return all(LAYOUT_TYPE.format(layout) in data for layout in LAYOUTS)


def drawings(output) -> list[str]:
    """The SVG elements of a figure: one, or one for each layout with that as its class."""
    number, data = output.metadata["figure"], output.data
    label = data.get("text/plain", "Figure")[:500]
    if not has_layouts(data):
        return [named_image(prefix_ids(data["image/svg+xml"], f"f{number}-"), label)]
    return [
        named_image(prefix_ids(data[LAYOUT_TYPE.format(layout)], f"f{number}{layout[0]}-"), label, layout)
        for layout in LAYOUTS
    ]


def named_image(svg: str, label: str, layout: str = "") -> str:
    """The SVG element as an image with a name for screen readers, and a class."""
    opening, bracket, rest = svg.partition(">")
    opening = re.sub(r' (?:role|aria-label|aria-labelledby|class)="[^"]*"', "", opening)
    css = f' class="{layout}"' if layout else ""
    slash = "/" if opening.endswith("/") else ""
    return f'{opening.removesuffix("/")}{css} role="img" aria-label="{escape(label)}"{slash}{bracket}{rest}'


def prefix_ids(svg: str, prefix: str) -> str:
    """The SVG image with `prefix` before each of its ids, so that ids of several images on one page do not clash."""
    svg = svg[max(svg.find("<svg"), 0) :]
    svg = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{prefix}", svg)
    return re.sub(
        r' (aria-(?:labelledby|describedby))="([^"]*)"',
        lambda found: f' {found[1]}="{" ".join(prefix + name for name in found[2].split())}"',
        svg,
    )
