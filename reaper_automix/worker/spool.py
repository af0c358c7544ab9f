"""The spool: a folder of jobs, each a folder of files that are written whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reaper_automix.errors import InputError, OutputError

HOME_VARIABLE = "REAPER_AUTOMIX_SPOOL"
"""Environment variable that puts the spool elsewhere."""

JOB_ID = re.compile(r"[0-9a-f-]{1,64}")
"""What a job's folder is called; anything else in ``jobs/`` is not ours."""

LARGEST_BYTES = 256 * 2**20
"""Of a file that is read whole; a session of 1000 tracks with 100 items each has 60 MB."""

OLD_S = 24 * 3600.0
"""A job that nobody fetched for this long is thrown away."""

REPLACE_TRIES = 20
REPLACE_WAIT_S = 0.01
"""On Windows a file cannot be replaced while the other side has it open, which is a moment."""


def home() -> Path:
    """The spool of this user."""
    elsewhere = os.environ.get(HOME_VARIABLE)
    return Path(elsewhere) if elsewhere else _usual()


def renders_home(folder: Path) -> Path:
    """Where what REAPER rendered for the jobs of a spool is kept.

    With what the user's system may throw away; beside a spool that was put elsewhere.
    """
    from platformdirs import user_cache_path

    if folder == _usual():
        return user_cache_path("reaper-automix", appauthor=False) / "renders"
    return folder.parent / "renders"


def _usual() -> Path:
    from platformdirs import user_state_path

    return user_state_path("reaper-automix", appauthor=False) / "spool"


def write(path: Path, content: bytes) -> None:
    """Put a file in place of what is there, whole or not at all."""
    aside = path.with_name(f"{path.name}.tmp")
    aside.write_bytes(content)
    for _ in range(REPLACE_TRIES):
        try:
            aside.replace(path)
        except PermissionError:
            time.sleep(REPLACE_WAIT_S)
        else:
            return
    aside.replace(path)


@dataclass(frozen=True, slots=True)
class Job:
    """One job by its folder."""

    folder: Path

    @property
    def id(self) -> str:
        """Its name."""
        return self.folder.name

    @property
    def waits(self) -> bool:
        """Whether it is submitted and not yet answered."""
        there = self._has
        return there("request.json") and not (there("result.json") or there("done"))

    @property
    def is_made(self) -> bool:
        """Whether it is not yet submitted."""
        there = self._has
        return not (there("request.json") or there("result.json") or there("done"))

    @property
    def cancelled(self) -> bool:
        """Whether the user stopped it."""
        return self._has("cancel")

    @property
    def fetched(self) -> bool:
        """Whether its result was read."""
        return self._has("done")

    @property
    def attempts(self) -> int:
        """How often it was begun."""
        try:
            return int((self.folder / "attempts").read_bytes()[:4])
        except (OSError, ValueError):
            return 0

    def begin(self) -> int:
        """Note one more attempt and return how many there are now."""
        count = self.attempts + 1
        write(self.folder / "attempts", b"%d" % count)
        return count

    def leave(self) -> None:
        """Take the last attempt back: the work was put down, it did not fail."""
        write(self.folder / "attempts", b"%d" % max(0, self.attempts - 1))

    def read(self, name: str) -> bytes:
        """One of its files; :class:`InputError` when that cannot be."""
        path = self.folder / name
        try:
            if path.stat().st_size > LARGEST_BYTES:
                raise InputError(f"{name} of the job is too large to be read; report this.")
            return path.read_bytes()
        except OSError as error:
            raise InputError(
                f"{name} of the job cannot be read ({error.strerror}); run the action again."
            ) from error

    def answer(self, content: bytes) -> None:
        """Write its result."""
        write(self.folder / "result.json", content)

    def age_s(self) -> float:
        """Seconds since anything in it changed."""
        return time.time() - self.folder.stat().st_mtime

    def _has(self, name: str) -> bool:
        return (self.folder / name).is_file()


@dataclass(frozen=True, slots=True)
class Spool:
    """The spool at a folder."""

    folder: Path

    def make(self) -> None:
        """Make its folders, for this user only; :class:`OutputError` when that cannot be."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.jobs_folder.mkdir(mode=0o700, exist_ok=True)
            self.lock.touch()
        except OSError as error:
            raise OutputError(
                f"{self.folder} cannot be used as spool folder ({error.strerror}); "
                "make it writable or name another one."
            ) from error

    @property
    def lock(self) -> Path:
        """What only one worker at a time can hold."""
        return self.folder / "lock"

    @property
    def jobs_folder(self) -> Path:
        """Where the jobs lie."""
        return self.folder / "jobs"

    @property
    def heartbeat(self) -> Path:
        """What tells that a worker lives."""
        return self.folder / "worker.json"

    @property
    def stop(self) -> Path:
        """The file that ends a worker; it may name whose process is meant."""
        return self.folder / "stop"

    def stir(self) -> int:
        """A number that changes when a job is begun or thrown away, if clocks can tell."""
        try:
            return self.jobs_folder.stat().st_mtime_ns
        except OSError:
            return 0

    def jobs(self) -> Iterator[Job]:
        """All jobs, the oldest first."""
        try:
            folders = sorted(self.jobs_folder.iterdir())
        except OSError:
            return
        for folder in folders:
            if JOB_ID.fullmatch(folder.name) and folder.is_dir():
                yield Job(folder)

    def sweep(self) -> None:
        """Throw away jobs whose result was read, and those that nobody fetched for a day."""
        for job in self.jobs():
            if job.fetched or _is_old(job):
                shutil.rmtree(job.folder, ignore_errors=True)


def _is_old(job: Job) -> bool:
    try:
        return job.age_s() > OLD_S
    except OSError:
        return False
