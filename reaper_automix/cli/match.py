"""The commands that have a session take on the sound of a reference mix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reaper_automix.batch import How, Song, each_song
from reaper_automix.cli.options import (
    examples,
    jobs_option,
    json_option,
    option_of,
    out_option,
    path_argument,
    quiet_option,
    setting_options,
)
from reaper_automix.cli.songs import tell_report
from reaper_automix.errors import SettingsError
from reaper_automix.kinds import Stretch
from reaper_automix.match import asked
from reaper_automix.progress import Progress
from reaper_automix.settings import Setting

if TYPE_CHECKING:
    from reaper_automix.match.reference import Choice
    from reaper_automix.results import Report

Command = TypeVar("Command", bound=Callable[..., Any])

REFERENCE = (
    click.option(
        "--reference",
        "path_of_reference",
        type=click.Path(path_type=Path),
        metavar="REF",
        help="The mix to sound like: an audio file, a project (.RPP) or a folder of stems.",
    ),
    click.option(
        "--reference-track",
        metavar="NAME",
        help="The track (name or GUID) of that project that is the reference; without --reference "
        "a track of PATH, which is then no stem.",
    ),
    click.option(
        "--reference-region",
        metavar="NAME",
        help="The region (name or number) of that project, or of PATH, that is the reference.",
    ),
    click.option(
        "--reference-range",
        metavar="START-END",
        help="The stretch of the reference that is heard, in seconds or minutes:seconds.",
    ),
    click.option(
        "--checkpoint",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Weights of Diff-MST (.ckpt, .pt or .safetensors) that say what to set. None come "
        "with this program, which finds its settings without any.",
    ),
)
"""What a match goes towards, and by whom."""

RESULTS = (
    out_option,
    click.option("--in-place", is_flag=True, help="Change the project itself; a .bak is kept."),
    click.option("--dry-run", is_flag=True, help="Only show what would be done."),
    click.option("--bounce", is_flag=True, help="Also write the matched mix as audio."),
    click.option("--stems", is_flag=True, help="Also write every stem as audio, behind its strip."),
    jobs_option,
    json_option,
    quiet_option,
)
"""Where results go, and which."""


def _all(options: tuple[Callable[[Command], Command], ...]) -> Callable[[Command], Command]:
    """Several options as one decorator."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _asked(names: Mapping[str, str]) -> Callable[[Command], Command]:
    """An option for each setting of a match, some of them under other names."""
    usual = asked.Asked()

    def option(row: Setting) -> Callable[[Command], Command]:
        named = replace(row, name=f"match_{row.name}", option=names.get(row.name, row.option))
        return option_of(named, getattr(usual, row.name))

    return _all(tuple(map(option, asked.SETTINGS)))


@click.command(
    epilog=examples(
        "match song.RPP --reference hit.wav",
        "match stems/ --reference hit.flac --strength 70% --stems",
        "match song.RPP --reference-track 'Reference' --window 1:05-1:30",
        "match song.RPP --reference other.RPP --reference-region Chorus --blocks eq,compressor",
        "match song.RPP --reference hit.wav --checkpoint diffmst.ckpt --no-keep-pan",
    )
)
@path_argument
@_all(REFERENCE)
@_asked({})
@click.option(
    "--window",
    "time_range",
    metavar="START-END",
    help="Listen to the stems only there, in seconds or minutes:seconds.",
)
@setting_options(*(name for name in asked.FOLLOWED if name != "time_range"))
@_all(RESULTS)
def match(path: Path, **options: object) -> int:
    """Have PATH take on the sound of a reference mix.

    PATH is a project or a folder of stems, or a folder of these. Every stem (a folder, or a track
    in none) gets its fader and a channel strip of six bands and a compressor, the mix a master
    strip, all of which can be moved afterwards. A project is left as it is and gets a matched copy
    beside it (song-match.RPP) with a report; a folder of stems gets a project, a bounce and a
    report (stems-match/).
    """
    return _run(path, dict(options), balances=False)


@click.command(
    epilog=examples(
        "pipeline song.RPP --reference hit.wav",
        "pipeline stems/ --reference hit.flac --match-strength 70%",
    )
)
@path_argument
@_all(REFERENCE)
@_asked(asked.BESIDE_BALANCE)
@setting_options()
@_all(RESULTS)
def pipeline(path: Path, **options: object) -> int:
    """Balance PATH, then match it to a reference mix, in one go.

    The same as balance and then match, with one project and one report; options of balance that
    are not named here mean what they mean there.
    """
    return _run(path, dict(options), balances=True)


def _run(path: Path, options: dict[str, Any], *, balances: bool) -> int:
    """Do every song of a path."""
    how = How(options.pop("quiet"), options.pop("as_json"))
    choice = _choice(options)
    names = ("out", "in_place", "dry_run", "bounce", "stems", "jobs", "checkpoint")
    out, in_place, dry_run, bounce, stems, jobs, checkpoint = map(options.pop, names)
    rows = {name: options.pop(f"match_{name}") for name in asked.BY_NAME}
    given = {name: value for name, value in rows.items() if value not in (None, ())}
    asked.load(path, given=given)  # a wrong option is one mistake, not one for each song

    def work(song: Song, progress: Progress) -> Report:
        from reaper_automix.match import run
        from reaper_automix.match.case import Ask

        if in_place and song.path.is_dir():
            raise SettingsError(
                f"{song.path} is a folder of stems, which has no faders to move; "
                "leave out --in-place."
            )
        request = run.Request(
            song.path,
            Ask(choice, asked.load(path, song.path, given=given), checkpoint),
            song.settings,
            balances=balances,
            out=song.home(out),
            in_place=in_place,
            dry_run=dry_run,
            bounce=bounce,
            stems=stems,
            jobs=jobs,
        )
        return run.run(request, progress)

    return each_song(path, options, work, tell_report, how)


def _choice(options: dict[str, Any]) -> Choice:
    """The reference that the options name."""
    from reaper_automix.match.reference import Choice

    stretch = options.pop("reference_range")
    try:
        time_range = Stretch().parse(stretch) if stretch else None
    except ValueError:
        raise SettingsError(
            f"--reference-range cannot be {stretch!r}; it must be {Stretch().allowed}."
        ) from None
    return Choice(
        options.pop("path_of_reference"),
        options.pop("reference_track") or "",
        options.pop("reference_region") or "",
        time_range,
    )
