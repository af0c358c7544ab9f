"""Sessions that are played, and predicted from traces and sketches of all of their samples."""

import numpy as np

from reaper_automix.audio import from_samples, to_samples
from reaper_automix.features.loudness import KWeighting, hop_frames
from reaper_automix.features.trace import Sketcher, Trace, channel_powers
from reaper_automix.features.true_peak import PeakEnvelope
from reaper_automix.mix import Desk, listen
from reaper_automix.routing import trace
from reaper_automix.session import Item, Session, Track
from reaper_automix.sums.cross import weigh
from reaper_automix.units import db_from_gain, gain_from_db
from signals import RATE_HZ

ITEMS = (Item("{i}", 0.0, 1.0),)


def track(name, **more):
    """A track with something on it; its id is its name in braces."""
    return Track(f"{{{name}}}", name, items=ITEMS, **more)


def desk(tracks, sounds, rate_hz=RATE_HZ, **session):
    """Tracks that sound: samples and the first frame of each by its id."""
    session = Session("song", tuple(tracks), sample_rate_hz=rate_hz, **session)
    signals = {
        track: from_samples(samples, rate_hz, start) for track, (samples, start) in sounds.items()
    }
    return Desk(session, trace(session), signals)


def stand(desk, **moved):
    """All faders of a desk as they stand, but for some that are moved, by name."""
    now = {track.id: track.fader_gain for track in desk.session.tracks}
    return now | {f"{{{name}}}": gain for name, gain in moved.items()}


def at_random(desk, count, spread_db=12.0, seed=0):
    """Fader states between plus and minus ``spread_db``."""
    draw = np.random.default_rng(seed).uniform
    return [
        {track.id: gain_from_db(draw(-spread_db, spread_db)) for track in desk.session.tracks}
        for _ in range(count)
    ]


def distances(desk, node, states):
    """How far predictions are from what is heard: loudness in dB, and the peak's, from above it."""
    powers = weighed(desk, node)
    heard = [levels[node] for levels in listen(desk, (node,), states)]
    loudness = [powers.lufs(gains) - level.lufs for gains, level in zip(states, heard, strict=True)]
    room = [
        db_from_gain(powers.true_peak(gains)) - level.true_peak_db
        for gains, level in zip(states, heard, strict=True)
    ]
    return np.abs(loudness).max(), min(room)


def traced(signal):
    """The trace and the sketch of one signal."""
    rate_hz, start_frame, samples = signal.sample_rate_hz, signal.start_frame, to_samples(signal)
    weighted = KWeighting(rate_hz, signal.channels).push(samples)
    hop = hop_frames(rate_hz)
    powers = _hop_powers(weighted, start_frame, hop)
    sketcher = Sketcher(rate_hz, signal.channels, start_frame)
    sketcher.push(weighted)
    envelope = PeakEnvelope(rate_hz, signal.channels, start_frame)
    envelope.push(samples)
    first_hop, peaks = envelope.result()
    plain = np.zeros(peaks.shape[1], np.float32)
    own = _hop_powers(samples, start_frame, hop)
    plain[start_frame // hop - first_hop :][: len(own)] = own
    return Trace(first_hop, powers, peaks, plain), sketcher.result(powers)


def weighed(desk, node):
    """The cross powers of a node of a desk."""
    known = {track: traced(signal) for track, signal in desk.signals.items()}
    traces = {track: trace for track, (trace, _) in known.items()}
    sketches = {track: sketch for track, (_, sketch) in known.items()}
    return weigh(desk.session, desk.routing, node, traces, sketches)


def _hop_powers(samples, start_frame, hop):
    late = start_frame % hop
    behind = -(late + samples.shape[1]) % hop
    hops = np.pad(samples, ((0, 0), (late, behind))).reshape(len(samples), -1, hop)
    return channel_powers(hops).sum(axis=0)
