"""Makes index.html from the executed notebooks of a folder. The page is built as a notebook and converted like one.

index_page.py PLAN, where PLAN is JSON: {folder, heading, abstract, template: {name, basedir}, reports}; prints
{file name: HTML} as JSON. For every notebook with a report in the folder the page shows

- the outputs of code cells tagged "index", and markdown cells with that tag, under the notebook's title;
- one figure as a thumbnail: the first of the cell tagged "figure", or else the first of the notebook;
- its title, abstract, status and preset, and when and how long it ran.

If `reports` is true, the reports of all executed notebooks are rebuilt from their outputs and printed as well.
"""

from __future__ import annotations

import base64
import json
import os
import re
import sys
from html import escape
from urllib.parse import quote

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from figures import IMAGES, figures
from progress import duration
from report import html_report

INCOMPLETE = {"failed": "stopped at an error", "interrupted": "interrupted"}


def read_executed(path: str):
    """The notebook of a file, or None if it is not one that execute.py has written."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except (ValueError, nbformat.ValidationError):
        return None
    return notebook if "allroads" in notebook.metadata else None


def executed_notebooks(folder: str) -> list[tuple]:
    """(name, notebook) of every executed notebook in a folder, sorted by name."""
    names = sorted(file[: -len(".ipynb")] for file in os.listdir(folder) if file.endswith(".ipynb"))
    read = [(name, read_executed(os.path.join(folder, f"{name}.ipynb"))) for name in names]
    return [(name, notebook) for name, notebook in read if notebook is not None]


def page_name(name: str) -> str:
    return f"{quote(name)}.html"


def tagged(notebook, tag: str) -> list:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def is_display(output) -> bool:
    return output.output_type in ("display_data", "execute_result")


def escape_markdown(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|$~&])", r"\\\1", text)


def html_cell(html: str):
    return new_code_cell("", outputs=[new_output("display_data", {"text/html": html})])


def index_cells(name: str, notebook) -> list:
    """The cells that a notebook contributes to the index page by the tag "index"."""
    cells = []
    for cell in tagged(notebook, "index"):
        if cell.cell_type == "markdown":
            cells.append(new_markdown_cell(cell.source))
        elif cell.cell_type == "code":
            cells.append(new_code_cell("", outputs=[output for output in cell.outputs if is_display(output)]))
    if not cells:
        return []
    title = notebook.metadata.allroads.title
    source = f'<p class="facts">From <a href="{page_name(name)}">{escape(title)}</a></p>'
    return [new_markdown_cell(f"## {escape_markdown(title)}"), *cells, html_cell(source)]


def thumbnail(name: str, notebook) -> str:
    """A list item with one figure, linked to its place in the report; empty if there is no figure."""
    all_figures = list(enumerate(figures(notebook), start=1))
    candidates = [each for each in all_figures if "figure" in each[1][0].metadata.get("tags", [])] + all_figures
    if not candidates:
        return ""
    number, (_cell, output) = candidates[0]
    kind = next(kind for kind in IMAGES if kind in output.data)
    data = output.data[kind]
    encoded = base64.b64encode(data.encode()).decode() if kind == "image/svg+xml" else data.replace("\n", "")
    return (
        f'<li><a href="{page_name(name)}#figure-{number}">'
        f'<img class="{"drawing" if kind == "image/svg+xml" else "picture"}" '
        f'src="data:{kind};base64,{escape(encoded)}" alt="{escape(output.data.get("text/plain", "Figure"))}">'
        f"<span>{escape(notebook.metadata.allroads.title)}</span></a></li>"
    )


def entry(name: str, run) -> str:
    facts = [
        f'<span class="failed">{INCOMPLETE[run.status]}</span>' if run.status in INCOMPLETE else escape(run.status),
        f"preset {escape(run.preset)}",
        f"ran for {duration(run.seconds)}",
        f'<time datetime="{escape(run.started)}">{escape(run.started[:16].replace("T", " "))} UTC</time>',
    ]
    return (
        f'<article>\n<h3><a href="{page_name(name)}">{escape(run.title)}</a></h3>\n'
        f'<p class="facts">{" · ".join(facts)}</p>\n<p>{escape(run.abstract)}</p>\n</article>'
    )


def page_facts(runs: list) -> list[str]:
    """The parts of the line below the page's heading."""
    if not runs:
        return []
    presets = sorted({run.preset for run in runs})
    incomplete = sum(run.status in INCOMPLETE for run in runs)
    return [
        f"{len(runs)} report{'' if len(runs) == 1 else 's'}",
        f"preset{'' if len(presets) == 1 else 's'} {escape(', '.join(presets))}",
        f"last run on {escape(max(run.started for run in runs)[:10])}",
        *([f'<span class="failed">{incomplete} not complete</span>'] if incomplete else []),
    ]


def index_notebook(notebooks: list[tuple], heading: str, abstract: str):
    """The index page as a notebook."""
    cells = [new_markdown_cell(f"# {escape_markdown(heading)}\n\n{abstract}")]
    for name, notebook in notebooks:
        cells += index_cells(name, notebook)
    thumbnails = [each for each in (thumbnail(name, notebook) for name, notebook in notebooks) if each]
    if thumbnails:
        gallery = '<ul class="gallery">\n' + "\n".join(thumbnails) + "\n</ul>"
        cells += [new_markdown_cell("## Figures"), html_cell(gallery)]
    entries = [entry(name, notebook.metadata.allroads) for name, notebook in notebooks]
    reports = "\n".join(entries) or "<p>No report has been written yet.</p>"
    cells += [new_markdown_cell("## Reports"), html_cell(reports)]
    facts = page_facts([notebook.metadata.allroads for _name, notebook in notebooks])
    return new_notebook(cells=cells, metadata={"allroads": {"index": True, "facts": facts}})


def main() -> None:
    plan = json.loads(sys.argv[1])
    folder, template = plan["folder"], plan["template"]
    notebooks, pages = executed_notebooks(folder), {}
    if plan.get("reports"):
        for name, notebook in notebooks:
            pages[f"{name}.html"] = html_report(notebook, notebook.metadata.allroads.title, template)
    written = {*pages, *os.listdir(folder)}
    with_report = [(name, notebook) for name, notebook in notebooks if f"{name}.html" in written]
    index = index_notebook(with_report, plan["heading"], plan["abstract"])
    pages["index.html"] = html_report(index, plan["heading"], template)
    json.dump(pages, sys.stdout)


if __name__ == "__main__":
    main()
