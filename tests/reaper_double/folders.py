"""Moving tracks between folders, as ``ReorderSelectedTracks`` does.

Levels are kept as dragging in the track list keeps them: a folder takes its children along, and
where the last child leaves, the one before it closes the folder. That the API call does the same
is [?] (facts.md section 8, question 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reaper_double import keys

if TYPE_CHECKING:
    from reaper_double.model import Project
    from reaper_double.model_track import Track

PLAIN, AS_CHILD, EXTEND_FOLDER = 0, 1, 2


def reorder_selected(project: Project, before: int, mode: int) -> bool:
    """Move the selected tracks, with what lies in them, directly above a track."""
    if not project.selected_tracks:
        return False
    tracks = project.tracks
    roots = _roots(project)
    moved = [track for track in tracks if _root_of(track, roots)]
    rest = [track for track in tracks if track not in moved]
    place = sum(track in rest for track in tracks[: max(0, before)])
    base = _base_level(project, rest, place, mode)
    levels = dict(project.levels)
    for track in moved:
        levels[track] += base - project.levels[_root_of(track, roots)]
    order = rest[:place] + moved + rest[place:]
    project.order_tracks(order)
    _write_levels(order, levels)
    return True


def _roots(project: Project) -> set[Track]:
    """The selected tracks that lie in no other selected one."""
    selected = set(project.selected_tracks)
    return {track for track in selected if not _lies_in(track.parent, selected)}


def _lies_in(track: Track | None, folders: set[Track]) -> bool:
    while track is not None:
        if track in folders:
            return True
        track = track.parent
    return False


def _root_of(track: Track | None, roots: set[Track]) -> Track | None:
    while track is not None and track not in roots:
        track = track.parent
    return track


def _base_level(project: Project, rest: list[Track], place: int, mode: int) -> int:
    following = project.levels[rest[place]] if place < len(rest) else 0
    if place == 0:
        return 0
    previous = project.levels[rest[place - 1]]
    if mode == AS_CHILD:
        return previous + 1
    return previous if mode == EXTEND_FOLDER and previous > following else following


def _write_levels(order: list[Track], levels: dict[Track, int]) -> None:
    following = [levels[track] for track in order[1:]] + [0]
    for track, after in zip(order, following, strict=True):
        if track.depth_change != after - levels[track]:
            keys.write(track.keys, track, "I_FOLDERDEPTH", after - levels[track])
