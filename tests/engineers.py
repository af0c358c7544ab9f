"""Synthetic engineers: what they do to songs is known, so that what is learned can be compared."""

import math

import numpy as np

from reaper_automix.learn.observation import Observation

ROLES = ("kick", "snare", "hi-hat", "bass", "electric guitar", "keys", "lead vocal", "strings")


def taste(base, spread_db=4.0, seed=0):
    """Where an engineer wants roles: a base profile's offsets, moved at random."""
    rng = np.random.default_rng(seed)
    return {role: (base.offset_db(role) or 0.0) + rng.normal(0.0, spread_db) for role in ROLES}


def songs(wanted, count, *, strength=0.8, noise_db=2.0, share=1.0, seed=0, roles=ROLES):
    """Songs with one to three tracks of most roles, mixed by an engineer of that taste.

    Half of the variance of the noise is common to the tracks of one role.
    """
    rng = np.random.default_rng(seed)
    return [_song(wanted, strength, noise_db, share, rng, roles) for _ in range(count)]


def _song(wanted, strength, noise_db, share, rng, roles):
    level_db, half_db = rng.normal(0.0, 6.0), noise_db * math.sqrt(0.5)
    counts = {role: int(rng.integers(0, 4)) for role in roles}
    counts |= dict.fromkeys(roles[:2], 1)
    tracks = []
    for role, count in counts.items():
        common_db = rng.normal(0.0, half_db)
        for _ in range(count):
            raw_lufs = rng.normal(-25.0, 6.0)
            asked_db = wanted[role] - share * 10.0 * math.log10(count)
            needed_db = common_db + rng.normal(0.0, half_db)
            fader_db = strength * (asked_db - raw_lufs) + level_db + needed_db
            tracks.append(Observation(role, raw_lufs, fader_db, count))
    return tuple(tracks)
