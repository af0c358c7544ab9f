"""The fader's law and dB (facts.md section 4; derived there from published points)."""

import math

_REFERENCE = 10.0**0.6 / 2.0
_FLOOR_DB = -150.0
_FLOOR_GAIN = 2.98e-8
FADER_SCALED = 1
_FULL_SCALE = 1000.0


def gain_from_slider(position: float) -> float:
    """Linear gain of a fader position 0 … 1000."""
    x = position / _FULL_SCALE
    return _REFERENCE * (x**3 + x**6)


def slider_from_gain(gain: float) -> float:
    """Fader position of a linear gain."""
    cube = (-1.0 + math.sqrt(1.0 + 4.0 * max(0.0, gain) / _REFERENCE)) / 2.0
    return _FULL_SCALE * cube ** (1.0 / 3.0)


def raw_from_gain(mode: int, gain: float) -> float:
    """``ScaleToEnvelopeMode``."""
    return slider_from_gain(gain) if mode == FADER_SCALED else gain


def gain_from_raw(mode: int, raw: float) -> float:
    """``ScaleFromEnvelopeMode``."""
    return gain_from_slider(raw) if mode == FADER_SCALED else raw


def db_from_gain(gain: float) -> float:
    """``VAL2DB``: -150 dB is the floor."""
    return _FLOOR_DB if gain < _FLOOR_GAIN else 20.0 * math.log10(gain)


def gain_from_db(level_db: float) -> float:
    """``DB2VAL``."""
    return math.exp(level_db * math.log(10.0) / 20.0)
