"""What is known before the settings of a match are looked for: reference, stems, how they stand.

Session → passages and reference → :class:`Case`. No place is read or written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from reaper_automix import hearing
from reaper_automix.match import reference
from reaper_automix.match.asked import Asked
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.match.hearing import Heard, Reference, hear
from reaper_automix.match.lineup import IS_REFERENCE, lineup
from reaper_automix.match.placing.landed import Match
from reaper_automix.match.placing.mapping import End
from reaper_automix.match.placing.standing import Standing
from reaper_automix.match.placing.stored import Placed, Start
from reaper_automix.match.same import Song
from reaper_automix.measuring import Staff
from reaper_automix.session import Session, Track
from reaper_automix.settings import Settings
from reaper_automix.units import db_from_gain, gain_from_db

SILENT = "Silent where the song was listened to."
UNHEARD = (
    "It sounds in none of the passages that were heard, so it stays as it is while the master's "
    "strip changes; hear whether it is too loud, or match where it sounds with --window."
)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a match is asked for: the reference, how far to go, and a network's file if any."""

    reference: reference.Choice
    asked: Asked
    checkpoint: Path | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known before settings are looked for.

    ``ends`` are those of the stems that were heard, ``sounding`` those of all that is open in the
    song; ``reasons`` tell why tracks stay.
    """

    session: Session
    ask: Ask
    standing: Standing
    aim: Reference
    heard: Heard
    ends: tuple[End, ...]
    sounding: tuple[End, ...]
    starts: Mapping[str, Start]
    reasons: Mapping[str, str]
    headroom_dbtp: float

    @property
    def all_ends(self) -> tuple[End, ...]:
        """The ends of all that sounds, also of what sounds in no passage."""
        heard = {*self.heard.stem_ids, *self.heard.unheard}
        return tuple(end for end in self.sounding if end.track_id in heard)

    def hers(self, match: Match) -> frozenset[str]:
        """The stems of a match whose strip is the engineer's."""
        ids = (stem.track_id for stem in match.stems)
        return frozenset(one for one in ids if self.starts[one].strip_is_hers)

    def stands(self, placed: Placed) -> Match:
        """What is heard of a match once it is placed, with the engineer's own strips."""
        return self.standing.as_it_stands(placed.written, self.hers(placed.match))

    @property
    def master_db(self) -> float:
        """The master fader, behind everything that a match sets; 0 where it is closed."""
        gain = abs(self.session.master_gain)
        return db_from_gain(gain) if gain else 0.0


def case_of(
    session: Session, settings: Settings, ask: Ask, staff: Staff, standing: Standing
) -> Case:
    """Hear the reference of a match and its stems.

    The reference comes first, since it may be the one thing that is wrong.
    :class:`~reaper_automix.errors.NothingToBalance` when no stem sounds;
    :class:`~reaper_automix.errors.InputError` for a reference that cannot be used.
    """
    surveyed = reference.survey(ask.reference, session, staff.progress)
    own = reference.track_of(ask.reference, session)
    scene = hearing.scene_of(_without(session, own), replace(settings, tracks=()), staff)
    starts = {track.id: standing.start(track) for track in session.tracks}
    before = {track: start.before for track, start in starts.items()}
    who = lineup(scene, before, chosen=settings.tracks, keep_pan=ask.asked.keep_pan)
    heard = hear(scene, [end.track_id for end in who.ends], staff.progress)
    ends = tuple(end for end in who.ends if end.track_id in heard.stem_ids)
    is_own = {own.id: IS_REFERENCE} if own else {}
    return Case(
        session,
        ask,
        standing,
        reference.heard(surveyed, _song(heard, ends)),
        heard,
        ends,
        who.ends,
        starts,
        {
            **dict.fromkeys(heard.silent, SILENT),
            **dict.fromkeys(heard.unheard, UNHEARD),
            **who.aside,
            **is_own,
        },
        settings.headroom_dbtp,
    )


def _song(heard: Heard, ends: Sequence[End]) -> Song:
    """The mix of the stems at their faders, as far as another mix of the song is known by it."""
    gains = np.array([gain_from_db(end.before.fader_db) for end in ends], np.float32)
    first = heard.passages[0].stems
    return Song(
        gains**2 @ heard.powers,
        heard.starts,
        first.shape[2] / SAMPLE_RATE_HZ,
        np.tensordot(gains, first.sum(axis=1), axes=1),
    )


def _without(session: Session, track: Track | None) -> Session:
    """The session in which the reference, if it is one of its tracks, is not heard."""
    tracks = (
        replace(one, mute=True) if track and one.id == track.id else one for one in session.tracks
    )
    return replace(session, tracks=tuple(tracks))
