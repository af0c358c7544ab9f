"""Conversions between linear gain and decibels.

**Conventions**: gain is linear amplitude (1 = unity), as REAPER stores faders (``D_VOL``,
``VOLPAN``); ``_db`` is 20·log10 of it; silence is minus infinity, never a large negative number.
Power is the square of amplitude, ``10·log10``.
"""

from __future__ import annotations

import math


def db_from_gain(gain: float) -> float:
    """Level of a linear gain in dB; its sign (polarity) is ignored.

    >>> db_from_gain(0.5)
    -6.020599913279624
    >>> db_from_gain(0.0)
    -inf
    """
    return 20.0 * math.log10(abs(gain)) if gain else -math.inf


def gain_from_db(level_db: float) -> float:
    """Linear gain of a level in dB.

    >>> gain_from_db(6.020599913279624)
    2.0
    >>> gain_from_db(float("-inf"))
    0.0
    """
    return math.pow(10.0, level_db / 20.0)


def clock(time_s: float) -> str:
    """A time of the time line in minutes and seconds, to the tenth.

    >>> clock(62.0), clock(5.25), clock(3725.5)
    ('1:02', '0:05.2', '62:05.5')
    """
    minutes, tenths = divmod(round(10.0 * time_s), 600)
    return f"{minutes}:{tenths // 10:02d}" + (f".{tenths % 10}" if tenths % 10 else "")


def db_from_power(power: float) -> float:
    """Level of a power in dB.

    >>> db_from_power(100.0)
    20.0
    """
    return 10.0 * math.log10(power) if power > 0.0 else -math.inf
