"""The strip as a REAPER effect sees it: a row of sliders, in dB, Hz and ms.

One table, made of the console's (:mod:`~reaper_automix.match.console.table`), is what the effect's
own file, its entry in a project, the Lua actions and the page about it follow. The order of the
rows is that of the sliders: slider 1 is parameter 0 in REAPER's API and the first value of a
``<JS`` block.

**Conventions**: a slider's value is in its unit, as it is shown. A strip holds neither the two
switches nor the output gain; what :func:`of` says switches both blocks on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from reaper_automix.match.console.strips import Channel, Strip, channel_of, channel_row
from reaper_automix.match.console.table import CHANNEL, COMPRESSOR, EQ, Parameter, neutral
from reaper_automix.rpp import number_text, real
from reaper_automix.session import STRIP_FILE, Fx

EFFECT = "Automix Strip"
"""What REAPER calls the effect."""

FILE = f"Automix/{STRIP_FILE}"
"""Where the effect is in REAPER's folder ``Effects``; what a project calls it by."""

SLOTS = 64
"""Values of a ``<JS`` block; those of sliders that there are not say ``-``."""

_SLIDER_LINE = re.compile(r"slider\d+:")

Detector = Literal["track", "master"]
"""What the compressor listens to: the mean of left and right, or on the master their sum."""

DETECTORS: tuple[Detector, ...] = ("track", "master")

THRESHOLD_DB = (-120.0, 60.0)
"""The threshold follows the gain that became a fader, so it goes further than the network's."""

STEPS = {"dB": 0.01, "Hz": 1.0, "ms": 0.1, "": 0.001}
"""What the mouse moves a slider by, by its unit."""


@dataclass(frozen=True, slots=True)
class Slider:
    """One slider; ``choices`` are what the values 0, 1 … of a switch are called."""

    name: str
    label: str
    unit: str
    low: float
    high: float
    neutral: float
    choices: tuple[str, ...] = ()

    @property
    def step(self) -> float:
        """By how much the mouse moves it at least, and a value differs that is another one."""
        return 1.0 if self.choices else STEPS[self.unit]

    def limited(self, value: float) -> float:
        """The value the slider can stand at."""
        return max(self.low, min(self.high, value))


def _slider(parameter: Parameter) -> Slider:
    low, high = parameter.low, parameter.high
    if parameter.name == "threshold_db":
        low, high = THRESHOLD_DB
    return Slider(parameter.name, parameter.label, parameter.unit, low, high, parameter.neutral)


def _choice(name: str, label: str, neutral: int, *choices: str) -> Slider:
    return Slider(name, label, "", 0.0, len(choices) - 1.0, neutral, choices)


SLIDERS = (
    _choice("eq_on", "Equaliser", 1, "off", "on"),
    *map(_slider, EQ),
    _choice("compressor_on", "Compressor", 1, "off", "on"),
    *(_slider(parameter) for parameter in COMPRESSOR if parameter.name != "release_ms"),
    Slider("output_db", "Output", "dB", -48.0, 48.0, 0.0),
    _choice("detector", "Detector", 0, "track (mean of L and R)", "master (sum of L and R)"),
)
"""All sliders in their order."""

PLACES = {slider.name: number for number, slider in enumerate(SLIDERS)}
"""Where each stands, counted from 0."""

ACTING = frozenset(
    {*(one.name for one in EQ if one.unit == "dB"), "ratio", "makeup_db", "output_db"}
)
"""The sliders by which a strip does something; the others say how."""

Values = tuple[float, ...]
"""A value for each slider."""


def of(strip: Strip, *, output_db: float = 0.0, detector: Detector = "track") -> Values:
    """The sliders that make a strip, within their ranges."""
    row = channel_row(Channel(0.0, strip, 0.5))
    named = {parameter.name: float(value) for parameter, value in zip(CHANNEL, row, strict=True)}
    named |= {"output_db": output_db, "detector": float(DETECTORS.index(detector))}
    return tuple(one.limited(named.get(one.name, one.neutral)) for one in SLIDERS)


def limited(values: Sequence[float]) -> Values:
    """The values within the ranges of their sliders."""
    return tuple(one.limited(value) for one, value in zip(SLIDERS, values, strict=True))


def strip_of(values: Sequence[float]) -> Strip:
    """The strip that sliders make, whether or not its blocks are switched on.

    >>> strip_of(RESTING).compressor.ratio
    1.0
    """
    row = neutral(CHANNEL)
    for number, parameter in enumerate(CHANNEL):
        if parameter.name in PLACES:
            row[number] = values[PLACES[parameter.name]]
    return channel_of(row).strip


def output_db_of(values: Sequence[float]) -> float:
    """The gain behind the strip."""
    return values[PLACES["output_db"]]


def is_effect(name: str) -> bool:
    """Whether a project or a session names our effect so; its folder may be another."""
    return Fx(name).is_strip


def is_idle(values: Sequence[float]) -> bool:
    """Whether a strip passes on what it gets, however its other sliders stand."""
    pairs = zip(SLIDERS, values, strict=True)
    return all(abs(value - one.neutral) < one.step for one, value in pairs if one.name in ACTING)


def same(values: Sequence[float], others: Sequence[float]) -> bool:
    """Whether sliders stand alike, but for what a text form or the slider's step rounds."""
    pairs = zip(SLIDERS, values, others, strict=True)
    return all(abs(value - other) < slider.step for slider, value, other in pairs)


def text(values: Sequence[float]) -> str:
    """The values as a ``<JS`` block holds them, all slots filled."""
    return " ".join([*map(number_text, values), *("-" * (SLOTS - len(values)))])


def values_of(tokens: Sequence[str]) -> Values:
    """The values in the line of a ``<JS`` block; a slider that it does not tell is neutral."""
    return tuple(
        one.limited(real(tokens, number, one.neutral)) for number, one in enumerate(SLIDERS)
    )


def lines() -> Iterator[str]:
    """The lines of the effect's own file that declare its sliders."""
    for number, one in enumerate(SLIDERS, 1):
        numbers = ",".join(map(number_text, (one.low, one.high, one.step)))
        choices = f"{{{','.join(one.choices)}}}" if one.choices else ""
        unit = f" ({one.unit})" if one.unit else ""
        yield (
            f"slider{number}:{one.name}={number_text(one.neutral)}<{numbers}{choices}>"
            f"{one.label}{unit}"
        )


def placed(effect: str) -> str:
    """The text of the effect's file with these sliders in place of the ones that it has."""
    kept = effect.splitlines(keepends=True)
    first = next(at for at, line in enumerate(kept) if _SLIDER_LINE.match(line))
    others = [line for line in kept if not _SLIDER_LINE.match(line)]
    return "".join([*others[:first], *(f"{line}\n" for line in lines()), *others[first:]])


def page() -> Iterator[str]:
    """The table of the sliders as a page of Markdown shows it."""
    yield "| slider | name | range | at rest |"
    yield "|---|---|---|---|"
    for number, one in enumerate(SLIDERS, 1):
        yield f"| {number} | {one.label} | {_range(one)} | {_shown(one, one.neutral)} |"


def _range(slider: Slider) -> str:
    if slider.choices:
        return ", ".join(slider.choices)
    unit = f" {slider.unit}" if slider.unit else ""
    return f"{number_text(slider.low)} … {number_text(slider.high)}{unit}"


def _shown(slider: Slider, value: float) -> str:
    return slider.choices[int(value)] if slider.choices else number_text(value)


RESTING: Values = tuple(slider.neutral for slider in SLIDERS)
"""A strip that leaves what goes through it as it is, but later."""
