"""Consoles at any setting, what they are fed, and how near two signals are."""

import numpy as np
from hypothesis import strategies as st

from reaper_automix.match.console import strips, table

RATE_HZ = table.SAMPLE_RATE_HZ
SEEDS = st.integers(0, 2**16)


def rows(parameters):
    """Any values of a table, in their units."""
    size = len(parameters)
    normalised = st.lists(st.floats(0.0, 1.0, width=32), min_size=size, max_size=size)
    return normalised.map(lambda part: table.values(parameters, np.array(part)))


CHANNEL_ROWS = rows(table.CHANNEL)
MASTER_ROWS = rows(table.MASTER)
CHANNELS = CHANNEL_ROWS.map(strips.channel_of)
MASTERS = MASTER_ROWS.map(strips.master_of)


def sound(seed, frames=3000, count=1, level_db=-20.0):
    """Stereo noise with a swell, float64 ``[count, 2, frames]``: every part of a knee is met."""
    noise = np.random.default_rng(seed).standard_normal((count, 2, frames))
    return 10 ** (level_db / 20) * noise * np.linspace(0.01, 2.0, frames)


def apart(one, other):
    """The largest difference of two signals, as part of the peak."""
    peak = np.max(np.abs(other))
    return np.max(np.abs(one - other)) / peak if peak > 0.0 else np.max(np.abs(one))
