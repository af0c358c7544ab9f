"""A folder, a bus, or a track that others feed, as the one source that it is for its group.

It stands for what is in it, as it does in what it is asked for (:mod:`.aims`). Its loudness is that
of its sum, which follows from its tracks under any faders. What a method hears less of it than that
is what it hears less of its tracks: a band takes its share of the power of each of them, so that

    level = loudness of the sum + 10·log10( Σ e_i·10^((l_i - k_i)/10) / Σ e_i ),

with e_i the energy that arrives of track i, l_i its level by the method and k_i by its loudness. No
band is sought for the sum itself: several sources at once have no pitch of their own. So nothing is
listened to when faders or the method change, and by ``lufs`` it is the loudness of the sum.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from reaper_automix.features import Features
from reaper_automix.features.loudness import ABSOLUTE_GATE_POWER, gated_loudness, range_lu
from reaper_automix.measurement import Measurement
from reaper_automix.mix import Gains
from reaper_automix.results import Heard, MethodLevel
from reaper_automix.routing import sounding_receives
from reaper_automix.scene import Scene
from reaper_automix.settings import MethodName
from reaper_automix.totals import Totals
from reaper_automix.units import db_from_power

HOP_S = 0.1


def is_one(scene: Scene, track_id: str) -> bool:
    """Whether others sound in a track."""
    if scene.routing.kind[track_id] in ("folder", "bus"):
        return True
    return bool(sounding_receives(scene.session.track(track_id), scene.routing.broken))


def heard(totals: Totals, track_id: str, gains: Gains) -> Heard | None:
    """What arrives at a track's fader under some faders, by the method of the settings.

    ``None`` where nothing leads there. Its peaks are estimated from above; it has no pitch.
    """
    powers, tracks = totals.powers(track_id), totals.tracks.measurements
    if not powers.ways:
        return None
    hops, shares = powers.powers(gains), powers.shares(gains)
    duration_s = powers.length_hops * HOP_S
    peak_db = totals.true_peak_db(track_id, gains)
    features = Features(
        duration_s=duration_s,
        active_s=duration_s * float(np.mean(hops >= ABSOLUTE_GATE_POWER)),
        peak_db=peak_db,
        true_peak_db=peak_db,
        lufs=gated_loudness(hops),
        range_lu=range_lu(hops),
        spectrum_db=_spectrum_db(shares, tracks, duration_s),
    )
    method = totals.scene.settings.method
    lufs = None if features.lufs is None else gated_loudness(hops, follows=True)
    scale_db = scale(shares, tracks, method)
    return Heard(features, MethodLevel(method, None if lufs is None else lufs + scale_db))


def scale(
    shares: Mapping[str, float], tracks: Mapping[str, Measurement], method: MethodName
) -> float:
    """From the loudness of a sum to its level by a method, in dB.

    ``shares`` are the energies that arrive of its ``tracks``.
    """
    whole, heard_of_it = 0.0, 0.0
    for track, energy in shares.items():
        level = tracks[track].heard(method).level.lufs
        loudness = tracks[track].heard("lufs").level.lufs
        if level is not None and loudness is not None:
            whole += energy
            heard_of_it += energy * math.pow(10.0, (level - loudness) / 10.0)
    return db_from_power(heard_of_it / whole) if whole else 0.0


def _spectrum_db(
    shares: Mapping[str, float], tracks: Mapping[str, Measurement], duration_s: float
) -> tuple[float, ...]:
    """The spectrum of unrelated sources together; none where none of them has one."""
    powers = [
        np.power(10.0, np.array(found.features.spectrum_db) / 10.0)
        * (energy / float(found.trace.powers.sum()) * found.features.duration_s / duration_s)
        for found, energy in ((tracks[track], energy) for track, energy in shares.items())
        if energy and found.features.spectrum_db
    ]
    return tuple(map(db_from_power, np.sum(powers, axis=0).tolist())) if powers else ()
