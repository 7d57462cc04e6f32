"""Converts an executed notebook to one HTML page that is safe to open wherever the notebook is from.

The page's Content-Security-Policy lets nothing run but the charts' own script and lets nothing be loaded; this module
does what a policy cannot. What a notebook shows as raw HTML is shown as the browser reads it, so the changes below are
made to the text of the page and not to a tree that another parser might read from it differently.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache

from nbconvert import HTMLExporter
from nbformat.v4 import new_markdown_cell, new_notebook

from figures import number_figures, prefix_ids
from provenance import banners, source_facts
from visible import visible_text, visible_with_styles

NOTEBOOK_LINK = re.compile(r'(<a\b[^<>]*? href="(?![a-z][a-z0-9+.-]*:|/)[^"?#<>]*)\.ipynb(?=[#"])', re.IGNORECASE)

# Elements that leave the page by themselves, change what its addresses mean, send what is typed, or hold another page.
# A browser makes one only where its name follows a "<" in the text of the page.
ACTIVE = re.compile(
    r"<(?=/?(?:meta|link|base|form|iframe|frame|frameset|fencedframe|object|embed|applet|portal)[\s/>])", re.IGNORECASE
)
LINK = re.compile(r"<(a|area)(?=[\s/])", re.IGNORECASE)


def escape_markdown(text: str) -> str:
    """Text for a place within a line of Markdown, where it is shown as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


def link_to_reports(html: str) -> str:
    """The page with its links to notebooks, given by relative paths, leading to their reports."""
    return NOTEBOOK_LINK.sub(r"\1.html", html)


def without_active_elements(html: str) -> str:
    """The page with elements that act without scripts shown as text."""
    return ACTIVE.sub("&lt;", html)


def with_plain_links(html: str) -> str:
    """The page with `rel="noopener noreferrer"` as the first, and so the valid, `rel` of each link.

    It is written without quotation marks, so that it changes nothing else where `<a` stands within a quoted attribute.
    """
    return LINK.sub(r"<\1 rel=noopener&#32;noreferrer", html)


def printed(text: str) -> str:
    """What a cell has printed, with lines that were not overwritten on their own."""
    return re.sub(r"\r\n?", "\n", text)


def has_live_charts(notebook) -> bool:
    """Whether a page has charts that the script can make interactive."""
    outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    return any("image/svg+xml" in data and any("vnd.vega" in kind for kind in data) for data in outputs)


@lru_cache
def charts_script(path: str) -> str:
    """The script that makes charts interactive. Raises ValueError if it cannot stand within a page."""
    with open(path, encoding="utf-8", newline="") as file:
        script = file.read()
    if re.search(r"</script|<!--|[\r\0]", script, re.IGNORECASE):
        raise ValueError(f"{path} cannot be put into a page: it has a closing tag, a comment or a carriage return.")
    return script


def script_policy(script: str) -> str:
    """The sources of scripts in a Content-Security-Policy under which this script alone runs."""
    if not script:
        return "'none'"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def html_report(notebook, title: str, template: dict, page: dict | None = None) -> str:
    """The page of a notebook in a template {name, basedir, charts}, where `charts` is the path of the charts' script.

    `page` is {facts, banners, index}: the parts of the line below the heading as HTML, texts that stand on top, and whether
    it is the index page. The default are those of an executed notebook.
    """
    run = notebook.metadata.get("allroads")
    if page is None and isinstance(run, dict):
        facts = [fact.replace("runs", "Runs", 1) for fact in source_facts(run)[:1]] + source_facts(run)[1:]
        page = {"facts": facts, "banners": banners([run])}
    exporter = HTMLExporter(
        template_name=template["name"],
        extra_template_basedirs=[template["basedir"]],
        filters={"prefix_ids": prefix_ids, "printed": printed, "visible_with_styles": visible_with_styles},
    )
    script = charts_script(template["charts"]) if template.get("charts") and has_live_charts(notebook) else ""
    resources = {"metadata": {"name": title}, "page": page or {}, "script_policy": script_policy(script)}
    html, _resources = exporter.from_notebook_node(number_figures(notebook), resources)
    head, end_of_head, body = visible_text(html).partition("</head>")
    body = with_plain_links(without_active_elements(link_to_reports(body)))
    body, end_of_body, rest = body.rpartition("</body>")
    scripts = f"<script>{script}</script>\n" if script else ""
    return f"{head}{end_of_head}{body}{scripts}{end_of_body}{rest}"


def error_report(title: str, sentence: str, template: dict) -> str:
    """The page in place of a report that could not be made."""
    texts = [f"# {escape_markdown(title)}", escape_markdown(f"The report could not be made: {sentence}")]
    cells = [new_markdown_cell(text) for text in texts]
    return html_report(new_notebook(cells=cells), title, template)
