"""A believable report: 24 tracks in five folders, with everything that a report has to show.

Numbers hang together: sources of a group land on its target unless a reason says otherwise, sums
are power sums, and the anchor keeps the whole mix where it was.
"""

import math
from dataclasses import replace

from reaper_automix.features import SPECTRUM_HZ, Band, Features
from reaper_automix.match.console.strips import Band as StripBand
from reaper_automix.match.console.strips import Strip, neutral_channel
from reaper_automix.match.outcome import Gap, Matched, Sound, StemResult
from reaper_automix.match.placing.landed import Blocks, Bus, Seat
from reaper_automix.results import (
    GroupResult,
    MethodLevel,
    Output,
    Report,
    SumLevel,
    TrackResult,
)
from reaper_automix.session import TimeRange
from reaper_automix.settings import Settings
from reaper_automix.units import gain_from_db

SETTINGS = Settings(max_move_db=12.0)
NARROWBAND_OFFSET_DB = -6.0

# name, f0 in Hz or None, confidence, centroid, integrated loudness, crest, fader before
FOLDERS = {
    "Drums": (
        ("Kick in", 58.0, 0.31, 420.0, -21.4, 14.0, -8.3),
        ("Kick out", 52.0, 0.22, 310.0, -24.9, 13.2, -6.0),
        ("Snare top", 196.0, 0.12, 2600.0, -23.8, 18.5, -2.5),
        ("Hi-hat", None, 0.04, 8800.0, -33.5, 15.1, -10.5),
        ("Tom floor", 87.0, 0.44, 640.0, -27.2, 17.0, -1.0),
        ("Overheads", None, 0.07, 5400.0, -26.1, 16.4, -8.5),
        ("Room", None, 0.09, 1900.0, -22.7, 12.9, -14.0),
    ),
    "Bass": (
        ("Bass DI", 55.0, 0.96, 240.0, -19.3, 9.8, -7.0),
        ("Bass amp", 55.1, 0.93, 510.0, -22.0, 8.6, -3.0),
    ),
    "Guitars": (
        ("Gtr rhythm L", 146.8, 0.81, 1480.0, -20.2, 9.1, -9.0),
        ("Gtr rhythm R", 146.9, 0.79, 1510.0, -21.0, 9.4, -9.0),
        ("Gtr acoustic", 196.0, 0.74, 2350.0, -26.4, 13.3, 1.5),
        ("Gtr solo", 392.0, 0.91, 1720.0, -23.6, 10.2, -4.5),
    ),
    "Keys": (
        ("Piano", 261.6, 0.77, 1190.0, -24.8, 13.8, -3.0),
        ("Pad", 130.8, 0.88, 690.0, -29.3, 8.0, -2.5),
        ("Organ", 174.6, 0.9, 540.0, -22.5, 8.8, -11.5),
    ),
    "Vocals": (
        ("Vox lead", 220.0, 0.95, 1630.0, -22.1, 11.9, 0.0),
        ("Vox double", 221.3, 0.92, 1590.0, -27.8, 12.4, -6.5),
        ("BV high", 440.0, 0.9, 1840.0, -30.4, 12.0, -2.0),
        ("BV low", 164.8, 0.89, 1300.0, -40.9, 11.6, 4.0),
    ),
}
FOLDER_FADERS_DB = {"Drums": -1.0, "Bass": -1.5, "Guitars": -2.5, "Keys": -2.0, "Vocals": -5.5}
SHORT_DB = {"Hi-hat": 1.7, "BV low": 2.0}
KEPT = {"Kick in"}
HEADROOM_SHIFT_DB = -1.2
WHY = {
    "Hi-hat": ("Held at the maximum move of 12 dB; 1.7 dB short of the target.",),
    "Kick in": ("Less than 0.5 dB from its target, left alone.",),
    "BV low": ("Held at the end of the fader's range, +12 dB; 2.0 dB short of the target.",),
}
NOTES = {
    "Gtr solo": ("Active effects (ReaEQ, ReaComp) are not heard; the level is what enters them.",),
    "Organ": ("Stretch markers in 2 items cannot be rendered; timing is approximate.",),
    "Tom floor": ("Its pre-fader send to Drum verb does not follow the fader.",),
}
PAPER_CEILINGS_DB = {"Snare top": -20.5}
STILL = (
    ("Strings (MIDI)", "Plays MIDI through an instrument, which cannot be rendered offline."),
    ("Talkback", "Muted, so it does not sound; its fader is kept."),
    ("Shaker old", "Its file Media/shaker_03.wav is missing; put it back or relink it."),
    ("Click", "Silent over its whole length."),
)


def guid(number):
    return f"{{5A3D0000-0000-4000-8000-{number:012X}}}"


def power_sum_db(levels_db):
    return 10 * math.log10(sum(10 ** (level / 10) for level in levels_db))


def spectrum(f0_hz, centroid_hz, level_db, seed):
    """Harmonics that fall above the centroid, on a floor; percussive sources are a wide hump."""

    def band_db(hz):
        away = math.log2(hz / centroid_hz)
        hump = -3.2 * away**2 if f0_hz is None else -6.5 * max(away + 0.6, 0.0) ** 1.6
        ripple = 1.6 * math.sin(seed + 9.1 * math.log2(hz)) + math.sin(2.3 * seed + 4.7 * away)
        if f0_hz is None:
            return hump + ripple
        order = max(1, round(hz / f0_hz))
        off = abs(math.log2(hz / (order * f0_hz)))
        depth = 30.0 if order < 6 else 6.0
        return max(hump - min(depth, 160.0 * max(off - 0.06, 0.0)), hump - 34.0) + ripple

    return tuple(max(level_db - 12.0 + band_db(hz), -110.0) for hz in SPECTRUM_HZ)


def features(f0_hz, confidence, centroid_hz, lufs, crest_db, seed):
    return Features(
        duration_s=214.0,
        active_s=214.0 * (0.35 + 0.6 * ((seed * 7) % 10) / 10),
        peak_db=lufs + crest_db,
        true_peak_db=lufs + crest_db + 0.3,
        lufs=lufs,
        f0_hz=f0_hz,
        pitch_confidence=confidence,
        pyin_hz=f0_hz and f0_hz * 0.998,
        pesto_hz=f0_hz and f0_hz * 1.003,
        centroid_hz=centroid_hz,
        bandwidth_hz=centroid_hz * 0.9,
        spectrum_db=spectrum(f0_hz, centroid_hz, lufs, seed),
    )


def narrowband(row):
    return row[4] + NARROWBAND_OFFSET_DB * (1.0 if row[2] > 0.5 else 1.02)


def anchored_target(rows):
    """The level at which the sources sum to what they did before, short and kept ones included."""
    power = sum(10 ** ((narrowband(row) + row[-1]) / 10) for row in rows)
    still = sum(10 ** ((narrowband(row) + row[-1]) / 10) for row in rows if row[0] in KEPT)
    shares = [10 ** (-SHORT_DB.get(row[0], 0.0) / 10) for row in rows if row[0] not in KEPT]
    return 10 * math.log10((power - still) / sum(shares))


def source(number, parent_number, target, row):
    name, f0_hz, confidence, centroid_hz, lufs, crest_db, fader_db = row
    narrow = narrowband(row)
    kept = name in KEPT
    after_db = fader_db if kept else target - narrow - SHORT_DB.get(name, 0.0)
    credible = confidence > 0.5 and f0_hz
    return TrackResult(
        id=guid(number),
        name=name,
        kind="track",
        status="kept" if kept else "moved",
        parent_id=guid(parent_number),
        depth=1,
        fader_before=gain_from_db(fader_db),
        fader_after=gain_from_db(after_db),
        level=MethodLevel(
            "auto", narrow, Band(2 * f0_hz, 4 * f0_hz) if credible else None, narrow - 0.2
        ),
        features=features(f0_hz, confidence, centroid_hz, lufs, crest_db, number),
        why=WHY.get(name, ()),
        notes=NOTES.get(name, ()),
        items=1 + number % 5,
        channels=2 if name in {"Overheads", "Room", "Piano", "Pad"} else 1,
    )


def sum_level(landings, crest_db):
    lufs = power_sum_db(landings) - NARROWBAND_OFFSET_DB
    return SumLevel(lufs, lufs + crest_db)


def group(folder, parent_number, target, tracks):
    before = sum_level([track.before_lufs for track in tracks], 12.6)
    after = sum_level([track.after_lufs for track in tracks], 11.9)
    ids = tuple(track.id for track in tracks)
    return GroupResult(guid(parent_number), folder, ids, before, after, target)


def folder_row(folder, summed):
    """A folder as a source of the whole mix, in the form of the rows above."""
    lufs = summed.after.lufs
    return (folder, None, 0.2, 1200.0, lufs, 11.9, FOLDER_FADERS_DB[folder])


def folder_result(track_id, row, target):
    name, f0_hz, confidence, centroid_hz, lufs, crest_db, fader_db = row
    narrow = narrowband(row)
    return TrackResult(
        id=track_id,
        name=name,
        kind="folder",
        status="moved",
        fader_before=gain_from_db(fader_db),
        fader_after=gain_from_db(target - narrow),
        level=MethodLevel("auto", narrow, None, narrow),
        features=features(f0_hz, confidence, centroid_hz, lufs, crest_db, len(name)),
        channels=2,
    )


def still(number, name, why):
    return TrackResult(guid(number), name, "track", "skipped", why=(why,), items=number % 3)


def balanced_folders():
    """Each folder's group with its tracks; ids count up in project order."""
    number = 1
    for folder, rows in FOLDERS.items():
        target = anchored_target(rows)
        tracks = [source(number + at, number, target, row) for at, row in enumerate(rows, 1)]
        yield group(folder, number, target, tracks), tracks
        number += 1 + len(rows)


def sample_report():
    """24 tracks in five folders: most moved, some limited, kept, flagged or skipped."""
    folders = list(balanced_folders())
    rows = [folder_row(group.name, group) for group, _ in folders]
    target = anchored_target(rows) + HEADROOM_SHIFT_DB
    tracks = []
    for row, (group, inside) in zip(rows, folders, strict=True):
        tracks += [folder_result(group.id, row, target), *inside]
    heads = [track for track in tracks if track.kind == "folder"]
    tracks += [still(100 + at, name, why) for at, (name, why) in enumerate(STILL)]
    return Report(
        mode="balance",
        name="Harbour Lights",
        place="/home/ada/Songs/Harbour Lights/Harbour Lights.RPP",
        settings=SETTINGS,
        tracks=tuple(tracks),
        groups=(whole_mix(heads, target), *(group for group, _ in folders)),
        outputs=(Output("project", "/home/ada/Songs/Harbour Lights/Harbour Lights-automix.RPP"),),
        notes=("Solo on Vox lead is ignored: every track is measured and summed.",),
        elapsed_s=41.7,
        version="0.1.0",
        created="2026-11-22T16:20:31+01:00",
    )


def predicted_report():
    """The same before its sums were played; the mix as found was known by then."""
    report = sample_report()
    foretold = tuple(
        replace(
            group,
            before=replace(group.before, predicted=group.id is not None),
            after=replace(group.after, predicted=True),
        )
        for group in report.groups
    )
    return replace(report, groups=foretold)


def match_report():
    """The five folders of the sample matched to a reference, one of them left alone."""
    sample = sample_report()
    heads = [track for track in sample.tracks if track.kind == "folder"]
    kept = "Locked by its colour #ff0000."
    rows = [
        replace(track, status="moved", level=None, features=None, why=(), fader_after=gain)
        for track, gain in zip(heads[:-1], (0.9, 0.7, 0.65, 0.85), strict=True)
    ]
    rows.append(
        replace(
            heads[-1], status="kept", level=None, features=None, why=(kept,), notes=("Caveat.",)
        )
    )
    mix = replace(sample.groups[0], target_lufs=None, shift_db=0.0, why=())
    return replace(
        sample, mode="match", tracks=tuple(rows), groups=(mix,), match=matched(rows, kept)
    )


def matched(rows, kept):
    """How these stems were set, and how near that brings the mix."""
    before = Sound(tilted(-0.4), 15.2, 4.1, -9.5, -18.2, -6.4)
    after = Sound(tilted(-0.9), 13.4, 5.0, -7.1, -18.2, -7.0)
    aim = Sound(tilted(-1.0), 12.9, 6.2, -6.8)
    return Matched(
        reference="The hit we like.wav",
        reference_s=35.66,
        way="optimiser",
        checkpoint="",
        strength=0.8,
        blocks=Blocks(),
        keep_pan=False,
        target_lufs=None,
        passages=tuple(TimeRange(30.0 * at, 30.0 * at + 5.94) for at in range(1, 6)),
        loss_before=0.42,
        loss_after=0.09,
        gaps=(
            Gap("crest", "Crest", 0.005, 0.001, 2.3, 0.5, of_width=False),
            Gap("width", "Width", 0.015, 0.002, -2.7, -0.3, of_width=True),
            Gap("mid", "Spectrum", 0.4, 0.087, 5.1, 1.6, of_width=False),
        ),
        before=before,
        after=after,
        aim=aim,
        stems=tuple(stem_result(track, kept) for track in rows),
        bus=Bus(strip(1.5, -2.0, 2.0), -0.8),
    )


def tilted(slope):
    """Third octaves that fall by some dB each, with lows and highs that end."""
    return tuple(-24.0 + slope * abs(at - 9) - 12.0 * (at < 3) for at in range(31))


def strip(low_db, mid_db, ratio):
    rest = neutral_channel().strip
    bands = (
        StripBand(low_db, 90.0, 0.6),
        StripBand(0.0, 400.0, 0.6),
        StripBand(mid_db, 3000.0, 1.2),
    )
    compressor = replace(rest.compressor, threshold_db=-24.0, ratio=ratio, makeup_db=1.5)
    return Strip((*bands, *rest.bands[3:]), compressor)


def stem_result(track, kept):
    before = Seat(track.fader_before_db, 0.0)
    if track.status == "kept":
        return StemResult(track.id, track.name, "kept", before, before, (kept,))
    after = Seat(track.fader_after_db, -0.25, strip(2.1, -1.5, 2.5))
    return StemResult(track.id, track.name, "matched", before, after)


def whole_mix(folders, target):
    after = sum_level([track.after_lufs for track in folders], 0.0)
    return GroupResult(
        None,
        "Whole mix",
        tuple(track.id for track in folders),
        sum_level([track.before_lufs for track in folders], 12.4),
        replace(after, true_peak_db=SETTINGS.headroom_dbtp),
        target,
        shift_db=HEADROOM_SHIFT_DB,
        why=("Lowered by 1.2 dB so that the true peak stays at the headroom of −6.0 dBTP.",),
    )


def paper_report():
    """The sources of the sample as files of a song, in mode ``paper``."""
    tracks = tuple(paper_file(track) for track in sample_report().tracks if track.kind == "track")
    return replace(
        sample_report(),
        mode="paper",
        settings=Settings(method="p_lufs", target_lufs=-50.0),
        tracks=tracks,
        groups=(),
        notes=(),
        outputs=(Output("stems", "/home/ada/output/Harbour Lights/p_lufs"),),
    )


def paper_file(track):
    file = f"{track.name}.wav"
    if track.status == "skipped":
        heard = Features(214.0, 0.0, -80.2, -80.0, None)
        why = ("No effective audio event: not above −50 LUFS, copied unchanged.",)
        return TrackResult(file, file, "file", "skipped", features=heard, why=why, file=file)
    heard = track.features
    f0_hz, half = heard.f0_hz or 190.0, heard.bandwidth_hz / 2
    levels = (
        MethodLevel("p_lufs", heard.lufs - 7.1, Band(2 * f0_hz, 4 * f0_hz)),
        MethodLevel("lufs", heard.lufs),
        MethodLevel(
            "centroid",
            heard.lufs - 3.9,
            Band(max(1.0, heard.centroid_hz - half), heard.centroid_hz + half),
        ),
    )
    ceiling_db = min(-1.0 - heard.peak_db, PAPER_CEILINGS_DB.get(track.name, 99.0))
    gains = tuple((said.method, min(-50.0 - said.lufs, ceiling_db)) for said in levels)
    return TrackResult(
        file,
        file,
        "file",
        "moved",
        fader_after=gain_from_db(gains[0][1]),
        level=levels[0],
        other_levels=levels[1:],
        features=heard,
        adjustments_db=gains,
        file=file,
    )


def inspect_report():
    """What ``inspect`` says of the sample: nothing was measured and nothing moved."""
    tracks = tuple(
        replace(
            track,
            status="skipped" if track.status == "skipped" else "kept",
            fader_after=track.fader_before,
            level=None,
            features=None,
            why=track.why if track.status == "skipped" else (),
        )
        for track in sample_report().tracks
    )
    return replace(sample_report(), mode="inspect", tracks=tracks, groups=(), outputs=())


HOSTILE_NAMES = (
    "<script>document.title = 'taken'</script>",
    '"><img src=x onerror="document.title = \'taken\'">',
    "' onmouseover='document.title = 1",
    "</title></style></svg><h1>out</h1>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202egnp.3pm\u2066 מסלול صوت",
    "👩‍🎤🎸 ギター左",
    "M" * 300,
    "",
    "a\x00b\x1b[31m\n\tc",
    "caf\udce9",
    "&amp; &lt;b&gt;",
)


def hostile_report(report=None):
    """The sample with names that try to break out of wherever they are shown."""
    report = report or sample_report()
    names = HOSTILE_NAMES * (len(report.tracks) // len(HOSTILE_NAMES) + 1)
    tracks = (
        replace(track, name=name, why=(*track.why, name), notes=(*track.notes, name))
        for track, name in zip(report.tracks, names, strict=False)
    )
    groups = (replace(group, name=name) for group, name in zip(report.groups, names, strict=False))
    return replace(
        report,
        match=report.match and hostile_match(report.match),
        name=HOSTILE_NAMES[0],
        place=HOSTILE_NAMES[1],
        tracks=tuple(tracks),
        groups=tuple(groups),
        notes=HOSTILE_NAMES,
        outputs=tuple(Output("project", name) for name in HOSTILE_NAMES),
        settings=replace(report.settings, tracks=HOSTILE_NAMES),
    )


def hostile_match(match):
    """The match with such names for its reference and its stems."""
    stems = (
        replace(stem, name=name, why=(*stem.why, name))
        for stem, name in zip(match.stems, HOSTILE_NAMES, strict=False)
    )
    return replace(match, reference=HOSTILE_NAMES[0], stems=tuple(stems))


def large_report(copies=5):
    """The sample five times over: 120 tracks and more."""
    sample = sample_report()

    def renamed(name, copy):
        return name if name is None else f"{name}-{copy}"

    tracks = (
        replace(track, id=renamed(track.id, copy), parent_id=renamed(track.parent_id, copy))
        for copy in range(copies)
        for track in sample.tracks
    )
    groups = (
        replace(
            group,
            id=renamed(group.id, copy),
            track_ids=tuple(renamed(track, copy) for track in group.track_ids),
        )
        for copy in range(copies)
        for group in sample.groups
    )
    return replace(sample, tracks=tuple(tracks), groups=tuple(groups))
