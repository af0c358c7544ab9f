"""What a console is set to: a strip per stem, with its gain and pan, and the master's.

**Conventions**: pan 0 … 1 from left to right, as the network says it; ``gain_db`` is before the
strip and there is no fader behind it. A strip holds neither gain nor pan: in REAPER those are the
track's own. Gain and threshold commute: ``strip(x·g, T) = g·strip(x, T − g)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reaper_automix.match.console.table import BANDS, CHANNEL, MASTER, Parameter, Rows, neutral

UNHEARD = ("release_ms", "send_db")
"""Parameters without effect, which no strip holds."""


@dataclass(frozen=True, slots=True)
class Band:
    """A band of the equaliser; its shape is that of its place (:data:`BANDS`)."""

    gain_db: float
    frequency_hz: float
    q: float


@dataclass(frozen=True, slots=True)
class Compressor:
    """Gain reduction smoothed by one pole, the same way up and down; ratio 1 leaves it off."""

    threshold_db: float
    ratio: float
    attack_ms: float
    knee_db: float
    makeup_db: float


@dataclass(frozen=True, slots=True)
class Strip:
    """Six bands, then the compressor."""

    bands: tuple[Band, ...]
    compressor: Compressor

    @property
    def is_plain(self) -> bool:
        """Whether it leaves a signal as it is."""
        is_flat = not any(band.gain_db for band in self.bands)
        return is_flat and self.compressor.ratio == 1.0 and self.compressor.makeup_db == 0.0

    def shifted(self, by_db: float) -> Strip:
        """The same strip for a signal that is that much louder."""
        threshold_db = self.compressor.threshold_db + by_db
        return replace(self, compressor=replace(self.compressor, threshold_db=threshold_db))


@dataclass(frozen=True, slots=True)
class Channel:
    """What a stem goes through on its way into the mix."""

    gain_db: float
    strip: Strip
    pan: float


@dataclass(frozen=True, slots=True)
class Master:
    """What the mix goes through."""

    input_db: float
    strip: Strip
    output_db: float


@dataclass(frozen=True, slots=True)
class Console:
    """All channels, in the order of the stems, and the master."""

    channels: tuple[Channel, ...]
    master: Master


def channel_of(row: Rows) -> Channel:
    """A channel from its values in the order of the table :data:`CHANNEL`."""
    named = _named(CHANNEL, row)
    return Channel(named["gain_db"], _strip(named), named["pan"])


def master_of(row: Rows) -> Master:
    """A master from its values in the order of the table :data:`MASTER`."""
    named = _named(MASTER, row)
    return Master(named["input_db"], _strip(named), named["output_db"])


def channel_row(channel: Channel) -> Rows:
    """A channel's values in the order of :data:`CHANNEL`; what is unheard stands at neutral."""
    return _row(CHANNEL, _values(channel.strip) | {"gain_db": channel.gain_db, "pan": channel.pan})


def master_row(master: Master) -> Rows:
    """A master's values in the order of :data:`MASTER`; what is unheard stands at neutral."""
    ends = {"input_db": master.input_db, "output_db": master.output_db}
    return _row(MASTER, _values(master.strip) | ends)


def neutral_channel() -> Channel:
    """A channel that leaves a stem as it is, in the centre."""
    return channel_of(neutral(CHANNEL))


def neutral_master() -> Master:
    """A master that leaves the mix as it is."""
    return master_of(neutral(MASTER))


def _named(table: Sequence[Parameter], row: Rows) -> dict[str, float]:
    return {one.name: float(value) for one, value in zip(table, row, strict=True)}


def _row(table: Sequence[Parameter], named: dict[str, float]) -> Rows:
    row = neutral(table)
    for number, parameter in enumerate(table):
        if parameter.name not in UNHEARD:
            row[number] = named[parameter.name]
    return row


def _strip(named: dict[str, float]) -> Strip:
    bands = tuple(
        Band(*(named[parameter.name] for parameter in band.parameters())) for band in BANDS
    )
    names = ("threshold_db", "ratio", "attack_ms", "knee_db", "makeup_db")
    return Strip(bands, Compressor(*(named[name] for name in names)))


def _values(strip: Strip) -> dict[str, float]:
    """The values of a strip by the names of the table."""
    named: dict[str, float] = {}
    for row, band in zip(BANDS, strip.bands, strict=True):
        triple = (band.gain_db, band.frequency_hz, band.q)
        for parameter, value in zip(row.parameters(), triple, strict=True):
            named[parameter.name] = value
    compressor = strip.compressor
    return named | {
        "threshold_db": compressor.threshold_db,
        "ratio": compressor.ratio,
        "attack_ms": compressor.attack_ms,
        "knee_db": compressor.knee_db,
        "makeup_db": compressor.makeup_db,
    }
