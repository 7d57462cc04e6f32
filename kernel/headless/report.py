"""Converts an executed notebook to one HTML page."""

from __future__ import annotations

import os
import re

from figures import number_figures, prefix_ids
from nbconvert import HTMLExporter


NOTEBOOK_LINK = re.compile(r'(<a\b[^>]*? href="(?![a-z][a-z0-9+.-]*:|/)[^"?#]*)\.ipynb(?=[#"])', re.IGNORECASE)


def link_to_reports(html: str) -> str:
    """The page with its links to notebooks, given by relative paths, leading to their reports."""
    return NOTEBOOK_LINK.sub(r"\1.html", html)


def html_report(notebook, title: str, template: dict) -> str:
    """The page of a notebook in a template {name, basedir}; in nbconvert's "lab" template if there is no such folder."""
    options = {"template_name": "lab"}
    if os.path.isdir(os.path.join(template["basedir"], template["name"])):
        options = {"template_name": template["name"], "extra_template_basedirs": [template["basedir"]]}
    exporter = HTMLExporter(filters={"prefix_ids": prefix_ids}, **options)
    html, _resources = exporter.from_notebook_node(number_figures(notebook), {"metadata": {"name": title}})
    return link_to_reports(html)
