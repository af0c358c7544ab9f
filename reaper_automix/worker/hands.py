"""What does the work of a worker: answers come first, what nobody waits for comes afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from reaper_automix.progress import Progress
from reaper_automix.worker.protocol import Result
from reaper_automix.worker.spool import Job

Rest = Callable[[Progress], None]
"""Work that nobody waits for; what its progress raises ends it, and it is begun again later."""


def nothing(progress: Progress) -> None:
    """No rest."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a job, and what is left to do once it was given."""

    result: Result
    rest: Rest = nothing


class Hands(Protocol):
    """What does the work of a worker."""

    def do(self, job: Job, progress: Progress) -> Answer:
        """The answer to a job; :class:`AutomixError` says what the user can put right."""

    def warm_up(self) -> None:
        """Load what the first job would have to wait for; a job that comes now waits for this."""
