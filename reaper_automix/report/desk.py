"""What a match set, in the words of a mixer: faders, pans, bands and compressors."""

from __future__ import annotations

from collections.abc import Iterator

from reaper_automix.match.console.strips import Band, Compressor, Strip
from reaper_automix.match.console.table import BANDS, BandRow
from reaper_automix.match.placing.landed import Seat
from reaper_automix.report import figures

LEAST_DB = 0.05
"""A smaller gain of a band is not told."""

LEAST_RATIO = 1.01


def pan(position: float) -> str:
    """A pan -1 … 1 as REAPER says it.

    >>> pan(0.0), pan(-0.25), pan(1.0)
    ('centre', '25 % L', '100 % R')
    """
    percent = round(abs(position) * 100.0)
    return f"{percent} % {'L' if position < 0.0 else 'R'}" if percent else "centre"


def band(row: BandRow, of: Band) -> str:
    """One band.

    >>> band(BANDS[0], Band(2.1, 90.0, 0.7)), band(BANDS[2], Band(-1.5, 3000.0, 1.2))
    ('+2.1 dB low shelf at 90 Hz', '−1.5 dB at 3.0 kHz (Q 1.2)')
    """
    shape = f" {row.shape}" if row.shape != "peak" else ""
    q = f" (Q {of.q:.1f})" if row.shape == "peak" else ""
    return f"{figures.move(of.gain_db)} dB{shape} at {hertz(of.frequency_hz)}{q}"


def hertz(frequency_hz: float) -> str:
    """A frequency with its unit.

    >>> hertz(90.2), hertz(3000.0), hertz(12500.0)
    ('90 Hz', '3.0 kHz', '12.5 kHz')
    """
    return f"{frequency_hz:.0f} Hz" if frequency_hz < 1000.0 else f"{frequency_hz / 1000.0:.1f} kHz"


def bands(strip: Strip) -> tuple[str, ...]:
    """The bands that do something."""
    rows = zip(BANDS, strip.bands, strict=True)
    return tuple(band(row, one) for row, one in rows if abs(one.gain_db) >= LEAST_DB)


def compressor(of: Compressor) -> str:
    """A compressor; empty where it does nothing.

    >>> compressor(Compressor(-24.0, 2.5, 30.0, 6.0, 1.5))
    '2.5:1 above −24.0 dB, 30 ms, +1.5 dB make-up'
    """
    return ", ".join(_compressor(of))


def _compressor(of: Compressor) -> Iterator[str]:
    if of.ratio >= LEAST_RATIO:
        yield f"{of.ratio:.1f}:1 above {figures.level(of.threshold_db)} dB"
        yield f"{of.attack_ms:.0f} ms"
    if abs(of.makeup_db) >= LEAST_DB:
        yield f"{figures.move(of.makeup_db)} dB make-up"


def fader(before: Seat, after: Seat) -> str:
    """A fader before and after, or once where it stays."""
    was, now = figures.level(before.fader_db), figures.level(after.fader_db)
    return now if was == now else f"{was} → {now}"


def pans(before: Seat, after: Seat) -> str:
    """A pan before and after, or once where it stays."""
    was, now = pan(before.pan), pan(after.pan)
    return now if was == now else f"{was} → {now}"
