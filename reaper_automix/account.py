"""The account of a balance: one row per track and per group, each with its reasons in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reaper_automix.aims import Aims
from reaper_automix.balance import NOTHING, SMALLEST_MOVE_DB, Solution, reason_held
from reaper_automix.mix import Node, unheard_returns
from reaper_automix.objects.binding import Bonds
from reaper_automix.results import GroupResult, Heard, Status, SumLevel, TrackResult
from reaper_automix.roles import UNKNOWN, Guess
from reaper_automix.routing import MIX, unmoved_sends
from reaper_automix.scene import NOTES, Scene, reason_to_skip, reason_to_stay
from reaper_automix.session import Session, Track
from reaper_automix.settings import Settings

MIX_NAME = "Mix"
SAID_BY = {"name": "its name", "sound": "its sound", "both": "its name and sound", "": "nothing"}
SILENT = SumLevel(None, float("-inf"))
MOVED_BY_HAND = "You moved it by {:+.1f} dB after a balance; that is kept."
SMALLEST_TOLD_DB = 0.05


def account_of_tracks(
    scene: Scene,
    heard: Mapping[str, Heard],
    gains: Mapping[str, float],
    solutions: Mapping[Node, Solution],
    aimed: Aims,
    bonds: Bonds,
) -> tuple[TrackResult, ...]:
    """One row per track in project order."""
    rows = (
        _row(scene, track, heard.get(track.id), gains[track.id], _held(scene, track, solutions))
        for track in scene.session.tracks
    )
    return tuple(_bound(_with_aim(row, aimed, bonds), bonds) for row in rows)


def account_of_groups(
    scene: Scene,
    solutions: Mapping[Node, Solution],
    before: Mapping[Node, SumLevel],
    after: Mapping[Node, SumLevel],
) -> tuple[GroupResult, ...]:
    """One row per group, the whole mix first, then in project order."""
    rows = (MIX, *(track.id for track in scene.session.tracks))
    return tuple(
        GroupResult(
            group,
            MIX_NAME if group is MIX else scene.session.track(group).name,
            scene.routing.members(group),
            before.get(group, SILENT),
            after.get(group, SILENT),
            solutions[group].target_lufs,
            solutions[group].shift_db,
            solutions[group].why,
        )
        for group in rows
        if group in solutions
    )


def notes_of_session(session: Session, settings: Settings) -> Iterator[str]:
    """What holds for a session as a whole, in sentences."""
    unlimited = settings.time_range is None and session.time_selection is None
    if settings.use_time_selection and unlimited:
        yield "There is no time selection, so all of it is measured."
    soloed = ", ".join(track.name for track in session.tracks if track.solo)
    if soloed:
        yield f"Solo is ignored ({soloed}): every track is measured and summed."
    if any(fx.active and not fx.is_strip for fx in session.master_fx):
        yield "The master's effects are not in these sums."


def inspected_tracks(scene: Scene) -> tuple[TrackResult, ...]:
    """The rows before anything is measured: what would be, and what cannot."""
    return tuple(_planned(scene, track) for track in scene.session.tracks)


def _planned(scene: Scene, track: Track) -> TrackResult:
    skipped, stays = reason_to_skip(scene, track), reason_to_stay(scene, track)
    return TrackResult(
        id=track.id,
        name=track.name,
        kind=scene.routing.kind[track.id],
        status="skipped" if skipped else "kept",
        parent_id=scene.routing.home.get(track.id),
        depth=_depth(scene, track),
        fader_before=track.fader_gain,
        fader_after=track.fader_gain,
        why=tuple(text for text in (skipped or stays,) if text),
        notes=() if skipped else tuple(_notes(scene, track)),
        file=_first_file(track),
        items=len(track.items),
        channels=track.channels,
    )


def _held(scene: Scene, track: Track, solutions: Mapping[Node, Solution]) -> str | None:
    """What kept a source from going all the way."""
    solution = solutions.get(scene.routing.home.get(track.id, track.id), NOTHING)
    return reason_held(solution, track.id, scene.settings)


def _row(
    scene: Scene, track: Track, heard: Heard | None, gain: float, held: str | None
) -> TrackResult:
    row = replace(_planned(scene, track), fader_after=gain)
    if row.status == "skipped":
        return row
    if heard is None:
        return replace(row, why=row.why or ("Nothing in it can be heard.",))
    empty = _empty(heard)
    moved_db = 0.0 if row.why or empty else _hand_db(scene, track)
    by_hand = MOVED_BY_HAND.format(moved_db) if moved_db else None
    return replace(
        row,
        status=_status(row),
        level=heard.level,
        features=heard.features,
        hand_db=moved_db,
        why=row.why or tuple(text for text in (empty or held, by_hand) if text),
        notes=(*row.notes, *heard.features.notes, *filter(None, [heard.level.note])),
    )


def _with_aim(row: TrackResult, aimed: Aims, bonds: Bonds) -> TrackResult:
    """The row with what the track is taken for and what it was asked for."""
    found = aimed.guesses.get(row.id, UNKNOWN)
    told = row.status == "moved" and row.id in aimed.offsets_db
    offset_db = aimed.offset_db(row.id) if row.status != "skipped" else 0.0
    return replace(
        row,
        role=found.role,
        offset_db=offset_db,
        aim=_aim(row, found, offset_db, bonds) if told else "",
    )


def _aim(row: TrackResult, found: Guess, offset_db: float, bonds: Bonds) -> str:
    """What a source was asked for, and why, as a sentence."""
    distance = f"{abs(offset_db):.1f} dB"
    where = f"{distance} {'above' if offset_db > 0.0 else 'below'} its group's average"
    if distance == "0.0 dB":
        where = "its group's average"
    if bond := bonds.of(row.id):
        return f"Asked for {where}, as all of {bond.object.name} is."
    if row.kind in ("folder", "bus"):
        return f"Asked for {where} by what is in it."
    if found.role is None:
        return f"Nothing says for sure what it is, so it is asked for as an average one: {where}."
    return f"{found.role.capitalize()}, by {SAID_BY[found.by]}: asked for {where}."


def _bound(row: TrackResult, bonds: Bonds) -> TrackResult:
    """The row, saying with what it is one source, and whether another track keeps it there."""
    if row.status == "skipped":
        return row
    stays = bonds.stays.get(row.id)
    return replace(row, together=bonds.told(row.id), why=(stays,) if stays else row.why)


def _empty(heard: Heard) -> str | None:
    """Why what was measured is nothing to balance."""
    if heard.level.lufs is None:
        return "Silent: nothing in it is above -70 LUFS."
    if heard.only_noise:
        return f"Nothing but a steady noise floor, at {heard.features.lufs:.0f} LUFS."
    return None


def _hand_db(scene: Scene, track: Track) -> float:
    """What the engineer moved a track by, as far as it is worth telling."""
    moved_db = scene.hand_db.get(track.id, 0.0)
    return moved_db if abs(moved_db) >= SMALLEST_TOLD_DB else 0.0


def _status(row: TrackResult) -> Status:
    return "moved" if abs(row.gain_db) > SMALLEST_MOVE_DB else "kept"


def _notes(scene: Scene, track: Track) -> Iterator[str]:
    yield from scene.surveys[track.id].notes
    yield from (sentence for applies, sentence in NOTES if applies(track))
    if track.items and not scene.sounds(track):
        yield f"Its own items are in no sum: {_unheard(scene, track)}"
    for target in unmoved_sends(scene.session, track.id):
        yield f"Its pre-fader send to {target} does not follow the fader."
    if track in unheard_returns(scene.session, scene.routing):
        yield "It has effects, so what it gives back is in no sum here."


def _unheard(scene: Scene, track: Track) -> str:
    """Why the items of a folder or bus, which goes on without them, cannot be heard."""
    return scene.lost.get(track.id) or scene.surveys[track.id].skip or ""


def _depth(scene: Scene, track: Track) -> int:
    home = scene.routing.home.get(track.id)
    return 0 if home is None else 1 + _depth(scene, scene.session.track(home))


def _first_file(track: Track) -> str:
    """The media file of a track that plays just one."""
    takes = [item.takes[item.active_take] for item in track.items if item.takes]
    files = {take.source.path for take in takes if take.source is not None}
    return files.pop() if len(files) == 1 else ""
