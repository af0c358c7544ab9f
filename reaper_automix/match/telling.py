"""What is told of a match: its account, the tracks that lead into the mix, and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from reaper_automix.account import MIX_NAME, inspected_tracks
from reaper_automix.match import sounding
from reaper_automix.match.case import Case
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.match.hearing import Passage
from reaper_automix.match.outcome import Gap, Matched, StemResult, StemStatus
from reaper_automix.match.placing import mapping
from reaper_automix.match.placing.landed import Match, Seat
from reaper_automix.match.placing.stored import Placed
from reaper_automix.match.search import terms
from reaper_automix.match.search.portrait import Portrait
from reaper_automix.match.sounding import Mixed
from reaper_automix.match.ways import Tip
from reaper_automix.match.whole import Levels
from reaper_automix.measuring import Staff
from reaper_automix.objects.model import listed
from reaper_automix.results import GroupResult, Status, TrackResult
from reaper_automix.routing import MIX
from reaper_automix.scene import Scene
from reaper_automix.session import TimeRange, Track
from reaper_automix.units import clock, db_from_gain, gain_from_db

WIDER = (
    "Most of what is left to the reference is how wide it is and how even left and right are, "
    "which only pans can change; let them move (--no-keep-pan, or Keep my panning off)."
)
HERS = "Its strip was set by hand and is left as it is; only fader and pan are matched."
BUS_IS_HERS = "The master's strip was set by hand and is left as it is."
MASTER_OFF = (
    "The master's effects are switched off, so its strip is not heard; the stems do without."
)
DRY = (
    "Effects are not run here, so levels and thresholds of {} are near but not exact; actions in "
    "REAPER have such stems rendered first."
)

LEAST_SHORT_DB = 0.1
"""A mix that misses its loudness by less is as loud as it should be."""

MOST_OF_IT = 0.5

AUDIBLE_LOSS = 0.05
"""A distance that is not worth a word."""

SMALLEST_MOVE_DB = 0.005


@dataclass(frozen=True, slots=True)
class Told:
    """The account of a match, its rows of tracks and of the mix, and sentences about the whole."""

    account: Matched
    tracks: tuple[TrackResult, ...]
    mix: GroupResult
    notes: tuple[str, ...]


def told(case: Case, tip: Tip, placed: Placed, levels: Levels, staff: Staff) -> Told:
    """What is told of a match that is so loud over the whole song."""
    written, reasons = case.stands(placed), _reasons(case, placed.match)
    passages, progress = case.heard.passages, staff.progress
    before, after = (
        replace(sounding.mixed(passages, console, progress), level=level).gained(case.master_db)
        for console, level in (
            (mapping.console_before(case.ends, case.standing.bus_before()), levels.before),
            (mapping.console_as_placed(written, case.ends), levels.after),
        )
    )
    account = _account(case, tip, written, before, after, reasons)
    account = replace(account, levels_s=levels.seconds)
    return Told(
        account,
        tuple(_rows(case.heard.scene, written, reasons)),
        GroupResult(MIX, MIX_NAME, case.heard.stem_ids, before.level, after.level),
        (*_notes(case, tip), *_short(account, case.headroom_dbtp), *_left(account)),
    )


def _reasons(case: Case, match: Match) -> dict[str, str]:
    """Why tracks stay, or their strips do."""
    return {**case.reasons, **dict.fromkeys(case.hers(match), HERS)}


def _account(
    case: Case,
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
        term, losses, gaps_db = one.term, (one.loss, other.loss), (one.gap, other.gap)
        yield Gap(term.name, term.label, *losses, *gaps_db, of_width=term.name in terms.OF_WIDTH)


def _stems(case: Case, written: Match, reasons: Mapping[str, str]) -> Iterator[StemResult]:
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


def _notes(case: Case, tip: Tip) -> Iterator[str]:
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
    width = sum(gap.after for gap in account.gaps if gap.of_width)
    if account.keep_pan and width > MOST_OF_IT * max(account.loss_after, AUDIBLE_LOSS):
        yield WIDER
