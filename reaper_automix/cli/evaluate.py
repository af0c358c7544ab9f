"""The command that shows how near balances come to what engineers did."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from reaper_automix import terminal
from reaper_automix.cli.options import examples
from reaper_automix.errors import InputError, OutputError

DEFAULT_DATA = Path("..") / "shared" / "data"


@click.command(
    epilog=examples("evaluate", "evaluate authors landing --data corpus", "evaluate --out proof.md")
)
@click.argument("protocols", nargs=-1, metavar="[PROTOCOL]...")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=DEFAULT_DATA,
    metavar="FOLDER",
    help=f"Where the material is.  [default: {DEFAULT_DATA.as_posix()}]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.md",
    help="Also write the tables into this file, and a picture beside it.",
)
def evaluate(protocols: tuple[str, ...], data: Path, out: Path | None) -> None:
    """Measure balances against those of engineers and authors, and what is promised of them.

    PROTOCOLS: human_mix (how engineers mixed the same songs), authors (songs whose author's
    balance is known), spread (ISO 532-1 loudness inside a stem; takes MoSQITo), landing (levels
    measured anew from what was written), style (matches to mixes of other songs); all of them by
    default. Works offline, on material that is not part of the program; nothing that is scored was
    used to make what scores it, or the table says so.
    """
    from reaper_automix.bench import findings
    from reaper_automix.evaluate import PROTOCOLS, run

    for protocol in protocols:
        if protocol not in PROTOCOLS:
            known = ", ".join(PROTOCOLS)
            raise click.BadParameter(f"there is no protocol {protocol}; choose from {known}.")
    if not data.is_dir():
        raise InputError(f"{data} is no folder; name the one with the material with --data.")
    outcomes = dict(run(data, protocols or tuple(PROTOCOLS), terminal.say))
    found = [outcome.findings for outcome in outcomes.values()]
    for table in findings.tables(found):
        terminal.show(findings.shown(table))
    if out is not None:
        from reaper_automix.evaluate.page import write

        try:
            write(out, outcomes, shlex.join(("reaper-automix", *sys.argv[1:])))
        except OSError as error:
            raise OutputError(
                f"{out} cannot be written ({error.strerror}); choose another."
            ) from error
