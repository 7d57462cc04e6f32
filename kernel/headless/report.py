"""An executed notebook as one HTML page."""

from __future__ import annotations

import os

from figures import apart, numbered
from nbconvert import HTMLExporter


def html_report(notebook, title: str, template: dict) -> str:
    """The notebook in the named template of the base folder, or in nbconvert's own where it is not there."""
    options = {"template_name": "lab"}
    if os.path.isdir(os.path.join(template["basedir"], template["name"])):
        options = {"template_name": template["name"], "extra_template_basedirs": [template["basedir"]]}
    exporter = HTMLExporter(filters={"apart": apart}, **options)
    html, _resources = exporter.from_notebook_node(numbered(notebook), {"metadata": {"name": title}})
    return html
