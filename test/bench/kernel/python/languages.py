"""The measured cells, with the same meaning in each language."""

from types import SimpleNamespace

TYPESCRIPT = SimpleNamespace(
    declare="const shelf = { books: 3, boxes: 4 };",
    new="const number{n} = {n}; number{n} + 1",
    keep="let kept = 41;",
    mistyped='const text: string = 5;',
    rich='({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<b>1</b>", "text/plain": "1" }) })',
    fail='throw new Error("no");',
    question='prompt("name?")',
    busy="const until = Date.now() + 1500; while (Date.now() < until);",
    forever="for (;;);",
)

PYTHON = SimpleNamespace(
    declare="class shelf:\n    books, boxes = 3, 4",
    new="number{n} = {n}; number{n} + 1",
    keep="kept = 41",
    mistyped="text: str = 5",
    rich="class Rich:\n    def _repr_html_(self):\n        return '<b>1</b>'\nRich()",
    fail="raise Exception('no')",
    question="input('name?')",
    busy="import time\nuntil = time.time() + 1.5\nwhile time.time() < until: pass",
    forever="while True: pass",
)


def cells_of(language):
    """The cells in the language of a kernelspec."""
    return PYTHON if language == "python" else TYPESCRIPT
