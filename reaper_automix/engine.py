"""Balances a session: measures every source, solves every group, inner groups first.

One direction: Session → Signal → Measurement → level → faders. No place is read or written here.
A folder is one source for the group it lies in: what it is follows once its inside is solved.

Faders follow from what is known of the tracks, without audio: how loud a sum is under any faders
(:mod:`.totals`), what it is as a source (:mod:`.submix`), and that its true peak keeps the headroom
(:mod:`.headroom`). :func:`heard_out` plays afterwards what the account still lacks.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from reaper_automix import balance, headroom, hearing, measuring
from reaper_automix.account import account_of_groups, account_of_tracks
from reaper_automix.balance import Solution
from reaper_automix.crew import Crew
from reaper_automix.errors import NothingToBalance
from reaper_automix.inflow import rounds
from reaper_automix.measuring import Known, Staff
from reaper_automix.memory import Memory
from reaper_automix.mix import Gains, Node
from reaper_automix.objects import NOTHING as NO_OBJECTS
from reaper_automix.objects import Objects, finder
from reaper_automix.progress import Progress, silent
from reaper_automix.results import GroupResult, Heard, SumLevel, TrackResult
from reaper_automix.routing import MIX
from reaper_automix.scene import Scene, TrackLost
from reaper_automix.session import Session, StoredBalance, StoredFader
from reaper_automix.settings import Settings
from reaper_automix.solving import (
    Case,
    Faders,
    case_of,
    faders_of,
    fed_members,
    hear_sums,
    hear_tracks,
    solve_round,
)
from reaper_automix.totals import Totals
from reaper_automix.units import db_from_gain

log = logging.getLogger(__name__)

UNPLAYED = "Sums are told as predicted, because they could not be played: {}"


@dataclass(frozen=True, slots=True)
class Balanced:
    """The outcome: linear faders by track id, what to store, and the account of it.

    Sums in ``groups`` may be predicted; ``totals`` is what has them played, ``found`` the faders
    as the session has them. ``objects`` are the tracks that were found to record one source.
    ``settings`` are those that were asked for, with the strength that was found. ``case`` is what
    was asked of each track, ``solved`` are those that the balance had a say in, and ``notes`` are
    sentences about it as a whole.
    """

    gains: Gains
    stored: StoredBalance
    tracks: tuple[TrackResult, ...]
    groups: tuple[GroupResult, ...]
    found: Gains
    totals: Totals
    objects: Objects
    settings: Settings
    case: Case
    solved: frozenset[str]
    notes: tuple[str, ...] = ()


def run(
    session: Session,
    settings: Settings,
    crew: Crew,
    progress: Progress = silent,
    *,
    chosen: frozenset[str] | None = None,
    memory: Memory | None = None,
) -> Balanced:
    """Balance a session; :class:`NothingToBalance` when no track could be measured.

    Only ``chosen`` tracks move, and of these only the ones that the settings allow; by default
    all of them. ``memory`` spares what it remembers from being measured again.
    """
    staff = Staff(crew, progress, memory or Memory())
    scene, tracks = hearing.hear(session, settings, chosen, staff)
    return _settled(scene, tracks, staff)


def heard_out(balanced: Balanced, crew: Crew, progress: Progress = silent) -> Balanced:
    """The same balance with every sum of its account as it sounds, played where it is not known.

    The faders have been set by now, so where media are gone the sums stay predicted. Where all sums
    are known it is the very same.
    """
    groups = [one.id for one in balanced.groups if one.before.predicted or one.after.predicted]
    if not groups:
        return balanced
    totals = balanced.totals.played_by(crew, progress)
    try:
        before, after = totals.play(groups, (balanced.found, balanced.gains))
    except TrackLost as lost:
        log.warning("%s", lost)
        return replace(balanced, notes=(*balanced.notes, UNPLAYED.format(lost)))

    def played(row: GroupResult) -> GroupResult:
        if row.id not in after:
            return row
        sounding = replace(row, before=before[row.id], after=after[row.id])
        return headroom.told(totals, sounding, balanced.gains)

    return replace(balanced, groups=tuple(map(played, balanced.groups)))


def over(balanced: Balanced, settings: Settings) -> Balanced:
    """The balance of the same song under other settings, by which nobody hears its sums.

    Every track is taken for what it was before. :class:`NothingToBalance` when none sounds.
    """
    before, staff = balanced.totals.scene, balanced.totals.staff
    scene, tracks = hearing.hear(before.session, settings, before.chosen, staff)
    return _settled(scene, tracks, staff, balanced)


def total(
    session: Session,
    settings: Settings,
    crew: Crew,
    progress: Progress = silent,
    *,
    memory: Memory | None = None,
) -> SumLevel:
    """How loud the whole mix is as the session stands; predicted where all of it is known."""
    staff = Staff(crew, progress, memory or Memory())
    scene, now = hearing.scene_of(session, settings, staff), faders_of(session)
    sources = measuring.own_items(scene)
    known = measuring.recall(sources, staff.memory)
    totals = Totals(scene, known, staff)
    if len(known.measurements) == len(sources):
        return totals.level(MIX, now)
    (levels,) = totals.play((MIX,), (now,))
    return levels[MIX]


def known_objects(scene: Scene, memory: Memory) -> Objects:
    """The objects of a scene, where a balance has heard all of its tracks before."""
    heard = hearing.recall(scene, memory)
    return NO_OBJECTS if heard is None else finder.recall(*heard, memory)


def _settled(scene: Scene, tracks: Known, staff: Staff, before: Balanced | None = None) -> Balanced:
    """The balance of what can be heard; what is lost on the way plays no part in it."""
    while True:
        try:
            return _balance(scene, tracks, staff, before)
        except TrackLost as lost:
            log.warning("%s", lost)
            scene = scene.without(lost)


def _balance(scene: Scene, tracks: Known, staff: Staff, before: Balanced | None) -> Balanced:
    """Solve every group, inner ones first, and give account of it.

    What tracks are taken for is what they were in the balance ``before``, if there was one.
    """
    totals = Totals(scene, tracks, staff)
    heard = hear_tracks(scene, tracks, totals)
    if all(source.level.lufs is None for source in heard.values()):
        raise NothingToBalance(
            f"{scene.session.name} has no track with sound that can be measured; "
            "see what is in it with: reaper-automix inspect."
        )
    case = case_of(scene, tracks, totals, heard, before.case if before else None)
    faders, solutions = Faders(case.start, case.scene.hand_db), dict[Node, Solution]()
    for groups in rounds(scene.session, scene.routing):
        fed = [track for group in groups for track in fed_members(case.scene, group, heard)]
        heard |= hear_sums(fed, faders.bare, totals)
        faders, solved = solve_round(case, groups, heard, faders)
        solutions |= solved
    return _account(case, heard, faders, solutions)


def _account(
    case: Case,
    heard: Mapping[str, Heard],
    faders: Faders,
    solutions: Mapping[Node, Solution],
) -> Balanced:
    """The outcome of all solutions, told track by track and group by group."""
    scene, totals = case.scene, case.totals
    gains = _settled_faders(case.now, faders.gains)
    groups = [one for one in solutions if one is not MIX and one in heard]
    heard = {**heard, **hear_sums(groups, faders.gains, totals)}  # now with what moved by hand
    rows = account_of_groups(
        scene,
        solutions,
        {group: totals.level(group, case.now) for group in solutions},
        {group: totals.level(group, gains) for group in solutions},
    )
    return Balanced(
        gains,
        _stored(scene, gains, solutions),
        account_of_tracks(scene, heard, gains, solutions, case.aimed, case.bonds),
        tuple(headroom.told(totals, row, gains) for row in rows),
        case.now,
        totals,
        case.bonds.objects,
        scene.settings,
        case,
        frozenset(track for solution in solutions.values() for track in solution.faders_db),
        tuple(hearing.notes(scene)),
    )


def _settled_faders(now: Gains, gains: Gains) -> dict[str, float]:
    """The faders to write: one that a rounding error would move stays exactly where it is."""
    return {
        track: now[track]
        if abs(db_from_gain(gain) - db_from_gain(now[track])) <= balance.SMALLEST_MOVE_DB
        else gain
        for track, gain in gains.items()
    }


def _stored(scene: Scene, gains: Gains, solutions: Mapping[Node, Solution]) -> StoredBalance:
    """What the project shall remember: every fader that was set, as found and as written.

    The others keep what an earlier balance left.
    """
    stored = scene.session.stored or StoredBalance()
    known = {fader.track_id: fader for fader in stored.faders if fader.track_id in gains}
    for track in (track for solution in solutions.values() for track in solution.faders_db):
        moved_db = scene.hand_db.get(track, 0.0)
        known[track] = StoredFader(track, scene.found[track], gains[track], moved_db)
    return StoredBalance(tuple(known.values()))
