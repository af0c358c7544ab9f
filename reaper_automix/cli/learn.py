"""The command that learns a profile from an engineer's own finished projects."""

from __future__ import annotations

from pathlib import Path

import click

from reaper_automix import profiles, settings, terminal
from reaper_automix.cli.options import examples, jobs_option, quiet_option, setting_options
from reaper_automix.errors import SOME_FAILED, SettingsError

NAME = "mine"
"""The profile that is written where nothing else is said."""


@click.command(
    epilog=examples(
        "learn ~/Music/finished",
        "learn album1/ album2/ --base rock --out punk.toml",
        "balance song.RPP --profile mine",
    )
)
@click.argument(
    "folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path)
)
@click.option(
    "--base",
    default="roles",
    metavar="PROFILE",
    help="The profile that holds as far as the projects say nothing else.  [default: roles]",
)
@click.option(
    "--strength",
    metavar="0.1..1",
    help="How far you go there from the levels that tracks have: 0.7 and 70% mean the same."
    "  [default: learned too]",
)
@setting_options("method", "pitch")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, resolve_path=True),
    metavar="FILE.toml",
    help=f"Write the profile there.  [default: the profile {NAME} in your configuration folder]",
)
@click.option("--force", is_flag=True, help="Replace a file that learn did not write.")
@click.option("--dry-run", is_flag=True, help="Only show what would be learned.")
@jobs_option
@quiet_option
def learn(
    folders: tuple[Path, ...],
    base: str,
    strength: str | None,
    out: Path | None,
    force: bool,
    dry_run: bool,
    jobs: int | None,
    quiet: bool,
    **given: object,
) -> int:
    """Learn where you put what from your finished projects.

    Every project (.RPP) in FOLDER, however deep, is read with its media and compared with the
    faders that you gave it. What comes of it is a profile for balance --profile: how far apart you
    place roles, and how far you go there. With few projects it stays near the base, and the table
    says how sure it is. No project is changed, and nothing leaves this machine.
    """
    from reaper_automix.learn import profile_file, saying
    from reaper_automix.learn.lesson import Request, run

    goal = out or profiles.user_folder() / f"{NAME}{profiles.SUFFIX}"
    _refuse_nonsense(goal, base)
    if not (force or dry_run):
        profile_file.refuse_others(goal)
    found = settings.load(given=_said({**given, "profile": base, "strength": strength}))
    fixed = _fixed(found, strength)
    request = Request(folders, found.method, found.pitch, base, fixed, jobs)
    with terminal.watching(quiet=quiet) as progress:
        lesson = run(request, progress)
    if not quiet:
        terminal.show(saying.table(lesson))
    lesson.check()
    if not dry_run:
        content = profile_file.text(lesson.ear, lesson.base, saying.source(lesson))
        profile_file.write(goal, content)
        if not quiet:
            _tell(goal, out or NAME)
    return SOME_FAILED if lesson.failed else 0


def _said(given: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in given.items() if value is not None}


def _fixed(found: settings.Settings, strength: str | None) -> float | None:
    """The strength that is not to be learned."""
    from reaper_automix.learn.ear import LEAST_STRENGTH

    if strength is None:
        return None
    if found.part < LEAST_STRENGTH:
        raise SettingsError(
            f"--strength cannot be {strength}; it must be {LEAST_STRENGTH:.0%} or more."
        )
    return found.part


def _refuse_nonsense(goal: Path, base: str) -> None:
    """A profile is found again by its suffix, and must not be learned from what it says itself."""
    if goal.suffix != profiles.SUFFIX:
        raise SettingsError(f"{goal.name} is no name for a profile; let it end in .toml.")
    is_path = base.endswith(profiles.SUFFIX)
    base_file = Path(base) if is_path else profiles.user_folder() / f"{base}{profiles.SUFFIX}"
    if base_file.resolve() == goal.resolve():
        raise SettingsError(
            f"{goal} is what will be written, so it cannot be the base too; name another with "
            "--base."
        )


def _tell(goal: Path, called: object) -> None:
    """What was written, and how it is used."""
    click.echo(f"profile  {goal}")
    terminal.say(f"Use it with: reaper-automix balance PATH --profile {called}")
