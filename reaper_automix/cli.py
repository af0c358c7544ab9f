"""``reaper-automix``: the command line.

The one module that prints and that knows exit codes. Everything heavy is imported inside the
command that needs it, so that help comes at once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reaper_automix import __version__, terminal
from reaper_automix.batch import BUG, SOME_FAILED, How, Song, each_song
from reaper_automix.crew import THREAD_VARIABLES
from reaper_automix.errors import AutomixError, Cancelled, SettingsError
from reaper_automix.progress import Progress
from reaper_automix.settings import BY_NAME, SETTINGS, Flag, Names, Setting, Settings

if TYPE_CHECKING:
    from reaper_automix.results import Output, Report

Command = TypeVar("Command", bound=Callable[..., Any])

CANCELLED = Cancelled.exit_code

EXIT_CODES: tuple[tuple[int, str], ...] = (
    (0, "done"),
    (BUG, "a bug, shown with its traceback; or doctor found that something needed does not work"),
    (2, "a command, option or setting that cannot be used"),
    (3, "a project, folder or file that cannot be read"),
    (4, "nothing to balance: no track could be measured"),
    (5, "an output that cannot be written"),
    (SOME_FAILED, "songs of a batch failed; the others are done"),
    (CANCELLED, "stopped with Ctrl-C; nothing is half written"),
)
"""What the program returns, and when."""

RIVALS: Mapping[str, tuple[str, ...]] = {
    # The published procedure is fixed from the level to the files that are written.
    "paper": (
        *("method", "profile", "strength", "max_move_db", "dead_band_db", "headroom_dbtp"),
        *("fader_max_db", "target_lufs", "tracks", "use_time_selection", "time_range"),
        *("in_place", "dry_run", "bounce", "stems"),
    ),
}
"""Options that leave no room for certain others."""


def _rows(title: str, rows: Sequence[tuple[object, str]]) -> str:
    """A block of help text that click leaves as it is: a title and rows of two columns."""
    width = max(len(str(left)) for left, _ in rows)
    lines = (f"  {left!s:>{width}}  {right}" for left, right in rows)
    return "\n".join(("\b", f"{title}:", *lines))


def _examples(*commands: str) -> str:
    return "\n".join(("\b", "Examples:", *(f"  reaper-automix {command}" for command in commands)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and leave it with its exit code."""
    for variable in THREAD_VARIABLES:
        # Must stand before numpy is loaded; tracks share the cores already, and better than a BLAS.
        os.environ.setdefault(variable, "1")
    terminal.use_utf8()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what a user can put right becomes one sentence on stderr.

    Any other exception is a bug and passes.
    """
    try:
        return program.main(arguments, prog_name=terminal.PROGRAM, standalone_mode=False) or 0
    except click.ClickException as error:
        terminal.complain(_usage(error))
        return error.exit_code
    except AutomixError as error:
        terminal.complain(str(error))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        terminal.complain("stopped; what was finished is kept and nothing is half written.")
        return CANCELLED


def _usage(error: click.ClickException) -> str:
    """The message of a wrong command or option, and where to read on."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else terminal.PROGRAM
    return f"{error.format_message()} (see {command} --help)"


@click.group(
    invoke_without_command=True,
    context_settings={"max_content_width": 100},
    epilog=_rows("Exit codes", EXIT_CODES),
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def program(context: click.Context) -> None:
    """Balance the faders of a multitrack session by how loud its tracks are.

    A session is a REAPER project (song.RPP) or a folder of stems; a folder of these is a batch.
    Settings may also stand in reaper-automix.toml beside the project, in the folder, or in the
    user's configuration folder (reaper-automix doctor says where); options come first.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def _setting_options(*names: str) -> Callable[[Command], Command]:
    """An option for each of these settings (default: all), made from its row."""

    def decorate(command: Command) -> Command:
        for setting in reversed(SETTINGS):
            if setting.name in names or not names:
                command = _setting_option(setting)(command)
        return command

    return decorate


def _setting_option(setting: Setting) -> Callable[[Command], Command]:
    if isinstance(setting.kind, Flag):
        flag = f"{setting.option}/--no-{setting.option.lstrip('-')}"
        return click.option(flag, setting.name, default=None, help=setting.help)
    many = isinstance(setting.kind, Names)
    return click.option(
        setting.option,
        setting.name,
        multiple=many,
        metavar=setting.kind.metavar,
        help=setting.help + _default(setting),
    )


def _default(setting: Setting) -> str:
    default = getattr(Settings(), setting.name)
    if isinstance(default, float):
        default = f"{default:g}"
    return f"  [default: {default}]" if default else ""


_path = click.argument("path", type=click.Path(path_type=Path))
_out = click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Write everything into this folder.  [default: beside the song]",
)
_json = click.option(
    "--json", "as_json", is_flag=True, help="Print the results as JSON (results.json)."
)
_quiet = click.option("--quiet", is_flag=True, help="Print nothing but errors (and --json).")
_measured = ("tracks", "use_time_selection", "time_range")


@program.command(
    epilog=_examples(
        "balance song.RPP",
        "balance stems/ --method p_lufs --strength 70%",
        "balance song.RPP --tracks 'Gtr*,Bass' --range 1:05-2:10 --dry-run",
        "balance album/ --out balanced/ --quiet",
        "balance stems/ --paper",
    )
)
@_path
@_setting_options()
@click.option("--paper", is_flag=True, help="The published method, step by step, and its outputs.")
@_out
@click.option("--in-place", is_flag=True, help="Change the project itself; a .bak is kept.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--bounce", is_flag=True, help="Also write the balanced sum as audio.")
@click.option("--stems", is_flag=True, help="Also write every track as audio at its new level.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Worker processes.  [default: one per core]",
)
@_json
@_quiet
def balance(
    path: Path,
    out: Path | None,
    paper: bool,
    in_place: bool,
    dry_run: bool,
    bounce: bool,
    stems: bool,
    jobs: int | None,
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
            paper=paper,
            jobs=jobs,
        )
        return pipeline.run(request, progress)

    return each_song(path, given, work, _tell_report, How(quiet, as_json))


@program.command(epilog=_examples("inspect song.RPP", "inspect stems/ --json"))
@_path
@_setting_options(*_measured)
@_json
@_quiet
def inspect(path: Path, as_json: bool, quiet: bool, **given: object) -> int:
    """Show what PATH holds and what can be measured."""
    from reaper_automix import pipeline

    def work(song: Song, progress: Progress) -> Report:
        return pipeline.inspect(song.path, song.settings)

    return each_song(path, given, work, _tell_report, How(quiet, as_json))


@program.command(epilog=_examples("render song.RPP", "render song.RPP --tracks Vox --out vox/"))
@click.argument("project", type=click.Path(path_type=Path))
@_setting_options(*_measured)
@_out
@_quiet
def render(project: Path, out: Path | None, quiet: bool, **given: object) -> int:
    """Write the tracks of PROJECT as stems.

    A stem is what the items of a track send to its fader, without effects.
    """
    from reaper_automix import pipeline

    def work(song: Song, progress: Progress) -> tuple[Output, ...]:
        return pipeline.render_stems(
            song.path, song.goal(out, f"{song.name}-stems"), song.settings, progress
        )

    return each_song(project, given, work, _tell_outputs, How(quiet))


@program.command(epilog=_examples("bounce song.RPP", "bounce stems/ --out bounces/"))
@_path
@_setting_options(*_measured)
@_out
@_quiet
def bounce(path: Path, out: Path | None, quiet: bool, **given: object) -> int:
    """Write the sum of PATH as its faders stand.

    Pans and folders count, effects do not.
    """
    from reaper_automix import pipeline

    def work(song: Song, progress: Progress) -> tuple[Output, ...]:
        return pipeline.bounce(
            song.path, song.goal(out, f"{song.name}-bounce.wav"), song.settings, progress
        )

    return each_song(path, given, work, _tell_outputs, How(quiet))


@program.command(epilog=_examples("demo", "demo ~/Desktop/demo"))
@click.argument("folder", type=click.Path(path_type=Path), default=Path("automix-demo"))
@_quiet
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

    return each_song(project, {}, work, _tell_report, How(quiet))


@program.command(epilog=_examples("doctor", "doctor --json"))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> int:
    """Show versions and what works on this machine."""
    from reaper_automix import doctor as examination

    findings = examination.examine()
    if as_json:
        click.echo(examination.to_json(findings))
    else:
        terminal.show(examination.table(findings))
    return 0 if examination.healthy(findings) else 1


def _tell_report(report: Report, how: How) -> None:
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
            if options[first] and options[other] not in (None, (), False):
                raise SettingsError(
                    f"{_flag(first)} leaves no room for {_flag(other)}; leave one of them out."
                )


def _flag(name: str) -> str:
    """The option as it is typed."""
    return BY_NAME[name].option if name in BY_NAME else "--" + name.replace("_", "-")
