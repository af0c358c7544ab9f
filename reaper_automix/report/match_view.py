"""What the page shows of a match: how the mix sounds beside its reference, and what was set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from reaper_automix import pages
from reaper_automix.match.console.strips import Strip
from reaper_automix.match.outcome import Matched, StemResult
from reaper_automix.report import desk, figures, match_charts
from reaper_automix.report.charts import axis
from reaper_automix.report.nearness import SoundRow, nearer, sounds

WAYS = {
    "optimiser": "The settings were found without any network: gains, bands and compressors went "
    "towards the reference until the mix sounds as near to it as they reach without leaving where "
    "they stood any further than has to be.",
    "network": "A network said what to set, from one hearing of stems and reference; each setting "
    "is the median of several passages.",
}
"""How settings were found, in words."""

METHOD = (
    "Passages of six seconds, in which as many stems as possible sound, are heard of the song, and "
    "the loudest of the reference. Spectrum, crest, range and width are those of these passages, "
    "brought to one loudness; loudness and true peak are those of the song.",
    "The distance is the loss of Diff-MST (RMS, crest factor, width, balance of right and left, "
    "Bark spectra of mid and side), in which a mono mix is not taken for infinitely far.",
    "Every setting can be moved afterwards: faders and pans are the tracks' own, equaliser and "
    "compressor the sliders of Automix Strip, which stands behind all other effects.",
)

AUDIBLE = ("Crest factor", "Loudness range", "Width, side to mid")
"""Figures that have a picture."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a picture: a name, its plot and the figures at its end."""

    name: str
    plot: Markup
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strips:
    """One stem, or the master, with its strip."""

    name: str
    badge: str
    state: str
    equaliser: Markup
    facts: tuple[tuple[str, str], ...]
    bands: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchView:
    """All of it, in the order of the page."""

    match: Matched
    outcome: str
    about: str
    spectra: Markup
    gaps: Markup
    sounds: tuple[Line, ...]
    terms: tuple[Line, ...]
    strips: tuple[Strips, ...]


def section(match: Matched, *, alone: bool) -> Markup:
    """The part of the page about a match; ``alone`` where the page is about nothing else."""
    template = pages.template(__package__, "match.html.j2")
    return Markup(template.render(view=_view(match), alone=alone))


def method(match: Matched) -> tuple[str, ...]:
    """How it was computed, in short."""
    return (*METHOD, WAYS[match.way])


def _view(match: Matched) -> MatchView:
    reach = match_charts.reach_db((match.bus.strip, *(one.after.strip for one in match.stems)))
    spectra = match.before.thirds_db, match.after.thirds_db, match.aim.thirds_db
    return MatchView(
        match,
        nearer(match),
        _about(match),
        match_charts.spectra(*spectra),
        match_charts.gaps(*spectra),
        tuple(_sound(row) for row in sounds(match) if row.label in AUDIBLE),
        tuple(_terms(match)),
        (*(_strips(stem, reach) for stem in match.stems), _master(match, reach)),
    )


def _about(match: Matched) -> str:
    heard = figures.count(len(match.passages), "passage")
    seconds = figures.duration(match.reference_s)
    return f"{heard} of the song and {seconds} of the reference were heard, all equally loud here."


def _sound(row: SoundRow) -> Line:
    before, after, aim = (value or 0.0 for value in row.values)
    along = axis((before, after, aim))
    plot = match_charts.way(along, before, after, aim, row.unit)
    return Line(row.heading, plot, (f"{row.before} → {row.after}", row.aim))


def _terms(match: Matched) -> Iterator[Line]:
    """Every term and, last, the whole distance."""
    most = max((max(gap.before, gap.after) for gap in match.gaps), default=0.0)
    for gap in match.gaps:
        said = f"{gap.before:.3f} → {gap.after:.3f}"
        away = f"{figures.level(gap.before_db)} → {figures.level(gap.after_db)}"
        yield Line(gap.label, match_charts.bars(most, gap.before, gap.after, said), (away, said))


def _strips(stem: StemResult, reach: float) -> Strips:
    matched = stem.status == "matched"
    moved_db = stem.after.fader_db - stem.before.fader_db
    return Strips(
        figures.plain(stem.name),
        f"{figures.move(moved_db)} dB" if matched else "left alone",
        "moved" if matched else "kept",
        match_charts.equaliser(stem.after.strip, reach),
        (
            ("Fader", f"{desk.fader(stem.before, stem.after)} dB"),
            ("Pan", desk.pans(stem.before, stem.after)),
            *_compressor(stem.after.strip),
        ),
        desk.bands(stem.after.strip),
        stem.why,
    )


def _master(match: Matched, reach: float) -> Strips:
    return Strips(
        "Master",
        f"{figures.move(match.bus.output_db)} dB",
        "moved",
        match_charts.equaliser(match.bus.strip, reach),
        (
            ("Output", f"{figures.move(match.bus.output_db)} dB"),
            *_compressor(match.bus.strip),
        ),
        desk.bands(match.bus.strip),
        (),
    )


def _compressor(strip: Strip) -> Iterator[tuple[str, str]]:
    if said := desk.compressor(strip.compressor):
        yield "Compressor", said
