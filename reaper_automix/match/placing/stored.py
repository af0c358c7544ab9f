"""What is remembered of a match: what it is, how far it goes, and so what was moved since.

It is kept as plain data, the same in a project's ext state, in what the worker answers and in the
Lua actions. A whole one is::

    {"strength": 1, "blocks": {"gain": true, …},
     "stems": [{"track_id": "{…}", "name": "Drums", "before": {"fader_db": -3, "pan": 0},
                "matched": {"fader_db": -4.2, "pan": 0.1, "sliders": [1, 0, 100, …]}}],
     "bus": [1, 0, 100, …],
     "trims": {"switches": ["eq", …], "strengths": [0, 10, …], "curves": [[0, -12, …], …],
               "on_master": true, "on_faders": true}}

``matched`` and ``bus`` are those of full strength, ``sliders`` a value for each row of
:data:`~reaper_automix.match.console.sliders.SLIDERS`; a fader of -150 dB is closed. The
strengths of ``trims`` are per cent and their curves hundredths of a dB, whole numbers so that they
stay short. What was written is :attr:`Placed.written`: what stands elsewhere now was moved by the
engineer, and so is a strip that nobody remembers.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import msgspec

from reaper_automix.hand import SAME_FADER_DB
from reaper_automix.match.console import sliders
from reaper_automix.match.console.sliders import SLIDERS, Values
from reaper_automix.match.placing.landed import (
    UNTRIMMED,
    Block,
    Blocks,
    Bus,
    Match,
    Seat,
    Stem,
    Trims,
    at,
)

VERSION = 1

CLOSED_DB = -150.0
"""What a fader that lets nothing through is written as."""

SAME_PAN = 0.0005
"""A pan this near to what was written has not been moved since."""

CURVE = "TRIM_"
"""What the key of a line with a curve of trims begins with."""

DECIMALS = 6
"""Of sliders; faders and pans are kept whole, so that they go back to where they stood."""

Level = Annotated[float, msgspec.Meta(ge=-1000.0, le=1000.0)]
Pan = Annotated[float, msgspec.Meta(ge=-1.0, le=1.0)]
Part = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Row = Annotated[
    tuple[Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)], ...],
    msgspec.Meta(min_length=len(SLIDERS), max_length=len(SLIDERS)),
]

Percents = Annotated[
    tuple[Annotated[int, msgspec.Meta(ge=0, le=100)], ...], msgspec.Meta(min_length=2)
]
Hundredths = tuple[Annotated[int, msgspec.Meta(ge=-20_000, le=20_000)], ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A match as it was placed."""

    match: Match
    strength: float = 1.0
    blocks: Blocks = field(default_factory=Blocks)
    trims: Trims = UNTRIMMED

    @property
    def written(self) -> Match:
        """What was written: the match at its strength."""
        return at(self.match, self.strength, self.blocks, self.trims)


@dataclass(frozen=True, slots=True)
class Now:
    """How a stem stands in the project; ``sliders`` is ``None`` where it has no strip."""

    fader_db: float
    pan: float
    sliders: Values | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """From where a stem goes into a match: as it sat without one, and whether its strip is hers.

    Hers is a strip that the engineer put there or moved since; it is left as it is.
    """

    before: Seat
    strip_is_hers: bool


def start(placed: Placed | None, track_id: str, now: Now) -> Start:
    """The start of a stem; a fader or pan that was moved since the last match is a new one."""
    known = {stem.track_id: stem for stem in placed.match.stems} if placed else {}
    if placed is None or track_id not in known:
        return Start(Seat(now.fader_db, now.pan), now.sliders is not None)
    before = known[track_id].before
    written = next(one.matched for one in placed.written.stems if one.track_id == track_id)
    return Start(
        Seat(
            before.fader_db if _is_same_fader(now.fader_db, written.fader_db) else now.fader_db,
            before.pan if abs(now.pan - written.pan) <= SAME_PAN else now.pan,
        ),
        _is_moved(now.sliders, sliders.of(written.strip)),
    )


def bus_is_hers(placed: Placed | None, now: Values | None) -> bool:
    """Whether the strip of the master is the engineer's own, or was moved by her since."""
    if placed is None:
        return now is not None
    return _is_moved(now, bus_sliders(placed.written.bus))


def bus_sliders(bus: Bus) -> Values:
    """The sliders of the master's strip."""
    return sliders.of(bus.strip, output_db=bus.output_db, detector="master")


def encode(placed: Placed) -> dict[str, object]:
    """A placed match as plain data."""
    plain: dict[str, object] = msgspec.to_builtins(
        _Whole(
            placed.strength,
            placed.blocks,
            tuple(_stem_data(stem) for stem in placed.match.stems),
            _rounded(bus_sliders(placed.match.bus)),
            _trims_data(placed.trims),
        )
    )
    return plain


def decode(plain: object) -> Placed:
    """The match that plain data say; raises ``msgspec.ValidationError`` for any other data."""
    whole = msgspec.convert(plain, _Whole)
    stems = tuple(_stem(data) for data in whole.stems)
    match = Match(stems, _bus(whole.bus))
    return Placed(match, whole.strength, whole.blocks, _trims(whole.trims))


def to_rows(placed: Placed) -> dict[str, str]:
    """The lines of a project's ext state by their keys, each shorter than the 1 kB of a line.

    ``HOW`` is the strength and the blocks, ``BUS`` the master's sliders, and a stem has a line of
    its track's id. ``TRIMS`` are without their curves, which have lines of their own: ``TRIM_0``,
    ``TRIM_1`` … The texts are JSON.
    """
    how = {"strength": placed.strength, "blocks": msgspec.to_builtins(placed.blocks)}
    trims = msgspec.to_builtins(_trims_data(placed.trims))
    curves = {f"{CURVE}{number}": curve for number, curve in enumerate(trims.pop("curves"))}
    rows = {"HOW": how, "BUS": _rounded(bus_sliders(placed.match.bus)), "TRIMS": trims}
    stems = {stem.track_id: _seats_data(stem) for stem in placed.match.stems}
    return {
        key: msgspec.json.encode(data).decode() for key, data in (rows | curves | stems).items()
    }


def of_rows(rows: Mapping[str, str], names: Mapping[str, str]) -> Placed | None:
    """The match of an ext state's lines, of the tracks that are still there (``names``, by id).

    A stem whose line cannot be read is left out, and so are trims; without the other two there is
    no match.
    """
    try:
        how = msgspec.json.decode(rows.get("HOW", ""), type=_How)
        bus = _bus(msgspec.json.decode(rows.get("BUS", ""), type=Row))
    except msgspec.DecodeError:
        return None
    stems = tuple(
        stem
        for track_id, name in names.items()
        if (stem := _stem_of_row(rows.get(track_id.upper(), ""), track_id, name))
    )
    return Placed(Match(stems, bus), how.strength, how.blocks, _trims_of_rows(rows))


class _How(msgspec.Struct, frozen=True):
    strength: Part
    blocks: Blocks


class _Seat(msgspec.Struct, frozen=True):
    fader_db: Level
    pan: Pan


class _Matched(msgspec.Struct, frozen=True):
    fader_db: Level
    pan: Pan
    sliders: Row


class _Seats(msgspec.Struct, frozen=True):
    before: _Seat
    matched: _Matched


class _Stem(msgspec.Struct, frozen=True):
    track_id: str
    name: str
    before: _Seat
    matched: _Matched


class _Trims(msgspec.Struct, frozen=True):
    switches: tuple[Block, ...] = ()
    strengths: Percents = (0, 100)
    curves: tuple[Hundredths, ...] = ((0, 0),)
    on_master: bool = True
    on_faders: bool = True

    def __post_init__(self) -> None:
        rising = tuple(sorted({*self.strengths, 0, 100}))
        if self.strengths != rising:
            raise ValueError("the strengths do not rise from 0 to 100")
        if [len(curve) for curve in self.curves] != [len(rising)] * (1 << len(self.switches)):
            raise ValueError("there are not as many trims as the switches and strengths need")


class _Whole(msgspec.Struct, frozen=True):
    strength: Part
    blocks: Blocks
    stems: tuple[_Stem, ...]
    bus: Row
    trims: _Trims = _Trims()


def _seats_data(stem: Stem) -> _Seats:
    before, matched = stem.before, stem.matched
    return _Seats(
        _Seat(_level(before.fader_db), before.pan),
        _Matched(
            _level(matched.fader_db),
            matched.pan,
            _rounded(sliders.of(matched.strip)),
        ),
    )


def _stem_data(stem: Stem) -> _Stem:
    seats = _seats_data(stem)
    return _Stem(stem.track_id, stem.name, seats.before, seats.matched)


def _stem(data: _Stem) -> Stem:
    return _seated(data.track_id, data.name, data.before, data.matched)


def _stem_of_row(text: str, track_id: str, name: str) -> Stem | None:
    try:
        seats = msgspec.json.decode(text, type=_Seats)
    except msgspec.DecodeError:
        return None
    return _seated(track_id, name, seats.before, seats.matched)


def _seated(track_id: str, name: str, before: _Seat, matched: _Matched) -> Stem:
    return Stem(
        track_id,
        name,
        Seat(_fader(before.fader_db), before.pan),
        Seat(
            _fader(matched.fader_db),
            matched.pan,
            sliders.strip_of(sliders.limited(matched.sliders)),
        ),
    )


def _trims_data(trims: Trims) -> _Trims:
    return _Trims(
        trims.switches,
        _hundredths(trims.strengths),
        tuple(map(_hundredths, trims.curves)),
        trims.on_master,
        trims.on_faders,
    )


def _trims(data: _Trims) -> Trims:
    return Trims(
        data.switches,
        _of_hundredths(data.strengths),
        tuple(map(_of_hundredths, data.curves)),
        data.on_master,
        data.on_faders,
    )


def _trims_of_rows(rows: Mapping[str, str]) -> Trims:
    keys = (f"{CURVE}{number}" for number in itertools.count())
    curves = [rows[key] for key in itertools.takewhile(rows.__contains__, keys)]
    try:
        trims = msgspec.json.decode(rows.get("TRIMS", "{}"))
        trims["curves"] = [msgspec.json.decode(curve) for curve in curves]
        return _trims(msgspec.convert(trims, _Trims))
    except (msgspec.DecodeError, TypeError):
        return UNTRIMMED


def _hundredths(values: Sequence[float]) -> tuple[int, ...]:
    return tuple(round(100.0 * value) for value in values)


def _of_hundredths(values: Sequence[int]) -> tuple[float, ...]:
    return tuple(value / 100.0 for value in values)


def _bus(values: Values) -> Bus:
    values = sliders.limited(values)
    return Bus(sliders.strip_of(values), sliders.output_db_of(values))


def _is_moved(now: Values | None, written: Values) -> bool:
    """A strip that was taken out since may come back: taking it out was no setting."""
    return now is not None and not sliders.same(now, written)


def _is_same_fader(now_db: float, written_db: float) -> bool:
    return now_db == written_db or abs(now_db - written_db) <= SAME_FADER_DB


def _level(fader_db: float) -> float:
    return max(CLOSED_DB, fader_db)


def _fader(level_db: float) -> float:
    return level_db if level_db > CLOSED_DB else -math.inf


def _rounded(values: Values) -> Values:
    return tuple(round(value, DECIMALS) for value in values)
