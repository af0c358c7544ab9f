"""How much is measured, with how many processes, and where the sound for it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass(frozen=True, slots=True)
class Sizes:
    """Amounts of everything that is measured.

    The large session has ``tracks`` of ``minutes`` each, unless the user says otherwise. ``grid``
    are the sessions that show whether cost is linear in both, as shares of these. ``excerpts`` are
    the tracks of which the slow path hears the first ``excerpt_s`` seconds, ``compared`` those
    whose gains are compared, ``warm`` the tracks of the session that a worker knows. Short times
    are medians of ``repeats``.
    """

    tracks: int
    minutes: float
    grid: tuple[tuple[float, float], ...]
    excerpts: int
    excerpt_s: float
    compared: int
    compared_s: float
    warm: int
    repeats: int


LARGE = Sizes(
    tracks=100,
    minutes=4.0,
    grid=(
        *((0.25, 0.25), (0.25, 0.5), (0.25, 1.0)),
        *((0.5, 0.25), (0.5, 0.5), (0.5, 1.0)),
        *((1.0, 0.25), (1.0, 0.5), (1.0, 1.0)),
        *((3.0, 0.25), (3.0, 0.5)),
    ),
    excerpts=6,
    excerpt_s=10.0,
    compared=18,
    compared_s=60.0,
    warm=120,
    repeats=7,
)
SMALL = Sizes(
    tracks=4,
    minutes=0.1,
    grid=((0.5, 1.0), (1.0, 1.0)),
    excerpts=2,
    excerpt_s=0.6,
    compared=3,
    compared_s=3.0,
    warm=3,
    repeats=1,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of the bench.

    The large session has ``tracks`` of ``minutes`` each; ``jobs`` processes balance it. ``folder``
    keeps the sound that is made; ``material`` are projects, folders of stems, or folders of these,
    whose gains are compared too.
    """

    folder: Path
    tracks: int
    minutes: float
    jobs: int = 2
    material: tuple[Path, ...] = ()
    sizes: Sizes = LARGE

    @property
    def seconds(self) -> float:
        """Length of the large session."""
        return 60.0 * self.minutes

    @property
    def grid(self) -> tuple[tuple[int, float], ...]:
        """Tracks and minutes of the sessions of the grid.

        >>> Plan(Path(), 100, 4.0).grid[-2:]
        ((300, 1.0), (300, 2.0))
        """
        return tuple((round(n * self.tracks), m * self.minutes) for n, m in self.sizes.grid)

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """A folder for what a part writes, which is thrown away after it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.folder, ignore_cleanup_errors=True) as place:
            yield Path(place)
