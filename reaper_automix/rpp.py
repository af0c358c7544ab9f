r"""REAPER's text format, lossless: a tree of blocks in which every line stays as it was read.

``<NAME arguments`` opens a block and a line that starts with ``>`` closes it; every other line
belongs to the innermost open block. Lines keep their indent and their line ending (REAPER writes
CRLF on every system, tools like git turn it into LF), so :func:`dump` gives back what
:func:`parse` was given, whatever the lines say. An edit replaces one token of one line.

A line is a row of tokens, split at spaces and tabs. A token is bare, or stands between two of the
same quotes ``" ' ` ``; there are no escapes. Files are UTF-8; bytes that are not come in and go
out as surrogates (:func:`decode`, :func:`encode`).

>>> project = parse('<REAPER_PROJECT 0.1\n  TEMPO 120 4 4\n>\n').block("REAPER_PROJECT")
>>> project.values("TEMPO")
['120', '4', '4']
>>> project.edit("TEMPO", 1, "98.5")
True
>>> dump(project)
'<REAPER_PROJECT 0.1\n  TEMPO 98.5 4 4\n>\n'

Sources: Cockos WDL ``lineparse.h`` and ``projectcontext.cpp`` for tokens and quotes, and files
saved by REAPER 4.32 to 7.66 for everything else.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from reaper_automix.errors import InputError

QUOTES = ('"', "'", "`")
"""The quotes of a token, in the order in which REAPER tries them."""

MAX_DECIMALS = 14
"""REAPER writes no more decimals than this."""

_INDENT = "  "
_WHOLE_LIMIT = 1 << 63
_BLANKS = " \t\ufeff"  # a byte order mark may stand before the first block
_LINE_ENDS = "\r\n"
_OPENING = re.compile(r"[ \t\ufeff]*<([^ \t\r\n]*)")
_BARE_TOKENS = re.compile(r"[^ \t\r\n]+")
_TOKENS = re.compile(
    r""" "([^"\r\n]*)"? | '([^'\r\n]*)'? | `([^`\r\n]*)`? | ([^ \t\r\n]+) """, re.VERBOSE
)
_NEEDS_QUOTES = re.compile(r"""^["'`#;]|[ \t\r\n]|^$""")
_LINE_BREAKS = str.maketrans({"\r": " ", "\n": " "})


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """A block: its opening line, what is in it in the order of the file, and its closing line.

    Lines are kept verbatim, with their ending. A whole file is a node with neither opening nor
    closing line.
    """

    head: str = ""
    body: list[str | Node] = field(default_factory=list)
    tail: str = ""

    @property
    def name(self) -> str:
        """The word after ``<``; empty for a whole file."""
        opening = _OPENING.match(self.head)
        return opening[1] if opening else ""

    @property
    def arguments(self) -> list[str]:
        """The tokens after the name."""
        return fields(self.head)[1:]

    def blocks(self, name: str | None = None) -> Iterator[Node]:
        """The blocks directly inside, those of one name or all."""
        for entry in self.body:
            if isinstance(entry, Node) and (name is None or entry.name == name):
                yield entry

    def block(self, name: str) -> Node | None:
        """The first block of a name directly inside."""
        return next(self.blocks(name), None)

    def walk(self) -> Iterator[Node]:
        """The block itself and all inside it, however deep, in the order of the file."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(list(node.blocks())))

    def rows(self, key: str = "") -> Iterator[list[str]]:
        """The tokens of every line directly inside that has any, those of one key or all."""
        for entry in self.body:
            if isinstance(entry, str) and key in entry:
                tokens = fields(entry)
                if tokens and key in ("", tokens[0]):
                    yield tokens

    def table(self) -> Table:
        """The first line of every key directly inside."""
        table = Table()
        for row in self.rows():
            table.add(row)
        return table

    def values(self, key: str) -> list[str] | None:
        """The tokens after the key in its first line; ``None`` when there is no such line."""
        row = next(self.rows(key), None)
        return None if row is None else row[1:]

    def edit(self, key: str, index: int, text: str) -> bool:
        """Put a token into the first line of that key (1 is the first after it); false if none."""
        for at, entry in enumerate(self.body):
            if isinstance(entry, str) and key in entry and fields(entry)[:1] == [key]:
                self.body[at] = with_field(entry, index, text)
                return True
        return False

    def add_line(self, *tokens: str, at: int | None = None) -> None:
        """Put in a line of tokens, quoted already, with the block's own indent and line ending."""
        line = f"{self._inner_indent()}{' '.join(tokens)}{self._line_end()}"
        self.body.insert(len(self.body) if at is None else at, line)

    def add_block(self, *tokens: str, at: int | None = None) -> Node:
        """Put in an empty block with the block's own indent and line ending."""
        indent, end = self._inner_indent(), self._line_end()
        node = Node(f"{indent}<{' '.join(tokens)}{end}", [], f"{indent}>{end}")
        self.body.insert(len(self.body) if at is None else at, node)
        return node

    def free_text(self) -> str:
        """The text of a block of ``|`` lines."""
        lines = (entry.strip(_LINE_ENDS) for entry in self.body if isinstance(entry, str))
        return "\n".join(line.partition("|")[2] for line in lines if "|" in line)

    def _inner_indent(self) -> str:
        for entry in self.body:
            line = entry if isinstance(entry, str) else entry.head
            if line.strip():
                return _indent(line)
        return _indent(self.head) + _INDENT

    def _line_end(self) -> str:
        return self.head[len(self.head.rstrip(_LINE_ENDS)) :] or "\n"


@dataclass(frozen=True, slots=True)
class Table:
    """Lines by their key, the first of each; field 1 is the first after the key."""

    lines: dict[str, list[str]] = field(default_factory=dict)

    def add(self, row: list[str]) -> None:
        """Take in a line, unless there is one of its key."""
        self.lines.setdefault(row[0], row)

    def __contains__(self, key: str) -> bool:
        """Whether there is a line of that key."""
        return key in self.lines

    def line(self, key: str) -> Sequence[str]:
        """The tokens of a line, key included; empty when there is none."""
        return self.lines.get(key, ())

    def real(self, key: str, index: int, default: float = 0.0) -> float:
        """A finite number; the default where it is missing or none."""
        return real(self.line(key), index, default)

    def whole(self, key: str, index: int, default: int = 0) -> int:
        """A whole number; the default where it is missing or none."""
        return whole(self.line(key), index, default)

    def flag(self, key: str, index: int, *, default: bool = False) -> bool:
        """Whether a number is not 0."""
        return self.whole(key, index, int(default)) != 0

    def text(self, key: str, index: int = 1) -> str:
        """A token; empty where there is none."""
        line = self.line(key)
        return line[index] if index < len(line) else ""


def parse(text: str, name: str = "The project") -> Node:
    """The tree of a text; :class:`InputError` names the line where blocks do not match.

    ``name`` is what the message calls the text. Time grows with its length alone.
    """
    document = block = Node()
    outer: list[tuple[Node, int]] = []
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        mark = line.lstrip(_BLANKS)[:1]
        if mark == "<":
            inner = Node(line)
            block.body.append(inner)
            outer.append((block, number))
            block = inner
        elif mark != ">":
            block.body.append(line)
        elif outer:
            block.tail = line
            block, _ = outer.pop()
        else:
            raise InputError(
                f"{name} is damaged: line {number} closes a block that was never opened; "
                "open a backup of it instead."
            )
    if outer:
        raise InputError(
            f"{name} is cut off: the block <{block.name} of line {outer[-1][1]} is never closed; "
            "open a backup of it instead."
        )
    return document


def dump(node: Node) -> str:
    """The text of a tree, every untouched line as it was read."""
    parts: list[str] = []
    pending: list[str | Node] = [node]
    while pending:
        entry = pending.pop()
        if isinstance(entry, str):
            parts.append(entry)
            continue
        parts.append(entry.head)
        pending.append(entry.tail)
        pending.extend(reversed(entry.body))
    return "".join(parts)


def decode(data: bytes) -> str:
    """The text of a file, bytes that are not UTF-8 as surrogates."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes that :func:`decode` was given."""
    return text.encode("utf-8", "surrogateescape")


def readable(text: str) -> str:
    """A token fit for print and JSON: where it was not UTF-8, it is taken for Windows-1252."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return encode(text).decode("cp1252", "replace")
    return text


def fields(line: str) -> list[str]:
    """The tokens of a line, without quotes; a quote that is never closed reaches to the end.

    >>> fields('  NAME "Lead Vox" 1')
    ['NAME', 'Lead Vox', '1']
    >>> fields("FILE `it's loud`")
    ['FILE', "it's loud"]
    """
    if '"' in line or "'" in line or "`" in line:
        return ["".join(groups) for groups in _TOKENS.findall(line)]
    return _BARE_TOKENS.findall(line)


def with_field(line: str, index: int, text: str) -> str:
    r"""The line with one token replaced (0 is the key) or, one past the last, added.

    >>> with_field("    VOLPAN 1 0  -1\r\n", 1, "0.5")
    '    VOLPAN 0.5 0  -1\r\n'
    """
    spans = [token.span() for token in _TOKENS.finditer(line)]
    if index < len(spans):
        start, end = spans[index]
        return line[:start] + text + line[end:]
    if index > len(spans):
        raise ValueError(f"a line of {len(spans)} tokens has no place for token {index}")
    content = line.rstrip(_LINE_ENDS)
    return f"{content} {text}{line[len(content) :]}"


def quote(text: str, *, always: bool = False) -> str:
    """A token as REAPER writes it: bare where that is safe, else in the first quote that is free.

    A text with all three quotes loses its backticks to apostrophes, a text of several lines its
    line breaks to spaces (``makeEscapedConfigString``).

    >>> print(quote("Kick"), quote("Lead Vox"), quote('the "A" side'), quote(""))
    Kick "Lead Vox" 'the "A" side' ""
    """
    if not always and not _NEEDS_QUOTES.search(text):
        return text
    text = text.translate(_LINE_BREAKS)
    for mark in QUOTES:
        if mark not in text:
            return f"{mark}{text}{mark}"
    return "`" + text.replace("`", "'") + "`"


def real(tokens: Sequence[str], index: int, default: float = 0.0) -> float:
    """The number at a place in a line; the default where there is none or it is not finite.

    >>> real(["VOLPAN", "0,5", "1.#IND"], 1), real(["VOLPAN", "0,5", "1.#IND"], 2, 1.0)
    (0.5, 1.0)
    """
    if index >= len(tokens):
        return default
    try:
        number = float(tokens[index])
    except ValueError:
        return _odd_number(tokens[index], default)
    return number if math.isfinite(number) else default


def whole(tokens: Sequence[str], index: int, default: int = 0) -> int:
    """The whole number at a place in a line, decimal or ``0x``, as far as 64 bits go."""
    if index >= len(tokens):
        return default
    try:
        number = int(tokens[index])
    except ValueError:
        number = int(_odd_number(tokens[index], default))
    return number if abs(number) < _WHOLE_LIMIT else default


def number_text(number: float) -> str:
    """A number as REAPER writes it: as short as it stays exact, at most 14 decimals.

    >>> number_text(1.0), number_text(0.1), number_text(1 / 3), number_text(1e-20)
    ('1', '0.1', '0.33333333333333', '0')
    """
    if not math.isfinite(number):
        raise ValueError(f"{number} cannot stand in a project")
    text = f"{Decimal(repr(number)):f}"
    if len(text.partition(".")[2]) > MAX_DECIMALS:
        text = f"{number:.{MAX_DECIMALS}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _odd_number(text: str, default: float) -> float:
    """Decimal commas and hexadecimal numbers, which REAPER's own parser takes too."""
    try:
        is_hex = "x" in text.lower()
        number = float(int(text, 16) if is_hex else text.replace(",", "."))
    except (ValueError, OverflowError):
        return default
    return number if math.isfinite(number) else default


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
