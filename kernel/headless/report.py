"""Converts an executed notebook to one HTML page."""

from __future__ import annotations

import os

from figures import number_figures, prefix_ids
from nbconvert import HTMLExporter


def html_report(notebook, title: str, template: dict) -> str:
    """The page of a notebook in a template {name, basedir}; in nbconvert's "lab" template if there is no such folder."""
    options = {"template_name": "lab"}
    if os.path.isdir(os.path.join(template["basedir"], template["name"])):
        options = {"template_name": template["name"], "extra_template_basedirs": [template["basedir"]]}
    exporter = HTMLExporter(filters={"prefix_ids": prefix_ids}, **options)
    html, _resources = exporter.from_notebook_node(number_figures(notebook), {"metadata": {"name": title}})
    return html
