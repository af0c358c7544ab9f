"""Sessions of one track over synthesised files, for everything that renders."""

from dataclasses import fields, replace

import numpy as np
import soundfile as sf

from reaper_automix import render
from reaper_automix.audio import to_samples
from reaper_automix.session import Item, Session, Source, Take, Track
from signals import RATE_HZ

_TAKE_FIELDS = {field.name for field in fields(Take)} - {"gain", "id"}


def save(file, samples, rate_hz=RATE_HZ, subtype="FLOAT"):
    """A WAV of samples [channels, frames]; returns its path as a session keeps it."""
    sf.write(file, np.atleast_2d(samples).T, rate_hz, subtype=subtype)
    return str(file)


def take(file, kind="WAVE", section=None, **given):
    """A take that plays a file; ``None`` for one whose media is missing."""
    source = Source(kind, file or "lost.wav", file, section)
    return Take(id="{T}", source=source, **given)


def item(file, length_s=1.0, position_s=0.0, *, take_gain=1.0, section=None, kind="WAVE", **given):
    """An item of one take; what a take has (offset_s, play_rate …) goes to the take."""
    of_take = {name: given.pop(name) for name in list(given) if name in _TAKE_FIELDS}
    only = take(file, kind, section, gain=take_gain, **of_take)
    return Item(id="{I}", position_s=position_s, length_s=length_s, takes=(only,), **given)


def session(*items, rate_hz=RATE_HZ, item_mix=1, global_automation=-1, **track):
    """A session of one track with the id ``{1}``."""
    only = Track(id="{1}", name="Track", items=items, **track)
    return Session(
        "Song",
        (only,),
        sample_rate_hz=rate_hz,
        item_mix=item_mix,
        global_automation=global_automation,
    )


def signal(song, time_range=None, **given):
    """The signal of the one track."""
    return render.signal(song, song.tracks[0], time_range, **given)


def heard(*items, **song):
    """What the items sound like, ``[channels, frames]``, from the first of them on."""
    return to_samples(signal(session(*items, **song)))


def on_time_line(song, frames, time_range=None):
    """What a session sounds like from the time line's start."""
    rendered = signal(song, time_range)
    line = np.zeros((rendered.channels, frames), np.float32)
    sound = to_samples(rendered)[:, : frames - rendered.start_frame]
    line[:, rendered.start_frame : rendered.start_frame + sound.shape[1]] = sound
    return line


def with_items(song, *items):
    """The same session with other items."""
    return replace(song, tracks=(replace(song.tracks[0], items=items),))
