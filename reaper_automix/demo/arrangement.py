"""The demo session as data: which files were recorded, and how they lie on which tracks.

**Conventions**: positions are in bars of the song, faders and gains in dB. The faders are what a
session may look like before anyone has mixed it: every one of them is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

from reaper_automix.demo.score import BAR_BEATS, BEAT_S, CHORUS_BAR, SONG_S
from reaper_automix.demo.synth import RATE_HZ

BAR_S = BAR_BEATS * BEAT_S
END_BAR = SONG_S / BAR_S

HANDLE_S = 0.5
"""Recordings start this much before their first bar, so that items have an offset into them."""

CROSSFADE_S = 0.04


@dataclass(frozen=True, slots=True)
class Recording:
    """One file: the part it holds, from which bar to which, and how it is stored.

    It is recorded so that its highest peak lies at ``peak_db`` dBFS.
    """

    part: str
    peak_db: float
    subtype: str = "PCM_24"
    bars: tuple[float, float] = (0.0, END_BAR)
    rate_hz: int = RATE_HZ
    suffix: str = "wav"
    handle_s: float = HANDLE_S


RECORDINGS = {
    "Kick": Recording("kick", -5.0),
    "Snare": Recording("snare", -7.0),
    "Hats": Recording("hats", -16.0, "PCM_16"),
    "Overhead L": Recording("overhead left", -11.0),
    "Overhead R": Recording("overhead right", -12.0),
    "Room": Recording("room", -14.0, "FLOAT"),
    "Shaker loop": Recording(
        "shaker loop", -8.0, "PCM_16", (0.0, 2.0), rate_hz=44100, handle_s=0.0
    ),
    "Bass DI": Recording("bass di", -12.0),
    "Bass Amp": Recording("bass amp", -6.0),
    "Guitar L": Recording("guitar left", -9.0, bars=(2.0, END_BAR), suffix="flac"),
    "Guitar R": Recording("guitar right", -13.0, "PCM_16", (2.0, END_BAR)),
    "Keys": Recording("keys", -10.0),
    "Pad": Recording("pad", -7.0, "FLOAT"),
    "Lead verse": Recording("lead", -15.0, bars=(2.0, CHORUS_BAR)),
    "Lead chorus": Recording("lead", -5.0, bars=(CHORUS_BAR, END_BAR)),
    "Lead chorus, flat": Recording("lead, flat", -6.0, bars=(CHORUS_BAR, END_BAR)),
    "Backing 1": Recording("backing high", -9.0, "PCM_16", (CHORUS_BAR, END_BAR)),
    "Backing 2": Recording("backing low", -12.0, "PCM_16", (CHORUS_BAR, END_BAR)),
    "Talkback": Recording("silence", -99.0, "PCM_16"),
}
"""Every file by its name."""


@dataclass(frozen=True, slots=True)
class Clip:
    """An item: which recording from bar to bar, its gain, and the takes that were not chosen.

    Where the clip after it begins at its end the two are crossfaded.
    """

    recording: str
    start_bar: float = 0.0
    end_bar: float = END_BAR
    gain_db: float = 0.0
    inverted: bool = False
    loop: bool = False
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Strip:
    """A track: fader, pan, its items; a folder has other strips inside."""

    name: str
    fader_db: float
    pan: float = 0.0
    clips: tuple[Clip, ...] = ()
    inside: tuple[Strip, ...] = ()
    color: int = 0


DRUMS = (
    Strip("Kick", -15.0, clips=(Clip("Kick", 0, CHORUS_BAR), Clip("Kick", CHORUS_BAR, gain_db=-2))),
    Strip(
        "Snare",
        -2.0,
        clips=(Clip("Snare", 1, 9), Clip("Snare", 9, 10, gain_db=-3.5), Clip("Snare", 10)),
    ),
    Strip("Hats", 3.0, 0.25, (Clip("Hats"),)),
    Strip("Overhead L", -10.0, -1.0, (Clip("Overhead L", 0, 2), Clip("Overhead L", 2))),
    Strip("Overhead R", -10.0, 1.0, (Clip("Overhead R", 0, 2), Clip("Overhead R", 2))),
    Strip("Room", 2.0, clips=(Clip("Room"),)),
    Strip("Shaker", 4.0, -0.4, (Clip("Shaker loop", 2, 10, loop=True),)),
)
BASS = (
    Strip("Bass DI", -3.0, clips=(Clip("Bass DI", gain_db=1.5),)),
    Strip("Bass Amp", -19.0, clips=(Clip("Bass Amp", inverted=True),)),
)
GUITARS = (
    Strip("Guitar L", -1.0, -0.7, (Clip("Guitar L", 2, 6, gain_db=3), Clip("Guitar L", 6))),
    Strip("Guitar R", -12.0, 0.7, (Clip("Guitar R", 2, 6, gain_db=3), Clip("Guitar R", 6))),
)
KEYS = (
    Strip("Keys", -16.0, clips=(Clip("Keys", 0, 6), Clip("Keys", 6, 10), Clip("Keys", 10))),
    Strip("Pad", 3.5, clips=(Clip("Pad"),)),
)
VOICES = (
    Strip(
        "Lead Vox",
        -14.0,
        clips=(
            Clip("Lead verse", 1.9, 4, gain_db=7.5),
            Clip("Lead verse", 4, CHORUS_BAR, gain_db=8.5),
            Clip("Lead chorus", CHORUS_BAR, rejected=("Lead chorus, flat",)),
        ),
    ),
    Strip("Backing 1", 0.0, -0.5, (Clip("Backing 1", 6, 10), Clip("Backing 1", 10, gain_db=-2))),
    Strip("Backing 2", -4.0, 0.5, (Clip("Backing 2", 6, 10), Clip("Backing 2", 10, gain_db=-2))),
)

STRIPS = (
    Strip("DRUMS", -4.0, inside=DRUMS, color=0x8E3B2E),
    Strip("BASS", 0.0, inside=BASS, color=0x2E5C8E),
    Strip("GTR", 1.0, inside=GUITARS, color=0x3E7A3A),
    Strip("KEYS", -2.0, inside=KEYS, color=0x7A5C2E),
    Strip("VOX", -5.0, inside=VOICES, color=0x6E3A7A),
    Strip("Talkback", 0.0, clips=(Clip("Talkback"),)),
)
"""The whole session, in the order of its tracks."""
