"""Converts an executed notebook to one HTML page that is safe to open wherever the notebook is from.

The page's Content-Security-Policy lets nothing run but the charts' own script and lets nothing be loaded; this module
does what a policy cannot. What a notebook shows as raw HTML is shown as the browser reads it, so the changes below are
made to the text of the page and not to a tree that another parser might read from it differently.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from functools import lru_cache
from html import escape

from jinja2 import pass_context
from jinja2.utils import htmlsafe_json_dumps
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.v4 import new_markdown_cell, new_notebook

from figures import caption, drawings, number_figures, numbers_by_name, with_references
from formulas import latex_html, mathml
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


class FormulaRenderer(IPythonRenderer):
    """Writes the formulas of Markdown as MathML."""

    def block_math(self, body: str) -> str:
        return mathml(body, display=True)

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)


class ReportExporter(HTMLExporter):
    """nbconvert's HTML exporter with formulas as MathML."""

    @pass_context
    def markdown2html(self, context, source: str) -> str:
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = FormulaRenderer(escape=False, attachments=attachments, anchor_link_text=self.anchor_link_text)
        return MarkdownWithMath(renderer=renderer).render(source)


# Unpacks the charts' script and runs it. The page's policy names both, so that nothing else can be run this way.
LOADER = """(async () => {
  const packed = JSON.parse(document.getElementById("charts-script").textContent);
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(unpacked).text();
  document.head.append(script);
})();"""


def _packed(text: str) -> str:
    """Text compressed and in ASCII."""
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


# Below this many characters compression saves little.
SMALL_SPECIFICATION = 2000


def specification_script(kind: str, specification) -> str:
    """The script element with the specification of a chart: JSON, or its compressed form as a JSON string."""
    text = json.dumps(specification, separators=(",", ":"))
    if len(text) < SMALL_SPECIFICATION:
        return f'<script type="{escape(kind)}">{htmlsafe_json_dumps(specification)}</script>'
    return f'<script type="{escape(kind)}" data-packed>{json.dumps(_packed(text))}</script>'


@lru_cache
def packed_scripts(script: str) -> str:
    """The script elements of a page with live charts: the charts' script, compressed, and what runs it."""
    return (
        f'<script type="application/json" id="charts-script">{json.dumps(_packed(script))}</script>\n'
        f"<script>{LOADER}</script>\n"
    )


def script_policy(script: str) -> str:
    """The sources of scripts in a Content-Security-Policy under which this script and its loader alone run."""
    if not script:
        return "'none'"
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (LOADER, script)]
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def html_report(notebook, title: str, template: dict, page: dict | None = None) -> str:
    """The page of a notebook in a template {name, basedir, charts}, where `charts` is the path of the charts' script.

    `page` is {facts, banners, index}: the parts of the line below the heading as HTML, texts that stand on top, and whether
    it is the index page. The default are those of an executed notebook.
    """
    run = notebook.metadata.get("allroads")
    if page is None and isinstance(run, dict):
        facts = [fact.replace("runs", "Runs", 1) for fact in source_facts(run)[:1]] + source_facts(run)[1:]
        page = {"facts": facts, "banners": banners([run])}
    filters = {
        "latex2html": latex_html,
        "specification_script": specification_script,
        "figure_caption": caption,
        "figure_drawings": drawings,
        "printed": printed,
        "visible_with_styles": visible_with_styles,
    }
    exporter = ReportExporter(
        template_name=template["name"], extra_template_basedirs=[template["basedir"]], filters=filters
    )
    script = charts_script(template["charts"]) if template.get("charts") and has_live_charts(notebook) else ""
    resources = {"metadata": {"name": title}, "page": page or {}, "script_policy": script_policy(script)}
    numbered = number_figures(notebook)
    html, _resources = exporter.from_notebook_node(numbered, resources)
    head, end_of_head, body = visible_text(html).partition("</head>")
    body = link_to_reports(with_references(body, numbers_by_name(numbered)))
    body = with_plain_links(without_active_elements(body))
    body, end_of_body, rest = body.rpartition("</body>")
    scripts = packed_scripts(script) if script else ""
    return f"{head}{end_of_head}{body}{scripts}{end_of_body}{rest}"


def error_report(title: str, sentence: str, template: dict) -> str:
    """The page in place of a report that could not be made."""
    texts = [f"# {escape_markdown(title)}", escape_markdown(f"The report could not be made: {sentence}")]
    cells = [new_markdown_cell(text) for text in texts]
    return html_report(new_notebook(cells=cells), title, template)
