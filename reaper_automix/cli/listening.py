"""The commands of listening tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reaper_automix import settings, terminal
from reaper_automix.cli.options import (
    examples,
    jobs_option,
    quiet_option,
    setting_options,
)

if TYPE_CHECKING:
    from reaper_automix.listening.blind import Kit
    from reaper_automix.results import Output

KIT_NAME = "listening-test"

USES = """
listening-test PROJECT...         a kit of these songs (listening-test make PROJECT...)
listening-test analyse RESULT...  what the answers to a kit say
""".strip()

HANDING_OUT = "Give {page} to listeners and keep {key}: it alone tells what is what."


class _MakesUnlessToldOtherwise(click.Group):
    """A group whose first word, where it is none of its commands, is a song to make a kit of."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command in that goes without saying."""
        known = (*self.commands, *self.get_help_option_names(ctx))
        return super().parse_args(ctx, args if args and args[0] in known else ["make", *args])


@click.group(
    "listening-test",
    cls=_MakesUnlessToldOtherwise,
    help=f"Make a blind listening test, or analyse its answers.\n\n\b\n{USES}",
    epilog=examples(
        "listening-test song.RPP stems/ --out kit/",
        "listening-test song.RPP --reference mix.wav --out kit/",
        "listening-test analyse answers/ --key kit/key.json",
    ),
)
def listening_test() -> None:
    """A kit of songs, and what its answers say."""


@listening_test.command(
    epilog=examples(
        "listening-test make song.RPP stems/ --out kit/",
        "listening-test make a.RPP b.RPP --reference a.wav --reference b.wav",
        "listening-test make song.RPP --range 1:05-1:15",
    )
)
@click.argument(
    "songs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PROJECT..."
)
@click.option(
    "--reference",
    "references",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A mix of the song to compare with, from its start; once for each PROJECT, in their "
    "order. Without any, listeners compare the balances only with each other.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(2.0, 12.0),
    default=10.0,
    show_default=True,
    help="Length of the excerpts; they are the densest part of each song.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, resolve_path=True),
    default=Path(KIT_NAME),
    metavar="FOLDER",
    help=f"Write the kit into this folder.  [default: {KIT_NAME}]",
)
@setting_options(
    *("profile", "strength", "max_move_db", "tracks", "use_time_selection", "time_range")
)
@jobs_option
@quiet_option
def make(
    songs: Sequence[Path],
    references: Sequence[Path],
    seconds: float,
    out: Path,
    jobs: int | None,
    quiet: bool,
    **given: object,
) -> None:
    """Render excerpts of every PROJECT into one page that plays and grades them blindly.

    Each excerpt is heard as the default balance, as the three published methods make it, as the
    faders stand, and as an anchor that everybody hears is worse; all equally loud, under names and
    in an order that tell nothing. The page works without a network and saves a file of results.
    The options that a balance has, too, hold for the default balance and for what is measured.
    """
    from reaper_automix.listening import kit

    typed = {name: value for name, value in given.items() if value not in (None, ())}
    request = kit.Request(
        tuple(found for path in songs for found in _songs(path, typed)),
        out,
        tuple(references),
        seconds,
        jobs,
    )
    with terminal.watching(quiet=quiet) as progress:
        made, written = kit.make(request, progress)
    if not quiet:
        _tell_kit(made, written)


@listening_test.command(
    epilog=examples(
        "listening-test analyse kit/answers/ --key kit/key.json",
        "listening-test analyse listening-*.json --key kit/key.json --out findings/",
    )
)
@click.argument(
    "results", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RESULT..."
)
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The key.json of the kit.  [default: beside the first RESULT]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, resolve_path=True),
    metavar="FOLDER",
    help="Write the findings into this folder.  [default: beside the key's folder]",
)
@quiet_option
def analyse(results: Sequence[Path], key_file: Path | None, out: Path | None, quiet: bool) -> None:
    """Analyse what listeners answered: RESULT are the files they saved, or folders of them.

    Listeners whose grades show that they did not hear what all can hear are left out and named.
    Of the others: medians with 95 % intervals, Wilcoxon signed ranks of all pairs with Holm's
    correction, and a picture.
    """
    from reaper_automix.listening import answers, findings, key
    from reaper_automix.listening.analysis import analysed

    first = results[0] if results[0].is_dir() else results[0].parent
    key_file = (key_file or first / key.FILE_NAME).absolute()
    of_kit = key.read(key_file)
    found = analysed(answers.read(results, of_kit), of_kit)
    home = key_file.parent
    written = findings.write(found, out or home.with_name(f"{home.name}-findings"))
    if not quiet:
        terminal.show(findings.shown(found))
        _tell_outputs(written)


def _songs(path: Path, given: Mapping[str, object]) -> Iterator[tuple[Path, settings.Settings]]:
    """The songs at a path, as every command finds them, each with its settings."""
    from reaper_automix.adapters import folder

    for song in folder.songs(path):
        yield song, settings.load(path, song, given=given)


def _tell_kit(kit: Kit, written: Sequence[Output]) -> None:
    """What is in a kit, what its maker has to know, and where it lies."""
    from reaper_automix.report.figures import plain

    for song in kit.key.songs:
        click.echo(f"{plain(song.name)}: {song.start_s:.1f} … {song.end_s:.1f} s")
        for same in song.alike:
            click.echo(f"  one and the same mix here: {', '.join(same)}")
        for note in song.notes:
            click.echo(f"  {plain(note)}")
    loudness = kit.key.target_lufs + kit.key.lowered_db
    click.echo(f"{len(kit.trials)} trials, every excerpt at {loudness:.1f} LUFS")
    _tell_outputs(written)
    page, key = (Path(output.path).name for output in written)
    click.echo(HANDING_OUT.format(page=page, key=key))


def _tell_outputs(outputs: Sequence[Output]) -> None:
    for output in outputs:
        click.echo(f"{output.kind:8} {output.path}")
