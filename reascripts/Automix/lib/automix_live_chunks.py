"""State chunks: whether one is whole, and its lines without what is bulky and never read.

Plug-in state and MIDI make up nearly all of a chunk. Of the blocks that hold them only the lines
that balancing reads are sent: the head, which names an effect, the end, and the name of a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

BUFFER_BYTES = 4 * 1024 * 1024
"""What REAPER's Python reserves for a text; a larger size would overrun it."""

_BULKY = re.compile(
    r"^[ \t]*<(?:VST|AU|DX|LV2|CLAP|VIDEO_EFFECT|FREEZE|JS_PINMAP|SOURCE[ \t]+MIDI)\b", re.MULTILINE
)
"""Heads of blocks that are cut down; effects in containers are blocks of their own."""

_MARKS = re.compile(r"^[ \t]*([<>])", re.MULTILINE)


def is_whole(chunk: str) -> bool:
    """Whether every block of a chunk is closed, which a cut one's is not."""
    marks = _MARKS.findall(chunk)
    is_closed = bool(marks) and marks.count("<") == marks.count(">")
    return is_closed and len(chunk.encode()) < BUFFER_BYTES - 1


def without_bulk(chunk: str) -> str:
    """A chunk without the insides of bulky blocks."""
    if not _BULKY.search(chunk):
        return chunk
    return "\n".join(_slim(chunk.split("\n")))


def _slim(lines: list[str]) -> Iterator[str]:
    inside = 0
    for line in lines:
        if inside:
            inside += _step(line)
            if inside == 0 or line.lstrip().startswith("FILE "):
                yield line
            continue
        yield line
        inside = int(_BULKY.match(line) is not None)


def _step(line: str) -> int:
    """By how much the lines after this one are deeper."""
    mark = line.lstrip()[:1]
    return (mark == "<") - (mark == ">")
