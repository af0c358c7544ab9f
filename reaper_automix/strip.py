"""What a track does to a signal between its input and where it leads, and the master likewise.

**Conventions**: samples are ``[..., channels, frames]`` float32 with at least two channels; what
stands before the channels are states of the faders that are played together. Gains are linear. The
samples need not be neighbours in time: a :data:`Ride` says what an envelope is worth at each.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples
from reaper_automix.pan import balance_matrix, matrix
from reaper_automix.render.envelopes import envelope_gains, fader_envelope, input_envelopes
from reaper_automix.session import Envelope, Receive, Session, Track

Ride = Callable[[Envelope], NDArray[np.float32]]
"""The gains of an envelope at the samples at hand, one for each or one for all of them."""


def frame_by_frame(session: Session, first: int, frames: int) -> Ride:
    """The ride of neighbouring samples, from frame ``first`` of the time line on."""

    def ride(envelope: Envelope) -> NDArray[np.float32]:
        return envelope_gains(envelope, first, frames, session.sample_rate_hz)

    return ride


def width(session: Session, track: Track | None) -> int:
    """Channels at a track's input, or the master's (``None``)."""
    return max(2, session.master_channels if track is None else track.channels)


def arrive(session: Session, track: Track | None, samples: Samples, ride: Ride) -> Samples:
    """What a track does, before its fader, to everything that other tracks send it.

    Its own items come with that already (see :func:`reaper_automix.render.signal`). The master
    (``None``) has its fader and its balance here.
    """
    if track is None:
        return pan(samples, balance_matrix(session.master_pan, 1.0) * session.master_gain)
    for envelope in input_envelopes(session, track):
        samples = samples * ride(envelope)
    return -samples if track.phase_inverted else samples


def leave(
    session: Session,
    track: Track,
    heard: Samples,
    gain: float | NDArray[np.float32],
    ride: Ride,
) -> Samples | None:
    """Behind the fader and the pan; ``None`` where the fader is closed.

    ``gain`` is one for all or ``[states, 1, 1]``. An envelope that drives the fader takes its
    place.
    """
    envelope = fader_envelope(session, track)
    if envelope is not None:
        return pan(heard, matrix(track, session)) * ride(envelope)
    return pan(heard, matrix(track, session) * gain) if np.any(gain) else None


def send(session: Session, receive: Receive, samples: Samples) -> Samples:
    """What a send hands on: its channels (silence for missing ones), gain, pan and polarity."""
    taken = samples[..., receive.source_channel : receive.source_channel + 2, :]
    if not taken.size:
        return fit(taken, 2, samples.shape[-1])
    if receive.mono or taken.shape[-2] == 1:
        taken = np.repeat(taken.mean(axis=-2, keepdims=True), 2, axis=-2)
    gain = -receive.gain if receive.phase_inverted else receive.gain
    return pan(taken, balance_matrix(receive.pan, session.pan_law) * gain)


def pan(samples: Samples, gains: NDArray[np.floating]) -> Samples:
    """The first two channels through pan matrices; further ones by their overall gain."""
    exact: NDArray[np.float32] = gains.astype(np.float32)
    placed: Samples = exact @ samples[..., :2, :]
    if samples.shape[-2] == placed.shape[-2]:
        return placed
    further = samples[..., 2:, :] * np.abs(exact).max(axis=(-2, -1), keepdims=True)
    return np.concatenate([placed, further], axis=-2)


def fit(samples: Samples, channels: int, frames: int) -> Samples:
    """The same samples with channels and frames left out, or silence put in their place."""
    if samples.shape[-2:] == (channels, frames):
        return samples
    fitted = np.zeros((*samples.shape[:-2], channels, frames), np.float32)
    kept = samples[..., :channels, :frames]
    fitted[..., : kept.shape[-2], : kept.shape[-1]] = kept
    return fitted
