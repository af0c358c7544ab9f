"""The commands about this machine and the REAPER on it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reaper_automix import terminal
from reaper_automix.cli.options import examples

if TYPE_CHECKING:
    from reaper_automix.installer import Plan

resource_option = click.option(
    "--resource-path",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="REAPER's resource folder, for a portable or second REAPER.  [default: found]",
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Print exactly what would be written, and write nothing."
)


@click.command(epilog=examples("doctor", "doctor --json"))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@resource_option
def doctor(as_json: bool, resource_path: Path | None) -> int:
    """Show versions and what works on this machine."""
    from reaper_automix import doctor as examination

    findings = examination.examine(resource_path=resource_path)
    if as_json:
        click.echo(examination.to_json(findings))
    else:
        terminal.show(examination.table(findings))
    return 0 if examination.healthy(findings) else 1


@click.command(epilog=examples("install", "install --dry-run", "install --resource-path D:/REAPER"))
@resource_option
@dry_run_option
def install(resource_path: Path | None, dry_run: bool) -> None:
    """Bring the actions and their shortcuts into REAPER.

    Also over an earlier version. With REAPER open the actions come at its next start and shortcuts
    wait until this is run again with REAPER closed.
    """
    from reaper_automix import installer
    from reaper_automix.worker import spool

    _do(installer.plan_install(installer.find(resource_path), spool.home()), dry_run)


@click.command(epilog=examples("uninstall", "uninstall --dry-run"))
@resource_option
@dry_run_option
def uninstall(resource_path: Path | None, dry_run: bool) -> None:
    """Take everything of ours out of REAPER.

    Actions, shortcuts, settings, reports and kept measurements go; reaper-automix.toml stays.
    """
    from reaper_automix import installer
    from reaper_automix.worker import spool

    _do(installer.plan_uninstall(installer.find(resource_path), spool.home()), dry_run)


@click.command(
    epilog=examples("reapack-index index.xml --url https://example.org/{version}/{path}")
)
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--url",
    required=True,
    metavar="TEMPLATE",
    help="Where ReaPack downloads a file; {path} and {version} are filled in.",
)
def reapack_index(out: Path, url: str) -> None:
    """Write a ReaPack index of the actions.

    It is the index.xml of a repository, made from the headers of the actions.
    """
    from reaper_automix.installer import actions, changes, reapack

    content = reapack.index(actions.source().parent, url)
    changes.apply([changes.Change(out, content.encode())])
    terminal.say(f"{out} is written.")


def _do(plan: Plan, dry_run: bool) -> None:
    lines: Iterable[str] = plan.preview() if dry_run else plan.carry_out()
    for line in lines:
        click.echo(line)
    if dry_run:
        terminal.say("Nothing was written.")
