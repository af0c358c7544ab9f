"""Keeps the true peak of a group's sum below the headroom, by lowering the group as a whole.

What is known of a sum bounds its true peak from above (:mod:`reaper_automix.sums.known`). Only
where that does not decide does the exact peak count; so what comes out does not depend on how much
is known.
"""

from __future__ import annotations

from collections.abc import Collection

from reaper_automix import balance
from reaper_automix.balance import Solution
from reaper_automix.mix import Gains, Node
from reaper_automix.totals import Totals
from reaper_automix.units import db_from_gain, gain_from_db

TOLERANCE_DB = 0.01
LEFT_DB = 0.1
"""A group lowered further than this below its headroom is raised again, in a few rounds."""
ROUNDS = 4

LOWERED = "The group went down by {:.1f} dB to keep its sum below {:.1f} dBTP."
UNREACHABLE = (
    "The headroom cannot be kept: the tracks that stay put peak at {:.1f} dBTP by themselves."
)


def is_kept(totals: Totals, group: Node, gains: Gains) -> bool:
    """Whether it is certain without audio that a sum stays below the headroom."""
    _, highest_db = totals.true_peak_between(group, gains)
    return highest_db <= totals.scene.settings.headroom_dbtp + TOLERANCE_DB


def keep(
    totals: Totals,
    group: Node,
    solution: Solution,
    gains: Gains,
    now: Gains,
    along: Collection[Node],
) -> Solution:
    """The solution, lowered until the true peak of the group's sum leaves the headroom.

    ``gains`` are all faders, as solved. The peak of what moves, turned down, plus what stays is a
    convex function of that gain, so the chord between a gain that is low enough and one that is not
    never asks for too little; where everything moves it is exact at once. What stays may be too
    loud alone; then that is said.

    Where the sum must be played, it is played as it is ``now`` in the same pass, and so are the
    groups ``along``, because the account asks for these.
    """
    if not solution.faders_db or is_kept(totals, group, gains):
        return solution
    if not totals.is_known(group, gains):
        totals.play_missing((group, *along), (gains, now))
    headroom_dbtp = totals.scene.settings.headroom_dbtp
    closed = {**gains, **dict.fromkeys(solution.faders_db, 0.0)}
    heard, rest = totals.exact(group, (gains, closed))
    if heard.true_peak_db <= headroom_dbtp + TOLERANCE_DB:
        return solution
    ceiling, high = gain_from_db(headroom_dbtp), gain_from_db(heard.true_peak_db)
    gain, low = 0.0, gain_from_db(rest.true_peak_db)
    if low >= ceiling:
        return balance.explain(solution, UNREACHABLE.format(rest.true_peak_db))
    lowered = solution
    for _ in range(ROUNDS):
        gain += (ceiling - low) * (1.0 - gain) / (high - low)
        by_db = -db_from_gain(gain)
        lowered = balance.lower(solution, by_db, LOWERED.format(by_db, headroom_dbtp))
        (heard,) = totals.exact(group, ({**gains, **lowered.gains()},))
        low = gain_from_db(heard.true_peak_db)
        if heard.true_peak_db > headroom_dbtp - LEFT_DB:
            break
    return lowered
