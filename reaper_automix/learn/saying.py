"""A lesson for people: what was learned, how sure it is, and what came of every project."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reaper_automix.learn.ear import Offset
from reaper_automix.learn.finished import LeftOut
from reaper_automix.learn.hearing import Taught
from reaper_automix.learn.lesson import Lesson
from reaper_automix.learn.proof import FEWEST_SONGS, Proof
from reaper_automix.report.figures import UNKNOWN, count, move, plain, tame

GUTTER = 2

ROLES_HEAD = ("Role", "Offset dB", "± dB", "{base} dB", "Tracks", "Projects")

MOST_NAMES = 3


def table(lesson: Lesson) -> RenderableType:
    """The whole lesson; print it with a :class:`rich.console.Console`."""
    learned = (_roles(lesson), Text()) if lesson.says_something else ()
    return Group(*learned, _projects(lesson), Text(), *map(Text, sentences(lesson)))


def sentences(lesson: Lesson) -> Iterator[str]:
    """What was learned and how sure it is, a line each."""
    used = lesson.used
    if not used:
        return
    tracks = sum(len(one.song) for one in used)
    yield f"{count(tracks, 'track')} of {count(len(used), 'project')} say where you put what."
    if before := sum(one.before_effects for one in used):
        yield f"{before} of them have effects and were measured before these, so they count half."
    if lesson.says_something:
        yield from _how_sure(lesson)


def source(lesson: Lesson) -> str:
    """What the profile says about where it comes from."""
    return " ".join((*sentences(lesson), "Made by reaper-automix learn, on this machine."))


def _how_sure(lesson: Lesson) -> Iterator[str]:
    ear, base = lesson.ear, lesson.base
    yield (
        f"You go {ear.strength:.0%} of the way from the levels that tracks have (± "
        f"{ear.strength_sd:.0%}; profile {plain(base.name)}: {base.strength:.0%}); single tracks "
        f"stand {ear.noise_db:.1f} dB from what is learned."
    )
    if lesson.proof is None:
        yield (
            f"With {FEWEST_SONGS} projects or more it is also tried on those that it was not "
            "learned from; so far nothing shows that it fits you better than profile "
            f"{plain(base.name)}."
        )
        return
    yield from _proven(lesson.proof, plain(base.name))


def _proven(proof: Proof, base: str) -> Iterator[str]:
    mine, known, equal = map(statistics.median, (proof.learned, proof.base, proof.equal))
    yield (
        f"Projects that it was not learned from it meets within {mine:.1f} dB (median), profile "
        f"{base} within {known:.1f} dB, equal loudness within {equal:.1f} dB."
    )
    nearer = f"It is nearer than profile {base} in {proof.nearer} of {len(proof.learned)} projects"
    if proof.holds:
        yield f"{nearer}."
    else:
        yield f"{nearer}: they do not say more than profile {base} does."


def _roles(lesson: Lesson) -> Table:
    """The roles that the projects have, the loudest first."""
    grid = _grid(*(title.format(base=plain(lesson.base.name)) for title in ROLES_HEAD))
    learned = [(role, offset) for role, offset in lesson.ear.roles.items() if offset.tracks]
    for role, offset in sorted(learned, key=lambda row: -row[1].db):
        grid.add_row(role, *_cells(offset))
    return grid


def _cells(offset: Offset) -> tuple[str, ...]:
    return (
        move(offset.db),
        f"{offset.sd_db:.1f}",
        UNKNOWN if offset.base_db is None else move(offset.base_db),
        str(offset.tracks),
        str(offset.songs),
    )


def _projects(lesson: Lesson) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, GUTTER, 0, 0), header_style="bold")
    grid.add_column("Project", overflow="fold", max_width=40)
    grid.add_column("Tracks", justify="right", no_wrap=True)
    grid.add_column("Left out")
    for taught in lesson.taught:
        grid.add_row(_name(taught), str(len(taught.song)), Text(_left_out(taught)))
    for one in lesson.left_out:
        grid.add_row(_name(one), UNKNOWN, Text(tame(one.why)))
    return grid


def _name(project: Taught | LeftOut) -> Text:
    return Text(plain(project.path.name))


def _left_out(taught: Taught) -> str:
    """Which tracks of a project teach nothing, by reason."""
    return " ".join(f"{_named(names)}: {tame(why)}" for why, names in taught.left_out.items())


def _named(names: Sequence[str]) -> str:
    """Some names, each once, and how many more there are.

    >>> _named(["Kick", "Kick", "OH L", "OH R", "Room"])
    'Kick (2), OH L, OH R and 1 more'
    """
    times = Counter(map(plain, names))
    told = [name if number == 1 else f"{name} ({number})" for name, number in times.items()]
    more = f" and {len(told) - MOST_NAMES} more" if len(told) > MOST_NAMES else ""
    return ", ".join(told[:MOST_NAMES]) + more


def _grid(first: str, *numbers: str) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, GUTTER, 0, 0), header_style="bold")
    grid.add_column(first)
    for title in numbers:
        grid.add_column(title, justify="right", no_wrap=True)
    return grid
