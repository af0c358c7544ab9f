"""Envelope blocks of tracks and takes: what of them is active, and the points of volume ones.

``ACT 1`` is active; a visible envelope that is bypassed has no effect. Points are ``PT time value
shape … … … tension``, volume always as linear amplitude, whatever the fader scaling (``VOLTYPE``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reaper_automix.rpp import Node, fields, number_text, real, whole
from reaper_automix.session import Envelope, EnvelopePoint

_TENSION = 7
_INSTANCE_MUTED = 13
_SHAPES = range(6)


def any_active(blocks: Mapping[str, Node], names: Iterable[str]) -> bool:
    """Whether one of the envelopes of these names is active."""
    return any(_is_active(blocks.get(name)) for name in names)


def volume_envelope(block: Node | None) -> Envelope | None:
    """The envelope of a block; ``None`` where it is bypassed or there is nothing in it."""
    if block is None or not _is_active(block):
        return None
    default_shape = whole(block.values("DEFSHAPE") or (), 0)
    points = sorted(
        (_point(row, default_shape) for row in block.rows("PT") if len(row) > 2),
        key=lambda point: point.time_s,
    )
    pooled = any(whole(row, _INSTANCE_MUTED) == 0 for row in block.rows("POOLEDENVINST"))
    if not points and not pooled:
        return None
    fader_scaled = whole(block.values("VOLTYPE") or (), 0) == 1
    return Envelope(tuple(points), fader_scaled=fader_scaled, automation_items=pooled)


def _is_active(block: Node | None) -> bool:
    return block is not None and whole(block.values("ACT") or (), 0) == 1


def _point(row: list[str], default_shape: int) -> EnvelopePoint:
    shape = whole(row, 3, default_shape)
    return EnvelopePoint(
        time_s=real(row, 1),
        gain=real(row, 2, 1.0),
        shape=shape if shape in _SHAPES else max(0, default_shape),
        tension=real(row, _TENSION),
    )


def write_points(block: Node, envelope: Envelope) -> None:
    """Put the points of an envelope into a block, in place of those that are there."""
    block.body[:] = [line for line in block.body if not _is_point(line)]
    for point in envelope.points:
        block.add_line("PT", number_text(point.time_s), number_text(point.gain), str(point.shape))


def _is_point(line: str | Node) -> bool:
    return isinstance(line, str) and fields(line)[:1] == ["PT"]
