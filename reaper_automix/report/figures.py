"""How figures are written for people: one place for signs, digits, dashes and infinity.

**Conventions**: levels have one decimal (0.1 dB is below what anyone hears), a real minus sign
(U+2212), ``−∞`` for a closed fader or silence and ``–`` (en dash) where nothing is known. Units
stand in headings, not here.
"""

from __future__ import annotations

import math
import re

from reaper_automix.features import Band
from reaper_automix.results import SumLevel

UNKNOWN = "–"
MINUS = "\N{MINUS SIGN}"
INFINITY = "∞"
UNNAMED = "(unnamed)"
PREDICTED = (
    "Sums with ≈ and ≤ are predicted from what is known of the tracks, not played: their loudness "
    "is that within 0.2 dB, their true peak estimated rather too high than too low."
)
"""What the signs of :func:`loudness` and :func:`true_peak` mean."""
REPAINTING = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""Characters that control (Unicode categories Cc, Zl and Zp) or turn the direction of the text
around them (Unicode annex 9)."""


def level(value: float | None) -> str:
    """A level in dB, LUFS or dBTP.

    >>> level(-18.24), level(-0.01), level(float("-inf")), level(None)
    ('−18.2', '0.0', '−∞', '–')
    """
    if value is None or math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return INFINITY if value > 0 else MINUS + INFINITY
    return f"{round(value, 1) + 0.0:.1f}".replace("-", MINUS)


def move(value: float | None) -> str:
    """A change in dB, with its sign.

    >>> move(2.31), move(-0.5), move(0.01), move(float("inf"))
    ('+2.3', '−0.5', '0.0', '+∞')
    """
    text = level(value)
    return f"+{text}" if value is not None and round(value, 1) > 0 else text


def loudness(found: SumLevel) -> str:
    """The loudness of a sum in LUFS.

    >>> loudness(SumLevel(-18.24, -6.0)), loudness(SumLevel(-18.24, -6.0, predicted=True))
    ('−18.2', '≈−18.2')
    """
    return _foretold("≈", found, level(found.lufs))


def true_peak(found: SumLevel) -> str:
    """The true peak of a sum in dBTP, or what it is estimated at, from above.

    >>> true_peak(SumLevel(-18.24, -6.0)), true_peak(SumLevel(-18.24, -6.0, predicted=True))
    ('−6.0', '≤ −6.0')
    """
    return _foretold("≤", found, level(found.true_peak_db))


def _foretold(sign: str, found: SumLevel, text: str) -> str:
    """The figure with its sign where it is a predicted one, all of them of one width."""
    is_known = text not in (UNKNOWN, MINUS + INFINITY)
    return f"{sign}{text:>5}" if found.predicted and is_known else text


def hertz(value: float | None) -> str:
    """A frequency in Hz with three digits' worth of precision.

    >>> hertz(61.74), hertz(1046.7), hertz(None)
    ('61.7', '1047', '–')
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{value:.1f}" if value < 100.0 else f"{value:.0f}"


def band(value: Band | None) -> str:
    """A pass band in Hz; an edge that is left out leaves its side open.

    >>> band(Band(82.4, 164.8)), band(Band(None, 400.0)), band(Band(300.0, None)), band(None)
    ('82.4–165', '≤ 400', '≥ 300', 'full')
    """
    if value is None or (value.low_hz is None and value.high_hz is None):
        return "full"
    if value.low_hz is None:
        return f"≤ {hertz(value.high_hz)}"
    if value.high_hz is None:
        return f"≥ {hertz(value.low_hz)}"
    return f"{hertz(value.low_hz)}–{hertz(value.high_hz)}"


def share(value: float | None) -> str:
    """A confidence in 0 … 1.

    >>> share(0.934), share(None)
    ('0.93', '–')
    """
    return UNKNOWN if value is None else f"{value:.2f}"


def duration(value_s: float) -> str:
    """A length of time.

    >>> duration(7.24), duration(194.6), duration(3725)
    ('7.2 s', '3 min 15 s', '1 h 2 min')
    """
    if value_s < 59.95:
        return f"{value_s:.1f} s"
    minutes, seconds = divmod(round(value_s), 60)
    return f"{minutes} min {seconds} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def count(number: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "track"), count(3, "track")
    ('1 track', '3 tracks')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def plain(name: str) -> str:
    r"""A name on one line, never empty.

    >>> plain(" Kick\n in "), plain("  ")
    ('Kick in', '(unnamed)')
    """
    return " ".join(tame(name).split()) or UNNAMED


def tame(text: str) -> str:
    r"""Text without control and direction characters, which could repaint what stands around it.

    >>> tame("a\x1b[31m\u202eb")
    'a [31m b'
    """
    return REPAINTING.sub(" ", whole(text))


def whole(text: str) -> str:
    r"""Text that UTF-8 can hold: file names may carry bytes that are no characters.

    >>> whole("caf\udce9")
    'caf?'
    """
    return text.encode("utf-8", "replace").decode("utf-8")
