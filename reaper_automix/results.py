"""What a balance did: one type for every mode, method and place.

:mod:`reaper_automix.report` writes it as text, JSON, CSV and HTML.

**Conventions**: levels are LUFS at the fader's *input*; a source lands at level plus fader.
Faders are linear gain as REAPER keeps them, moves are dB.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from reaper_automix import objects
from reaper_automix.features import Band, Features, louder
from reaper_automix.match.outcome import Matched
from reaper_automix.objects import Objects
from reaper_automix.settings import Settings
from reaper_automix.units import db_from_gain

SCHEMA_VERSION = 1
"""Version of ``results.json``."""

NOISE_FLOOR_LUFS = -50.0
"""Not above this the published script hears "no effective audio event" (AES 2025, stage 1)."""
NOISE_SPREAD_LU = 1.5
"""Spread of loudness in time that a noise floor does not pass; soft music has 3 LU and more."""

NOISE_SHARE = 0.95
"""The part of the time that a noise floor is there at least."""

Kind = Literal["track", "folder", "bus", "return", "file"]
Status = Literal["moved", "kept", "skipped"]
Mode = Literal["balance", "paper", "inspect", "match"]


@dataclass(frozen=True, slots=True)
class MethodLevel:
    """A track's level by one method: its band (``None``: all of the spectrum) and what it said."""

    method: str
    lufs: float | None
    band: Band | None = None
    narrowband_lufs: float | None = None
    note: str = ""

    def gained(self, by_db: float) -> MethodLevel:
        """What it says of the same source, ``by_db`` louder."""
        return replace(
            self,
            lufs=louder(self.lufs, by_db),
            narrowband_lufs=louder(self.narrowband_lufs, by_db),
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """What was measured about one source."""

    features: Features
    level: MethodLevel

    def gained(self, by_db: float) -> Heard:
        """The same source, ``by_db`` louder."""
        return Heard(self.features.gained(by_db), self.level.gained(by_db))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to balance."""
        return self.level.lufs is None or self.only_noise

    @property
    def only_noise(self) -> bool:
        """Whether nothing happens in it: as quiet as a noise floor and as steady.

        Quiet is what the published script calls "no effective audio event" (AES 2025, not above
        -50 LUFS); steady is our addition, so that a soft track is not taken for an empty one. Noise
        never pauses; of quiet strokes only their tops pass the gate, which are steady, too.
        """
        loud, spread = self.features.lufs, self.features.range_lu
        quiet = loud is not None and loud <= NOISE_FLOOR_LUFS
        goes_on = self.features.active_s >= NOISE_SHARE * self.features.duration_s
        return quiet and goes_on and spread is not None and spread <= NOISE_SPREAD_LU


@dataclass(frozen=True, slots=True)
class TrackResult:
    """One track (or, in mode ``paper``, one file).

    ``level`` is what was balanced: for ``auto`` on the narrowband scale. ``why`` are sentences:
    why it was limited, kept or skipped. ``notes`` are sentences about what could not be rendered
    or measured faithfully. ``adjustments_db`` are the published gains per method (mode ``paper``).
    ``role`` is what it was taken for, ``offset_db`` how far above the average of its group it was
    asked to stand, ``aim`` says that as a sentence. ``together`` says in sentences with what tracks
    it is one source, if it is with any. ``items`` and ``channels`` say what lies on the track,
    ``None`` where nobody counted.
    ``hand_db`` is what the engineer's own moves add to what was asked; the last of ``why`` says so.
    """

    id: str
    name: str
    kind: Kind
    status: Status
    parent_id: str | None = None
    depth: int = 0
    fader_before: float = 1.0
    fader_after: float = 1.0
    level: MethodLevel | None = None
    features: Features | None = None
    why: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    file: str = ""
    other_levels: tuple[MethodLevel, ...] = ()
    adjustments_db: tuple[tuple[str, float], ...] = ()
    role: str | None = None
    offset_db: float = 0.0
    aim: str = ""
    together: str = ""
    items: int | None = None
    channels: int | None = None
    hand_db: float = 0.0

    @property
    def fader_before_db(self) -> float:
        """The fader as found, minus infinity when it is all the way down."""
        return db_from_gain(self.fader_before)

    @property
    def fader_after_db(self) -> float:
        """The fader as written, minus infinity when it is all the way down."""
        return db_from_gain(self.fader_after)

    @property
    def gain_db(self) -> float:
        """The move: infinite to or from a closed fader, 0 from one closed fader to another."""
        if self.fader_after == self.fader_before:
            return 0.0
        return self.fader_after_db - self.fader_before_db

    @property
    def before_lufs(self) -> float | None:
        """Where the source landed with the fader as found; ``None`` without a level."""
        return self._landing_lufs(self.fader_before_db)

    @property
    def after_lufs(self) -> float | None:
        """Where the source lands with the fader as written; ``None`` without a level."""
        return self._landing_lufs(self.fader_after_db)

    @property
    def unmatched(self) -> bool:
        """Whether it was asked for as an average track, since nothing says what it is."""
        is_source = self.kind not in ("folder", "bus")
        return bool(self.aim) and self.role is None and is_source and not self.together

    @property
    def limited(self) -> bool:
        """Whether something kept it from going all the way; ``why`` says what."""
        return self.status == "moved" and len(self.why) > (self.hand_db != 0.0)

    def _landing_lufs(self, fader_db: float) -> float | None:
        if self.level is None or self.level.lufs is None:
            return None
        return self.level.lufs + fader_db


@dataclass(frozen=True, slots=True)
class SumLevel:
    """A sum of tracks: integrated loudness (``None``: below the gate) and true peak in dBTP.

    ``predicted`` ones come from what is known of the tracks, without audio: the loudness within
    0.2 dB, the true peak estimated from above.
    """

    lufs: float | None
    true_peak_db: float
    predicted: bool = False

    def gained(self, by_db: float) -> SumLevel:
        """The same sum, louder by a gain behind it."""
        lufs = None if self.lufs is None else self.lufs + by_db
        return replace(self, lufs=lufs, true_peak_db=self.true_peak_db + by_db)


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One folder, bus or the whole mix: the sum of its tracks before and after.

    ``target_lufs`` is the level its sources were brought to, ``shift_db`` by how much the group
    went down as a whole for fader range or headroom, ``why`` says so in sentences.
    """

    id: str | None
    name: str
    track_ids: tuple[str, ...]
    before: SumLevel
    after: SumLevel
    target_lufs: float | None = None
    shift_db: float = 0.0
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """One file or folder that was written.

    ``kind`` is ``project report results bounce stem table``.
    """

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Report:
    """The whole account of one run over one project or folder.

    ``groups`` has the whole mix (``id`` ``None``) first. ``notes`` are about the run as a whole.
    ``objects`` are the tracks that were found to record one source. ``match`` is the account of a
    match to a reference, alone (mode ``match``) or on top of a balance.
    ``created`` is the local time of the run, ISO 8601 with offset. In mode ``inspect`` nothing
    moves: ``kept`` are the tracks that a balance would measure.
    """

    mode: Mode
    name: str
    place: str
    settings: Settings
    tracks: tuple[TrackResult, ...]
    groups: tuple[GroupResult, ...] = ()
    outputs: tuple[Output, ...] = ()
    notes: tuple[str, ...] = ()
    objects: Objects = objects.NOTHING
    match: Matched | None = None
    sample_rate_hz: int = 48000
    elapsed_s: float = 0.0
    version: str = ""
    created: str = ""
    schema_version: int = SCHEMA_VERSION

    @property
    def moved(self) -> tuple[TrackResult, ...]:
        """The tracks whose fader moved."""
        return tuple(track for track in self.tracks if track.status == "moved")

    @property
    def skipped(self) -> tuple[TrackResult, ...]:
        """The tracks that took no part."""
        return tuple(track for track in self.tracks if track.status == "skipped")
