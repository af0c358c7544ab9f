"""Settings of the console by which stems come to sound like a reference, without a network.

1. **Forecast.** Powers of the stems and of their products say what any gains, equalisers and pans
   would do to the mix's portrait (:mod:`.forecast`).
2. **Solve.** Least squares of the distance to the reference's portrait (:mod:`.terms`) and of what
   moves cost (:mod:`.priors`), stems and master together: what all stems need falls to the
   master, whose one move costs less than one of each.
3. **Listen.** The console is rendered; what the forecast had left out is added to it as an offset,
   and solved again.
4. **Squeeze.** Compressors of a few depths are tried, for crest and loudness range.

**Conventions**: nothing here is random, and two runs agree to the bit. Differences that are smaller
than what passages of one mix differ by are no difference (:data:`DOUBT`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress, count

import numpy as np

from reaper_automix.audio import Samples
from reaper_automix.errors import InputError, NothingToBalance
from reaper_automix.match.console.strips import Channel, Console, neutral_master
from reaper_automix.match.hearing import Passage, Reference
from reaper_automix.match.search import portrait, squeeze, terms
from reaper_automix.match.search.forecast import Forecast
from reaper_automix.match.search.knobs import Knobs
from reaper_automix.match.search.portrait import Float64, Portrait
from reaper_automix.match.search.priors import USUAL_WISHES, Wishes
from reaper_automix.match.search.squares import MOST_STEPS, Search
from reaper_automix.match.search.squeeze import Squeeze
from reaper_automix.match.search.terms import Distances
from reaper_automix.progress import Beat, Progress, silent

ADDING, SOLVING, LISTENING, SQUEEZING = (
    *("Adding up the stems", "Finding levels and equalisers", "Listening to the match"),
    "Trying compressors",
)

DOUBT = 0.5
"""How many standard errors of the portraits' means are no difference."""

ROUNDS = 2

DEPTHS_DB = ((0.0, 8.0, 16.0), (0.0, 5.0, 10.0, 15.0))
"""What is tried of the stems' compressors and of the master's."""

DEPTH_COST = 0.03
"""What a dB of depth has to win of the squares of what crest and range are off by, in dB."""

NEAR_COST = 0.5
"""Crest and range this near to the reference's, each 0.5 dB, ask for no further compressor."""

PARTS = (1.0, 0.9, 0.8, 0.65, 0.5, 0.35, 0.2)
"""How much of the settings that were found is tried, until they keep what is promised."""

GUARDED = 0.5
"""What of a term's allowed rise the search may use; what it does not foresee needs the rest."""


@dataclass(frozen=True, slots=True)
class Move:
    """What a match does to a stem: its gain, its share in the mix (both dB), its pan 0 … 1."""

    gain_db: float
    share_db: float
    pan: float


@dataclass(frozen=True, slots=True)
class Found:
    """A match: the console for stems as they arrive at their faders, and what it brings.

    Distances are to the reference, over the passages that were heard; the portraits are those of
    the mix before and after, and of the reference. ``moves`` has one of every stem.
    """

    console: Console
    before: Distances
    after: Distances
    mix_before: Portrait
    mix_after: Portrait
    reference: Portrait
    moves: tuple[Move, ...]


def towards(
    heard: Sequence[Passage],
    channels: Sequence[Channel],
    reference: Reference,
    wishes: Wishes = USUAL_WISHES,
    progress: Progress = silent,
) -> Found:
    """Find the console by which the stems of some passages sound like a reference.

    ``channels`` are how the stems stand now, in the order of the passages: behind strips of their
    own, if they have any, and so without one. :class:`InputError` where the reference is silent,
    :class:`NothingToBalance` where the stems are.
    """
    watch = _Watch(progress)
    goal = _portrait_of(reference, watch.stage(LISTENING))
    seated = Console(tuple(channels), neutral_master())
    stems, was = _sounding(heard, seated, watch.stage(LISTENING, len(channels) * len(heard)))
    if not terms.says_of_width(goal):
        wishes = replace(wishes, keep_pan=True)
    goal = terms.aim(goal, was.portrait)
    knobs = Knobs(seated.channels)
    bench = _Bench(stems, knobs, wishes, goal, watch, is_sure=reference.is_beside)
    target = _target(was.portrait, goal, is_beside=reference.is_beside)
    row, depths = bench.search(was.portrait, target)
    row, console, now = bench.tempered(row, depths, was) or (np.zeros_like(row), seated, was)
    trimmed = replace(console.master, output_db=was.lufs - now.lufs)
    return Found(
        replace(console, master=trimmed),
        terms.distances(was.portrait, goal),
        terms.distances(now.portrait, goal),
        was.portrait,
        now.portrait,
        goal,
        bench.moves(row),
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """What comes out of a console: mixes of passages, their portrait and their mean loudness."""

    mixes: tuple[Samples, ...]
    portrait: Portrait
    lufs: float


class _Watch:
    """Tells how far each step of the work is."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def stage(self, name: str, total: int = 1) -> Beat:
        """The beat of a stage of so many pieces of work."""
        done = count()
        return lambda: self._progress(name, min(next(done), total), total)


class _Bench:
    """Passages of stems on a console, ready to be turned towards a reference."""

    def __init__(
        self,
        stems: Sequence[Samples],
        knobs: Knobs,
        wishes: Wishes,
        goal: Portrait,
        watch: _Watch,
        *,
        is_sure: bool,
    ) -> None:
        self._stems, self._knobs, self._wishes, self._goal = stems, knobs, wishes, goal
        self._watch, self._kept = watch, wishes.kept["eq"]
        frames = sum(passage.shape[2] for passage in stems)
        self._forecast = Forecast(stems, watch.stage(ADDING, 2 * frames // portrait.FRAME))
        self._most = np.full(len(terms.TERMS), np.inf)
        solving = watch.stage(SOLVING, 4 * MOST_STEPS)
        self._search = Search(self._forecast, knobs, wishes, goal, solving, is_sure=is_sure)

    def search(self, was: Portrait, target: Float64) -> tuple[Float64, Squeeze]:
        """The row and the compressors that bring the mix nearest to the target."""
        depths = Squeeze()
        self._most = terms.bounds(terms.losses(was.features - target), GUARDED)
        row = self._search.allowed(self._knobs.first())
        for _ in range(ROUNDS):
            row = self._solved(row, depths, target)
        depths = self._depths(row)
        if depths != Squeeze():
            row = self._solved(row, depths, target)
        return row, depths

    def heard(self, row: Float64, depths: Squeeze) -> tuple[Console, _Look]:
        """The console at a row, and what comes out of it."""
        beat = self._watch.stage(LISTENING, (len(self._knobs.start) + 2) * len(self._stems))
        found = squeeze.mixed(self._stems, self._knobs.console(row), depths, beat, self._kept)
        return found.console, _look(found.mixes, beat)

    def tempered(
        self, row: Float64, depths: Squeeze, was: _Look
    ) -> tuple[Float64, Console, _Look] | None:
        """As much of a row as keeps every promise: nearer, no term worse, no stem lost.

        ``None`` where the mix is best left as it was.
        """
        before, least_db = terms.distances(was.portrait, self._goal), -self._wishes.limits.share_db
        for part in PARTS:
            if self._shares_db(part * row).min(initial=0.0) < least_db:
                continue
            console, now = self.heard(part * row, depths)
            if _is_better(before, terms.distances(now.portrait, self._goal)):
                return part * row, console, now
        return None

    def _shares_db(self, row: Float64) -> Float64:
        """By how much the share of each stem in the mix grows with a row, dB."""
        still = self._search.shares(np.zeros_like(row)).values
        grown: Float64 = self._search.shares(row).values - still
        return grown

    def moves(self, row: Float64) -> tuple[Move, ...]:
        """What a row does to each stem."""
        shares_db = self._shares_db(row)
        gains_db, pans = (row[self._knobs.parts[name]].tolist() for name in ("gain", "pan"))
        rows = zip(gains_db, shares_db.tolist(), pans, self._knobs.start, strict=True)
        return tuple(
            Move(gain_db, share_db, channel.pan + pan) for gain_db, share_db, pan, channel in rows
        )

    def _solved(self, row: Float64, depths: Squeeze, target: Float64) -> Float64:
        """A row that is nearer, after listening to how far off the forecast of this one is."""
        _, look = self.heard(row, depths)
        self._forecast.note_peaks(look.mixes)
        offset = look.portrait.features - self._search.features(row).values
        return self._search.solve(row, target - offset, self._most)

    def _depths(self, row: Float64) -> Squeeze:
        """The compressors with which crest and loudness range come nearest to the reference's."""
        plain, blocks = self._knobs.console(row), self._wishes.blocks
        if not blocks.compressor:
            return Squeeze()
        of_stems, of_master = DEPTHS_DB[0], DEPTHS_DB[1] if blocks.master else (0.0,)
        total = len(self._stems) * (2 * len(of_stems) * len(plain.channels) + 6 * len(of_master))
        beat = self._watch.stage(SQUEEZING, total)
        tried: dict[Squeeze, float] = {}
        for stems_db in of_stems:
            channels, sums = squeeze.arriving(
                self._stems, plain.channels, stems_db, beat, self._kept
            )
            for master_db in of_master:
                console = Console(channels, plain.master)
                mixes = squeeze.finished(console, sums, master_db, beat).mixes
                one = Squeeze(stems_db, master_db)
                tried[one] = _dynamics_cost(_look(mixes, beat).portrait, self._goal, one)
                if tried[one] <= NEAR_COST:
                    return one
        return min(tried, key=lambda one: tried[one])


def _is_better(before: Distances, after: Distances) -> bool:
    """Whether a mix is nearer, and no term of it further than :data:`RISES` allows."""
    was, now = (np.array([one.loss for one in of.terms]) for of in (before, after))
    return after.loss < before.loss and bool((now <= terms.bounds(was)).all())


def _dynamics_cost(mix: Portrait, goal: Portrait, depths: Squeeze) -> float:
    """Squares of what crest and range are off by, in dB, and what compressors cost."""
    crest_db = terms.crest_db(mix) - terms.crest_db(goal)
    range_lu = mix.range_lu - goal.range_lu
    return crest_db**2 + range_lu**2 + DEPTH_COST * (depths.stems_db + depths.master_db)


def _target(was: Portrait, goal: Portrait, *, is_beside: bool) -> Float64:
    """The reference's features, nearer to the mix's by what is no difference."""
    apart = goal.features - was.features
    doubt = DOUBT * portrait.doubt(goal, was, is_beside=is_beside)
    return np.asarray(was.features + np.sign(apart) * np.maximum(np.abs(apart) - doubt, 0.0))


def _portrait_of(reference: Reference, beat: Beat) -> Portrait:
    stretches = (portrait.stretch(one, beat) for one in reference.passages)
    found = [one for one in stretches if one is not None]
    if not found:
        raise InputError(f"{reference.name} is silent where it is heard; choose another reference.")
    return portrait.portrait(found)


def _sounding(heard: Sequence[Passage], seated: Console, beat: Beat) -> tuple[list[Samples], _Look]:
    """The passages in which the mix sounds, and how it sounds now."""
    mixes = squeeze.mixed([one.stems for one in heard], seated, Squeeze(), beat).mixes
    sounds = [portrait.stretch(mix, beat) is not None for mix in mixes]
    if not any(sounds):
        raise NothingToBalance(
            "The stems are silent where they are heard; choose another part of the song."
        )
    stems = [passage.stems for passage in compress(heard, sounds)]
    return stems, _look(tuple(compress(mixes, sounds)), beat)


def _look(mixes: tuple[Samples, ...], beat: Beat) -> _Look:
    found = [one for one in (portrait.stretch(mix, beat) for mix in mixes) if one is not None]
    return _Look(mixes, portrait.portrait(found), float(np.mean([one.lufs for one in found])))
