"""Loudness level in phon of stationary sound: ISO 532-1 (Zwicker), as MoSQITo computes it.

Source: ISO 532-1:2017 method 1, by MoSQITo 1.2 (Eomys, Apache 2.0), in a free field. Its
``loudness_zwst`` is taken apart here into its own two steps, since a fader changes only what lies
between them: bands are measured once, and heard at as many levels as are asked for.

**Conventions**: bands are the RMS levels of the 28 third octaves from 25 Hz to 12.5 kHz; of several
channels their powers are added.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples

Bands = NDArray[np.float64]
"""Levels of the third octaves in dB."""

RATE_HZ = 48000
LOWEST_HZ, HIGHEST_HZ = 24, 12600
"""What ISO 532-1 listens to, as MoSQITo asks for it."""

SILENT_RMS = 1e-12

HOW_TO_GET = "MoSQITo is not installed; get it with: pip install mosqito matplotlib"


def is_installed() -> bool:
    """Whether there is MoSQITo, and matplotlib, which it imports without asking for it."""
    return find_spec("mosqito") is not None and find_spec("matplotlib") is not None


def bands_db(samples: Samples, sample_rate_hz: int) -> Bands:
    """Third octaves of a sound, dB against an RMS of 1; ``samples`` ``[channels, frames]``."""
    import soxr
    from mosqito.sound_level_meter.noct_spectrum.noct_spectrum import noct_spectrum

    heard = soxr.resample(samples.T.astype(np.float64), sample_rate_hz, RATE_HZ)
    rms, _ = noct_spectrum(heard, RATE_HZ, fmin=LOWEST_HZ, fmax=HIGHEST_HZ)
    powers = np.square(rms).reshape(len(rms), -1).sum(axis=1)
    return np.asarray(10.0 * np.log10(np.maximum(powers, SILENT_RMS**2)))


def phons(bands_spl_db: Bands) -> list[float]:
    """Loudness levels of some sounds, whose bands in dB SPL are ``[bands, sounds]``."""
    from mosqito.sq_metrics.loudness.loudness_zwst._calc_slopes import _calc_slopes
    from mosqito.sq_metrics.loudness.loudness_zwst._main_loudness import _main_loudness
    from mosqito.sq_metrics.loudness.utils.sone_to_phon import sone_to_phon

    sones, _ = _calc_slopes(_main_loudness(bands_spl_db, "free"))
    return [float(sone_to_phon(one)) for one in np.atleast_1d(sones)]
