"""What of a session can be rendered offline, and what the engineer must know about the rest.

Every rule is a row: :data:`SKIPS` are the reasons why a track cannot be measured at all, the first
that applies is told; :data:`ITEM_NOTES` and :data:`TRACK_NOTES` are what is rendered differently
from how REAPER plays it. Files are opened for their headers only, each of them once.

**Conventions**: a sentence says what it means for the number, not what the feature is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from reaper_automix import media
from reaper_automix.errors import MediaError
from reaper_automix.media import MediaInfo
from reaper_automix.progress import Beat, unheeded
from reaper_automix.render.clips import (
    NOT_AUDIO,
    in_range,
    is_audio,
    is_offline,
    rendered_takes,
    sounding_takes,
)
from reaper_automix.render.voice import is_stretched
from reaper_automix.session import Item, Session, Take, TimeRange, Track


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known about a track before it is rendered.

    ``skip`` is the sentence why it cannot be measured, ``None`` when it can. ``notes`` are
    sentences about what will differ from REAPER.
    """

    track_id: str
    skip: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def signal(self) -> bool:
        """Whether there is a signal to measure and to sum."""
        return self.skip is None


Found = MediaInfo | str
"""What is in a media file; a string is why it cannot be read."""

Probe = Callable[[str], Found]
"""Opens a file for its header."""

LookUp = Callable[[Iterable[str], Probe], dict[str, Found]]
"""The headers of files, each of which it opens with the probe unless it knows better."""


def all_opened(files: Iterable[str], probe: Probe) -> dict[str, Found]:
    """The headers of files of which nothing is known."""
    return {file: probe(file) for file in files}


def survey(
    session: Session,
    time_range: TimeRange | None = None,
    beat: Beat = unheeded,
    headers: LookUp = all_opened,
) -> dict[str, Survey]:
    """Every track's survey by id, for the items inside the range.

    ``beat`` is called with every file that is opened, and may raise to stop it; ``headers`` may
    know files from before.
    """

    def probe(file: str) -> Found:
        beat()
        try:
            return media.probe(file)
        except MediaError as error:
            return str(error)

    playing = {
        track.id: [item for item in track.items if in_range(track, item, time_range)]
        for track in session.tracks
    }
    files = dict.fromkeys(
        file for items in playing.values() for item in items for _, _, file in rendered_takes(item)
    )
    found = headers(files, probe)
    return {track.id: _surveyed(_Case(track, playing[track.id], found)) for track in session.tracks}


class _Case:
    """One track, the items of it that count, and everything that the rows ask about."""

    def __init__(self, track: Track, items: list[Item], headers: Mapping[str, Found]) -> None:
        self.track = track
        self.items = items
        self.takes = [(item, take) for item in self.items for take in sounding_takes(item)]
        self.audio = [take for _, take in self.takes if is_audio(take)]
        files = {file: None for item in self.items for _, _, file in rendered_takes(item)}
        self._headers = {file: headers[file] for file in files}

    @property
    def unplayable(self) -> list[str]:
        """Kinds of what sounds but only REAPER can play, each once."""
        takes = (take for _, take in self.takes if take.source and not is_audio(take))
        return list(dict.fromkeys(NOT_AUDIO[take.source.kind] for take in takes if take.source))

    @property
    def offline(self) -> list[str]:
        """Media that was set offline in REAPER."""
        return _paths(take for take in self.audio if is_offline(take))

    @property
    def missing(self) -> list[str]:
        """Media that was not found."""
        lost = (take for take in self.audio if take.source and not take.source.file)
        return _paths(take for take in lost if not is_offline(take))

    @property
    def unreadable(self) -> list[str]:
        """Why files that are there cannot be read."""
        return [header for header in self._headers.values() if isinstance(header, str)]

    @property
    def infos(self) -> list[MediaInfo]:
        """What is in the files that can be read."""
        return [header for header in self._headers.values() if isinstance(header, MediaInfo)]


def _paths(takes: Iterator[Take]) -> list[str]:
    return list(dict.fromkeys(take.source.path for take in takes if take.source))


def _surveyed(case: _Case) -> Survey:
    reasons = (sentence(case) for applies, sentence in SKIPS if applies(case))
    skip = next(reasons, None)
    return Survey(case.track.id, skip, () if skip else tuple(_notes(case)))


def _notes(case: _Case) -> Iterator[str]:
    for note in ITEM_NOTES:
        concerned = {id(item) for item, take in case.takes if note.concerns(item, take)}
        if concerned:
            count = f"{len(concerned)} item{'s' if len(concerned) > 1 else ''}"
            yield note.sentence.format(items=count)
    for applies, sentence in TRACK_NOTES:
        if applies(case):
            yield sentence(case)
    for info in case.infos:
        yield from info.notes


def _named(names: list[str]) -> str:
    """A few names, and how many more there are.

    >>> _named(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


Skip = tuple[Callable[[_Case], bool], Callable[[_Case], str]]

SKIPS: tuple[Skip, ...] = (
    (
        lambda case: case.track.mute,
        lambda case: "It is muted; unmute it to have it balanced.",
    ),
    (
        lambda case: not case.track.items,
        lambda case: "It has no items; there is nothing to measure.",
    ),
    (
        lambda case: not case.items,
        lambda case: "None of its items lies in the time range; choose another range.",
    ),
    (
        lambda case: all(item.mute or not item.plays for item in case.items),
        lambda case: "All of its items are muted or on a lane that does not play; nothing sounds.",
    ),
    (
        lambda case: not case.takes,
        lambda case: "Its items are empty; there is nothing to measure.",
    ),
    (
        lambda case: not case.audio,
        lambda case: (
            f"It holds only {_named(case.unplayable)}, which only REAPER can play; "
            "render or freeze it to have it measured."
        ),
    ),
    (
        lambda case: bool(case.missing),
        lambda case: (
            f"Media is missing: {_named(case.missing)}; put it back where the project looks for it."
        ),
    ),
    (
        lambda case: bool(case.offline),
        lambda case: f"Media is offline: {_named(case.offline)}; set it online in REAPER.",
    ),
    (
        lambda case: bool(case.unreadable),
        lambda case: case.unreadable[0],
    ),
)
"""Why a track cannot be measured, with the sentence; the first that applies is told."""


@dataclass(frozen=True, slots=True)
class ItemNote:
    """Something about a take that is rendered differently; ``{items}`` counts its items."""

    concerns: Callable[[Item, Take], bool]
    sentence: str


ITEM_NOTES = (
    ItemNote(
        lambda item, take: not is_audio(take),
        "{items} of MIDI, video or the like cannot be played here; the level is without them.",
    ),
    ItemNote(
        lambda item, take: take.has_fx,
        "Take FX on {items} are not run; the level is the one before them.",
    ),
    ItemNote(
        lambda item, take: take.has_stretch_markers,
        "Stretch markers in {items} are not followed; timing inside differs, the level hardly.",
    ),
    ItemNote(
        lambda item, take: is_audio(take) and is_stretched(take),
        "{items} with changed pitch or tempo went through a simpler stretcher than REAPER's; "
        "timing and level are right within 0.5 dB, the sound is rougher.",
    ),
    ItemNote(
        lambda item, take: take.pan_automated,
        "Take pan automation on {items} is not followed; the level is the one at the take's pan.",
    ),
    ItemNote(
        lambda item, take: take.mute_automated,
        "Take mute automation on {items} is not followed; muted stretches count as sounding.",
    ),
    ItemNote(
        lambda item, take: take.volume is not None and take.volume.automation_items,
        "Automation items of the take volume on {items} are not followed; only its points are.",
    ),
)
"""What of items is rendered differently from REAPER."""

TrackNote = tuple[Callable[[_Case], bool], Callable[[_Case], str]]

TRACK_NOTES: tuple[TrackNote, ...] = (
    (
        lambda case: bool(case.track.active_fx),
        lambda case: (
            f"Track FX are not run ({_named([fx.name for fx in case.track.active_fx])}); "
            "the level is the one before them."
        ),
    ),
    (
        lambda case: case.track.input_fx,
        lambda case: "Input FX act on recording only; the level is right without them.",
    ),
    (
        lambda case: case.track.frozen,
        lambda case: (
            "It is frozen; the level is that of the frozen sound, with what was frozen into it."
        ),
    ),
    (
        lambda case: case.track.mute_automated,
        lambda case: "Mute automation is not followed; muted stretches count as sounding.",
    ),
    (
        lambda case: case.track.pan_automated,
        lambda case: "Pan automation is not followed; sums take the pan where its control stands.",
    ),
    (
        lambda case: any(
            envelope is not None and envelope.automation_items
            for envelope in (case.track.volume, case.track.pre_fx_volume, case.track.trim_volume)
        ),
        lambda case: "Automation items of the volume are not followed; only its points are.",
    ),
    (
        lambda case: any(info.channels > max(case.track.channels, 2) for info in case.infos),
        lambda case: (
            f"Media has more channels than the track; only the first "
            f"{case.track.channels} sound, as in REAPER."
        ),
    ),
)
"""What of tracks is rendered differently from REAPER."""
