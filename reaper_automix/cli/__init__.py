"""``reaper-automix``: the command line.

The one package that prints and that knows exit codes. Everything heavy is imported inside the
command that needs it, so that help comes at once; :data:`COMMANDS` says where each one stands.
"""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Mapping, Sequence

import click

from reaper_automix import __version__, terminal, threads
from reaper_automix.errors import BUG, SOME_FAILED, AutomixError, Cancelled, LiveError

CANCELLED = Cancelled.exit_code

EXIT_CODES: tuple[tuple[int, str], ...] = (
    (0, "done"),
    (BUG, "a bug, shown with its traceback; or doctor found that something needed does not work"),
    (2, "a command, option or setting that cannot be used"),
    (3, "a project, folder or file that cannot be read"),
    (4, "nothing to balance or to learn from: no track, or no two songs, could be measured"),
    (5, "an output that cannot be written"),
    (SOME_FAILED, "songs of a batch failed; the others are done"),
    (LiveError.exit_code, "REAPER cannot be reached over the live bridge, or refuses"),
    (CANCELLED, "stopped with Ctrl-C; nothing is half written"),
)
"""What the program returns, and when."""

COMMANDS: Mapping[str, tuple[str, str]] = {
    "balance": ("songs", "Balance the faders of PATH, a project or a folder of stems."),
    "inspect": ("songs", "Show what PATH holds and what can be measured."),
    "render": ("songs", "Write the tracks of PROJECT as stems."),
    "bounce": ("songs", "Write the sum of PATH as its faders stand."),
    "stems": ("stems", "Sort the tracks of PATH into folders of stems."),
    "match": ("match", "Have PATH take on the sound of a reference mix."),
    "pipeline": ("match", "Balance PATH, then match it to a reference mix."),
    "demo": ("songs", "Make a demo session in FOLDER and balance it."),
    "listening-test": (
        "listening",
        "Make a blind listening test, or analyse its answers.",
    ),
    "cache": ("cache", "Show or remove the measurements that are kept."),
    "install": ("machine", "Bring the actions and their shortcuts into REAPER."),
    "uninstall": ("machine", "Take everything of ours out of REAPER."),
    "doctor": ("machine", "Show versions and what works on this machine."),
    "live": ("live", "Work on the project that is open in REAPER."),
    "osc": ("osc", "Let phones and controllers balance the open project."),
    "worker": ("worker", "Do the jobs of REAPER's actions."),
    "bench": ("bench", "Measure the speed that is promised, on this machine."),
    "learn": ("learn", "Learn where you put what from your finished projects."),
    "evaluate": ("evaluate", "Measure balances against those of engineers."),
    "reapack-index": ("machine", "Write a ReaPack index of the actions."),
}
"""The module of each command and how its own help begins, in the order of the help text."""


class _Commands(click.Group):
    """Commands by name, each loaded from its module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; a word with a hyphen is a function with an underscore."""
        if cmd_name not in COMMANDS:
            return None
        name, _ = COMMANDS[cmd_name]
        module = importlib.import_module(f"reaper_automix.cli.{name}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """All of them as the table has them, so that no module is loaded for that."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and leave it with its exit code."""
    threads.limit()
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


def _exit_codes() -> str:
    """The table of exit codes as a block that click leaves as it is."""
    rows = (f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES)
    return "\n".join(("\b", "Exit codes:", *rows))


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"max_content_width": 100},
    epilog=_exit_codes(),
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
