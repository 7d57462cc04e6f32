"""Text from data as a person may safely look at it, on a terminal or on a page. The same as display/visible.mjs."""

from __future__ import annotations

import re

# Characters that are not seen but act on what is around them; explained in display/visible.mjs.
HIDDEN = (
    (0x00, 0x08),
    (0x0B, 0x0C),
    (0x0E, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),
    (0x61C, 0x61C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180E, 0x180E),
    (0x200B, 0x200B),
    (0x200E, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xD800, 0xDFFF),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)

_hidden = "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in HIDDEN)
_joiner = r"[\u200c\u200d]"
_spelled = rf"[^\0-\u02ff\u200c\u200d{_hidden}]"
SHOWN = re.compile(rf"[{_hidden}]|\r(?!\n)|(?<!{_spelled}){_joiner}|{_joiner}(?!{_spelled})")
SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}

# A colour or another style of text: ESC [ numbers m.
STYLE = re.compile(r"\x1b\[[0-9;:]*m")


def _escaped(found: re.Match) -> str:
    character = found[0]
    code = ord(character)
    if code < 0x100:
        return SHORT.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\u{{{code:x}}}"


def visible_text(text: str) -> str:
    """Text with characters that are not seen shown as escapes, such as `\\x1b`. Newlines and tabs stay."""
    return SHOWN.sub(_escaped, text)


def visible_line(text: str) -> str:
    """The same for text that must stay on one line: newlines and tabs are shown too."""
    return re.sub(r"[\t\n\r]", _escaped, visible_text(text))


def unstyled(text: str) -> str:
    """Text without its colours."""
    return STYLE.sub("", text)


def visible_with_styles(text: str) -> str:
    """The same as `visible_text` for what a program has printed: its colours stay."""
    parts = re.split(f"({STYLE.pattern})", text)
    return "".join(part if at % 2 else visible_text(part) for at, part in enumerate(parts))
