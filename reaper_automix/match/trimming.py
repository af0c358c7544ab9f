"""How loud a match comes out at other strengths and with other blocks, and what makes up for it.

Every knot of every curve is rendered and measured in the passages that were heard, with the match
as it was levelled. What it then lacks is a plain gain, which the output of the master's strip takes
up or, where that is not heard, the faders.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reaper_automix.match.placing.landed import UNTRIMMED, Block, Blocks, Match, Trims, at
from reaper_automix.match.placing.mapping import FADER_MAX_DB
from reaper_automix.match.placing.stored import Placed
from reaper_automix.match.sounding import Goal, Hearing
from reaper_automix.results import SumLevel

LEVELLING = "Levelling other strengths"

BLOCKS: tuple[Block, ...] = ("gain", "eq", "compressor", "pan", "master")

STRENGTHS = (0.1, 0.25, 0.4, 0.6, 0.8, 1.0)
"""Where a match is heard, besides the strength that was asked for."""


def trims(placed: Placed, hearing: Hearing, goal: Goal) -> Trims:
    """The trims of a match, levelled as it is placed."""
    strengths = sorted({*STRENGTHS, round(placed.strength, 2)} - {0.0})
    switches = _switches(placed.match)
    trial = _Trial(
        placed,
        _counted(hearing, len(strengths)),
        goal,
        hearing.before(),
        Trims(switches, on_master=hearing.has_master, on_faders=hearing.is_free),
    )
    columns = [trial.at_nothing(), *(trial.at(strength) for strength in strengths)]
    curves = tuple(zip(*columns, strict=True))
    return replace(trial.carriers, strengths=(0.0, *strengths), curves=curves)


@dataclass(frozen=True, slots=True)
class _Trial:
    """A match that is tried at other strengths.

    ``before`` is how loud the mix was without it; ``carriers`` are the trims before any is known.
    """

    placed: Placed
    hearing: Hearing
    goal: Goal
    before: SumLevel
    carriers: Trims

    @property
    def ways(self) -> tuple[Blocks, ...]:
        """Every way in which the switches can stand, by its number."""
        switches = self.carriers.switches
        return tuple(_way(number, switches) for number in range(1 << len(switches)))

    def at_nothing(self) -> tuple[float, ...]:
        """What the trims come to on the way to a strength of 0."""
        return (self.goal.short_db(self.before, self.before),) * len(self.ways)

    def at(self, strength: float) -> tuple[float, ...]:
        """The trims at a strength."""
        placings = [
            replace(self.placed, strength=strength, blocks=blocks, trims=UNTRIMMED)
            for blocks in self.ways
        ]
        levels = self.hearing.after_each(placings)
        return tuple(map(self._trim_db, placings, levels))

    def _trim_db(self, placed: Placed, after: SumLevel) -> float:
        short_db = self.goal.short_db(self.before, after)
        if self.carriers.carrier(placed.blocks) == "faders":
            return min(short_db, FADER_MAX_DB - _highest_db(placed.written))
        return short_db


def _switches(match: Match) -> tuple[Block, ...]:
    """The blocks that do something in a match."""
    whole = at(match, 1.0)
    return tuple(block for block in BLOCKS if at(match, 1.0, _without(block)) != whole)


def _without(block: Block) -> Blocks:
    return replace(Blocks(), **{block: False})


def _way(number: int, switches: tuple[Block, ...]) -> Blocks:
    """The way of a number; what is no switch is on."""
    is_on = {block: bool(number >> bit & 1) for bit, block in enumerate(switches)}
    return replace(Blocks(), **is_on)


def _highest_db(match: Match) -> float:
    return max((stem.matched.fader_db for stem in match.stems), default=FADER_MAX_DB)


def _counted(hearing: Hearing, mixes: int) -> Hearing:
    """The same, which tells how many of so many mixes are heard."""
    count: Iterator[int] = itertools.count()
    passages = mixes * len(hearing.passages)

    def tell(stage: str, done: float, total: float, what: str = "") -> None:
        hearing.progress(LEVELLING, next(count), passages, what)

    return replace(hearing, progress=tell)
