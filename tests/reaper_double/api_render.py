"""REAPER's renderer, played by our engine: stems of selected tracks, before or behind the fader.

What it hears of effects is a stand-in: the gain of JS volume plug-ins, and one tone wherever an
instrument has MIDI items. Before the fader there is neither volume envelope, fader nor pan. Only
the render settings that actions use are played; any other is a fault of the test.

Sources: facts.md section 3 (render keys, actions); [?] whether the post-FX volume envelope and a
track's polarity are heard before the fader, which the self test asks REAPER.
"""

from __future__ import annotations

import base64
import math
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from reaper_automix import render
from reaper_automix.adapters import project as rpp_project
from reaper_automix.audio import Samples, to_samples
from reaper_automix.session import Session
from reaper_automix.session import Track as SessionTrack
from reaper_double import project_keys
from reaper_double.actions import ACTIONS
from reaper_double.errors import UnmodelledFunction
from reaper_double.model_fx import Effect, chain_of
from reaper_double.project_keys import TEXTS, Text

if TYPE_CHECKING:
    from reaper_double.model import Project
    from reaper_double.model_track import Track
    from reaper_double.reaper import Reaper

RENDER_AND_CLOSE = 42230
STEMS, PRE_FADER = 2, 8192
CUSTOM, WHOLE_PROJECT, TIME_SELECTION = 0, 1, 2
TONE_HZ, TONE_GAIN = 220.0, 0.25
VOLUME = "utility/volume"
SUBTYPES = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}
NO = 7


PLAYED = {
    "RENDER_SETTINGS": (STEMS, STEMS + PRE_FADER),
    "RENDER_BOUNDSFLAG": (CUSTOM, WHOLE_PROJECT, TIME_SELECTION),
    "RENDER_CHANNELS": (1, 2),
    "RENDER_ADDTOPROJ": (0,),
}
"""Values of settings that the double plays."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The render settings of a project."""

    stems: int
    start_s: float
    end_s: float
    rate_hz: int
    channels: int
    subtype: str
    normalize: bool

    @classmethod
    def of(cls, reaper: Reaper, project: Project) -> Settings:
        """What a render would do now; a setting that the double does not play is a fault."""

        def number(key: str) -> float:
            return project_keys.number(project, key, 0.0, is_set=False)

        for key, values in PLAYED.items():
            if number(key) not in values:
                raise UnmodelledFunction(f"{key} {number(key)} is not modelled")
        rate_hz = int(number("PROJECT_SRATE"))
        if number("RENDER_SRATE") not in (0, rate_hz):
            raise UnmodelledFunction("rendering at another rate than the project's")
        start_s, end_s = _bounds(project, int(number("RENDER_BOUNDSFLAG")))
        tail_s = number("RENDER_TAILMS") / 1000.0 if number("RENDER_TAILFLAG") else 0.0
        code = project_keys.text(reaper, project, "RENDER_FORMAT", "", is_set=False)
        return cls(
            stems=int(number("RENDER_SETTINGS")),
            start_s=start_s,
            end_s=end_s + tail_s,
            rate_hz=rate_hz,
            channels=int(number("RENDER_CHANNELS")),
            subtype=_subtype(code or ""),
            normalize=bool(number("RENDER_NORMALIZE")),
        )


def render_stems(reaper: Reaper, project: Project) -> None:
    """Write a file per selected track; one that is there asks first: 6 replaces, 7 leaves it."""
    settings = Settings.of(reaper, project)
    session = _session(project)
    for track, path in targets(project):
        if os.path.exists(path) and reaper.asked.ask("Overwrite?", path) == NO:
            return
        samples = _stem(settings, session, track)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        soundfile.write(path, samples.T, settings.rate_hz, settings.subtype, format="WAV")


def targets(project: Project) -> Iterator[tuple[Track, str]]:
    """The files that would be written, track by track."""
    folder, pattern = project.text("RENDER_FILE", 1), project.text("RENDER_PATTERN", 1)
    for track in project.selected_tracks:
        name = pattern.replace("$tracknumber", str(track.index + 1)).replace("$track", track.name)
        yield track, os.path.join(project.absolute(folder), f"{name}.wav")


def _told(_reaper: Reaper, project: Project) -> str:
    return ";".join(path for _, path in targets(project))


def _bounds(project: Project, kind: int) -> tuple[float, float]:
    if kind == WHOLE_PROJECT:
        return 0.0, project.length_s
    line, first = ("SELECTION", 1) if kind == TIME_SELECTION else ("RENDER_RANGE", 2)
    return project.number(line, first), project.number(line, first + 1)


def _subtype(code: str) -> str:
    data = base64.b64decode(code)
    if data[:4] != b"evaw":
        raise UnmodelledFunction(f"render format {code!r} is not modelled")
    return SUBTYPES[data[4] if len(data) > 4 else 24]


def _session(project: Project) -> Session:
    """The project as our reader has it; its media are found from the project's folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(project.folder or folder, f"{Path(folder).name}.RPP")
        path.write_text(project.rpp, "utf-8", newline="")
        try:
            return rpp_project.read(path)
        finally:
            path.unlink()


def _arriving(settings: Settings, session: Session, track: Track) -> Samples:
    """What arrives at a track's fader: its own sound and that of what lies in it."""
    frames = round((settings.end_s - settings.start_s) * settings.rate_hz)
    sound = np.zeros((settings.channels, frames), np.float32)
    if _is_silent(track):
        return sound
    known = session.track(track.guid)
    _add(sound, _items(session, known), settings)
    _add(sound, _notes(track, known, settings.rate_hz), settings)
    for inner in track.project.tracks:
        if inner.parent is track and inner.number("MAINSEND", 1, 1.0):
            sound += _arriving(settings, session, inner) * _fader_gain(inner)
    return sound * _effects_gain(track)


def _stem(settings: Settings, session: Session, track: Track) -> Samples:
    stem = _arriving(settings, session, track)
    if not settings.stems & PRE_FADER:
        stem *= _fader_gain(track)
    peak = float(np.abs(stem).max(initial=0.0))
    return stem / peak if settings.normalize and peak else stem


def _add(stem: Samples, sound: tuple[int, Samples], settings: Settings) -> None:
    """Mix a sound, which starts at a frame of the time line, into the stem's bounds."""
    start, samples = sound
    start -= round(settings.start_s * settings.rate_hz)
    samples = samples[: len(stem), max(0, -start) :]
    start = max(0, start)
    part = stem[:, start : start + samples.shape[1]]
    part += samples[:, : part.shape[1]]


def _items(session: Session, track: SessionTrack) -> tuple[int, Samples]:
    """What arrives at the effects, in the track's channels."""
    bare = replace(track, volume=None, trim_volume=None)
    signal = render.signal(session, bare)
    return signal.start_frame, to_samples(signal)


def _notes(track: Track, known: SessionTrack, rate_hz: int) -> tuple[int, Samples]:
    """A tone from the first MIDI item to the end of the last, if an instrument plays them."""
    plays = any(effect.is_instrument for effect in _sounding_effects(track))
    kinds = [item for item in known.items if item.takes and _is_midi(item.takes[item.active_take])]
    if not plays or not kinds:
        return 0, np.zeros((2, 0), np.float32)
    start = round(min(item.position_s for item in kinds) * rate_hz)
    end = round(max(item.end_s for item in kinds) * rate_hz)
    times_s = np.arange(end - start) / rate_hz
    tone = TONE_GAIN * np.sin(2.0 * math.pi * TONE_HZ * times_s)
    return start, np.stack([tone, tone]).astype(np.float32)


def _is_midi(take) -> bool:
    return take.source is not None and take.source.kind == "MIDI"


def _is_silent(track: Track) -> bool:
    """Whether a mute or another track's solo silences it."""
    soloed = [other for other in track.project.tracks if other.number("MUTESOLO", 2)]
    return bool(track.number("MUTESOLO", 1)) or bool(soloed and track not in soloed)


def _sounding_effects(track: Track) -> list[Effect]:
    effects = chain_of(track).effects if track.number("FX", 1, 1.0) else []
    return [effect for effect in effects if effect.is_enabled and not effect.is_offline]


def _effects_gain(track: Track) -> float:
    volumes = [effect for effect in _sounding_effects(track) if effect.ident == VOLUME]
    return math.prod(10.0 ** (effect.value(0) / 20.0) for effect in volumes)


def _fader_gain(track: Track) -> float:
    """Behind the fader; the pan is left out."""
    return track.number("VOLPAN", 1, 1.0)


ACTIONS[RENDER_AND_CLOSE] = render_stems
TEXTS["RENDER_TARGETS"] = Text(_told)
