"""The commands that work on the project open in REAPER."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reaper_automix import terminal
from reaper_automix.cli.machine import dry_run_option, resource_option
from reaper_automix.cli.options import (
    examples,
    jobs_option,
    json_option,
    pre_fx_option,
    quiet_option,
    setting_options,
)

if TYPE_CHECKING:
    from reaper_automix.session import Session


@click.group(
    epilog=examples(
        "live setup",
        "live status",
        "live balance --all --strength 70%",
        "live stem Drums --tracks 'Kick,Snare,OH*'",
        "live snapshot > session.json",
    )
)
def live() -> None:
    """Work on the project that is open in REAPER.

    REAPER must run the action automix_Live bridge, which needs REAPER's Python: see live setup.
    """


@live.command(epilog=examples("live setup", "live setup --dry-run"))
@resource_option
@dry_run_option
def setup(resource_path: Path | None, dry_run: bool) -> None:
    """Let REAPER run Python; REAPER must be closed."""
    from reaper_automix import installer
    from reaper_automix.bridge import setup as settings
    from reaper_automix.installer import changes

    wanted = settings.plan(installer.find(resource_path))
    if wanted.is_done:
        click.echo(f"REAPER uses {wanted.library} already.")
    elif dry_run:
        for line in changes.describe((wanted.change,)):
            click.echo(line)
    else:
        wanted.carry_out()
        click.echo(f"REAPER uses {wanted.library} from its next start on.")


@live.command(epilog=examples("live status", "live status --json"))
@json_option
def status(as_json: bool) -> None:
    """Tell whether REAPER can be reached and what is open in it."""
    import json

    from reaper_automix.bridge import LiveProject

    with LiveProject() as project:
        found = project.status()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"REAPER {found['reaper']} answers.")
    click.echo(f"{found['path'] or 'A project without a name'}: {found['tracks']} tracks")


@live.command(epilog=examples("live snapshot > session.json"))
def snapshot() -> None:
    """Print the open project as session.json."""
    from reaper_automix.bridge import LiveProject
    from reaper_automix.session import to_json

    with LiveProject() as project:
        click.echo(to_json(project.snapshot()))


@live.command(
    epilog=examples(
        "live balance", "live balance --all --strength 70%", "live balance --tracks 'Gtr*'"
    )
)
@setting_options()
@pre_fx_option
@click.option("--all", "everything", is_flag=True, help="All tracks.  [default: the selected ones]")
@jobs_option
@json_option
@quiet_option
def balance(
    everything: bool, jobs: int | None, as_json: bool, quiet: bool, **given: object
) -> None:
    """Balance the selected tracks of the open project, as one undo point.

    REAPER never renders for this: tracks that only it can play as they sound (instruments, MIDI,
    active effects) are measured before their effects or skipped, so press the action
    automix_Balance selected tracks in REAPER for these.

    Only faders are moved, and tracks whose volume automation drives the fader are left alone;
    the actions in REAPER can also write item gains, a trim plug-in or the envelope.
    """
    from reaper_automix.bridge import LiveProject
    from reaper_automix.settings import load

    with LiveProject() as project, terminal.watching(quiet=quiet) as progress:
        place = project.status()["path"]
        chosen = {name: value for name, value in given.items() if value not in (None, ())}
        settings = load(*([Path(place)] if place else []), given=chosen)
        scope = "all" if everything or settings.tracks else "selected"
        outcome = project.balance(scope, settings, progress, jobs=jobs)
    if as_json:
        from reaper_automix.report import data

        click.echo(data.to_json(outcome.report).rstrip())
    elif not quiet:
        from reaper_automix.report import text

        terminal.show(text.table(outcome.report))
        click.echo(outcome.message or outcome.title)
    for track in outcome.left_out:
        terminal.say(f"{track.name} was not moved: {track.why}")


@live.command(epilog=examples("live stem Drums", "live stem Drums --tracks 'Kick,Snare,OH*'"))
@click.argument("name")
@click.option("--tracks", metavar="NAME[,NAME]", help="These tracks.  [default: the selected ones]")
def stem(name: str, tracks: str | None) -> None:
    """Put tracks into a new folder called NAME."""
    from reaper_automix.bridge import LiveProject

    with LiveProject() as project:
        session = project.snapshot()
        found = list(_meant(session, tracks))
        project.stem(name, found)
    click.echo(f"Tracks in {name}: {len(found)}.")


@live.command(epilog=examples("live restore"))
def restore() -> None:
    """Put the faders back to what they were before the last balance."""
    from reaper_automix.bridge import LiveProject

    with LiveProject() as project:
        done = project.restore()
    click.echo(f"Faders put back: {len(done.moves)}.")
    if done.by_hand:
        terminal.say(f"Moved by hand since, and left as they are: {', '.join(done.by_hand)}.")


@live.command(epilog=examples("live watch"))
def watch() -> None:
    """Print what changes in the open project, until Ctrl-C."""
    from reaper_automix.bridge import LiveProject
    from reaper_automix.bridge.watch import watch as changes

    with LiveProject() as project, suppress(KeyboardInterrupt):  # that is how it ends
        for line in changes(project):
            click.echo(line)


def _meant(session: Session, tracks: str | None) -> Iterator[str]:
    """Ids of the selected tracks, or of those with these names."""
    patterns = [name.strip().casefold() for name in (tracks or "").split(",")]
    for track in session.tracks:
        named = any(fnmatchcase(track.name.casefold(), pattern) for pattern in patterns)
        if named if tracks else track.selected:
            yield track.id
