"""Balances in this process, with nothing remembered and everything compiled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reaper_automix import cache, pipeline
from reaper_automix.bench import material
from reaper_automix.bench.plan import Plan
from reaper_automix.bench.resources import Spent, spent
from reaper_automix.results import Report
from reaper_automix.session import Session
from reaper_automix.settings import Settings

WARM_UP_S = 1.0


@contextmanager
def at_work(plan: Plan) -> Iterator[Path]:
    """A place for projects, in a process that has compiled what a balance takes."""
    with plan.workplace() as place, _forgetful():
        small = material.session(plan.folder, 2, WARM_UP_S, plan.seconds)
        balance(material.write_project(small, place / "warm-up" / "song.RPP"))
        yield place


def balance(path: Path, settings: Settings | None = None, jobs: int = 1) -> tuple[Report, Spent]:
    """Everything a balance does but writing, and what it took."""
    request = pipeline.Request(path, settings or Settings(), dry_run=True, jobs=jobs)
    return spent(lambda: pipeline.run(request))


def balance_session(song: Session, place: Path, settings: Settings) -> tuple[Report, Spent]:
    """The same for a session, in one process."""
    return balance(material.write_project(song, place / "song.RPP"), settings)


@contextmanager
def _forgetful() -> Iterator[None]:
    """Measurements are kept in memory for one balance, and not on disk."""
    before = os.environ.get(cache.FOLDER_VARIABLE)
    os.environ[cache.FOLDER_VARIABLE] = ""
    try:
        yield
    finally:
        if before is None:
            del os.environ[cache.FOLDER_VARIABLE]
        else:
            os.environ[cache.FOLDER_VARIABLE] = before
