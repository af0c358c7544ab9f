"""The line in ``Scripts/__startup.lua`` that adds the actions when REAPER starts next.

REAPER runs that file, which is the user's own, at every start (facts.md, section 6). The line calls
``lib/register.lua``, which adds the actions and takes the line out again; ``pcall`` keeps whatever
goes wrong there from the rest of the file. It stands in front, where neither an error nor a final
``return`` of the user's keeps it from running.
"""

from __future__ import annotations

import re

FILE_NAME = "__startup.lua"

LINE = (
    b'pcall(dofile, reaper.GetResourcePath() .. "/Scripts/Automix/lib/register.lua")'
    b" -- reaper-automix: adds its actions, then removes this line"
)

_OURS = re.compile(
    rb"pcall\(dofile, reaper\.GetResourcePath\(\)[^\r\n]*-- reaper-automix:[^\r\n]*\r?\n?"
)
"""The line in every version of ours; ``register.lua`` looks for the same."""

_PREAMBLE = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:#[^\n]*\n)?")
"""What Lua passes over only at the very start of a file: a byte order mark, then a ``#`` line."""


def is_pending(content: bytes | None) -> bool:
    """Whether the file has the line."""
    return content is not None and _OURS.search(content) is not None


def with_line(content: bytes | None) -> bytes:
    """The file with the line once; everything else is kept byte for byte."""
    before = without_line(content) or b""
    end = b"\r\n" if b"\r\n" in before else b"\n"
    preamble = b"".join(_PREAMBLE.findall(before))
    return preamble + LINE + end + before.removeprefix(preamble)


def without_line(content: bytes | None) -> bytes | None:
    """The file without the line; ``None`` where nothing else was in it."""
    return _OURS.sub(b"", content or b"", count=1) or None
