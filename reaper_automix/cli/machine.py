"""The commands about this machine."""

from __future__ import annotations

import click

from reaper_automix import terminal
from reaper_automix.cli.options import examples


@click.command(epilog=examples("doctor", "doctor --json"))
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
