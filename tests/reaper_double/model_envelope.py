"""Envelopes: points in the text are linear amplitude, in the API raw (facts.md section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reaper_double.scaling import gain_from_raw, raw_from_gain
from reaper_double.text import digits, line_in, number
from reaper_double.view import View

if TYPE_CHECKING:
    from reaper_double.model_item import Take

TRACK_ENVELOPES = {
    "VOLENV3": "Trim Volume",
    "VOLENV": "Volume (Pre-FX)",
    "PANENV": "Pan (Pre-FX)",
    "WIDTHENV": "Width (Pre-FX)",
    "VOLENV2": "Volume",
    "PANENV2": "Pan",
    "WIDTHENV2": "Width",
    "MUTEENV": "Mute",
    "DUALPANENVL": "Pan (Left, Pre-FX)",
    "DUALPANENV": "Pan (Right, Pre-FX)",
    "DUALPANENVL2": "Pan (Left)",
    "DUALPANENV2": "Pan (Right)",
    "MASTERVOLENV2": "Volume",
    "MASTERPANENV2": "Pan",
}
"""Blocks inside a track, with the English names of their envelopes."""

TAKE_ENVELOPES = {"VOLENV": "Volume", "PANENV": "Pan", "MUTEENV": "Mute", "PITCHENV": "Pitch"}
OTHER_ENVELOPES = {
    "AUXVOLENV": "Send Volume",
    "AUXPANENV": "Send Pan",
    "AUXMUTEENV": "Send Mute",
    "PARMENV": "Parameter",
}
ENVELOPES = TRACK_ENVELOPES | TAKE_ENVELOPES | OTHER_ENVELOPES

INFO_LINES = {
    "ACTIVE": ("ACT", 1),
    "ARM": ("ARM", 1),
    "VISIBLE": ("VIS", 1),
    "SHOWLANE": ("VIS", 2),
}
"""Keys of ``GetSetEnvelopeInfo_String`` and where they stand."""

_SHAPE, _SELECTED, _TENSION = 3, 5, 7
_SAME_TIME_S = 1e-9


@dataclass(frozen=True, slots=True)
class Point:
    """One point; ``value`` as in the text."""

    time_s: float
    value: float
    shape: int = 0
    tension: float = 0.0
    selected: bool = False

    @property
    def line(self) -> str:
        """``PT time value shape [? selected ? tension]``."""
        head = f"PT {digits(self.time_s)} {digits(self.value)} {self.shape}"
        if not self.selected and not self.tension:
            return head
        return f"{head} 0 {int(self.selected)} 0 {digits(self.tension)}"


class Envelope(View):
    """An envelope of a track, a take, a send or an effect's parameter."""

    kind = "TrackEnvelope"

    @property
    def guid(self) -> str:
        """Its GUID, empty in old files."""
        return self.text("EGUID", 1)

    @property
    def chunk_name(self) -> str:
        """Name of its block."""
        return self.node.name

    @property
    def name(self) -> str:
        """Its name in English."""
        of_take = self.owner is not None and self.owner.kind == "MediaItem"
        return (TAKE_ENVELOPES if of_take else ENVELOPES).get(self.chunk_name, self.chunk_name)

    @property
    def is_active(self) -> bool:
        """Whether it sounds."""
        return self.number("ACT", 1) == 1

    @property
    def scaling(self) -> int:
        """1 where points go along the fader's law."""
        return int(self.number("VOLTYPE", 1))

    @property
    def take(self) -> Take | None:
        """The take it belongs to, if any."""
        takes = getattr(self.owner, "takes", ())
        owners = (take for take in takes if take and self.node in take.entries())
        return next(owners, None)

    @property
    def points(self) -> list[Point]:
        """The points in the order of the text."""
        return [self._point(self.tokens_at(at)) for at in self.places("PT")]

    def raw(self, value: float) -> float:
        """A value of the text as the API gives it."""
        return raw_from_gain(self.scaling, value)

    def value(self, raw: float) -> float:
        """A value of the API as it stands in the text."""
        return gain_from_raw(self.scaling, raw)

    def replace(self, index: int, point: Point) -> None:
        """Write one point; one that is the same already stays as it is written."""
        if self.points[index] != point:
            at = list(self.places("PT"))[index]
            self.node.body[at] = line_in(self.node, point.line)
            self.project.touched()

    def add(self, point: Point) -> None:
        """Add a point behind the last; :meth:`sort` brings it where it belongs."""
        self.node.body.append(line_in(self.node, point.line))
        self.project.touched()

    def remove(self, start_s: float, end_s: float) -> bool:
        """Delete the points from a start up to an end; whether there were any."""
        gone = [at for at in self.places("PT") if start_s <= self._time(at) < end_s]
        for at in reversed(gone):
            del self.node.body[at]
        if gone:
            self.project.touched()
        return bool(gone)

    def sort(self) -> None:
        """Bring the points into the order of time."""
        places = list(self.places("PT"))
        lines = [self.node.body[at] for at in sorted(places, key=self._time)]
        if lines != [self.node.body[at] for at in places]:
            for at, line in zip(places, lines, strict=True):
                self.node.body[at] = line
            self.project.touched()

    def value_at(self, time_s: float) -> float:
        """The value between two points, which the double knows for shapes 0 and 1 only."""
        points = sorted(self.points, key=lambda point: point.time_s)
        before = [point for point in points if point.time_s <= time_s + _SAME_TIME_S]
        after = points[len(before) :]
        if not points:
            return 1.0
        if not before or not after or before[-1].shape == 1:
            return (before or after)[-1 if before else 0].value
        return self._between(before[-1], after[0], time_s)

    def _between(self, left: Point, right: Point, time_s: float) -> float:
        part = (time_s - left.time_s) / (right.time_s - left.time_s)
        start, end = self.raw(left.value), self.raw(right.value)
        return self.value(start + part * (end - start))

    def _time(self, at: int) -> float:
        return number(self.tokens_at(at)[1])

    def _point(self, row: list[str]) -> Point:
        default_shape = int(self.number("DEFSHAPE", 1))
        return Point(
            time_s=number(row[1]),
            value=number(row[2]) if len(row) > 2 else 1.0,
            shape=int(number(row[_SHAPE])) if len(row) > _SHAPE else default_shape,
            tension=number(row[_TENSION]) if len(row) > _TENSION else 0.0,
            selected=len(row) > _SELECTED and number(row[_SELECTED]) != 0,
        )
