"""One take on its way from the file into its track: rate, pitch, envelope, fades, channels, gain.

**Conventions**: gain is linear; frames count on the session's time line. A take's pan has no pan
law unless one is set on the take (SWS: "takes have no pan law"). What has more channels than the
track has loses the further ones, mono sounds in the first two, as in REAPER.
"""

from __future__ import annotations

import numpy as np

from reaper_automix import pan
from reaper_automix.audio import Samples
from reaper_automix.media import Note, Reader
from reaper_automix.render import fades
from reaper_automix.render.clips import Clip
from reaper_automix.render.envelopes import Curve
from reaper_automix.render.resample import resampled
from reaper_automix.render.source import Pull, SourceLine, frame_at
from reaper_automix.render.stretch import Stretcher
from reaper_automix.session import Take

MONO_SUM = 2
FIRST_MONO = 3
FIRST_PAIR = 67

_NO_STRETCH = 1e-9


def pitch_factor(take: Take) -> float:
    """By how much a take's pitch is raised: its shift, and its rate where that bends pitch."""
    bent = 1.0 if take.preserve_pitch else play_rate(take)
    return float(bent * 2.0 ** (take.pitch_semitones / 12.0))


def play_rate(take: Take) -> float:
    """Seconds of source per second of time line; what no tape could play counts as 1."""
    return take.play_rate if take.play_rate > 0.0 else 1.0


def is_stretched(take: Take) -> bool:
    """Whether tempo and pitch move apart, which resampling alone cannot do."""
    return abs(play_rate(take) / pitch_factor(take) - 1.0) > _NO_STRETCH


def item_channels(mode: int, channels: int) -> list[tuple[int, ...]]:
    """Which source channels each channel of an item averages, by ``I_CHANMODE``.

    >>> item_channels(0, 1), item_channels(1, 2), item_channels(2, 2), item_channels(4, 2)
    ([(0,)], [(1,), (0,)], [(0, 1)], [(1,)])
    >>> item_channels(69, 6)
    [(2,), (3,)]
    """
    last = channels - 1
    if mode == MONO_SUM:
        return [tuple(range(channels))]
    if mode >= FIRST_PAIR:
        return [(min(mode - FIRST_PAIR + side, last),) for side in (0, 1)]
    if mode >= FIRST_MONO:
        return [(min(mode - FIRST_MONO, last),)]
    order = [1, 0, *range(2, channels)] if mode == 1 and channels > 1 else range(channels)
    return [(channel,) for channel in order]


def gains(clip: Clip, channels: int, track_channels: int) -> Samples:
    """How loud each of a file's ``channels`` is in each of the track's, ``[heard, channels]``.

    Mode of the channels, gains of item and take, and the take's pan. Channels of the track that
    hear nothing come after those that do and have no row.
    """
    item, take = clip.item, clip.take
    picked = item_channels(take.channel_mode, channels)
    both = picked * 2 if len(picked) == 1 else picked
    sides = pan.position_gains(take.pan, take.pan_law if take.pan_law >= 0.0 else 1.0)
    matrix = np.zeros((min(len(both), track_channels), channels), np.float32)
    for channel, (row, inputs) in enumerate(zip(matrix, both, strict=False)):
        row[list(inputs)] = item.gain * take.gain * sides[channel % 2] / len(inputs)
    return matrix


class Voice:
    """An open clip that is heard in a track's blocks, one after the other."""

    def __init__(self, clip: Clip, sample_rate_hz: int, track_channels: int, note: Note) -> None:
        self._clip = clip
        self._rate_hz = sample_rate_hz
        self._reader = Reader(clip.file, note)
        self._pull = self._played()
        self._envelope = Curve(clip.take.volume) if clip.take.volume else None
        self._hidden = np.array(clip.hidden, dtype=np.int64).reshape(-1, 2)
        fade_in_s, fade_out_s = clip.item.fade_in.length_s, clip.item.fade_out.length_s
        self._faded_in = frame_at(clip.position_s + fade_in_s, sample_rate_hz)
        self._fading_out = frame_at(clip.end_s - fade_out_s, sample_rate_hz)
        self._gains = gains(clip, self._reader.info.channels, track_channels)
        self._as_it_is = np.array_equal(self._gains, np.eye(self._reader.info.channels))
        self.end = clip.end

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()

    def heard(self, first: int, frames: int) -> tuple[int, Samples]:
        """What sounds in the block of ``frames`` frames from ``first`` on, and where in it.

        Samples of the track's first channels, contiguous and yours to change.
        """
        begin = max(self._clip.first, first)
        samples = self._pull(min(self.end, first + frames) - begin)
        self._shape(samples, begin)
        if self._as_it_is:
            return begin - first, samples
        # Not a product of matrices, for which numpy takes ten times as long with one channel.
        return begin - first, np.einsum("ij,jk->ik", self._gains, samples)

    def _played(self) -> Pull:
        """The take's source at the session's rate and the take's own tempo and pitch."""
        take, source_rate_hz = self._clip.take, self._reader.info.sample_rate_hz
        channels = self._reader.info.channels
        elapsed_s = self._clip.first / self._rate_hz - self._clip.position_s
        position_s = take.offset_s + elapsed_s * play_rate(take)
        ratio = pitch_factor(take) * source_rate_hz / self._rate_hz
        line = resampled(self._line_from, position_s * source_rate_hz, ratio, channels)
        if not is_stretched(take):
            return line
        speed = play_rate(take) / pitch_factor(take)
        return Stretcher(line, speed, self._rate_hz, channels).pull

    def _line_from(self, first: int) -> Pull:
        clip = self._clip
        return SourceLine(self._reader, clip.section, clip.item.loop, first).pull

    def _shape(self, samples: Samples, begin: int) -> None:
        """Envelope, fades and other items' precedence, in place."""
        frames = samples.shape[1]
        if self._envelope is not None:
            rate = play_rate(self._clip.take)
            start_s = (begin / self._rate_hz - self._clip.position_s) * rate
            gains = self._envelope.over(start_s, rate / self._rate_hz, frames)
            samples *= np.asarray(gains, np.float32)
        self._fade(samples, begin)
        covers = (self._hidden[:, 0] < begin + frames) & (self._hidden[:, 1] > begin)
        for start, stop in self._hidden[covers]:
            samples[:, max(start - begin, 0) : stop - begin] = 0.0

    def _fade(self, samples: Samples, begin: int) -> None:
        """The item's fades on the frames that they touch, and no others."""
        item, end = self._clip.item, begin + samples.shape[1]
        if begin < self._faded_in and item.fade_in.length_s > 0.0:
            times = np.arange(begin, min(self._faded_in, end)) / self._rate_hz
            gains = fades.fade_in(item.fade_in, times - self._clip.position_s)
            samples[:, : len(times)] *= gains.astype(np.float32)
        if self._fading_out < end and item.fade_out.length_s > 0.0:
            times = np.arange(max(self._fading_out, begin), end) / self._rate_hz
            gains = fades.fade_out(item.fade_out, self._clip.end_s - times)
            samples[:, samples.shape[1] - len(times) :] *= gains.astype(np.float32)
