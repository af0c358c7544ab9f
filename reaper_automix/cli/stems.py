"""The command that sorts the tracks of songs into folders of stems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reaper_automix import terminal
from reaper_automix.batch import How, Song, each_song
from reaper_automix.cli.options import (
    examples,
    jobs_option,
    json_option,
    out_option,
    path_argument,
    quiet_option,
)
from reaper_automix.errors import SettingsError
from reaper_automix.progress import Progress

if TYPE_CHECKING:
    from reaper_automix.sorting import Sorted


@click.command(
    epilog=examples(
        "stems song.RPP",
        "stems song.RPP --apply",
        "stems song.RPP --apply --table mine.toml --in-place",
        "stems stems/ --listen --apply",
    )
)
@path_argument
@click.option(
    "--propose/--apply",
    "only_proposed",
    default=True,
    help="Show where tracks would go and write that as a table to edit; or sort them.",
)
@click.option(
    "--table",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Sort as this table says.  [default: song-stems.toml beside the song, if there is one]",
)
@click.option("--listen", is_flag=True, help="Know tracks by their sound, too.")
@out_option
@click.option("--in-place", is_flag=True, help="Change the project itself; a .bak is kept.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done; write nothing.")
@jobs_option
@json_option
@quiet_option
def stems(
    path: Path,
    only_proposed: bool,
    table: Path | None,
    listen: bool,
    out: Path | None,
    in_place: bool,
    dry_run: bool,
    jobs: int | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Sort the tracks of PATH into folders of stems.

    PATH is a project or a folder of audio files. Names say what tracks are, with --listen their
    sound does, too. First see what is proposed; the same is written as a table (song-stems.toml)
    whose lines you may change. Then --apply writes song-stems.RPP with its folders; the song itself
    stays as it is. Folders that are there are completed and never taken apart, and a second run
    finds nothing to do.
    """
    from reaper_automix import sorting

    if only_proposed and (table or in_place):
        raise SettingsError("--table and --in-place belong to --apply; add it.")

    def work(song: Song, progress: Progress) -> Sorted:
        if in_place and song.path.is_dir():
            raise SettingsError(
                f"{song.path} is a folder of stems, which has no tracks to sort; "
                "leave out --in-place."
            )
        if table and song.path != path:
            raise SettingsError(f"{path} is a folder of songs; --table is of one song alone.")
        request = sorting.Request(
            song.path,
            song.settings,
            table,
            listen=listen,
            out=song.home(out),
            in_place=in_place,
            dry_run=dry_run,
            jobs=jobs,
        )
        do = sorting.suggest if only_proposed else sorting.carry_out
        return do(request, progress)

    return each_song(path, {}, work, _tell, How(quiet, as_json))


def _tell(found: Sorted, how: How) -> None:
    """What was found as JSON, or as a table with what was written where."""
    if how.as_json:
        _print_json(found, how)
    elif not how.quiet:
        from reaper_automix.report import stems as shown

        terminal.show(shown.table(found.proposal))
        for output in found.outputs:
            click.echo(f"{output.kind:8} {output.path}")
        for note in found.notes:
            click.echo(note)


def _print_json(found: Sorted, how: How) -> None:
    """One document; one line per song of a batch (JSON Lines)."""
    import msgspec

    document = msgspec.json.encode(_facts(found))
    click.echo(msgspec.json.format(document, indent=-1 if how.batch else 2))


def _facts(found: Sorted) -> dict[str, Any]:
    """Everything that was found, keys as the types have them."""
    return {
        "name": found.name,
        "place": found.place,
        "tracks": found.proposal.rows,
        "folders": found.proposal.folders,
        "outputs": found.outputs,
        "notes": found.notes,
    }
