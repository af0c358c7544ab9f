"""What there is to keep: a row for each kind of value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from reaper_automix.cache import content
from reaper_automix.features.trace import Sketch
from reaper_automix.keys import Stamp
from reaper_automix.measurement import Measurement
from reaper_automix.media import MediaInfo
from reaper_automix.objects.likeness import Compared, Likeness
from reaper_automix.sums.cross import CrossPowers
from reaper_automix.sums.known import Known

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Header:
    """What a media file was found to be when it had this stamp; a string: why it is unreadable."""

    stamp: Stamp | None
    info: MediaInfo | str

    @property
    def is_kept(self) -> bool:
        """Whether the stamp tells when it holds no longer; what may be read is not in a stamp."""
        return self.stamp is not None and not isinstance(self.info, str)


Headers = dict[str, Header]
"""Those of the files of one folder, by their path."""


Likenesses = tuple[Likeness, ...]
"""How alike the sources of a session are, pair by pair."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One kind of value: its name, its type, and the room that one takes in RAM, in bytes.

    What is not ``is_held`` stays on disk where there is one: it is large, and asked for once.
    """

    name: str
    type: type[T]
    weigh: Callable[[T], int]
    is_held: bool = True

    def encode(self, value: T) -> bytes:
        """The bytes of a value."""
        return content.dump(value)

    def decode(self, written: memoryview) -> T:
        """The value of these bytes; ``ValueError`` where they are not one of this kind."""
        return content.load(written, self.type)


FEATURES_BYTES = 6000
"""Features and levels in memory, without arrays."""

HEADER_BYTES = 800

FADER_BYTES = 200
"""One of the faders under which a sum was played."""

LIKENESS_BYTES = 400

PRINT_BYTES = 200

MEASUREMENT = Kind(
    "measurement",
    Measurement,
    lambda value: FEATURES_BYTES + 2 * value.trace.powers.nbytes + value.trace.peaks.nbytes,
)
SKETCH = Kind(
    "sketch",
    Sketch,
    lambda value: value.hops.nbytes + value.samples.nbytes + value.excerpts.samples.nbytes,
    is_held=False,
)
POWERS = Kind(
    "powers",
    CrossPowers,
    lambda value: value.amplitudes.nbytes + value.correlations.nbytes + value.peaks.nbytes,
)
KNOWN = Kind(
    "known", Known, lambda value: FADER_BYTES * sum(len(one.gains) for one in value.states)
)
HEADERS = Kind("headers", Headers, lambda value: len(value) * HEADER_BYTES)
LIKENESSES = Kind("likenesses", Likenesses, lambda value: len(value) * LIKENESS_BYTES)
COMPARED = Kind(
    "compared",
    Compared,
    lambda value: len(value.prints) * PRINT_BYTES + len(value.likenesses) * LIKENESS_BYTES,
)

KINDS = (MEASUREMENT, SKETCH, POWERS, KNOWN, HEADERS, LIKENESSES, COMPARED)
"""All of them."""
