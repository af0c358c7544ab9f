"""The parameters of the console, one row each: the one source for all who speak of them.

The network's outputs, the differentiable and the offline console, the sliders of the strip in
REAPER, its entry in a project file and the tables of the documentation all follow these rows.

**Conventions**: a parameter of the network is ``p`` in 0 … 1 and means ``low + p·(high − low)``,
linear also in Hz, Q and ms. ``neutral`` is the value at which a block does nothing; where none of
its own does (a frequency, an attack), it is the one a new strip shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Block = Literal["gain", "eq", "compressor", "pan", "send"]
Shape = Literal["low shelf", "peak", "high shelf"]

SAMPLE_RATE_HZ = 44_100
"""What the network was trained at; a strip works at any rate."""

TOP_HZ = SAMPLE_RATE_HZ // 2 - 1000
CHANNEL_LOOKAHEAD = 2048
"""Samples at 44.1 kHz by which a stem's compressor looks ahead."""
MASTER_LOOKAHEAD = 1024


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the console: what it is called, its range and where it does nothing."""

    name: str
    label: str
    unit: Literal["dB", "Hz", "ms", ""]
    low: float
    high: float
    neutral: float
    block: Block


@dataclass(frozen=True, slots=True)
class BandRow:
    """One band of the equaliser: its shape and where its frequency may lie."""

    name: str
    label: str
    shape: Shape
    range_hz: tuple[float, float, float]
    """Lowest, highest and neutral frequency."""

    def parameters(self) -> tuple[Parameter, Parameter, Parameter]:
        """Gain, frequency and Q of the band."""
        return (
            Parameter(f"{self.name}_gain_db", f"{self.label} gain", "dB", -12, 12, 0, "eq"),
            Parameter(f"{self.name}_hz", f"{self.label} frequency", "Hz", *self.range_hz, "eq"),
            Parameter(f"{self.name}_q", f"{self.label} Q", "", 0.1, 5.0, 0.707, "eq"),
        )


BANDS = (
    BandRow("low_shelf", "Low shelf", "low shelf", (20, 2000, 100)),
    BandRow("peak_1", "Peak 1", "peak", (80, 2000, 400)),
    BandRow("peak_2", "Peak 2", "peak", (2000, 8000, 3000)),
    BandRow("peak_3", "Peak 3", "peak", (8000, 12_000, 9000)),
    BandRow("peak_4", "Peak 4", "peak", (12_000, TOP_HZ, 14_000)),
    BandRow("high_shelf", "High shelf", "high shelf", (6000, TOP_HZ, 10_000)),
)

EQ = tuple(parameter for band in BANDS for parameter in band.parameters())
COMPRESSOR = (
    Parameter("threshold_db", "Threshold", "dB", -60, 0, 0, "compressor"),
    Parameter("ratio", "Ratio", "", 1, 10, 1, "compressor"),
    Parameter("attack_ms", "Attack", "ms", 5, 250, 30, "compressor"),
    Parameter("release_ms", "Release", "ms", 10, 250, 30, "compressor"),
    Parameter("knee_db", "Knee", "dB", 3, 12, 6, "compressor"),
    Parameter("makeup_db", "Make-up", "dB", 0, 6, 0, "compressor"),
)
"""``release_ms`` has no effect: one time constant smooths the gain both ways (dasp)."""

CHANNEL = (
    Parameter("gain_db", "Gain", "dB", -48, 48, 0, "gain"),
    *EQ,
    *COMPRESSOR,
    Parameter("pan", "Pan", "", 0, 1, 0.5, "pan"),
    Parameter("send_db", "Send", "dB", -80, 12, -80, "send"),
)
"""What the network says of each stem, in its order; there is no reverb to send to."""

MASTER = (
    *EQ,
    *COMPRESSOR,
    Parameter("output_db", "Output", "dB", -48, 48, 0, "gain"),
    Parameter("input_db", "Input", "dB", -48, 48, 0, "gain"),
)
"""What the network says of the mix, in its order: the output comes before the input."""

Rows = NDArray[np.float64]
"""Values in the order of a table: ``[..., parameters]``."""


def values(table: Sequence[Parameter], normalised: NDArray[np.floating]) -> Rows:
    """Values in their units from the network's 0 … 1, ``[..., parameters]``.

    >>> values(CHANNEL, np.full(27, 0.5))[[0, 20, 25]]
    array([0. , 5.5, 0.5])
    """
    low = np.array([parameter.low for parameter in table], dtype=np.float64)
    high = np.array([parameter.high for parameter in table], dtype=np.float64)
    return normalised * (high - low) + low


def neutral(table: Sequence[Parameter]) -> Rows:
    """The row that leaves a signal as it is (but for the pan, which places it in the centre)."""
    return np.array([parameter.neutral for parameter in table], dtype=np.float64)


def place(table: Sequence[Parameter], name: str) -> int:
    """Where a parameter stands in a table.

    >>> place(MASTER, "input_db")
    25
    """
    return [parameter.name for parameter in table].index(name)
