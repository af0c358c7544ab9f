"""From folders of finished projects to what they teach: read, hear, fit, prove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reaper_automix import memory, profiles
from reaper_automix.crew import Crew
from reaper_automix.errors import InputError, NothingToBalance
from reaper_automix.learn import finished, hearing
from reaper_automix.learn.ear import FEWEST_SONGS, Ear, fit
from reaper_automix.learn.finished import Finished, LeftOut
from reaper_automix.learn.hearing import Taught
from reaper_automix.learn.proof import Proof, leave_one_out
from reaper_automix.measuring import Staff
from reaper_automix.profiles import Profile
from reaper_automix.progress import Progress, silent
from reaper_automix.settings import MethodName, PitchMode, Settings

READING = "Reading projects"


@dataclass(frozen=True, slots=True)
class Request:
    """What to learn from and how.

    ``base`` is the profile that holds where the projects say nothing; ``strength`` is learned
    unless it is given. All of every project is heard, by the ``method`` of the settings.
    """

    paths: tuple[Path, ...]
    method: MethodName = "auto"
    pitch: PitchMode = "auto"
    base: str = "roles"
    strength: float | None = None
    jobs: int | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned and from what; ``proof`` is ``None`` where there are too few projects."""

    base: Profile
    taught: tuple[Taught, ...]
    left_out: tuple[LeftOut, ...]
    ear: Ear
    proof: Proof | None

    @property
    def used(self) -> tuple[Taught, ...]:
        """The projects that teach something."""
        return tuple(one for one in self.taught if one.song)

    @property
    def failed(self) -> tuple[LeftOut, ...]:
        """The projects that could not be read."""
        return tuple(one for one in self.left_out if one.failed)

    @property
    def says_something(self) -> bool:
        """Whether there are enough projects to tell an ear from what a song needed."""
        return len(self.used) >= FEWEST_SONGS

    def check(self) -> None:
        """An error where there is too little to make a profile of."""
        if self.failed and len(self.failed) == len(self.left_out) and not self.taught:
            raise InputError(self.failed[0].why)
        if not self.used:
            raise NothingToBalance(
                "None of these projects teaches anything; name a folder of projects that you mixed "
                "by their faders."
            )
        if not self.says_something:
            raise NothingToBalance(
                f"Only {self.used[0].path.name} can be used, and one project cannot tell your ear "
                f"from what that song needed, so it stays at profile {self.base.name}; name more "
                "finished projects."
            )


def run(request: Request, progress: Progress = silent) -> Lesson:
    """What some folders teach; nothing is written, and the projects are only read.

    :class:`~reaper_automix.errors.InputError` where there is no project at all. Whatever
    ``progress`` raises stops it; what was measured until then is known again.
    """
    base = profiles.load(request.base)
    projects, left_out = _found(request.paths, progress)
    with Crew(request.jobs) as crew:
        staff = Staff(crew, progress, memory.opened())
        settings = Settings(method=request.method, pitch=request.pitch)
        taught = tuple(hearing.hear(projects, settings, staff))
    songs = [one.song for one in taught if one.song]
    ear = fit(songs, base, request.strength)
    return Lesson(base, taught, left_out, ear, leave_one_out(songs, base, request.strength))


def _found(
    paths: Sequence[Path], progress: Progress
) -> tuple[tuple[Finished, ...], tuple[LeftOut, ...]]:
    """The projects to hear, in the order of their paths, and those that do not count."""
    files = finished.find(paths)
    read: list[Finished | LeftOut] = []
    for number, project in enumerate(finished.read(files)):
        progress(READING, number, len(files), project.path.stem)
        read.append(project)
    apart = finished.versions_apart(one for one in read if isinstance(one, Finished))
    told = [*(one for one in read if isinstance(one, LeftOut)), *apart]
    told.sort(key=lambda one: files.index(one.path))
    return (
        tuple(one for one in told if isinstance(one, Finished)),
        tuple(one for one in told if isinstance(one, LeftOut)),
    )
