"""``MARKER`` lines: the regions and markers of a project.

A region stands on two lines of one number, where it starts and where it ends::

    MARKER 1 10.5 Verse 1 0 1 R {GUID} 0
    MARKER 1 42 "" 1
    MARKER 2 50 "a marker" 0

Source: REAPER-saved projects with markers; that &1 of the fifth field makes a region, and that its
second line ends it, is how ReaTeam "State Chunk Definitions" has it.
"""

from __future__ import annotations

from collections.abc import Iterator

from reaper_automix.rpp import Node, readable, real, whole
from reaper_automix.session import Region

_IS_REGION = 1


def read_regions(project: Node) -> tuple[Region, ...]:
    """Regions and markers in the order in which they start; one without its end is left out."""
    return tuple(sorted(_read(project), key=lambda one: (one.start_s, one.end_s is None)))


def _read(project: Node) -> Iterator[Region]:
    opened: dict[int, tuple[str, float]] = {}
    for row in project.rows("MARKER"):
        number, time_s, name = whole(row, 1), real(row, 2), readable("".join(row[3:4]))
        if not whole(row, 4) & _IS_REGION:
            yield Region(number, name, time_s)
        elif number not in opened:
            opened[number] = name, time_s
        else:
            name, start_s = opened.pop(number)
            yield Region(number, name, start_s, time_s)
