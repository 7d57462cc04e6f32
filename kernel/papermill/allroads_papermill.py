"""Lets papermill write parameters as TypeScript: `papermill in.ipynb out.ipynb -k allroads -p alpha 0.5`."""

from __future__ import annotations

import json
import math
import re


def __getattr__(name):
    """`Engine`, which the entry point refers to: papermill's own engine.

    It is looked up on demand, since papermill may load the entry point while this module is being imported.
    """
    if name != "Engine":
        raise AttributeError(name)
    from papermill.engines import NBClientEngine

    return NBClientEngine


from papermill.models import Parameter  # noqa: E402
from papermill.translators import Translator, papermill_translators  # noqa: E402

NAME = re.compile(r"[A-Za-z_$][\w$]*")
SAFE_INTEGER = 2**53 - 1

# let alpha: number = 0.1; // the step
DECLARATION = re.compile(
    r"^(?:export\s+)?(?:let|const|var)\s+(?P<name>[A-Za-z_$][\w$]*)\s*(?::\s*(?P<type>[^=]+?))?\s*"
    r"=\s*(?P<value>.+?)\s*;?\s*(?:(?<=[\s;])//\s*(?P<help>.*))?$"
)


class TypeScriptTranslator(Translator):
    """Writes parameters as `let` declarations, and reads the parameters that a notebook declares."""

    @classmethod
    def translate_escaped_str(cls, str_val):
        """A string literal. YAML types without a TypeScript equivalent, such as dates, are written as strings too."""
        return json.dumps(str(str_val))

    @classmethod
    def translate_none(cls, val):
        return "null"

    @classmethod
    def translate_int(cls, val):
        """A number, or a bigint if a number cannot represent it exactly."""
        return str(val) if abs(val) <= SAFE_INTEGER else f"{val}n"

    @classmethod
    def translate_float(cls, val):
        if math.isfinite(val):
            return repr(val)
        return "NaN" if math.isnan(val) else "Infinity" if val > 0 else "-Infinity"

    @classmethod
    def translate_list(cls, val):
        return f"[{', '.join(cls.translate(each) for each in val)}]"

    @classmethod
    def translate_dict(cls, val):
        keys = {key: json.dumps(str(key)) for key in val}
        # A plain `__proto__` key would set the object's prototype.
        named = {key: f"[{text}]" if key == "__proto__" else text for key, text in keys.items()}
        members = (f"{named[key]}: {cls.translate(each)}" for key, each in val.items())
        return f"{{ {', '.join(members)} }}" if val else "{}"

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        if not NAME.fullmatch(name):
            raise ValueError(f'The parameter "{name}" is not a TypeScript name: use letters, digits, "_" and "$".')
        return f"let {name} = {str_val};"

    @classmethod
    def inspect(cls, parameters_cell):
        """The parameters declared in a cell, one per line, with their types and trailing comments."""
        found = []
        for line in parameters_cell["source"].splitlines():
            match = DECLARATION.match(line.strip())
            if match:
                kind, about = match["type"] or "None", match["help"] or ""
                found.append(Parameter(match["name"], kind, match["value"], about))
        return found


for language in ("allroads", "typescript"):
    papermill_translators.register(language, TypeScriptTranslator)
