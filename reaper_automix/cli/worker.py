"""The command that REAPER's actions start."""

from __future__ import annotations

from pathlib import Path

import click

from reaper_automix.cli.options import examples


@click.command(epilog=examples("worker", 'worker "/home/me/my spool"', "worker --idle 60"))
@click.argument("spool", type=click.Path(path_type=Path), required=False)
@click.option(
    "--idle",
    "idle_s",
    type=click.FloatRange(min=0.0),
    metavar="S",
    help="End after this many seconds without a job.  [default: 600]",
)
def worker(spool: Path | None, idle_s: float | None) -> None:
    """Do the jobs of REAPER's actions.

    They are written into the folder SPOOL (default: the user's own) by the actions, which start
    this by themselves. There is one per user: a second one ends at once, one of another version
    takes its place. A file named stop in the folder ends it.
    """
    from reaper_automix.worker import service
    from reaper_automix.worker.spool import home

    folder = (spool or home()).absolute()
    service.serve(folder, idle_s=service.IDLE_S if idle_s is None else idle_s)
