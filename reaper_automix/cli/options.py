"""What the commands' options and help texts are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from reaper_automix.kinds import Colors, Flag, Names, Number, SomeOf
from reaper_automix.settings import SETTINGS, USUAL, Setting, Settings

Command = TypeVar("Command", bound=Callable[..., Any])


def examples(*commands: str) -> str:
    """A block of help text that click leaves as it is: commands as one would type them."""
    return "\n".join(("\b", "Examples:", *(f"  reaper-automix {command}" for command in commands)))


def setting_options(*names: str) -> Callable[[Command], Command]:
    """An option for each of these settings (default: all but the live ones), from its row."""
    usual = replace(Settings(), **USUAL)

    def decorate(command: Command) -> Command:
        for setting in reversed(SETTINGS):
            if setting.name in names or not (names or setting.live):
                command = option_of(setting, getattr(usual, setting.name, None))(command)
        return command

    return decorate


def option_of(setting: Setting, default: object) -> Callable[[Command], Command]:
    """The option of one setting, from its row; what holds without it is told."""
    if isinstance(setting.kind, Flag):
        flag = f"{setting.option}/--no-{setting.option.lstrip('-')}"
        return click.option(flag, setting.name, default=None, help=setting.help)
    many = isinstance(setting.kind, Names | Colors | SomeOf)
    return click.option(
        setting.option,
        setting.name,
        multiple=many,
        metavar=setting.kind.metavar,
        help=setting.help + _typed(setting, default),
    )


def _typed(setting: Setting, default: object) -> str:
    """A default as it is typed."""
    if default is None and isinstance(setting.kind, Number):
        default = setting.kind.none
    if isinstance(default, float):
        default = f"{default:g}"
    if isinstance(default, tuple):
        default = ",".join(default)
    return f"  [default: {default}]" if default else ""


pre_fx_option = click.option(
    "--pre-fx",
    "measure",
    flag_value="pre_fx",
    default=None,
    help="Measure before effects and have REAPER render nothing, as this command does anyway.",
)
path_argument = click.argument("path", type=click.Path(path_type=Path))
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, resolve_path=True),
    metavar="FOLDER",
    help="Write everything into this folder.  [default: beside the song]",
)
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Worker processes.  [default: one per core]",
)
scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Have the songs done by a running cluster: Dask (tcp://host:port) or Ray (ray://host:port)."
    "  [default: one after the other, here]",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print the results as JSON (results.json)."
)
quiet_option = click.option("--quiet", is_flag=True, help="Print nothing but errors (and --json).")
measured = ("tracks", "use_time_selection", "time_range", "region")
