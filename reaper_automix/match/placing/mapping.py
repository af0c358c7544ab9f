"""What a console is in REAPER, and back: gains become faders, pans change their law.

A stem's gain stands before its strip in the console and behind it, as the fader, in REAPER; gain
and threshold commute, so that the strip's threshold follows by that gain. What all faders have in
common, K, is free: the mix is that much louder where it meets the master's strip, whose threshold
and output take it up. K is chosen so that the faders stay as near as can be to where they stood.

**Source**: ``shared/stage2.md`` 6.1 and 6.2. **Conventions**: as in
:mod:`~reaper_automix.match.placing.landed`; ``sides`` are the gains of left and right
behind a fader.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reaper_automix import pan
from reaper_automix.match.console.panning import (
    console_gains,
    console_of,
    level_db,
    position_of,
    reaper_of,
)
from reaper_automix.match.console.strips import Channel, Console, Master
from reaper_automix.match.placing.landed import Bus, Match, Seat, Stem
from reaper_automix.session import Session, Track

FADER_MAX_DB = 12.0
"""Where REAPER's faders end, unless its preferences say otherwise."""

SILENT_BUS = Bus()
"""A mix without a strip of its own."""

STEERED_MODES = (pan.STEREO_PAN, pan.DUAL_PAN)
"""Pan modes with more than one knob, which a match leaves alone."""


@dataclass(frozen=True, slots=True)
class End:
    """A stem's end of its track: how it stands before the match, and what REAPER makes of that.

    ``law`` is its pan law. ``keeps_pan`` and ``fixed`` say what a match may not touch. What only
    returns what others send it ``follows`` their faders, though its own is fixed.
    """

    track_id: str
    name: str
    before: Seat
    sides: tuple[float, float] = (1.0, 1.0)
    law: float = 1.0
    keeps_pan: bool = True
    fixed: bool = False
    follows: bool = False

    @property
    def holds(self) -> bool:
        """Whether the others have to stand beside it as it is."""
        return self.fixed and not self.follows


def end_of(
    session: Session,
    track: Track,
    before: Seat,
    *,
    keep_pan: bool,
    fixed: bool = False,
    follows: bool = False,
) -> End:
    """The end of a track whose fader and pan stood as ``before`` says."""
    mode = track.pan_mode if track.pan_mode >= 0 else session.pan_mode
    law = track.pan_law if track.pan_law >= 0.0 else session.pan_law
    steered = mode in STEERED_MODES
    left, right = pan.matrix(replace(track, pan=before.pan), session).sum(axis=1)
    return End(
        track.id,
        track.name,
        before,
        (float(left), float(right)),
        law,
        keep_pan or steered or track.pan_automated or fixed,
        fixed,
        follows,
    )


def match_of(console: Console, ends: Sequence[End]) -> Match:
    """The match that sounds as a console does whose channels are those of the stems' ends.

    ``fixed`` stems stay as they stand, and are no part of it; the others then stand to them as in
    the console. But for them it sounds the same, times one gain where a fader meets its end.
    """
    seats = [_seat(channel, end) for channel, end in zip(console.channels, ends, strict=True)]
    common_db = _common_db(seats, ends)
    stems = tuple(
        Stem(end.track_id, end.name, end.before, _raised(seat, common_db))
        for seat, end in zip(seats, ends, strict=True)
        if not end.fixed
    )
    master = console.master
    strip = master.strip.shifted(common_db - master.input_db)
    return Match(stems, Bus(strip, master.input_db + master.output_db - common_db))


def console_as_placed(match: Match, ends: Sequence[End]) -> Console:
    """The console that sounds as a project does with these ends once a match is placed in it."""
    seats = {stem.track_id: stem.matched for stem in match.stems}
    channels = (_channel(seats.get(end.track_id, end.before), end) for end in ends)
    return Console(tuple(channels), Master(0.0, match.bus.strip, match.bus.output_db))


def console_before(ends: Sequence[End], bus: Bus = SILENT_BUS) -> Console:
    """The console that sounds as the project did before any match."""
    return console_as_placed(Match((), bus), ends)


def raised(match: Match, by_db: float) -> Match:
    """The same match with another K, as far as its highest fader goes; it sounds the same."""
    highest = max((stem.matched.fader_db for stem in match.stems), default=FADER_MAX_DB)
    by_db = min(by_db, FADER_MAX_DB - highest)
    stems = (replace(stem, matched=_raised(stem.matched, by_db)) for stem in match.stems)
    bus = Bus(match.bus.strip.shifted(by_db), match.bus.output_db - by_db)
    return Match(tuple(stems), bus)


def trimmed(match: Match, by_db: float) -> Match:
    """The same match, louder as a whole."""
    return replace(match, bus=replace(match.bus, output_db=match.bus.output_db + by_db))


def _seat(channel: Channel, end: End) -> Seat:
    """How a channel stands in REAPER, but for what all have in common."""
    if end.keeps_pan:
        position, sides = end.before.pan, end.sides
    else:
        position = reaper_of(channel.pan)
        sides = pan.position_gains(position, end.law)
    fader_db = channel.gain_db + level_db(console_gains(channel.pan), sides)
    return Seat(fader_db, position, channel.strip.shifted(-channel.gain_db))


def _channel(seat: Seat, end: End) -> Channel:
    """The channel that sounds as a track does which stands so."""
    kept = seat.pan == end.before.pan
    sides = end.sides if kept else pan.position_gains(seat.pan, end.law)
    position = console_of(position_of(sides))
    gain_db = seat.fader_db - level_db(console_gains(position), sides)
    return Channel(gain_db, seat.strip.shifted(gain_db), position)


def _common_db(seats: Sequence[Seat], ends: Sequence[End]) -> float:
    """K: by what all faders are raised, so that most of them stand where they stood."""
    moves = [
        (end.before.fader_db - seat.fader_db, end.holds)
        for seat, end in zip(seats, ends, strict=True)
        if math.isfinite(end.before.fader_db) and not end.follows
    ]
    held = [move for move, holds in moves if holds]
    wanted = statistics.median(held or [move for move, _ in moves] or [0.0])
    highest = max((seat.fader_db for seat in seats), default=0.0)
    return wanted if held else min(wanted, FADER_MAX_DB - highest)


def _raised(seat: Seat, by_db: float) -> Seat:
    return replace(seat, fader_db=min(FADER_MAX_DB, seat.fader_db + by_db))
