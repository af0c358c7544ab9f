"""Actions of the main section that the double knows, by their number (facts.md section 3).

The renderer adds its own to ``ACTIONS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reaper_double.errors import UnmodelledFunction
from reaper_double.templates import NEW_ENVELOPE

if TYPE_CHECKING:
    from reaper_double.model import Project
    from reaper_double.model_track import Track
    from reaper_double.reaper import Reaper

_PLAYING = 1
_NO, _CANCEL = 7, 2


def run(reaper: Reaper, project: Project, command: int) -> None:
    """Run an action by its number, a registered script's included."""
    action = ACTIONS.get(command)
    if action is None:
        raise UnmodelledFunction(f"action {command} is not modelled")
    action(reaper, project)


def close_tab(reaper: Reaper, project: Project) -> None:
    """Close a tab; a changed project asks first: 6 yes, 7 no, 2 cancel."""
    if project.dirty:
        answer = reaper.asked.ask("Save project before closing?", project.path)
        if answer == _CANCEL:
            return
        if answer != _NO:
            project.save()
    reaper.close(project)


def _select(wanted: bool) -> Callable[[Reaper, Project], None]:
    def action(_reaper: Reaper, project: Project) -> None:
        for track in project.tracks:
            track.is_selected = wanted

    return action


def _unselect_items(_reaper: Reaper, project: Project) -> None:
    for item in project.items:
        if item.number("SEL", 1):
            item.put_number("SEL", 1, 0)


def _unselect_all(reaper: Reaper, project: Project) -> None:
    _select(wanted=False)(reaper, project)
    _unselect_items(reaper, project)


def _clear(index: int, title: str) -> Callable[[Reaper, Project], None]:
    """Put one field of ``MUTESOLO`` to 0 on every track."""

    def action(_reaper: Reaper, project: Project) -> None:
        project.history.begin()
        for track in project.tracks:
            if track.number("MUTESOLO", index):
                track.put_number("MUTESOLO", index, 0)
        project.history.end(title)

    return action


def _toggle_volume_envelopes(_reaper: Reaper, project: Project) -> None:
    project.history.begin()
    for track in project.selected_tracks:
        _toggle_volume_envelope(track)
    project.history.end("Toggle track volume envelope visible")


def _toggle_volume_envelope(track: Track) -> None:
    envelope = next((e for e in track.envelopes if e.chunk_name == "VOLENV2"), None)
    if envelope is not None:
        envelope.put_number("VIS", 1, 1 - envelope.number("VIS", 1))
        return
    text = NEW_ENVELOPE.format(name="VOLENV2", guid=track.project.new_guid())
    places = [at for at, entry in enumerate(track.node.body) if not isinstance(entry, str)]
    track.project.add_block(track, places[0] if places else len(track.node.body), text)


def _cycle_collapse(_reaper: Reaper, project: Project) -> None:
    for track in project.selected_tracks:
        track.put_number("BUSCOMP", 1, (track.number("BUSCOMP", 1) + 1) % 3)


def _insert_track_at_end(_reaper: Reaper, project: Project) -> None:
    project.history.begin()
    project.insert_track(len(project.tracks))
    project.history.end("Insert new track")


def _play(_reaper: Reaper, project: Project) -> None:
    project.playing = _PLAYING


def _stop(_reaper: Reaper, project: Project) -> None:
    project.playing = 0


ACTIONS: dict[int, Callable[[Reaper, Project], None]] = {
    1007: _play,
    1016: _stop,
    1042: _cycle_collapse,
    40026: lambda _reaper, project: project.save(),
    40029: lambda _reaper, project: project.history.undo() and None,
    40030: lambda _reaper, project: project.history.redo() and None,
    40289: _unselect_items,
    40296: _select(wanted=True),
    40297: _select(wanted=False),
    40339: _clear(1, "Unmute all tracks"),
    40340: _clear(2, "Unsolo all tracks"),
    40406: _toggle_volume_envelopes,
    40702: _insert_track_at_end,
    40769: _unselect_all,
    40859: lambda reaper, _project: reaper.new_tab() and None,
    40860: close_tab,
    40913: lambda _reaper, _project: None,
    40914: lambda _reaper, _project: None,
    41929: lambda reaper, _project: reaper.new_tab() and None,
}
"""``action(reaper, project)`` by number; 40913 and 40914 only scroll and remember."""
