"""Keeps the true peak of a group's sum below the headroom, by lowering the group as a whole.

What counts is how high the sum peaks by what is known of its tracks (:mod:`.peaks`), which is
rather too high than too low, and never how high it was heard to. So no sum is played for a fader,
and what comes out does not depend on how much is known. Where a sum that is played afterwards peaks
higher all the same, its account says so (:func:`told`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reaper_automix import balance
from reaper_automix.balance import Solution
from reaper_automix.mix import Gains, Node
from reaper_automix.results import GroupResult
from reaper_automix.totals import Totals

TOLERANCE_DB = 0.01
BESIDE_DB = 12.0
"""For what stays beside it a group goes down by no more than this, on top of what it has to alone:
the nearer what stays is to the headroom, the more it would take, without end."""
FAR_ABOVE_DB = 120.0
"""A group that is so much louder is all that is heard."""
HALVINGS = 11
"""How often that is halved to find how far it goes: to :data:`TOLERANCE_DB`."""

LOWERED = (
    "The group went down by {:.1f} dB to keep its sum below {:.1f} dBTP, as high as that was "
    "estimated from its tracks."
)
UNREACHABLE = (
    "The headroom cannot be kept: the tracks that stay put peak at {:.1f} dBTP by themselves, as "
    "far as that can be estimated, and the others go down by no more than {:.0f} dB for them."
)
PASSED = (
    "Its sum peaks at {:.1f} dBTP, which is {:.1f} dB more than was estimated and asked for; turn "
    "its faders down by that, or ask for a lower headroom."
)


def keep(totals: Totals, group: Node, solution: Solution, gains: Gains) -> Solution:
    """The solution, lowered until the true peak of the group's sum leaves the headroom.

    ``gains`` are all faders, as solved. What stays may be too loud, or nearly so; then that is
    said, and the others go down as they would without it. At a strength of nothing there is nothing
    to keep.
    """
    settings = totals.scene.settings
    headroom_dbtp = settings.headroom_dbtp

    def lowered(by_db: float) -> Solution:
        return balance.lower(solution, by_db, LOWERED.format(by_db, headroom_dbtp))

    def over_db(by_db: float) -> float:
        moved = {**gains, **lowered(by_db).gains()}
        return totals.true_peak_db(group, moved) - headroom_dbtp

    if not solution.faders_db or settings.part == 0.0 or over_db(0.0) <= TOLERANCE_DB:
        return solution
    closed = {**gains, **dict.fromkeys(solution.faders_db, 0.0)}
    if not totals.sounds(group, closed):
        return lowered(over_db(0.0))  # the peak follows a gain that all have in common
    alone_db = max(over_db(-FAR_ABOVE_DB) - FAR_ABOVE_DB, 0.0)
    if over_db(alone_db + BESIDE_DB) > 0.0:
        stays_dbtp = totals.true_peak_db(group, closed)
        return balance.lower(solution, alone_db, UNREACHABLE.format(stays_dbtp, BESIDE_DB))
    return lowered(_least(over_db, alone_db, alone_db + BESIDE_DB))


def told(totals: Totals, row: GroupResult, gains: Gains) -> GroupResult:
    """A row of the account, saying so where its sum was played and passes what was estimated."""
    headroom_dbtp, peak_db = totals.scene.settings.headroom_dbtp, row.after.true_peak_db
    is_solved, is_played = row.target_lufs is not None, not row.after.predicted
    over_db = peak_db - headroom_dbtp
    if not (is_solved and is_played and over_db > TOLERANCE_DB):
        return row
    if totals.true_peak_db(row.id, gains) > headroom_dbtp + TOLERANCE_DB:
        return row  # that it cannot be kept is said by now
    sentence = PASSED.format(peak_db, over_db)
    return row if sentence in row.why else replace(row, why=(*row.why, sentence))


def _least(over_db: Callable[[float], float], little: float, enough: float) -> float:
    """By how much to go down so that nothing is over, to the last halving."""
    for _ in range(HALVINGS):
        middle = (little + enough) / 2.0
        little, enough = (middle, enough) if over_db(middle) > 0.0 else (little, middle)
    return enough
