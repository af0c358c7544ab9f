"""The commands that work on songs: projects and folders of stems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reaper_automix import terminal
from reaper_automix.batch import How, Song, each_song
from reaper_automix.cli.options import (
    examples,
    jobs_option,
    json_option,
    measured,
    out_option,
    path_argument,
    pre_fx_option,
    quiet_option,
    scheduler_option,
    setting_options,
)
from reaper_automix.errors import SettingsError
from reaper_automix.progress import Progress
from reaper_automix.settings import BY_NAME

if TYPE_CHECKING:
    from reaper_automix.pipeline import PerRegion
    from reaper_automix.results import Output, Report

RIVALS: Mapping[str, tuple[str, ...]] = {
    # The published procedure is fixed from the level to the files that are written.
    "paper": (
        *("method", "pitch", "profile", "strength", "max_move_db", "dead_band_db"),
        *("headroom_dbtp", "fader_max_db", "target_lufs", "tracks", "use_time_selection"),
        *("time_range", "section", "in_place", "dry_run", "bounce", "stems"),
        "per_region",
    ),
    # Each worker of a cluster does one song on one core.
    "scheduler": ("jobs",),
}
"""Options that leave no room for certain others."""


@click.command(
    epilog=examples(
        "balance song.RPP",
        "balance stems/ --method p_lufs --strength 70%",
        "balance song.RPP --tracks 'Gtr*,Bass' --range 1:05-2:10 --dry-run",
        "balance album/ --out balanced/ --quiet",
        "balance corpus/ --scheduler tcp://10.0.0.1:8786",
        "balance stems/ --paper",
    )
)
@path_argument
@setting_options()
@pre_fx_option
@click.option("--paper", is_flag=True, help="The published method, step by step, and its outputs.")
@out_option
@click.option("--in-place", is_flag=True, help="Change the project itself; a .bak is kept.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--bounce", is_flag=True, help="Also write the balanced sum as audio.")
@click.option("--stems", is_flag=True, help="Also write every track as audio at its new level.")
@click.option(
    "--per-region",
    type=click.Choice(["off", "envelope"]),
    default="off",
    show_default=True,
    help="Give every region of a project its own balance: as points of volume envelopes, on top "
    "of the faders.",
)
@jobs_option
@scheduler_option
@json_option
@quiet_option
def balance(
    path: Path,
    out: Path | None,
    paper: bool,
    in_place: bool,
    dry_run: bool,
    bounce: bool,
    stems: bool,
    per_region: PerRegion,
    jobs: int | None,
    scheduler: str | None,
    as_json: bool,
    quiet: bool,
    **given: object,
) -> int:
    """Balance the faders of PATH, a project or a folder of stems.

    A project is left as it is and gets a balanced copy beside it (song-automix.RPP) with a report;
    a folder of stems gets a project of the stems at their faders, a bounce and a report
    (stems-automix/). A folder of songs is balanced song by song.
    """
    from reaper_automix import pipeline

    _refuse_rivals(click.get_current_context().params)

    def work(song: Song, progress: Progress) -> Report:
        if in_place and song.path.is_dir():
            raise SettingsError(
                f"{song.path} is a folder of stems, which has no faders to move; "
                "leave out --in-place."
            )
        request = pipeline.Request(
            song.path,
            song.settings,
            song.home(out),
            in_place=in_place,
            dry_run=dry_run,
            bounce=bounce,
            stems=stems,
            per_region=per_region,
            paper=paper,
            jobs=1 if scheduler else jobs,
        )
        return pipeline.run(request, progress)

    return each_song(path, given, work, tell_report, How(quiet, as_json), scheduler)


@click.command(epilog=examples("inspect song.RPP", "inspect stems/ --json"))
@path_argument
@setting_options(*measured)
@scheduler_option
@json_option
@quiet_option
def inspect(path: Path, scheduler: str | None, as_json: bool, quiet: bool, **given: object) -> int:
    """Show what PATH holds and what can be measured."""
    from reaper_automix import pipeline

    def work(song: Song, progress: Progress) -> Report:
        return pipeline.inspect(song.path, song.settings)

    return each_song(path, given, work, tell_report, How(quiet, as_json), scheduler)


@click.command(epilog=examples("render song.RPP", "render song.RPP --tracks Vox --out vox/"))
@click.argument("project", type=click.Path(path_type=Path))
@setting_options(*measured)
@out_option
@scheduler_option
@quiet_option
def render(
    project: Path, out: Path | None, scheduler: str | None, quiet: bool, **given: object
) -> int:
    """Write the tracks of PROJECT as stems.

    A stem is what the items of a track send to its fader, without effects.
    """
    from reaper_automix import pipeline

    def work(song: Song, progress: Progress) -> tuple[Output, ...]:
        return pipeline.render_stems(
            song.path, song.goal(out, f"{song.name}-stems"), song.settings, progress
        )

    return each_song(project, given, work, _tell_outputs, How(quiet), scheduler)


@click.command(epilog=examples("bounce song.RPP", "bounce stems/ --out bounces/"))
@path_argument
@setting_options(*measured)
@out_option
@scheduler_option
@quiet_option
def bounce(
    path: Path, out: Path | None, scheduler: str | None, quiet: bool, **given: object
) -> int:
    """Write the sum of PATH as its faders stand.

    Pans and folders count, effects do not.
    """
    from reaper_automix import pipeline

    def work(song: Song, progress: Progress) -> tuple[Output, ...]:
        return pipeline.bounce(
            song.path, song.goal(out, f"{song.name}-bounce.wav"), song.settings, progress
        )

    return each_song(path, given, work, _tell_outputs, How(quiet), scheduler)


@click.command(epilog=examples("demo", "demo ~/Desktop/demo"))
@click.argument("folder", type=click.Path(path_type=Path), default=Path("automix-demo"))
@quiet_option
def demo(folder: Path, quiet: bool) -> int:
    """Make a demo session in FOLDER and balance it.

    Every sound in it is computed. FOLDER is automix-demo unless you name another.
    """
    from reaper_automix import pipeline
    from reaper_automix.demo import make

    with terminal.watching(quiet=quiet) as progress:
        project = make(folder, progress)

    def work(song: Song, progress: Progress) -> Report:
        return pipeline.run(pipeline.Request(song.path, song.settings, bounce=True), progress)

    return each_song(project, {}, work, tell_report, How(quiet))


def tell_report(report: Report, how: How) -> None:
    """The report as JSON, or as a table of tracks with what was written where."""
    if how.as_json:
        _print_json(report, how)
    elif not how.quiet:
        from reaper_automix.report import text

        terminal.show(text.table(report))
        _tell_outputs(report.outputs, how)


def _print_json(report: Report, how: How) -> None:
    """``results.json``; one line per song of a batch (JSON Lines)."""
    import msgspec

    from reaper_automix.report import data

    document = data.to_json(report)
    click.echo(msgspec.json.format(document, indent=-1) if how.batch else document.rstrip())


def _tell_outputs(outputs: Sequence[Output], how: How) -> None:
    """What was written, and where."""
    if how.quiet:
        return
    for output in outputs:
        click.echo(f"{output.kind:8} {output.path}")


def _refuse_rivals(options: Mapping[str, object]) -> None:
    """Options that leave no room for each other are a mistake, not a puzzle to solve."""
    for first, others in RIVALS.items():
        for other in others:
            if options[first] and options[other] not in (None, (), False, "off"):
                raise SettingsError(
                    f"{_flag(first)} leaves no room for {_flag(other)}; leave one of them out."
                )


def _flag(name: str) -> str:
    """The option as it is typed."""
    return BY_NAME[name].option if name in BY_NAME else "--" + name.replace("_", "-")
