"""Reads the file of a notebook, or says in one sentence what is wrong with it."""

from __future__ import annotations

import json
import os
import warnings

import nbformat

LARGEST = 100 * 2**20  # bytes; a report of a larger notebook could not be opened


class NotebookError(Exception):
    """A notebook that cannot be used. The message is one sentence that names its file."""


def shortened(text: str) -> str:
    """The first line of a text, of at most 200 characters."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 200 else f"{line[:199]}…"


def read_json(path: str):
    """The JSON of a file. Raises NotebookError if it cannot be read or is no JSON."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise NotebookError(f"{path} is a folder or something else that is not a file: rename or remove it.")
        size = os.path.getsize(path)
        if size > LARGEST:
            raise NotebookError(
                f"{path} has {size / 2**20:.0f} MB, and a notebook may have {LARGEST / 2**20:.0f}: clear its outputs."
            )
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except OSError as error:
        raise NotebookError(f"{path} cannot be read ({error.strerror}): make it readable or remove it.") from error
    except RecursionError as error:
        raise NotebookError(f"{path} is nested too deeply for a notebook: repair or remove it.") from error
    except ValueError as error:
        raise NotebookError(f"{path} is not JSON ({shortened(str(error))}): repair or remove it.") from error


def repeated_id(cells: list) -> str | None:
    """The first id that two cells share."""
    seen = set()
    for cell in cells:
        name = cell.get("id")
        if name in seen:
            return name
        if name is not None:
            seen.add(name)
    return None


def wrong_output(notebook) -> str | None:
    """The MIME type of the first output whose data is not text, although only that of JSON may be something else."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    data = [pair for output in outputs for pair in output.get("data", {}).items()]
    return next((kind for kind, value in data if not isinstance(value, str) and not kind.endswith("json")), None)


def read_notebook(path: str):
    """The notebook of a file in the present format. Raises NotebookError if it is not a valid one."""
    value = read_json(path)
    if not isinstance(value, dict):
        raise NotebookError(f"{path} is not a Jupyter notebook (a JSON object with cells): repair or remove it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(json.dumps(value), as_version=4)
            nbformat.validate(notebook, relax_add_props=True)
        repeated, wrong = repeated_id(value.get("cells", [])), wrong_output(notebook)
    except Exception as error:
        where = ".".join(str(part) for part in getattr(error, "absolute_path", []))
        reason = shortened(f"{where}: {error}" if where else str(error))
        raise NotebookError(f"{path} is not a valid Jupyter notebook ({reason}): repair or remove it.") from error
    if wrong is not None:
        raise NotebookError(f"{path} has an output of the type {wrong} that is not text: clear its outputs.")
    if repeated is not None:
        raise NotebookError(
            f'{path} has several cells with the id "{repeated}": open it in JupyterLab and save it, which gives new ids.'
        )
    return notebook
