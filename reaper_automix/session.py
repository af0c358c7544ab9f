"""The session: tracks, items, takes and faders, with no trace of where they came from.

Every place (an ``.RPP`` file, a folder of stems, a running REAPER) is read into a
:class:`Session`; everything after that works on it. :func:`to_json` writes ``session.json``, the
versioned form that is lossless for all that balancing needs; it is the contract with the REAPER
bridge, and :func:`json_schema` documents it.

**Conventions**: ids are REAPER GUIDs with braces, never indices or names. Gains are linear
amplitude exactly as REAPER keeps them (``D_VOL``; negative means polarity flipped), so that what
is read can be written back digit for digit. Times are seconds on the project's time line unless
the name says otherwise. Pan runs from -1 (left) to 1 (right).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from reaper_automix.errors import InputError
from reaper_automix.units import db_from_gain

STRIP_FILE = "Automix Strip.jsfx"
"""The file of the effect that a match puts on stems."""

SCHEMA_VERSION = 1
"""Version of ``session.json``; raised whenever a reader of the old form would misread the new."""


@dataclass(frozen=True, slots=True)
class EnvelopePoint:
    """One envelope point: REAPER's ``PT``, its value as linear amplitude (``VOLTYPE`` or not).

    ``shape``: 0 linear, 1 square, 2 slow start/end, 3 fast start, 4 fast end, 5 bezier
    (``tension`` -1 … 1).
    """

    time_s: float
    gain: float
    shape: int = 0
    tension: float = 0.0


@dataclass(frozen=True, slots=True)
class Envelope:
    """A volume envelope that is active and sounds; bypassed ones are not read at all.

    Track envelopes count time from the project's start, take envelopes from the item's start in
    seconds of source time. ``fader_scaled`` (``VOLTYPE 1``) means that what lies between two points
    follows the fader's law, not amplitude. ``automation_items`` are there, but not in ``points``.
    """

    points: tuple[EnvelopePoint, ...]
    fader_scaled: bool = False
    automation_items: bool = False


@dataclass(frozen=True, slots=True)
class Fade:
    """A fade at one end of an item; ``shape`` 0 … 7 as in ``C_FADEINSHAPE``, ``curve`` -1 … 1."""

    length_s: float = 0.0
    shape: int = 1
    curve: float = 0.0


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a source (``<SOURCE SECTION``), possibly played backwards.

    A ``length_s`` of 0 means up to the end of the source.
    """

    start_s: float = 0.0
    length_s: float = 0.0
    overlap_s: float = 0.0
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What a take plays.

    ``kind`` is REAPER's source type in upper case (``WAVE FLAC MP3 VORBIS MIDI VIDEO EMPTY
    RPP_PROJECT …``). ``path`` is the file exactly as the project names it, ``file`` where it was
    found on this machine; ``None`` for a missing file or a source that has none.
    """

    kind: str
    path: str = ""
    file: str | None = None
    section: Section | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """One take of an item. ``gain`` is negative where the take's polarity is flipped.

    ``channel_mode`` as ``I_CHANMODE``: 0 normal, 1 swapped, 2 mono sum, 3 left, 4 right, 5 … 66
    mono of channel 3 … 64, 67 … stereo pairs. ``source`` is ``None`` for an empty take.
    """

    id: str
    name: str = ""
    source: Source | None = None
    offset_s: float = 0.0
    play_rate: float = 1.0
    preserve_pitch: bool = True
    pitch_semitones: float = 0.0
    gain: float = 1.0
    pan: float = 0.0
    pan_law: float = -1.0
    channel_mode: int = 0
    volume: Envelope | None = None
    pan_automated: bool = False
    mute_automated: bool = False
    has_fx: bool = False
    has_stretch_markers: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A media item on a track; ``active_take`` is an index into ``takes``.

    ``fade_in``/``fade_out`` hold the length that plays (automatic where there is one, else
    manual). ``plays`` is false on a fixed lane that is not the one playing.
    """

    id: str
    position_s: float
    length_s: float
    takes: tuple[Take, ...] = ()
    active_take: int = 0
    all_takes_play: bool = False
    loop: bool = False
    gain: float = 1.0
    mute: bool = False
    plays: bool = True
    fade_in: Fade = Fade()
    fade_out: Fade = Fade()

    @property
    def end_s(self) -> float:
        """Where the item ends on the time line."""
        return self.position_s + self.length_s


SendMode = Literal["post-fader", "pre-fx", "pre-fader"]


@dataclass(frozen=True, slots=True)
class Receive:
    """What a track gets from another one (``AUXRECV``); ``audio`` is false for MIDI-only.

    ``source_channel`` and ``target_channel`` are the first channel, from 0, that is taken and fed
    (``I_SRCCHAN``, ``I_DSTCHAN``); a side chain feeds channel 2.
    """

    source_id: str
    mode: SendMode = "post-fader"
    gain: float = 1.0
    pan: float = 0.0
    mute: bool = False
    mono: bool = False
    phase_inverted: bool = False
    source_channel: int = 0
    target_channel: int = 0
    audio: bool = True


@dataclass(frozen=True, slots=True)
class Fx:
    """One effect in a track's chain; ``active`` is false when bypassed or offline."""

    name: str
    active: bool = True
    instrument: bool = False

    @property
    def is_strip(self) -> bool:
        """Whether it is the strip of a match, wherever its file is.

        >>> Fx("JS: Automix/Automix Strip.jsfx").is_strip, Fx("VST: ReaEQ (Cockos)").is_strip
        (True, False)
        """
        return self.name.replace("\\", "/").rpartition("/")[2] == STRIP_FILE


AutomationMode = Literal["trim/read", "read", "touch", "write", "latch", "latch preview"]


@dataclass(frozen=True, slots=True)
class Track:
    """One track.

    ``parent_id`` is the folder it lies in, ``None`` at the top. ``fader_gain`` is ``D_VOL``.
    ``pan_mode`` as ``I_PANMODE`` (0 classic, 3 stereo balance, 5 stereo pan, 6 dual pan; -1 the
    project's), ``pan_law`` negative for the project's. ``volume`` is the post-FX volume envelope,
    ``pre_fx_volume`` the pre-FX one, ``trim_volume`` the trim envelope; ``volume_bypassed`` says
    that there is a post-FX one which does not sound. ``free_positioning``
    (``FREEMODE 1``) means that its items always mix. ``locked`` are its controls, in REAPER;
    ``pinned`` is our own mark for a fader that stays (``P_EXT:automix_lock``). ``color`` is
    ``0x1RRGGBB`` whatever the system, 0 for none.
    """

    id: str
    name: str
    parent_id: str | None = None
    folder: bool = False
    items: tuple[Item, ...] = ()
    fader_gain: float = 1.0
    pan: float = 0.0
    pan_law: float = -1.0
    pan_mode: int = -1
    pan_width: float = 1.0
    dual_pan_left: float = -1.0
    dual_pan_right: float = 1.0
    mute: bool = False
    solo: int = 0
    solo_defeat: bool = False
    phase_inverted: bool = False
    channels: int = 2
    main_send: bool = True
    receives: tuple[Receive, ...] = ()
    automation: AutomationMode = "trim/read"
    volume: Envelope | None = None
    pre_fx_volume: Envelope | None = None
    trim_volume: Envelope | None = None
    volume_bypassed: bool = False
    pan_automated: bool = False
    mute_automated: bool = False
    fx: tuple[Fx, ...] = ()
    fx_enabled: bool = True
    input_fx: bool = False
    play_offset_s: float = 0.0
    frozen: bool = False
    locked: bool = False
    pinned: bool = False
    grouped: bool = False
    vca_follower: bool = False
    selected: bool = False
    color: int = 0
    free_positioning: bool = False

    @property
    def fader_db(self) -> float:
        """The fader in dB, minus infinity when it is all the way down."""
        return db_from_gain(self.fader_gain)

    @property
    def active_fx(self) -> tuple[Fx, ...]:
        """The effects that sound."""
        return tuple(fx for fx in self.fx if fx.active) if self.fx_enabled else ()

    @property
    def own_fx(self) -> tuple[Fx, ...]:
        """The effects that sound and are no strip of ours."""
        return tuple(fx for fx in self.active_fx if not fx.is_strip)

    @property
    def returns_effects(self) -> bool:
        """Whether what others send to it comes back as something else, such as a reverb.

        A strip of ours colours what it gets, and makes no return of a bus.
        """
        return bool(self.own_fx)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A stretch of the time line."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Region:
    """A region, or a marker where ``end_s`` is ``None``; each kind is numbered by itself."""

    number: int
    name: str
    start_s: float
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class StoredFader:
    """What one balance found at a fader and what it wrote there, as linear gain.

    ``hand_db`` is what the engineer's own moves since the first balance add to what was asked.
    """

    track_id: str
    found_gain: float
    written_gain: float
    hand_db: float = 0.0


@dataclass(frozen=True, slots=True)
class StoredEnvelope:
    """That a balance wrote a track's volume envelope, and by which digest of its points."""

    track_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class StoredBalance:
    """The state a project keeps about its last balance, so that a re-run starts where it did."""

    faders: tuple[StoredFader, ...] = ()
    version: int = 1
    envelopes: tuple[StoredEnvelope, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """A whole project as balancing sees it; ``tracks`` in project order, parents first.

    ``pan_law`` is the centre gain (1 = 0 dB, 0.7079 = -3 dB; above 1 with gain compensation),
    ``pan_taper`` as ``I_PANLAW_FLAGS``. ``item_mix`` 0 enclosed items replace, 1 always mix, 2
    later items replace. ``global_automation`` -1 none, else it overrides every track's mode
    (0 trim/read … 5; 6 bypass). ``regions`` and markers come in the order in which they start.
    """

    name: str
    tracks: tuple[Track, ...]
    sample_rate_hz: int = 48000
    tempo_bpm: float = 120.0
    pan_law: float = 1.0
    pan_taper: int = 3
    pan_mode: int = 3
    item_mix: int = 1
    master_gain: float = 1.0
    master_pan: float = 0.0
    master_channels: int = 2
    master_fx: tuple[Fx, ...] = ()
    global_automation: int = -1
    time_selection: TimeRange | None = None
    regions: tuple[Region, ...] = ()
    stored: StoredBalance | None = None
    schema_version: int = SCHEMA_VERSION

    def track(self, track_id: str) -> Track:
        """The track of that id; ``KeyError`` when there is none."""
        for track in self.tracks:
            if track.id == track_id:
                return track
        raise KeyError(track_id)

    def children(self, track_id: str | None) -> tuple[Track, ...]:
        """The tracks directly inside a folder, or at the top for ``None``."""
        return tuple(track for track in self.tracks if track.parent_id == track_id)


def to_json(session: Session) -> bytes:
    """The session as ``session.json``: UTF-8, two-space indent, keys in the order declared."""
    return msgspec.json.format(msgspec.json.encode(session), indent=2)


def from_json(text: bytes | str) -> Session:
    """The session of a ``session.json``; :class:`InputError` names the first thing wrong in it."""
    try:
        session = msgspec.json.decode(text, type=Session)
    except msgspec.DecodeError as error:
        raise InputError(f"session.json cannot be read: {error}; write it again.") from error
    if session.schema_version != SCHEMA_VERSION:
        raise InputError(
            f"session.json has schema version {session.schema_version}, this program reads "
            f"{SCHEMA_VERSION}; use the same version of reaper-automix on both sides."
        )
    if problem := next(_problems(session), None):
        raise InputError(f"session.json cannot be used: {problem}; write it again.")
    return session


def json_schema() -> dict[str, Any]:
    """JSON Schema of ``session.json``."""
    return msgspec.json.schema(Session)


def _problems(session: Session) -> Iterator[str]:
    """What a well-formed ``session.json`` may still have wrong."""
    seen: set[str] = set()
    for track in session.tracks:
        if track.id in seen:
            yield f"two tracks have the id {track.id}"
        if track.parent_id is not None and track.parent_id not in seen:
            yield f"track {track.id} lies in a folder that does not come before it"
        if not math.isfinite(track.fader_gain):
            yield f"track {track.id} has a fader that is not a number"
        for item in track.items:
            if item.takes and not 0 <= item.active_take < len(item.takes):
                yield f"item {item.id} has no take number {item.active_take}"
        seen.add(track.id)
    if session.sample_rate_hz <= 0:
        yield "the sample rate is not positive"
