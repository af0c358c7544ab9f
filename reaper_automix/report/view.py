"""What the page shows of a report: texts and pictures in the order of the page.

All that is decided about the page is decided here; the template only lays it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reaper_automix.features import Features
from reaper_automix.match import asked
from reaper_automix.match.outcome import Matched
from reaper_automix.report import charts, figures, match_view, nearness
from reaper_automix.report.charts import Axis
from reaper_automix.report.columns import COLUMNS, Column, sums
from reaper_automix.report.digest import (
    CONTAINERS,
    digest,
    double,
    foretold,
    headline,
    held,
    object_title,
)
from reaper_automix.report.prose import method
from reaper_automix.report.spectra import spectrum
from reaper_automix.results import GroupResult, MethodLevel, Report, TrackResult
from reaper_automix.session import TimeRange
from reaper_automix.settings import Setting, Settings, told

Chosen = Callable[[TrackResult], bool]
Said = Callable[[TrackResult], tuple[str, ...]]

TITLES = {
    "balance": "Balance",
    "paper": "Published method",
    "inspect": "Inspection",
    "match": "Match to a reference",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the head: before and after, or a single one."""

    title: str
    value: str
    unit: str = ""
    before: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a picture: a name, its plot and the figures at its end."""

    name: str
    plot: Markup
    figures: tuple[str, ...]
    kind: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines that share an axis; ``absent`` are the names that have no line."""

    title: str
    about: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    scale: Markup
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Concern:
    """Tracks that somebody should look at, for one kind of reason."""

    title: str
    tracks: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One track in detail."""

    name: str
    home: str
    badge: str
    state: str
    spectrum: Markup
    facts: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything the template shows, in the order it shows it."""

    report: Report
    title: str
    headline: str
    tiles: tuple[Tile, ...]
    panels: tuple[Panel, ...]
    sums: Panel | None
    objects: tuple[Concern, ...]
    match: Markup | None
    concerns: tuple[Concern, ...]
    cards: tuple[Card, ...]
    table: str
    columns: tuple[Column, ...]
    settings: tuple[tuple[str, str, str], ...]
    method: tuple[str, ...]


def view(report: Report) -> View:
    """What the page shows of a report."""
    return View(
        report=report,
        title=TITLES[report.mode],
        headline=headline(report),
        tiles=tuple(TILES[report.mode](report)),
        panels=tuple(_panels(report)),
        sums=_sums(report),
        objects=tuple(_objects(report)),
        match=match_view.section(report.match, alone=report.mode == "match")
        if report.match
        else None,
        concerns=tuple(_concerns(report)),
        cards=tuple(_card(report, t, t.features) for t in report.tracks if t.features),
        table="All tracks" if report.mode == "inspect" else "All numbers",
        columns=COLUMNS[report.mode],
        settings=tuple(SETTINGS[report.mode](report)),
        method=method(report),
    )


def _balance_tiles(report: Report) -> Iterator[Tile]:
    found = digest(report)
    aside = ((found.limited, "limited"), (found.kept, "left alone"), (found.skipped, "skipped"))
    rest = ", ".join(f"{number} {what}" for number, what in aside if number)
    yield Tile("Tracks moved", f"{found.moved}", f"of {found.tracks}", about=rest)
    if found.spread_before_db is not None:
        yield Tile(
            "Spread inside groups",
            figures.level(found.spread_after_db),
            "dB",
            figures.level(found.spread_before_db),
            "standard deviation of where sources land",
        )
    for mix in report.groups[:1]:
        about = figures.move(mix.shift_db) + " dB for range or headroom" if mix.shift_db else ""
        loud = figures.loudness(mix.before), figures.loudness(mix.after)
        yield Tile("Mix loudness", loud[1], "LUFS", loud[0], about or "kept by the anchor")
        peak = figures.true_peak(mix.before), figures.true_peak(mix.after)
        headroom = f"headroom {figures.level(report.settings.headroom_dbtp)} dBTP"
        yield Tile("Mix true peak", peak[1], "dBTP", peak[0], headroom)


def _paper_tiles(report: Report) -> Iterator[Tile]:
    found = digest(report)
    short = sum(_held(track) for track in report.tracks)
    yield Tile("Stems", f"{found.tracks}")
    yield Tile("Brought to the target", f"{found.moved}", about="−50 LUFS in each method's band")
    yield Tile("Held by their peak", f"{short}", about="none goes above −1 dBFS")
    yield Tile("Copied unchanged", f"{found.skipped}", about="not above −50 LUFS")


def _inspect_tiles(report: Report) -> Iterator[Tile]:
    found = digest(report)
    yield Tile("Tracks", f"{found.tracks}")
    yield Tile("Folders and buses", f"{len(report.tracks) - found.tracks}")
    yield Tile("Can be measured", f"{found.tracks - found.skipped}")
    yield Tile("Cannot", f"{found.skipped}", about="reasons below")


def _match_tiles(report: Report) -> Iterator[Tile]:
    match = report.match
    if match is None:
        return
    matched = sum(stem.status == "matched" for stem in match.stems)
    left = len(match.stems) - matched
    yield Tile("Stems matched", f"{matched}", about=f"{left} left alone" if left else "")
    before, after = (f"{loss:.2f}" for loss in (match.loss_before, match.loss_after))
    yield Tile("Distance", after, "", before, f"to {figures.plain(match.reference)}")
    loud = (figures.level(sound.lufs) for sound in (match.before, match.after))
    was, now = loud
    yield Tile("Mix loudness", now, "LUFS", was, nearness.levels_of(match))
    was, now = (figures.level(sound.true_peak_db) for sound in (match.before, match.after))
    yield Tile("Mix true peak", now, "dBTP", was, nearness.levels_of(match))


TILES: dict[str, Callable[[Report], Iterator[Tile]]] = {
    "balance": _balance_tiles,
    "paper": _paper_tiles,
    "inspect": _inspect_tiles,
    "match": _match_tiles,
}
"""The figures at the head of the page, by mode."""


def _panels(report: Report) -> Iterator[Panel]:
    """Levels of every group on one scale, or what the published methods give each file."""
    if report.mode == "paper":
        yield _gains(report.tracks)
        return
    if report.mode == "match":
        return
    heard = [track for track in report.tracks if track.before_lufs is not None]
    landings = [level for track in heard for level in (track.before_lufs, track.after_lufs)]
    along = charts.axis([*landings, *(group.target_lufs for group in report.groups)])
    by_id = {track.id: track for track in report.tracks}
    for group in report.groups:
        members = [by_id[track] for track in group.track_ids if track in by_id]
        if any(member.before_lufs is not None for member in members):
            yield _levels(along, group, members)


def _levels(along: Axis, group: GroupResult, members: Sequence[TrackResult]) -> Panel:
    shown = [member for member in members if member.before_lufs is not None]
    return Panel(
        title=figures.plain(group.name),
        about=_aim(group),
        headings=("Move, dB",),
        rows=tuple(_journey(along, member, group.target_lufs) for member in shown),
        scale=charts.scale(along, "LUFS"),
        absent=tuple(figures.plain(m.name) for m in members if m not in shown),
    )


def _aim(group: GroupResult) -> str:
    target = figures.level(group.target_lufs)
    return " ".join((f"Target {target} LUFS." if group.target_lufs else "", *group.why)).strip()


def _journey(along: Axis, track: TrackResult, target: float | None) -> Row:
    state = _state(track)
    return Row(
        name=figures.plain(track.name),
        plot=charts.journey(along, track.before_lufs, track.after_lufs, target, state),
        figures=(figures.move(track.gain_db),),
        kind=f"{track.kind} {state}",
        tag=TAGS.get(state, ""),
    )


def _state(track: TrackResult) -> str:
    return "limited" if track.limited else track.status


TAGS = {"limited": "limited", "kept": "left alone"}
"""What a row says beside its name."""


def _gains(tracks: Sequence[TrackResult]) -> Panel:
    shown = [track for track in tracks if track.adjustments_db]
    along = charts.axis([0.0, *(gain for track in shown for _, gain in track.adjustments_db)])
    rows = tuple(
        Row(
            figures.plain(track.name),
            charts.gains(along, track.adjustments_db),
            tuple(figures.move(gain) for _, gain in track.adjustments_db),
            _state(track),
            "held" if _held(track) else "",
        )
        for track in shown
    )
    methods = tuple(f"{method}, dB" for method, _ in shown[0].adjustments_db) if shown else ()
    absent = tuple(figures.plain(track.name) for track in tracks if not track.adjustments_db)
    return Panel("All stems", "", methods, rows, charts.scale(along, "dB"), absent)


def _sums(report: Report) -> Panel | None:
    """Every sum before and after, the whole mix first."""
    if not report.groups:
        return None
    levels = [level for group in report.groups for level in (group.before, group.after)]
    heard = [level.lufs for level in levels] + [level.true_peak_db for level in levels]
    along = charts.axis([0.0, *heard], below_db=4.0, above_db=0.0)
    headroom = report.settings.headroom_dbtp
    rows = tuple(
        Row(
            figures.plain(group.name),
            charts.meter(along, group, headroom),
            sums(group),
            "mix" if group.id is None else "group",
        )
        for group in report.groups
    )
    headings = ("Loudness, LUFS", "True peak, dBTP")
    return Panel("Sums", foretold(report.groups), headings, rows, charts.scale(along, "dB"))


def _objects(report: Report) -> Iterator[Concern]:
    """Tracks that are one source, by what that is known; at the end what has the same notes."""
    names = {track.id: figures.plain(track.name) for track in report.tracks}
    for found in report.objects.found:
        members = [(names[one.track_id], (one.evidence,)) for one in found.members]
        warnings = [("Polarity", found.warnings)] if found.warnings else []
        yield Concern(object_title(found), (*members, *warnings))
    doubles = report.objects.doubles
    if doubles:
        told = [(figures.plain(one.name), (double(one),)) for one in doubles]
        yield Concern("Doubles, each a source of its own", tuple(told))


def _concerns(report: Report) -> Iterator[Concern]:
    """Reasons, the ones that ask for a decision first."""
    for title, concerns, sentences in CONCERNS[report.mode]:
        tracks = [(figures.plain(t.name), sentences(t)) for t in report.tracks if concerns(t)]
        if tracks:
            yield Concern(title, tuple(tracks))


def _why(track: TrackResult) -> tuple[str, ...]:
    return track.why


def _aimed(track: TrackResult) -> tuple[str, ...]:
    return (track.aim,)


def _notes(track: TrackResult) -> tuple[str, ...]:
    return track.notes


def _held(track: TrackResult) -> bool:
    return bool(held(track, PUBLISHED_LUFS))


def _short(track: TrackResult) -> tuple[str, ...]:
    methods = " and ".join(held(track, PUBLISHED_LUFS))
    return (f"By {methods} it would go above −1 dBFS, so it stays short of the target.",)


PUBLISHED_LUFS = -50.0
"""Where the published script brings everything."""


def _skipped(track: TrackResult) -> bool:
    return track.status == "skipped"


def _stays(track: TrackResult) -> bool:
    return track.status == "kept" and bool(track.why)


def _unmatched(track: TrackResult) -> bool:
    return track.unmatched


def _noted(track: TrackResult) -> bool:
    return bool(track.notes)


CONCERNS: dict[str, tuple[tuple[str, Chosen, Said], ...]] = {
    "balance": (
        ("Limited", lambda track: track.limited, _why),
        ("Skipped", _skipped, _why),
        ("Left where they were", _stays, _why),
        ("Taken for an average track", _unmatched, _aimed),
        ("Measured with a caveat", _noted, _notes),
    ),
    "paper": (
        ("Held by their peak", _held, _short),
        ("Copied unchanged", _skipped, _why),
        ("Measured with a caveat", _noted, _notes),
    ),
    "match": (
        ("Skipped", _skipped, _why),
        ("Left where they were", _stays, _why),
        ("Heard with a caveat", _noted, _notes),
    ),
    "inspect": (
        ("Cannot be measured", _skipped, _why),
        ("Would stay where they are", _stays, _why),
        ("Would be measured with a caveat", _noted, _notes),
    ),
}
"""Kinds of reasons by mode: heading, which tracks, and what is said of them."""


def _card(report: Report, track: TrackResult, heard: Features) -> Card:
    return Card(
        name=figures.plain(track.name),
        home=_home(report, track),
        badge=_badge(track),
        state=_state(track),
        spectrum=spectrum(heard, track.level or SILENT),
        facts=tuple(_facts(track, heard)),
        sentences=(*track.why, *filter(None, (track.aim, track.together)), *track.notes),
    )


def _home(report: Report, track: TrackResult) -> str:
    """The folder or bus a track lies in; of one itself, that its sum is shown."""
    if track.kind in CONTAINERS:
        return f"Sum of the {track.kind}"
    homes = (group.name for group in report.groups if group.id == track.parent_id)
    home = next(homes, None) if track.parent_id else None
    return figures.plain(home) if home is not None else ""


def _badge(track: TrackResult) -> str:
    if track.adjustments_db:
        return f"{figures.move(track.adjustments_db[0][1])} dB"
    if track.status != "moved":
        return TAGS.get(track.status, track.status)
    return f"{figures.move(track.gain_db)} dB"


def _facts(track: TrackResult, heard: Features) -> Iterator[tuple[str, str]]:
    """Numbers of one track with their units, as far as they are known."""
    said = track.level or SILENT
    yield "Level", f"{figures.level(said.lufs)} LUFS"
    if said.lufs != heard.lufs:
        yield "Full band", f"{figures.level(heard.lufs)} LUFS"
    if heard.f0_hz is not None:
        confidence = f" · confidence {figures.share(heard.pitch_confidence)}"
        yield "Pitch", f"{figures.hertz(heard.f0_hz)} Hz" + confidence * (not track.adjustments_db)
    yield "Pass band", figures.band(said.band) + (" Hz" if said.band else "")
    if track.adjustments_db:
        gains = ((method, figures.move(gain)) for method, gain in track.adjustments_db)
        yield "Gain", ", ".join(f"{method} {gain}" for method, gain in gains) + " dB"
    else:
        faders = figures.level(track.fader_before_db), figures.level(track.fader_after_db)
        shown = faders if track.status == "moved" else faders[:1]
        yield "Fader", " → ".join(shown) + " dB"
    yield "True peak", f"{figures.level(heard.true_peak_db)} dBTP"
    yield (
        "Sounds for",
        f"{figures.duration(heard.active_s)} of {figures.duration(heard.duration_s)}",
    )


SILENT = MethodLevel("", None)
"""What a method says of a track that it could not level."""


def _settings(report: Report) -> Iterator[tuple[str, str, str]]:
    """Every setting: its option, its value with the unit, and what it does."""
    for setting in told(report.settings):
        yield _told(setting, report.settings)
    if report.match:
        yield from _asked(report.match, asked.BESIDE_BALANCE)


def _match_settings(report: Report) -> Iterator[tuple[str, str, str]]:
    """What was asked of the match, and the settings of a balance that it follows."""
    if report.match:
        yield from _asked(report.match, {})
    for setting in told(report.settings):
        if setting.name in asked.FOLLOWED:
            yield _told(setting, report.settings)


def _asked(match: Matched, names: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    wanted = asked.Asked(
        match.strength,
        match.keep_pan,
        tuple(name for name in asked.BLOCKS if getattr(match.blocks, name)),
        match.target_lufs,
    )
    for row in asked.SETTINGS:
        option, value, about = _told(row, wanted)
        yield names.get(row.name, option), value, about


def _told(setting: Setting, values: Settings | asked.Asked) -> tuple[str, str, str]:
    value = getattr(values, setting.name)
    return setting.option, _shown(value, getattr(setting.kind, "unit", "")), setting.help


def _none(report: Report) -> Iterator[tuple[str, str, str]]:
    yield from ()


SETTINGS: dict[str, Callable[[Report], Iterator[tuple[str, str, str]]]] = {
    "balance": _settings,
    "paper": _none,
    "inspect": _settings,
    "match": _match_settings,
}
"""The settings that count, by mode."""


def _shown(value: object, unit: str) -> str:
    match value:
        case None | ():
            return "none"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g} {unit}".strip().replace("-", figures.MINUS)
        case TimeRange(start_s, end_s):
            return f"{start_s:g}–{end_s:g} s"
        case tuple():
            return ", ".join(figures.plain(name) for name in value)
    return str(value)
