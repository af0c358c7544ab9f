"""The command that measures what this program promises of its speed."""

from __future__ import annotations

import shlex
import sys
import tempfile
from pathlib import Path

import click

from reaper_automix import terminal
from reaper_automix.cli.options import examples

DEFAULT_FOLDER = Path(tempfile.gettempdir()) / "reaper-automix-bench"


@click.command(epilog=examples("bench", "bench scale floor --tracks 25", "bench --small"))
@click.argument("parts", nargs=-1, metavar="[PART]...")
@click.option("--tracks", type=click.IntRange(min=4), help="Tracks of the large session.  [100]")
@click.option("--minutes", type=click.FloatRange(min=0.05), help="Length of its tracks.  [4]")
@click.option("--jobs", type=click.IntRange(min=1), default=2, help="Worker processes.  [2]")
@click.option("--small", is_flag=True, help="A few seconds of sound: for the numbers, not times.")
@click.option(
    "--material",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, resolve_path=True),
    metavar="PATH",
    help="Compare the gains of these songs, too.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, resolve_path=True),
    default=DEFAULT_FOLDER,
    help="Keep the sound that is made here; it takes 70 MB for each track.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write the tables between the marks in this Markdown file.",
)
def bench(
    parts: tuple[str, ...],
    tracks: int | None,
    minutes: float | None,
    jobs: int,
    small: bool,
    material: tuple[Path, ...],
    folder: Path,
    out: Path | None,
) -> None:
    """Measure the speed that is promised, on this machine.

    PARTS are exact, default, scale, floor, warm and start; all of them by default. Needs the
    packages of the extra "test", whose librosa is what the published script uses.
    """
    from reaper_automix.bench import PARTS, findings, machine, run
    from reaper_automix.bench.plan import LARGE, SMALL, Plan

    for part in parts:
        if part not in PARTS:
            raise click.BadParameter(f"there is no part {part}; choose from {', '.join(PARTS)}.")
    sizes = SMALL if small else LARGE
    plan = Plan(folder, tracks or sizes.tracks, minutes or sizes.minutes, jobs, material, sizes)
    found = tuple(run(plan, parts or tuple(PARTS), terminal.say))
    for table in findings.tables(found):
        terminal.show(findings.shown(table))
    if out is not None:
        command = shlex.join(("reaper-automix", *sys.argv[1:]))
        findings.write(out, findings.markdown(found, machine.described(), command))
