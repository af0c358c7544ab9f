"""Finds a match: hears stems and reference, has the settings found, and says what to place.

One direction: Session → passages → console → match → what stands where. No place is read or written
here; the command line and the worker of the actions both come this way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from reaper_automix import hearing
from reaper_automix.account import MIX_NAME, inspected_tracks
from reaper_automix.features import louder
from reaper_automix.match import reference, sounding, trimming, ways, whole
from reaper_automix.match.asked import Asked
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.match.hearing import Heard, Passage, Reference, hear
from reaper_automix.match.lineup import IS_REFERENCE, lineup
from reaper_automix.match.outcome import Gap, Matched, StemResult, StemStatus
from reaper_automix.match.placing import mapping
from reaper_automix.match.placing.landed import Match, Seat
from reaper_automix.match.placing.mapping import End
from reaper_automix.match.placing.standing import NOTHING, Standing
from reaper_automix.match.placing.stored import Placed, Start
from reaper_automix.match.same import Song
from reaper_automix.match.search import terms
from reaper_automix.match.search.portrait import Portrait
from reaper_automix.match.sounding import Goal, Hearing, Mixed
from reaper_automix.match.ways import Tip
from reaper_automix.match.whole import Levels
from reaper_automix.measuring import Staff
from reaper_automix.objects.model import listed
from reaper_automix.results import GroupResult, Status, TrackResult
from reaper_automix.routing import MIX
from reaper_automix.scene import Scene
from reaper_automix.session import Session, TimeRange, Track
from reaper_automix.settings import Settings
from reaper_automix.units import clock, db_from_gain, gain_from_db

WIDER = (
    "Most of what is left to the reference is how wide it is and how even left and right are, "
    "which only pans can change; let them move with --no-keep-pan."
)

LEAST_SHORT_DB = 0.1

MOST_OF_IT = 0.5
AUDIBLE_LOSS = 0.05
"""A distance that is not worth a word."""

SMALLEST_MOVE_DB = 0.005
HERS = "Its strip was set by hand and is left as it is; only fader and pan are matched."
SILENT = "Silent where the song was listened to."
UNHEARD = (
    "It sounds in none of the passages that were heard, so it stays as it is while the master's "
    "strip changes; hear whether it is too loud, or match where it sounds with --window."
)
BUS_IS_HERS = "The master's strip was set by hand and is left as it is."
MASTER_OFF = (
    "The master's effects are switched off, so its strip is not heard; the stems do without."
)


DRY = (
    "Effects are not run here, so levels and thresholds of {} are near but not exact; actions in "
    "REAPER have such stems rendered first."
)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a match is asked for: the reference, how far to go, and a network's file if any."""

    reference: reference.Choice
    asked: Asked
    checkpoint: Path | None = None


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


@dataclass(frozen=True, slots=True)
class _Case:
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

    @property
    def all_ends(self) -> tuple[End, ...]:
        """The ends of all that sounds, also of what sounds in no passage."""
        heard = {*self.heard.stem_ids, *self.heard.unheard}
        return tuple(end for end in self.sounding if end.track_id in heard)

    @property
    def master_db(self) -> float:
        """The master fader, behind everything that a match sets; 0 where it is closed."""
        gain = abs(self.session.master_gain)
        return db_from_gain(gain) if gain else 0.0


def find(
    session: Session, settings: Settings, ask: Ask, staff: Staff, standing: Standing = NOTHING
) -> Found:
    """Match a session to a reference.

    :class:`~reaper_automix.errors.NothingToBalance` when no stem sounds;
    :class:`~reaper_automix.errors.InputError` for a reference or checkpoint that cannot be used.
    """
    case = _heard(session, settings, ask, staff, standing)
    tip = ways.find(case.heard, case.ends, case.aim, ask.asked, ask.checkpoint, staff.progress)
    full = Placed(mapping.match_of(tip.console, case.ends), ask.asked.strength, ask.asked.wanted)
    goal = Goal(
        louder(ask.asked.target_lufs, -case.master_db), settings.headroom_dbtp - case.master_db
    )
    hearing = _hearing(case, full, staff)
    placed = replace(full, match=sounding.levelled(full, hearing, goal))
    placed, levels, hearing = _levelled_as_song(case, placed, hearing, goal)
    placed = replace(placed, trims=trimming.trims(placed, hearing, goal))
    return _found(case, tip, placed, levels, settings.headroom_dbtp, staff)


def _levelled_as_song(
    case: _Case, placed: Placed, hearing: Hearing, goal: Goal
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


def _hearing(case: _Case, whole: Placed, staff: Staff) -> Hearing:
    """The passages, and what is heard in them of a match once it is placed."""
    hers = _hers(case, whole.match)

    def stands(placed: Placed) -> Match:
        return case.standing.as_it_stands(placed.written, hers)

    return Hearing(
        case.heard.passages,
        case.ends,
        case.standing.bus_before(),
        stands,
        case.standing.sets_bus,
        staff.progress,
    )


def _hers(case: _Case, match: Match) -> frozenset[str]:
    """The stems of a match whose strip is the engineer's."""
    ids = (stem.track_id for stem in match.stems)
    return frozenset(one for one in ids if case.starts[one].strip_is_hers)


def _heard(
    session: Session, settings: Settings, ask: Ask, staff: Staff, standing: Standing
) -> _Case:
    """Hear the reference first, since it may be the one thing that is wrong."""
    surveyed = reference.survey(ask.reference, session, staff.progress)
    own = reference.track_of(ask.reference, session)
    scene = hearing.scene_of(_without(session, own), replace(settings, tracks=()), staff)
    starts = {track.id: standing.start(track) for track in session.tracks}
    before = {track: start.before for track, start in starts.items()}
    who = lineup(scene, before, chosen=settings.tracks, keep_pan=ask.asked.keep_pan)
    heard = hear(scene, [end.track_id for end in who.ends], staff.progress)
    ends = tuple(end for end in who.ends if end.track_id in heard.stem_ids)
    is_own = {own.id: IS_REFERENCE} if own else {}
    return _Case(
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


def _found(
    case: _Case, tip: Tip, placed: Placed, levels: Levels, headroom_dbtp: float, staff: Staff
) -> Found:
    """What to place, and the account of how it sounds."""
    hers = _hers(case, placed.match)
    written = case.standing.as_it_stands(placed.written, hers)
    passages, progress = case.heard.passages, staff.progress
    before, after = (
        replace(sounding.mixed(passages, console, progress), level=level).gained(case.master_db)
        for console, level in (
            (mapping.console_before(case.ends, case.standing.bus_before()), levels.before),
            (mapping.console_as_placed(written, case.ends), levels.after),
        )
    )
    reasons = {**case.reasons, **dict.fromkeys(hers, HERS)}
    account = _account(case, tip, written, before, after, reasons)
    account = replace(account, levels_s=levels.seconds)
    return Found(
        placed,
        written,
        hers,
        case.sounding,
        case.heard.scene,
        account,
        tuple(_rows(case.heard.scene, written, reasons)),
        GroupResult(MIX, MIX_NAME, case.heard.stem_ids, before.level, after.level),
        (*_notes(case, tip), *_short(account, headroom_dbtp), *_left(account)),
    )


def _without(session: Session, track: Track | None) -> Session:
    """The session in which the reference, if it is one of its tracks, is not heard."""
    tracks = (
        replace(one, mute=True) if track and one.id == track.id else one for one in session.tracks
    )
    return replace(session, tracks=tuple(tracks))


def _account(
    case: _Case,
    tip: Tip,
    written: Match,
    before: Mixed,
    after: Mixed,
    reasons: Mapping[str, str],
) -> Matched:
    aim = sounding.portrait_of(case.aim)
    gaps = tuple(_gaps(before, after, aim))
    asked = case.ask.asked
    return Matched(
        reference=case.aim.name,
        reference_s=case.aim.duration_s,
        way=tip.way,
        checkpoint=tip.checkpoint,
        strength=asked.strength,
        blocks=asked.wanted,
        keep_pan=asked.keep_pan,
        target_lufs=asked.target_lufs,
        passages=tuple(map(_range, case.heard.passages)),
        loss_before=sum(gap.before for gap in gaps),
        loss_after=sum(gap.after for gap in gaps),
        gaps=gaps,
        before=before.sound(),
        after=after.sound(),
        aim=sounding.sound_of(aim),
        stems=tuple(_stems(case, written, reasons)),
        bus=written.bus,
    )


def _gaps(before: Mixed, after: Mixed, aim: Portrait) -> Iterator[Gap]:
    """Every term of the distance, before and after."""
    aim = terms.aim(aim, before.portrait)
    was = terms.distances(before.portrait, aim).terms
    now = terms.distances(after.portrait, aim).terms
    for one, other in zip(was, now, strict=True):
        term = one.term
        yield Gap(term.name, term.label, one.loss, other.loss, one.gap, other.gap)


def _stems(case: _Case, written: Match, reasons: Mapping[str, str]) -> Iterator[StemResult]:
    """Every stem in project order, those that stay among them."""
    matched = {stem.track_id: stem for stem in written.stems}
    for end in case.ends:
        stem = matched.get(end.track_id)
        after = stem.matched if stem else end.before
        why = (reasons[end.track_id],) if end.track_id in reasons else ()
        status: StemStatus = "matched" if stem else "kept"
        yield StemResult(end.track_id, end.name, status, end.before, after, why)


def _rows(scene: Scene, written: Match, reasons: Mapping[str, str]) -> Iterator[TrackResult]:
    """The tracks that lead into the mix, as an account of a balance has them."""
    seats = {stem.track_id: stem.matched for stem in written.stems}
    for row in inspected_tracks(scene):
        if row.parent_id is not None:
            continue
        seat = seats.get(row.id)
        why = (reasons[row.id],) if row.id in reasons else row.why
        row = replace(row, why=why, notes=(*row.notes, *_unheard(scene, row.id)))
        if seat is not None:
            row = replace(row, status=_status(row, seat), fader_after=_gain(row, seat))
        yield row


def _unheard(scene: Scene, stem_id: str) -> Iterator[str]:
    """That effects inside a folder or bus are not run here."""
    names = [track.name for track in _with_effects(scene, stem_id) if track.id != stem_id]
    if names:
        yield f"Effects inside it are not run: those of {listed(names)}."


def _with_effects(scene: Scene, stem_id: str) -> Iterator[Track]:
    """The tracks of a stem that have effects which are not run here, itself among them."""
    tracks = map(scene.session.track, (stem_id, *_inside(scene, stem_id)))
    return (track for track in tracks if track.own_fx)


def _inside(scene: Scene, home: str) -> Iterator[str]:
    for member in scene.routing.members(home):
        yield member
        yield from _inside(scene, member)


def _status(row: TrackResult, seat: Seat) -> Status:
    moved_db = abs(db_from_gain(abs(row.fader_before)) - seat.fader_db)
    return "moved" if moved_db > SMALLEST_MOVE_DB else "kept"


def _gain(row: TrackResult, seat: Seat) -> float:
    """The fader to write; a polarity that was flipped with it stays so."""
    gain = gain_from_db(seat.fader_db)
    return -gain if row.fader_before < 0.0 else gain


def _range(passage: Passage) -> TimeRange:
    length_s = passage.stems.shape[2] / SAMPLE_RATE_HZ
    return TimeRange(passage.start_s, passage.start_s + length_s)


def _notes(case: _Case, tip: Tip) -> Iterator[str]:
    """What is to be known about the match as a whole, in sentences."""
    yield from case.aim.notes
    yield from case.heard.notes
    for track, start_s in case.heard.elsewhere.items():
        name = case.session.track(track).name
        yield f"{name} is silent in the other passages, so it was heard at {clock(start_s)}."
    if case.standing.master_is_off:
        yield MASTER_OFF
    elif case.standing.bus_is_hers:
        yield BUS_IS_HERS
    scene = case.heard.scene
    dry = [end.name for end in case.ends if any(_with_effects(scene, end.track_id))]
    if dry:
        yield DRY.format(listed(dry))
    yield from tip.notes


def _short(account: Matched, headroom_dbtp: float) -> Iterator[str]:
    """That the mix could not be as loud as it should."""
    wanted = account.before.lufs if account.target_lufs is None else account.target_lufs
    if wanted is None or account.after.lufs is None or account.strength == 0.0:
        return
    peak_db = account.after.true_peak_db
    ceiling_db = max(headroom_dbtp, account.before.true_peak_db or headroom_dbtp)
    short_db = wanted - account.after.lufs
    if abs(short_db) <= LEAST_SHORT_DB:
        return
    if short_db > 0.0 and peak_db is not None and peak_db >= ceiling_db - LEAST_SHORT_DB:
        yield (
            f"The mix comes out {short_db:.1f} dB quieter than it should, so that its true peak "
            f"stays at {peak_db:.1f} dBTP; --headroom says where it may be, and "
            "--target how loud the mix."
        )
    else:
        yield (
            f"The mix comes out {abs(short_db):.1f} dB {'quieter' if short_db > 0.0 else 'louder'} "
            "than it should, because nothing that may be moved sets its level."
        )


def _left(account: Matched) -> Iterator[str]:
    """What would bring the mix nearer still."""
    width = sum(gap.after for gap in account.gaps if gap.name in terms.OF_WIDTH)
    if account.keep_pan and width > MOST_OF_IT * max(account.loss_after, AUDIBLE_LOSS):
        yield WIDER
