"""Traces and sketches of signals, made from all of their samples, and what follows from them."""

import numpy as np

from reaper_automix.audio import to_samples
from reaper_automix.features.loudness import KWeighting, hop_frames
from reaper_automix.features.trace import Sketcher, Trace, channel_powers
from reaper_automix.features.true_peak import PHASES, TAIL
from reaper_automix.sums.cross import weigh


def traced(signal):
    """The trace and the sketch of one signal."""
    samples = to_samples(signal)
    weighted = KWeighting(signal.sample_rate_hz, signal.channels).push(samples)
    hop = hop_frames(signal.sample_rate_hz)
    powers = channel_powers(_on_hops(weighted, signal.start_frame, hop)).sum(axis=0)
    peaks = _on_hops(_peaks(samples, signal.sample_rate_hz), signal.start_frame, hop).max(axis=2)
    sketcher = Sketcher(signal.sample_rate_hz, signal.channels, signal.start_frame)
    sketcher.push(weighted)
    return Trace(signal.start_frame // hop, powers, peaks), sketcher.result(powers)


def weighed(desk, node):
    """The cross powers of a node of a desk."""
    known = {track: traced(signal) for track, signal in desk.signals.items()}
    traces = {track: trace for track, (trace, _) in known.items()}
    sketches = {track: sketch for track, (_, sketch) in known.items()}
    return weigh(desk.session, desk.routing, node, traces, sketches)


def _on_hops(samples, start_frame, hop):
    """``[channels, hops, frames of a hop]`` on the time line."""
    late = start_frame % hop
    behind = -(late + samples.shape[1]) % hop
    return np.pad(samples, ((0, 0), (late, behind))).reshape(len(samples), -1, hop)


def _peaks(samples, rate_hz):
    """The largest magnitude on and around every sample, as the interpolator has it."""
    phases = next(rows for lowest_hz, rows in PHASES if rate_hz >= lowest_hz)
    peaks = np.abs(samples)
    for branch in phases:
        for channel, found in zip(samples, peaks, strict=True):
            between = np.abs(np.convolve(channel, branch))[TAIL // 2 :][: len(found)]
            np.maximum(found, between, out=found)
    return peaks.astype(np.float32)
