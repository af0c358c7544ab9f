"""Small sessions on real files, made in a test's own folder."""

from dataclasses import replace

import soundfile as sf

from reaper_automix.session import Item, Session, Source, Take, Track
from signals import RATE_HZ, harmonic, noise, tone


def write(folder, name, samples, rate_hz=RATE_HZ, subtype="FLOAT"):
    """One sound file; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.wav"
    sf.write(path, samples.T, rate_hz, subtype=subtype)
    return path


def track(folder, name, samples, *, item_gain=1.0, **more):
    """A track with one item that plays one file."""
    path = write(folder, name, samples)
    source = Source("WAVE", str(path), str(path))
    item = Item(
        f"{{item {name}}}",
        0.0,
        samples.shape[1] / RATE_HZ,
        (Take(f"{{take {name}}}", name, source),),
        gain=item_gain,
    )
    return Track(f"{{{name}}}", name, items=(item,), **more)


def folder_track(name, **more):
    return Track(f"{{{name}}}", name, folder=True, **more)


def session(*tracks, **more):
    return Session("song", tracks, sample_rate_hz=RATE_HZ, **more)


def band(folder, duration_s=3.0):
    """Two folders and a lead: five sources that sound different and are differently loud."""
    return session(
        folder_track("Drums"),
        track(folder, "Kick", tone(60, duration_s, -12), parent_id="{Drums}"),
        track(folder, "Hats", noise(duration_s, -40, seed=1), parent_id="{Drums}", pan=0.3),
        folder_track("Keys", fader_gain=0.5),
        track(folder, "Piano", harmonic(220, duration_s, -20), parent_id="{Keys}", fader_gain=1.5),
        track(folder, "Pad", noise(duration_s, -25, seed=2, channels=2), parent_id="{Keys}"),
        track(folder, "Lead", harmonic(440, duration_s, -30, vibrato=0.3), pan=-0.2),
    )


def with_source_gains(song, gains_db):
    """The same song with other gains on its sources."""
    gains = iter(gains_db)

    def changed(one):
        items = tuple(replace(i, gain=i.gain * 10 ** (next(gains) / 20)) for i in one.items)
        return replace(one, items=items)

    return replace(song, tracks=tuple(map(changed, song.tracks)))


def with_faders(song, gains, stored=None):
    """The song as it stands after a balance was written into it."""
    tracks = tuple(replace(one, fader_gain=gains[one.id]) for one in song.tracks)
    return replace(song, tracks=tracks, stored=stored)
