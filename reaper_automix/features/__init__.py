"""What is measured about a track: pitch, spectrum, loudness, peaks.

**Conventions**: everything is taken from the signal at the fader's input, over all its channels
(BS.1770 sums channel powers; nothing here measures a mono sum). ``None`` means that there was
nothing to measure it on: silence, or everything below the gate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

SPECTRUM_HZ = tuple(1000.0 * 10.0 ** (n / 20.0) for n in range(-34, 27))
"""Centres of the 61 bands of :attr:`Features.spectrum_db`, 20 Hz … 20 kHz in sixths of an octave
(IEC 61260-1, base ten)."""


@dataclass(frozen=True, slots=True)
class Band:
    """A pass band: first-order high-pass at ``low_hz``, first-order low-pass at ``high_hz``.

    ``None`` for an edge means that filter is left out.
    """

    low_hz: float | None
    high_hz: float | None


def louder(level_db: float | None, by_db: float) -> float | None:
    """A level ``by_db`` higher; none stays none."""
    return None if level_db is None else level_db + by_db


@dataclass(frozen=True, slots=True)
class Features:
    """Everything later steps need to know about one track's sound.

    ``lufs`` is the integrated full-band loudness, ``None`` when gated away (below -70 LUFS).
    ``range_lu`` is the spread of its loudness in time, ``None`` for less than 1.3 s of sound.
    ``pitch_confidence`` in 0 … 1 says how far ``f0_hz`` can be believed; ``pyin_hz`` and
    ``pesto_hz`` are the two opinions behind it. ``active_s`` is the time that is not silence.
    ``spectrum_db`` holds the mean power per band of :data:`SPECTRUM_HZ`, dB full scale.
    """

    duration_s: float
    active_s: float
    peak_db: float
    true_peak_db: float
    lufs: float | None
    range_lu: float | None = None
    f0_hz: float | None = None
    pitch_confidence: float = 0.0
    pyin_hz: float | None = None
    pesto_hz: float | None = None
    centroid_hz: float | None = None
    bandwidth_hz: float | None = None
    spectrum_db: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()

    def gained(self, by_db: float) -> Features:
        """The features of the same sound, ``by_db`` louder."""
        return replace(
            self,
            peak_db=self.peak_db + by_db,
            true_peak_db=self.true_peak_db + by_db,
            lufs=louder(self.lufs, by_db),
            spectrum_db=tuple(level_db + by_db for level_db in self.spectrum_db),
        )
