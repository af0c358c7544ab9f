"""Finds a match: hears stems and reference, has the settings found, and says what to place.

One direction: Session → passages → console → match → what stands where. No place is read or written
here; the command line and the worker of the actions both come this way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from reaper_automix.features import louder
from reaper_automix.match import sounding, trimming, ways, whole
from reaper_automix.match.case import Ask, Case, case_of
from reaper_automix.match.outcome import Matched
from reaper_automix.match.placing import mapping
from reaper_automix.match.placing.landed import Match
from reaper_automix.match.placing.mapping import End
from reaper_automix.match.placing.standing import NOTHING, Standing
from reaper_automix.match.placing.stored import Placed
from reaper_automix.match.sounding import Goal, Hearing
from reaper_automix.match.telling import told
from reaper_automix.match.whole import Levels
from reaper_automix.measuring import Staff
from reaper_automix.results import GroupResult, TrackResult
from reaper_automix.scene import Scene
from reaper_automix.session import Session
from reaper_automix.settings import Settings


@dataclass(frozen=True, slots=True)
class Found:
    """A match as it was found, and what to place of it.

    ``placed`` is to be remembered, ``written`` is what then stands there. ``hers`` are tracks whose
    strip is the engineer's, so that only fader and pan are set there. ``ends`` are all that sounds
    in the mix. ``tracks`` and ``mix`` are the account's rows, ``notes`` sentences about the whole.
    """

    placed: Placed
    written: Match
    hers: frozenset[str]
    ends: tuple[End, ...]
    scene: Scene
    account: Matched
    tracks: tuple[TrackResult, ...]
    mix: GroupResult
    notes: tuple[str, ...]


def find(
    session: Session, settings: Settings, ask: Ask, staff: Staff, standing: Standing = NOTHING
) -> Found:
    """Match a session to a reference.

    :class:`~reaper_automix.errors.NothingToBalance` when no stem sounds;
    :class:`~reaper_automix.errors.InputError` for a reference or checkpoint that cannot be used.
    """
    case = case_of(session, settings, ask, staff, standing)
    tip = ways.find(case.heard, case.ends, case.aim, ask.asked, ask.checkpoint, staff.progress)
    full = Placed(mapping.match_of(tip.console, case.ends), ask.asked.strength, ask.asked.wanted)
    target_lufs = louder(ask.asked.target_lufs, -case.master_db)
    goal = Goal(target_lufs, case.headroom_dbtp - case.master_db)
    hearing = _hearing(case, staff)
    placed = replace(full, match=sounding.levelled(full, hearing, goal))
    placed, levels, hearing = _levelled_as_song(case, placed, hearing, goal)
    placed = replace(placed, trims=trimming.trims(placed, hearing, goal))
    telling = told(case, tip, placed, levels, staff)
    return Found(
        placed,
        case.stands(placed),
        case.hers(placed.match),
        case.sounding,
        case.heard.scene,
        telling.account,
        telling.tracks,
        telling.mix,
        telling.notes,
    )


def _levelled_as_song(
    case: Case, placed: Placed, hearing: Hearing, goal: Goal
) -> tuple[Placed, Levels, Hearing]:
    """A match that was levelled by its passages, levelled by the song; how loud that is.

    The hearing that comes with it knows what the song has that its passages have not.
    """
    before = Match((), hearing.bus)
    levels = whole.levels(
        case.heard, case.all_ends, before, hearing.stands(placed), hearing.progress
    )
    was = hearing.after(placed)
    by_db = goal.short_db(levels.before, levels.after)
    placed = replace(placed, match=sounding.louder_by(placed, hearing, by_db))
    now = hearing.after(placed)
    hearing = replace(hearing, song=sounding.song_of(levels.before, levels.after, was))
    if was.lufs is None or now.lufs is None:
        return placed, levels, hearing
    return placed, replace(levels, after=levels.after.gained(now.lufs - was.lufs)), hearing


def _hearing(case: Case, staff: Staff) -> Hearing:
    """The passages, and what is heard in them of a match once it is placed."""
    return Hearing(
        case.heard.passages,
        case.ends,
        case.standing.bus_before(),
        case.stands,
        case.standing.sets_bus,
        staff.progress,
    )
