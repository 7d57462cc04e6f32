"""Makes index.html from the executed notebooks of a folder. The page is built as a notebook and converted like one.

index_page.py PLAN, where PLAN is JSON: {folder, heading, abstract, template: {name, basedir, charts}, reports}; prints
{pages: {file name: HTML}, problems: [sentence]} as JSON. For every notebook with a report in the folder the page shows

- the outputs of code cells tagged "lead", and markdown cells with that tag, at the top in place of the abstract;
- the same of those tagged "index", under the notebook's title;
- one figure as a thumbnail: the first of the cell tagged "figure", or else the first of the notebook;
- its title, abstract, status and preset, and when its results were computed, or when and how long it ran.

If `reports` is true, the reports of all executed notebooks are rebuilt from their outputs and printed as well. A
notebook that cannot be read or shown is left out and named in `problems`.
"""

from __future__ import annotations

import base64
import json
import math
import os
import sys
from html import escape
from urllib.parse import quote

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from figures import IMAGES, figures
from notebook_file import NotebookError, read_notebook, shortened
from progress import duration
from provenance import all_source_facts, banners, source_facts
from report import escape_markdown, html_report

INCOMPLETE = {"failed": "stopped at an error", "interrupted": "interrupted"}


# What execute.py writes into a notebook's metadata as "allroads", apart from what is not shown.
RUN = {"title": str, "abstract": str, "status": str, "started": str, "preset": str, "seconds": (int, float)}


def read_executed(path: str):
    """The notebook of a file, or None if execute.py has not written it. Raises NotebookError if it is damaged."""
    notebook = read_notebook(path)
    if "allroads" not in notebook.metadata:
        return None
    run = notebook.metadata["allroads"]
    wrong = [key for key, kind in RUN.items() if not isinstance(run, dict) or not isinstance(run.get(key), kind)]
    if wrong or not math.isfinite(run["seconds"]):
        names = ", ".join(wrong) or "seconds"
        raise NotebookError(f"{path} has wrong metadata in `allroads` ({names}): run the notebook again, or remove it.")
    return notebook


def executed_notebooks(folder: str, problems: list[str]) -> list[tuple]:
    """(name, notebook) of every executed notebook in a folder, sorted by name. Adds to `problems` what is damaged."""
    found = []
    for name in sorted(file[: -len(".ipynb")] for file in os.listdir(folder) if file.endswith(".ipynb")):
        try:
            notebook = read_executed(os.path.join(folder, f"{name}.ipynb"))
        except NotebookError as error:
            problems.append(str(error))
            continue
        if notebook is not None:
            found.append((name, notebook))
    return found


def page_name(name: str) -> str:
    return f"{quote(name, errors='surrogateescape')}.html"


def tagged(notebook, tag: str) -> list:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def is_display(output) -> bool:
    return output.output_type in ("display_data", "execute_result")


def html_cell(html: str):
    return new_code_cell("", outputs=[new_output("display_data", {"text/html": html})])


def shown_cells(notebook, tag: str) -> list:
    """The cells that a notebook contributes to the index page by a tag, without code and what it printed."""
    cells = []
    for cell in tagged(notebook, tag):
        if cell.cell_type == "markdown":
            cells.append(new_markdown_cell(cell.source, attachments=cell.get("attachments", {})))
        elif cell.cell_type == "code":
            cells.append(new_code_cell("", outputs=[output for output in cell.outputs if is_display(output)]))
    return cells


def index_cells(name: str, notebook) -> list:
    """The cells that a notebook contributes to the index page by the tag "index", under its title."""
    cells = shown_cells(notebook, "index")
    if not cells:
        return []
    title = notebook.metadata.allroads.title
    source = f'<p class="facts">From <a href="{page_name(name)}"><bdi>{escape(title)}</bdi></a></p>'
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


def isolated(text: str) -> str:
    """Text in HTML whose direction of writing does not reorder what stands beside it."""
    return f"<bdi>{escape(text)}</bdi>"


def own_run(run) -> list[str]:
    """When and how long a notebook itself ran."""
    started = f'<time datetime="{escape(run.started)}">{isolated(run.started[:16].replace("T", " "))} UTC</time>'
    return [f"ran for {duration(run.seconds)}", started]


def entry(name: str, run) -> str:
    facts = [
        f'<span class="failed">{INCOMPLETE[run.status]}</span>' if run.status in INCOMPLETE else isolated(run.status),
        f"preset {isolated(run.preset)}",
        *(source_facts(run) or own_run(run)),
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
        f"preset{'' if len(presets) == 1 else 's'} {isolated(', '.join(presets))}",
        *(all_source_facts(runs) or [f"last run on {isolated(max(run.started for run in runs)[:10])}"]),
        *([f'<span class="failed">{incomplete} not complete</span>'] if incomplete else []),
    ]


def index_notebook(notebooks: list[tuple], heading: str, abstract: str):
    """The index page as a notebook."""
    lead = [cell for _name, notebook in notebooks for cell in shown_cells(notebook, "lead")]
    opening = f"# {escape_markdown(heading)}" if lead else f"# {escape_markdown(heading)}\n\n{abstract}"
    cells = [new_markdown_cell(opening), *lead]
    for name, notebook in notebooks:
        cells += index_cells(name, notebook)
    thumbnails = [each for each in (thumbnail(name, notebook) for name, notebook in notebooks) if each]
    if thumbnails:
        gallery = '<ul class="gallery">\n' + "\n".join(thumbnails) + "\n</ul>"
        cells += [new_markdown_cell("## Figures"), html_cell(gallery)]
    entries = [entry(name, notebook.metadata.allroads) for name, notebook in notebooks]
    reports = "\n".join(entries) or "<p>No report has been written yet.</p>"
    cells += [new_markdown_cell("## Reports"), html_cell(f'<div class="reports wide">\n{reports}\n</div>')]
    return new_notebook(cells=cells)


def index_report(notebooks: list[tuple], plan: dict) -> str:
    """The index page."""
    notebook = index_notebook(notebooks, plan["heading"], plan["abstract"])
    runs = [each.metadata.allroads for _name, each in notebooks]
    page = {"index": True, "facts": page_facts(runs), "banners": banners(runs)}
    return html_report(notebook, plan["heading"], plan["template"], page)


def showable(notebooks: list[tuple], plan: dict, problems: list[str]) -> list[tuple]:
    """The notebooks that the index page can show. Adds to `problems` those that it cannot."""
    shown = []
    for name, notebook in notebooks:
        try:
            index_report([(name, notebook)], plan)
            shown.append((name, notebook))
        except Exception as error:
            path = os.path.join(plan["folder"], f"{name}.ipynb")
            problems.append(f"{path} is not on the index page ({shortened(str(error))}): run the notebook again.")
    return shown


def rebuilt_reports(notebooks: list[tuple], plan: dict, problems: list[str]) -> dict[str, str]:
    """The reports of executed notebooks by file name. Adds to `problems` those that cannot be made."""
    pages = {}
    for name, notebook in notebooks:
        try:
            pages[f"{name}.html"] = html_report(notebook, notebook.metadata.allroads.title, plan["template"])
        except Exception as error:
            path = os.path.join(plan["folder"], f"{name}.ipynb")
            problems.append(f"{path} has no new report ({shortened(str(error))}): run the notebook again.")
    return pages


def main() -> int:
    plan = json.loads(sys.argv[1])
    problems: list[str] = []
    try:
        notebooks = executed_notebooks(plan["folder"], problems)
    except OSError as error:
        print(f"the folder cannot be read ({error.strerror}).", file=sys.stderr)
        return 2
    pages = rebuilt_reports(notebooks, plan, problems) if plan.get("reports") else {}
    written = {*pages, *os.listdir(plan["folder"])}
    with_report = [(name, notebook) for name, notebook in notebooks if f"{name}.html" in written]
    try:
        pages["index.html"] = index_report(with_report, plan)
    except Exception:
        pages["index.html"] = index_report(showable(with_report, plan, problems), plan)
    json.dump({"pages": pages, "problems": problems}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
