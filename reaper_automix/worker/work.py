"""One job: from the request and the session in its folder to a result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from reaper_automix import moves, session, settings
from reaper_automix.crew import Crew
from reaper_automix.errors import InputError
from reaper_automix.moves import Moves
from reaper_automix.progress import Progress
from reaper_automix.results import SumLevel, TrackResult
from reaper_automix.selection import Scope
from reaper_automix.session import Session
from reaper_automix.settings import Settings
from reaper_automix.worker import protocol, reports
from reaper_automix.worker.protocol import PROTOCOL, Mix, Request, Result, Row, Stored
from reaper_automix.worker.spool import Job

ORIGIN = "Settings in REAPER"
"""What an error message calls the values that the user set there."""

NO_REPORT = "There is no report of {} yet; balance it first."


@dataclass(frozen=True, slots=True)
class Bench:
    """What a worker has at hand for every job: its crew, and where reports go."""

    crew: Crew
    reports: Path

    @classmethod
    @contextmanager
    def beside(cls, spool: Path) -> Iterator[Bench]:
        """The bench of a worker; whatever it keeps lies beside its spool."""
        with Crew() as crew:
            yield cls(crew, spool.parent / "reports")

    def do(self, job: Job, progress: Progress) -> Result:
        """The answer to a job; raises what keeps it from being answered."""
        request = _request(job)
        return KINDS[request.kind](Task(job, request, self, progress))

    def warm_up(self) -> None:
        """Load what measuring takes, here and in the crew."""


@dataclass(frozen=True, slots=True)
class Task:
    """One job being done."""

    job: Job
    request: Request
    bench: Bench
    progress: Progress

    def session(self) -> Session:
        """The snapshot that REAPER made."""
        return session.from_json(self.job.read("session.json"))

    def settings(self) -> Settings:
        """What the user set in REAPER, over the files of the user and of the project."""
        places = (self.project,) if self.project is not None else ()
        return settings.load(*places, given=self.request.settings, origin=ORIGIN)

    @property
    def project(self) -> Path | None:
        """The project's file; ``None`` for one that was never saved."""
        path = Path(self.request.project_path)
        return path if path.is_absolute() and path.suffix.lower() == ".rpp" else None

    @property
    def name(self) -> str:
        """What the user calls the project."""
        return self.project.stem if self.project is not None else "an unsaved project"


class _Head(msgspec.Struct):
    """What every version of a request has."""

    protocol: int
    id: str


def _request(job: Job) -> Request:
    text = job.read("request.json")
    head = protocol.decode(text, _Head, "request.json")
    if head.protocol != PROTOCOL:
        raise InputError(
            f"The actions speak version {head.protocol} of the job protocol and this worker "
            f"version {PROTOCOL}; run: reaper-automix install."
        )
    if head.id != job.id:
        raise InputError(f"request.json belongs to another job ({head.id}); run the action again.")
    return protocol.decode(text, Request, "request.json")


def _balance(task: Task) -> Result:
    request, how = task.request, task.settings()
    balanced = moves.balance(
        task.session(),
        how,
        Scope(request.scope, request.tracks),
        request.controls,
        task.bench.crew,
        task.progress,
        place=request.project_path,
    )
    page = reports.write(balanced.report, task.bench.reports, request.project_path)
    return _result(task, balanced, str(page))


def _show(task: Task) -> Result:
    page = reports.newest(task.bench.reports, task.request.project_path)
    if page is None:
        raise InputError(NO_REPORT.format(task.name))
    reports.show(page)
    return Result(task.job.id, "done", report=str(page))


KINDS: Mapping[str, Callable[[Task], Result]] = {
    "balance": _balance,
    "show": _show,
}
"""What each kind of job is done by."""


def _result(task: Task, balanced: Moves, page: str) -> Result:
    return Result(
        task.job.id,
        "done",
        balanced.message,
        balanced.title,
        balanced.moves,
        tuple(Stored(one.track_id, one.found_gain, one.written_gain) for one in balanced.stored),
        _mix(balanced.before, balanced.after),
        tuple(map(_row, balanced.report.tracks)),
        balanced.report.notes,
        report=page,
    )


def _mix(before: SumLevel, after: SumLevel) -> Mix:
    return Mix(before.lufs, after.lufs)


def _row(track: TrackResult) -> Row:
    return Row(
        track.id,
        track.name,
        track.depth,
        track.kind,
        track.status,
        track.features.f0_hz if track.features else None,
        track.level.lufs if track.level else None,
        _finite(track.gain_db),
        _finite(track.fader_after_db),
        " ".join((*track.why, *track.notes)),
    )


def _finite(number: float) -> float | None:
    """A number as JSON can say it; ``None`` for a closed fader."""
    return number if math.isfinite(number) else None
