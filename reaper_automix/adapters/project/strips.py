"""Our strip in a project's text: read, added, set in place, taken out.

On a track it is added behind the other effects, on the master before them.

REAPER writes an effect as a line ``BYPASS``, its block, and lines that belong to it; ours is a
``<JS`` block whose one line holds the sliders (:mod:`~reaper_automix.match.console.sliders`)::

    BYPASS 0 0 0
    <JS "Automix/Automix Strip.jsfx" ""
      1 0 100 0.707 … - - -
    >
    FLOATPOS 0 0 0 0
    FXID {2D8E1A1B-…}
    WAK 0 0

A strip is told by the name of its file, wherever in ``Effects`` that is. One inside a container was
put there by the engineer, and is none of ours.
"""

from __future__ import annotations

import math

from reaper_automix.adapters.project.ids import made_guid
from reaper_automix.match.console import sliders
from reaper_automix.match.console.sliders import Values
from reaper_automix.rpp import Node, fields, number_text, quote, real, whole, with_field

TRACK_CHAIN = "FXCHAIN"
MASTER_CHAIN = "MASTERFXLIST"

CHAIN_LINES = ("WNDRECT 24 52 655 408", "SHOW 0", "LASTSEL 0", "DOCKED 0")
"""What REAPER 6 and 7 write into a chain before its first effect."""

BEFORE_LINES = ("BYPASS 0 0 0",)
AFTER_LINES = ("FLOATPOS 0 0 0 0", "FXID {guid}", "WAK 0 0")
"""What they write before and after the block of an effect whose window was never opened."""

SAME = 1e-6
"""A number this near to another is the same, written with fewer digits."""


def read_strip(owner: Node, chain: str = TRACK_CHAIN) -> Values | None:
    """The sliders of the strip of a track, or with :data:`MASTER_CHAIN` of the project's master."""
    strip = _strip_in(owner.block(chain))
    return None if strip is None else sliders.values_of(_tokens(strip))


def is_bypassed(owner: Node, chain: str = TRACK_CHAIN) -> bool:
    """Whether there is a strip that is not heard: bypassed or offline."""
    node = owner.block(chain)
    strip = _strip_in(node)
    if node is None or strip is None:
        return False
    row = fields(_key_text(node.body[_start_of(node, node.body.index(strip))]))
    return row[:1] == ["BYPASS"] and any(whole(row, place) for place in (1, 2))


def set_strip(owner: Node, values: Values, origin: str, chain: str = TRACK_CHAIN) -> None:
    """Set the strip there, which is added where it is missing and would do something.

    ``origin`` is what a new one's GUID is made from. A strip that stands so already keeps its
    bytes; one that was bypassed is heard again.
    """
    node = owner.block(chain)
    strip = _strip_in(node)
    if node is None or strip is None:
        if not sliders.is_idle(values):
            node = node or _new_chain(owner, chain)
            _add(node, values, f"{origin}/{chain}", _place_of_strip(node, chain))
    else:
        _set(strip, values)
        _switch_on(node, strip)


def remove_strip(owner: Node, chain: str = TRACK_CHAIN) -> None:
    """Take the strip out; a chain that was made for it goes with it."""
    node = owner.block(chain)
    strip = _strip_in(node)
    if node is None or strip is None:
        return
    at = node.body.index(strip)
    start = _start_of(node, at)
    del node.body[start : _end_of(node, at)]
    if [_key_text(entry) for entry in node.body] == list(CHAIN_LINES):
        owner.body.remove(node)


def _strip_in(chain: Node | None) -> Node | None:
    blocks = chain.blocks("JS") if chain else ()
    return next((one for one in blocks if sliders.is_effect("".join(one.arguments[:1]))), None)


def _switch_on(chain: Node, strip: Node) -> None:
    """Take the strip's bypass off; whether it is offline is left to the engineer."""
    at = _start_of(chain, chain.body.index(strip))
    line = chain.body[at]
    if isinstance(line, str) and whole(fields(line), 1):
        chain.body[at] = with_field(line, 1, "0")


def _tokens(strip: Node) -> list[str]:
    return next(strip.rows(), [])


def _set(strip: Node, values: Values) -> None:
    """Put the values into the strip's line; one that is too short for them gives way."""
    for at, entry in enumerate(strip.body):
        if isinstance(entry, str) and len(fields(entry)) >= len(values):
            strip.body[at] = _with_values(entry, values)
            return
    strip.body = [entry for entry in strip.body if isinstance(entry, Node)]
    strip.add_line(sliders.text(values), at=0)


def _with_values(line: str, values: Values) -> str:
    """The line with the values that it does not have already."""
    tokens = fields(line)
    for number, value in enumerate(values):
        if not abs(real(tokens, number, math.inf) - value) <= SAME:
            line = with_field(line, number, number_text(value))
    return line


def _add(chain: Node, values: Values, origin: str, at: int) -> None:
    guid = made_guid(f"{origin}/{sliders.EFFECT}")
    for place, line in enumerate(BEFORE_LINES, at):
        chain.add_line(line, at=place)
    at += len(BEFORE_LINES)
    strip = chain.add_block("JS", quote(sliders.FILE), '""', at=at)
    strip.add_line(sliders.text(values))
    for place, line in enumerate(AFTER_LINES, at + 1):
        chain.add_line(line.format(guid=guid), at=place)


def _place_of_strip(chain: Node, name: str) -> int:
    """On a track behind its effects, as its stem was heard; on the master before them.

    What was computed is the sum of the tracks, and what limits the mix has to have the last word.
    """
    begins = (at for at, one in enumerate(chain.body) if _begins_effect(one))
    return next(begins, len(chain.body)) if name == MASTER_CHAIN else len(chain.body)


def _begins_effect(entry: str | Node) -> bool:
    return isinstance(entry, Node) or _key_text(entry).startswith("BYPASS")


def _new_chain(owner: Node, name: str) -> Node:
    chain = owner.add_block(name, at=_place_of_chain(owner, name))
    for line in CHAIN_LINES:
        chain.add_line(line)
    return chain


def _place_of_chain(owner: Node, name: str) -> int:
    """A track's chain stands before its items, the master's behind the lines about the master."""
    if name == TRACK_CHAIN:
        items = (at for at, one in enumerate(owner.body) if isinstance(one, Node))
        later = (at for at in items if _key_text(owner.body[at]).startswith("<ITEM"))
        return next(later, len(owner.body))
    about = [at for at, one in enumerate(owner.body) if _key_text(one).startswith("MASTER_")]
    tracks = (at for at, one in enumerate(owner.body) if _key_text(one).startswith("<TRACK"))
    return about[-1] + 1 if about else next(tracks, len(owner.body))


def _start_of(chain: Node, at: int) -> int:
    """Where an effect begins: at its ``BYPASS``, or at its block where it has none."""
    return at - 1 if at and _key_text(chain.body[at - 1]).startswith("BYPASS") else at


def _end_of(chain: Node, at: int) -> int:
    """Where what belongs to an effect ends: at the ``BYPASS`` of the next one."""
    later = range(at + 1, len(chain.body))
    ends = (one for one in later if _key_text(chain.body[one]).startswith("BYPASS"))
    return next(ends, len(chain.body))


def _key_text(entry: str | Node) -> str:
    return (entry if isinstance(entry, str) else entry.head).strip()
