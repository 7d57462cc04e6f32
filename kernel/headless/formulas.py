"""LaTeX formulas as MathML, which browsers show without scripts, fonts of their own, or requests."""

from __future__ import annotations

import re
from html import escape, unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter

# Attributes of MathML that change how a formula looks. Others, such as links and styles, are left out.
ATTRIBUTES = frozenset(
    "accent accentunder columnalign columnlines columnspacing columnspan depth display displaystyle fence form height "
    "linethickness lspace mathcolor mathsize mathvariant maxsize minsize movablelimits notation rowlines rowspacing "
    "rspace scriptlevel separator stretchy symmetric voffset width".split()
)
# Signs that stand for an operation that is not written. They are for computer algebra.
INVISIBLE = re.compile("[\u2061-\u2064]")


def _space_functions(row: Element) -> None:
    """Puts a thin space after the names of functions, such as log, whose argument has no brackets."""
    children = list(row)
    for name, argument in reversed(list(zip(children, children[1:]))):
        if name.tag == "mi" and len(name.text or "") > 1 and argument.tag != "mo":
            row.insert(children.index(name) + 1, Element("mspace", {"width": "0.1667em"}))


def _cleaned(element: Element) -> Element:
    """The element with text as it is shown and attributes from the list alone, and names of functions as one word."""
    for each in element.iter():
        each.attrib = {name: value for name, value in each.attrib.items() if name in ATTRIBUTES}
        each.text = INVISIBLE.sub("", unescape(each.text)) if each.text else None
        each.tail = None
    for each in list(element.iter()):
        _space_functions(each)
    for each in element.iter("mrow"):
        letters = list(each)
        if len(letters) > 1 and all(one.tag == "mi" and one.get("mathvariant") == "normal" for one in letters):
            word = Element("mi")
            word.text = "".join(one.text or "" for one in letters)
            each[:] = [word]
    return element


def mathml(latex: str, display: bool = False) -> str:
    """A formula as MathML, in a line of its own if `display`. What is not LaTeX is shown as it is written."""
    source = " ".join(latex.split())
    try:
        math = _cleaned(Converter(display="block" if display else "inline").convert_to_element(source))
    except Exception:
        return f'<code class="formula">{escape(source)}</code>'
    math.attrib = {"display": "block" if display else "inline", "alttext": source}
    return tostring(math, encoding="unicode", short_empty_elements=False)


# What text/latex holds: formulas with their delimiters, and text between them.
DELIMITED = re.compile(r"\$\$(.+?)\$\$|\\\[(.+?)\\\]|\$(.+?)\$|\\\((.+?)\\\)", re.DOTALL)


def latex_html(source: str) -> str:
    """An output of the type text/latex as HTML."""
    if not DELIMITED.search(source):
        return mathml(source, display=True)
    parts, end = [], 0
    for found in DELIMITED.finditer(source):
        own_line, bracketed, in_line, parenthesised = found.groups()
        parts.append(escape(source[end : found.start()]))
        display = own_line or bracketed
        parts.append(mathml(display or in_line or parenthesised, display=bool(display)))
        end = found.end()
    return "".join([*parts, escape(source[end:])])
