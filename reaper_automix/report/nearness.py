"""How near a match brought the mix to its reference, as figures and one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reaper_automix.match.outcome import Matched, Sound
from reaper_automix.report import figures

LEAST_PART = 0.02
"""A smaller part of the distance is nothing to speak of."""


@dataclass(frozen=True, slots=True)
class SoundRow:
    """One figure of how a mix sounds: before, after, and of the reference."""

    label: str
    unit: str
    values: tuple[float | None, float | None, float | None]

    @property
    def heading(self) -> str:
        """What it is, with its unit."""
        return f"{self.label}, {self.unit}"

    @property
    def before(self) -> str:
        """As it was."""
        return self._said(0)

    @property
    def after(self) -> str:
        """As it is now."""
        return self._said(1)

    @property
    def aim(self) -> str:
        """As the reference is."""
        return self._said(2)

    def _said(self, place: int) -> str:
        value = self.values[place]
        return figures.level(value)


FIGURES: tuple[tuple[str, str, Callable[[Sound], float | None]], ...] = (
    ("Loudness", "LUFS", lambda sound: sound.lufs),
    ("True peak", "dBTP", lambda sound: sound.true_peak_db),
    ("Crest factor", "dB", lambda sound: sound.crest_db),
    ("Loudness range", "LU", lambda sound: sound.range_lu),
    ("Width, side to mid", "dB", lambda sound: sound.width_db),
)
"""What is told of the sound of a mix."""


def sounds(match: Matched) -> Iterator[SoundRow]:
    """Every figure before, after and of the reference, whose level has no meaning here."""
    for label, unit, of in FIGURES:
        yield SoundRow(label, unit, (of(match.before), of(match.after), of(match.aim)))


def nearer(match: Matched) -> str:
    """The outcome in one sentence; where pans stay, of what they do not decide."""
    stems = sum(stem.status == "matched" for stem in match.stems)
    how = f"{figures.count(stems, 'stem')} matched to {figures.plain(match.reference)}"
    counted = [gap for gap in match.gaps if match.turns_pans or not gap.of_width]
    before, after = sum(gap.before for gap in counted), sum(gap.after for gap in counted)
    nearer_by = 1.0 - after / before if before > 0.0 else 0.0
    is_near = nearer_by < LEAST_PART
    how_near = "as near to it as it gets" if is_near else f"{nearer_by:.0%} nearer to it"
    left_out = match.loss_before - before
    aside = ", its width aside" if left_out > LEAST_PART * match.loss_before else ""
    return f"{how}: the mix is {how_near}{aside}."


def levels_of(match: Matched) -> str:
    """What of the song the loudness and true peak are of."""
    if match.levels_s is None:
        return "of the whole song"
    return f"of its loudest {match.levels_s:.0f} seconds"
