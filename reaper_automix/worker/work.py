"""One job: from the request and the session in its folder to a result, and what comes after it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from reaper_automix import moves, session, settings
from reaper_automix.audio import from_samples
from reaper_automix.controls import ControlGain, written
from reaper_automix.crew import Crew
from reaper_automix.errors import InputError
from reaper_automix.match.console.sliders import is_effect
from reaper_automix.measuring import Staff
from reaper_automix.memory import Memory, opened
from reaper_automix.moves import Moves
from reaper_automix.progress import Progress
from reaper_automix.results import Report, TrackResult
from reaper_automix.sections import measured_range
from reaper_automix.selection import Scope
from reaper_automix.session import Session
from reaper_automix.settings import Settings
from reaper_automix.worker import protocol, renders, reports, stems
from reaper_automix.worker.hands import Answer
from reaper_automix.worker.protocol import PROTOCOL, Mix, Plan, Request, Result, Row, Stored
from reaper_automix.worker.renders import Cache, Render
from reaper_automix.worker.spool import Job, renders_home

ORIGIN = "Settings in REAPER"
"""What an error message calls the values that the user set there."""

WARM_UP_FRAMES = 48000

OVER_SELECTION = "Measured over the time selection, because REAPER has to render tracks."
NO_REPORT = "There is no report of {} yet; balance it first."


@dataclass(frozen=True, slots=True)
class Bench:
    """What a worker has at hand for every job, and keeps from one to the next."""

    crew: Crew
    memory: Memory
    cache: Cache
    reports: Path

    @classmethod
    @contextmanager
    def beside(cls, spool: Path) -> Iterator[Bench]:
        """The bench of the worker of a spool."""
        with Crew(apart=True) as crew:
            yield cls(crew, opened(), Cache(renders_home(spool)), spool.parent / "reports")

    def do(self, job: Job, progress: Progress) -> Answer:
        """The answer to a job; raises what keeps it from being answered."""
        request = _request(job)
        return KINDS[request.kind](Task(job, request, self, progress))

    def warm_up(self) -> None:
        """Have the crew load what measuring takes, and meanwhile what an answer takes here."""
        self.crew.prepare(_exercise)
        _rehearse()


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
        return self._settings(self.request.usual)

    def is_over_selection(self) -> bool:
        """Whether only the time selection is measured although no setting says so."""
        as_set = self._settings({})
        return self.settings().use_time_selection and not as_set.use_time_selection

    def _settings(self, usual: Mapping[str, str | bool]) -> Settings:
        places = (self.project,) if self.project is not None else ()
        given = self.request.settings
        return settings.load(*places, given=given, origin=ORIGIN, usual=usual)

    @property
    def scope(self) -> Scope:
        """Which tracks may move."""
        return Scope(self.request.scope, self.request.tracks)

    @property
    def project(self) -> Path | None:
        """The project's file; ``None`` for one that was never saved."""
        path = Path(self.request.project_path)
        return path if path.is_absolute() and path.suffix.lower() == ".rpp" else None

    def keys(self, session: Session, how: Settings) -> dict[str, str | None]:
        """What a render of each track holds for, by id; of tracks that REAPER told the state of.

        ``None`` for a track whose renders are not kept.
        """
        if not self.request.chunks or how.measure == "pre_fx":
            return {}
        chunks = protocol.decode(self.job.read("chunks.json"), dict[str, str], "chunks.json")
        time_range = measured_range(session, how)
        off = is_effect if self.request.match else renders.no_one  # a match hears without strips
        return {
            track.id: renders.key(session, track, chunks[track.id], time_range, is_bypassed=off)
            for track in session.tracks
            if track.id in chunks
        }

    @property
    def reports(self) -> Path:
        """Where the reports of the project are kept."""
        asked = self.request
        return reports.folder(self.bench.reports, asked.project_path, asked.project_id)

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


@dataclass(frozen=True, slots=True)
class _Heard:
    """The session as it can be heard: where REAPER rendered a track, that stands for its items."""

    session: Session
    rendered: frozenset[str]


def _plan(task: Task) -> Answer:
    session, how = task.session(), task.settings()
    keys = task.keys(session, how)
    wanted = frozenset(keys) if task.request.match else _concerned(task, session, how, keys)
    kept = {track for track, key in keys.items() if key and task.bench.cache.find(key)}
    in_order = [track.id for track in session.tracks if track.id in keys and track.id in wanted]
    plan = Plan(
        tuple(track for track in in_order if track not in kept),
        tuple(track for track in in_order if track in kept),
        measured_range(session, how),
    )
    return Answer(Result(task.job.id, "done", plan=plan))


def _concerned(
    task: Task, session: Session, how: Settings, keys: Mapping[str, str | None]
) -> frozenset[str]:
    """Ids of the tracks whose sound a balance asks for."""
    if not keys:
        return frozenset()
    return moves.concerned(session, how, task.scope, task.progress, memory=task.bench.memory)


def _balance(task: Task) -> Answer:
    how = task.settings()
    heard = _heard(task, how)
    balanced = moves.balance(
        heard.session,
        how,
        task.scope,
        task.request.controls,
        task.bench.crew,
        task.progress,
        rendered=heard.rendered,
        place=task.request.project_path,
        memory=task.bench.memory,
    )
    page = reports.begin(task.reports)
    rest = partial(_report, balanced, page, task.bench.crew)
    return Answer(_result(task, balanced, str(page)), rest)


def _report(balanced: Moves, page: Path, crew: Crew, progress: Progress) -> None:
    """Write the report that an answer named, then write it again with its sums as they sound.

    The first time at once, since it may be asked for.
    """
    reports.write(balanced.report, page)
    played = moves.heard_out(balanced, crew, progress)
    if played.report != balanced.report:
        reports.write(played.report, page)


def _match(task: Task) -> Answer:
    from reaper_automix.worker import matches

    how, bench = task.settings(), task.bench
    session = _heard(task, how).session
    staff = Staff(bench.crew, task.progress, bench.memory)
    found = matches.found(session, how, task.request.match, staff)
    page = reports.begin(task.reports)
    account = matches.report(session, how, task.request.project_path, found)
    result = Result(
        task.job.id,
        "done",
        title=matches.title(found),
        mix=Mix(found.mix.before.lufs, found.mix.after.lufs),
        rows=tuple(map(_row, matches.tracks(found))),
        notes=tuple(matches.notes(found)),
        matched=matches.plain(found),
        report=str(page),
    )
    return Answer(result, lambda _progress: reports.write(account, page))


def _sum(task: Task) -> Answer:
    """The mix as it stands, and as it will once the moves of the request are made."""
    how = task.settings()
    heard, asked = _heard(task, how), task.request

    def lufs(session: Session, controls: Sequence[ControlGain]) -> float | None:
        rendered = heard.rendered
        mix = moves.total(
            session,
            how,
            controls,
            task.bench.crew,
            task.progress,
            rendered=rendered,
            memory=task.bench.memory,
        )
        return mix.lufs

    before = lufs(heard.session, asked.controls)
    if not asked.moves:
        return Answer(Result(task.job.id, "done", mix=Mix(before, before)))
    after = written(heard.session, asked.controls, asked.moves, rendered=heard.rendered)
    return Answer(Result(task.job.id, "done", mix=Mix(before, lufs(*after))))


def _show(task: Task) -> Answer:
    page = reports.newest(task.reports)
    if page is None:
        raise InputError(NO_REPORT.format(task.name))
    reports.show(page)
    return Answer(Result(task.job.id, "done", report=str(page)))


def _stems(task: Task) -> Answer:
    return Answer(stems.answer(task.request, task.session()))


def _heard(task: Task, how: Settings) -> _Heard:
    """The session with every render that there is, made for this job or kept."""
    session = task.session()
    keys, cache = task.keys(session, how), task.bench.cache
    trims = {one.track_id: one.gain for one in task.request.controls if one.control == "trim"}
    found = {track: kept for track, key in keys.items() if key and (kept := cache.find(key))}
    for one in task.request.rendered:
        made = Render(_file(task.job, one.file), one.start_s, trims.get(one.track_id, 1.0))
        key = keys.get(one.track_id)
        found[one.track_id] = made if key is None else cache.keep(key, made)
    return _Heard(renders.place(session, found, trims), frozenset(found))


def _file(job: Job, name: str) -> Path:
    """A file of the job's folder; :class:`InputError` for a name that leads out of it."""
    path = (job.folder / name).resolve()
    if not path.is_relative_to(job.folder.resolve()):
        raise InputError(f"{name} is not in the folder of the job; run the action again.")
    return path


KINDS: Mapping[str, Callable[[Task], Answer]] = {
    "plan": _plan,
    "balance": _balance,
    "sum": _sum,
    "show": _show,
    "stems": _stems,
    "match": _match,
}
"""What each kind of job is done by."""


def _result(task: Task, balanced: Moves, page: str) -> Result:
    return Result(
        task.job.id,
        "done",
        balanced.message,
        balanced.title,
        balanced.moves,
        tuple(
            Stored(one.track_id, one.found_gain, one.written_gain, one.hand_db)
            for one in balanced.stored
        ),
        Mix(balanced.before.lufs, balanced.after.lufs),
        tuple(map(_row, balanced.report.tracks)),
        tuple(_notes(task, balanced.report)),
        report=page,
    )


def _notes(task: Task, report: Report) -> Iterator[str]:
    """Why whole groups went down, then what is said of the session and of what was measured."""
    for group in report.groups:
        yield from (f"{group.name}: {why}" for why in group.why)
    yield from report.notes
    if task.is_over_selection():
        yield OVER_SELECTION


def _row(track: TrackResult) -> Row:
    return Row(
        track.id,
        track.name,
        track.depth,
        track.kind,
        track.status,
        _used_f0_hz(track),
        track.level.lufs if track.level else None,
        _finite(track.gain_db),
        _finite(track.fader_after_db),
        " ".join((*track.why, *filter(None, (track.aim,)), *track.notes)),
    )


def _used_f0_hz(track: TrackResult) -> float | None:
    """The pitch that chose the band; ``None`` where the level is that of the full band."""
    if track.features is None or track.level is None or track.level.band is None:
        return None
    return track.features.f0_hz


def _finite(number: float) -> float | None:
    """A number as JSON can say it; ``None`` for a closed fader."""
    return number if math.isfinite(number) else None


def _rehearse() -> None:
    """Read and report a session with nothing in it: readers and layouts are made at first use."""
    from reaper_automix.report import data, page

    session.from_json(session.to_json(Session("", ())))
    account = Report("balance", "", "", Settings(), ())
    page.page(account)
    data.to_json(account)


def _exercise() -> None:
    """Listen to a short tone, which loads the libraries and compiled loops that this takes."""
    from reaper_automix.features.measure import listen

    listen(from_samples(np.sin(np.arange(WARM_UP_FRAMES) / 20.0, dtype=np.float32), 48000))
