"""The findings of a listening test told: on a terminal, and as a page with its picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reaper_automix import __version__, outputs, pages, report
from reaper_automix.listening.analysis import Analysis, Pair
from reaper_automix.listening.conditions import BY_NAME
from reaper_automix.listening.picture import STYLE, picture
from reaper_automix.listening.statistics import Summary
from reaper_automix.report import figures
from reaper_automix.results import Output

FILES = (("findings", "findings.html"), ("picture", "findings.svg"))

SIGNIFICANT = 0.05

METHOD = (
    "Medians are over all listeners and songs; their 95 % intervals come from drawing listeners "
    "anew 10,000 times, from a fixed seed, so that the same answers give the same figures.",
    "Pairs are compared by Wilcoxon's signed-rank test over each listener's mean of all songs, two-"
    "sided and exact, and corrected for their number after Holm. Anchors are in no pair.",
)
SCREENING = {
    "reference": "Left out is, after BS.1534-3, who grades the hidden reference below 90 or the "
    "mid anchor above 90 in more than 15 % of the trials.",
    "no reference": "Without a reference BS.1534 has no rule. Left out is whose grades of the "
    "trial that came twice lie more than 20 apart on average, and who grades the low anchor above "
    "half of the others in more than 15 % of the trials.",
}


def write(found: Analysis, goal: Path) -> tuple[Output, ...]:
    """Write the page and the picture into a folder, all or nothing."""
    layout = outputs.folder_of(goal)
    drawn = picture(found)
    contents = (_page(found, drawn), str(drawn))
    with outputs.staging(layout) as stage:
        for (_, name), text in zip(FILES, contents, strict=True):
            (stage / name).write_text(text, "utf-8", newline="\n")
    return tuple(Output(kind, str(layout.folder / name)) for kind, name in FILES)


def shown(found: Analysis) -> RenderableType:
    """The findings for a terminal: conditions, pairs, and who was left out."""
    return Group(
        Text(headline(found), style="bold"),
        _conditions(found),
        Text(),
        _pairs(found),
        *(Text(f"Left out: {sentence}.") for sentence in left_out(found)),
        *(Text(note) for note in found.notes),
    )


def headline(found: Analysis) -> str:
    """Who answered, and who counts."""
    listeners = figures.count(len(found.listeners), "listener")
    songs = figures.count(len(found.key.songs), "song")
    return f"{listeners}, {found.counted} of them counted, {songs}."


def left_out(found: Analysis) -> Iterator[str]:
    """Listeners whose grades do not count, with the reasons."""
    for one in found.listeners:
        if one.why:
            yield f"{figures.plain(one.answers.name)} {' and '.join(one.why)}"


def interval(of: Summary) -> str:
    """A 95 % interval.

    >>> interval(Summary(60.0, 52.0, 66.5, 50.0, 70.0))
    '52 … 66.5'
    """
    return f"{of.low:g} … {of.high:g}"


def chance(p: float) -> str:
    """A probability with as many digits as it is worth.

    >>> chance(0.0412), chance(0.00004), chance(1.0)
    ('0.041', '< 0.001', '1.000')
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def title(condition: str) -> str:
    """What readers call a condition."""
    return BY_NAME[condition].title


def _conditions(found: Analysis) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("Condition")
    for heading in ("Median", "95 %", "Quartiles"):
        table.add_column(heading, justify="right", no_wrap=True)
    for song in found.key.songs if len(found.key.songs) > 1 else ():
        table.add_column(figures.plain(song.name), justify="right")
    for one in found.graded:
        overall = one.overall
        quartiles = f"{overall.first_quartile:g} … {overall.third_quartile:g}"
        songs = [f"{of.median:g}" for of in one.by_song] if len(one.by_song) > 1 else []
        table.add_row(one.title, f"{overall.median:g}", interval(overall), quartiles, *songs)
    return table


def _pairs(found: Analysis) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("Better (+) or worse (−)")
    table.add_column("than")
    for heading in ("Median", "p", "p (Holm)"):
        table.add_column(heading, justify="right", no_wrap=True)
    for pair in found.pairs:
        figures_of = (figures.move(pair.difference), chance(pair.p), chance(pair.p_holm))
        style = "bold" if is_significant(pair) else ""
        table.add_row(title(pair.first), title(pair.second), *figures_of, style=style)
    return table


def is_significant(pair: Pair) -> bool:
    """Whether a pair differs, among all of the test."""
    return pair.p_holm < SIGNIFICANT


def _page(found: Analysis, drawn: Markup) -> str:
    style = pages.text_of(report.__name__, "report.css")
    return pages.template(__package__, "findings.html.j2").render(
        found=found,
        headline=headline(found),
        picture=drawn,
        told={
            "interval": interval,
            "chance": chance,
            "title": title,
            "is_significant": is_significant,
        },
        method=METHOD,
        screening=SCREENING[found.key.form],
        version=__version__,
        style=Markup(style),
        policy=pages.policy([style, STYLE]),
    )
