"""Lines of a project as REAPER reads and writes them: tokens, quotes, numbers.

Sources: Cockos WDL ``lineparse.h`` and ``projectcontext.cpp`` (facts.md section 5).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reaper_automix.rpp import Node, dump, parse

MAX_DECIMALS = 14
INDENT = "  "

_TOKEN = re.compile(r'"[^"\r\n]*"?|\'[^\'\r\n]*\'?|`[^`\r\n]*`?|[^ \t\r\n]+')
_QUOTED = re.compile(r"""^["'`#;]|[ \t]|^$""")


def tokens(line: str) -> list[str]:
    """The tokens of a line without their quotes."""
    return [_unquoted(token) for token in _TOKEN.findall(line)]


def key_of(line: str) -> str:
    """The first word of a line."""
    return line.split(None, 1)[0] if line.strip() else ""


def quoted(text: str) -> str:
    """A token as REAPER writes it: bare where it can be, else in the first quote that is free."""
    text = text.replace("\r", " ").replace("\n", " ")
    if not _QUOTED.search(text):
        return text
    for mark in "\"'`":
        if mark not in text:
            return f"{mark}{text}{mark}"
    return "`" + text.replace("`", "'") + "`"


def digits(number: float) -> str:
    """A number as REAPER writes it: at most 14 decimals, no trailing zeros."""
    text = f"{number:.{MAX_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def number(token: str, default: float = 0.0) -> float:
    """The number a token starts with (``-1:U`` is -1), the default where it starts with none."""
    try:
        return float(int(token, 16)) if "x" in token else float(token.partition(":")[0])
    except ValueError:
        return default


def with_token(line: str, index: int, text: str, filling: Sequence[str] = ()) -> str:
    """The line with one token replaced; missing tokens before it are taken from ``filling``."""
    spans = [found.span() for found in _TOKEN.finditer(line)]
    if index < len(spans):
        start, end = spans[index]
        return line[:start] + text + line[end:]
    content = line.rstrip("\r\n")
    missing = [*filling[len(spans) : index], text]
    return f"{' '.join([content, *missing])}{line[len(content) :]}"


def indent_of(line: str) -> str:
    """The blanks before the first character of a line."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def line_end(node: Node) -> str:
    r"""How lines end in a block: ``\r\n``, or ``\n`` in files that git went over."""
    return node.head[len(node.head.rstrip("\r\n")) :] or "\r\n"


def line_in(node: Node, text: str) -> str:
    """A line of text as it stands inside a block."""
    return f"{indent_of(node.head)}{INDENT}{text}{line_end(node)}"


def block_in(node: Node, text: str) -> Node:
    r"""A block, given as text of ``\n`` lines without indent, as it stands inside another."""
    depth, lines = len(indent_of(node.head)) // len(INDENT) + 1, []
    for line in text.strip("\n").split("\n"):
        depth -= line.startswith(">")
        lines.append(f"{INDENT * depth}{line}{line_end(node)}")
        depth += line.startswith("<")
    return next(parse("".join(lines)).blocks())


def after_lines(node: Node) -> int:
    """Where a new line goes: behind the last line that stands before the first block."""
    blocks = (at for at, entry in enumerate(node.body) if isinstance(entry, Node))
    return next(blocks, len(node.body))


def chunk(entries: Sequence[str | Node]) -> str:
    r"""State as the API gives it: ``\n`` at the end of lines, no indent."""
    text = "".join(entry if isinstance(entry, str) else dump(entry) for entry in entries)
    return "".join(f"{line.strip()}\n" for line in text.splitlines())


def free_text(node: Node) -> str:
    """The text of a block of ``|`` lines."""
    lines = (entry.strip("\r\n") for entry in node.body if isinstance(entry, str))
    return "\n".join(line.partition("|")[2] for line in lines if "|" in line)


def _unquoted(token: str) -> str:
    if token[0] not in "\"'`":
        return token
    return token[1:-1] if len(token) > 1 and token[-1] == token[0] else token[1:]
