"""The table in the terminal: fits its width, never cuts a number, keeps names on their line."""

import io
import math
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from reaper_automix.objects import Member, Object, Objects
from reaper_automix.report import digest, figures, text
from reaper_automix.results import TrackResult
from sample_report import (
    inspect_report,
    match_report,
    paper_report,
    predicted_report,
    sample_report,
)

REPORTS = {
    "balance": sample_report,
    "paper": paper_report,
    "inspect": inspect_report,
    "match": match_report,
}


def shown(report, width=80):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(text.table(report))
    return console.file.getvalue()


def line_of(report, name, width=80):
    return next(line for line in shown(report, width).splitlines() if name in line)


def with_names(*names):
    tracks = [
        replace(track, name=name)
        for track, name in zip(sample_report().tracks, names, strict=False)
    ]
    return replace(sample_report(), tracks=tuple(tracks))


def with_fader(before, after):
    track = TrackResult("{1}", "Lead", "track", "moved", fader_before=before, fader_after=after)
    return replace(sample_report(), tracks=(track,), groups=())


@pytest.mark.parametrize("width", [80, 100, 120, 160, 240])
@pytest.mark.parametrize("mode", REPORTS)
def test_no_line_is_longer_than_the_terminal(mode, width):
    assert max(map(cell_len, shown(REPORTS[mode](), width).splitlines())) <= width


@pytest.mark.parametrize("width", [80, 160])
def test_numbers_are_whole_at_every_width(width):
    line = line_of(sample_report(), "Gtr solo", width)
    assert re.search(r"392 +0\.91 +784–1568 +−29\.6 +\+0\.5 +−4\.5 → +−4\.0", line)


def test_numbers_end_below_their_heading():
    lines = shown(sample_report()).splitlines()
    end = lines[0].index("LUFS") + len("LUFS")
    assert lines[1][:end].endswith("−28.2")
    assert lines[2][:end].endswith("−27.5")


def test_names_are_indented_by_folder():
    assert line_of(sample_report(), "Drums").startswith("Drums")
    assert line_of(sample_report(), "Kick in").startswith("  Kick in")


@pytest.mark.parametrize(
    "name", ["x" * 300, "ギター左のとても長いトラック名です" * 9, "🎸👩‍🎤" * 60, "مسار الصوت" * 30]
)
@pytest.mark.parametrize("width", [80, 160])
def test_a_long_name_is_cut_and_nothing_else(name, width):
    report = with_names(name, name)
    lines = shown(report, width).splitlines()
    assert "…" in lines[1]
    assert lines[1].rstrip().endswith("−3.9") or width == 160
    assert max(map(cell_len, lines)) <= width


def test_wide_characters_do_not_push_the_columns():
    lines = shown(with_names("ギター", "Guitar", "🎸🎸")).splitlines()
    ends = {cell_len(line[: line.index("−2")]) for line in lines[1:3]}
    assert len(ends) == 1


@pytest.mark.parametrize("name", ["[red]hot[/red]", "a\x1b[31mb", "a\nb", "a\u202eb", "[/]"])
def test_a_hostile_name_stays_a_name_on_its_line(name):
    output = shown(with_names(name))
    assert "\x1b" not in output
    assert "\u202e" not in output
    assert len(output.splitlines()) == len(shown(with_names("plain")).splitlines())


def test_a_hostile_name_inside_a_sentence_repaints_nothing():
    track = replace(sample_report().tracks[0], notes=("Sends to \x1b[2Jx\u202e.",))
    for width in (80, 160):
        output = shown(replace(sample_report(), tracks=(track,), notes=("\x1b[2J",)), width)
        assert not set(output) & set("\x1b\u202e")


def test_markup_in_a_name_is_shown_as_it_is():
    assert "[red]hot[/red]" in shown(with_names("[red]hot[/red]"))


def test_a_track_without_a_name_is_called_so():
    assert "(unnamed)" in shown(with_names(""))


def test_a_closed_fader_reads_as_minus_infinity():
    assert "−∞ →   0.0" in shown(with_fader(0.0, 1.0))
    assert " 0.0 →    −∞" in shown(with_fader(1.0, 0.0))
    assert math.isinf(with_fader(0.0, 1.0).tracks[0].gain_db)


@pytest.mark.parametrize("width", [80, 160])
def test_every_reason_and_note_is_told(width):
    words = " ".join(shown(sample_report(), width).split())
    joined = re.sub(r"\s+", " ", words)
    for sentence in ("Muted, so it does not sound", "Held at the maximum move", "Solo on Vox lead"):
        assert sentence in joined


def test_reasons_stand_in_the_row_where_there_is_room():
    assert "Held at the maximum move" in line_of(sample_report(), "Hi-hat", 160)
    assert "Held at the maximum move" not in line_of(sample_report(), "Hi-hat", 80)


def test_sums_are_told_before_and_after():
    assert re.search(r"−17\.9 → −19\.1 +−5\.5 → +−6\.0", line_of(sample_report(), "Whole mix"))


def told_sums(report):
    """The lines of the sums, that of the whole mix first."""
    lines = shown(report).partition("\nSum ")[2].splitlines()
    return lines[1 : 1 + len(report.groups)]


def test_sums_that_were_not_played_say_so():
    told = " ".join(shown(predicted_report()).split())
    mix, *folders = told_sums(predicted_report())
    assert re.search(r" −17\.9 → ≈−19\.1 +−5\.5 → ≤ −6\.0", mix)
    assert all((line.count("≈"), line.count("≤")) == (2, 2) for line in folders)
    assert figures.PREDICTED in told
    assert "≈" not in shown(sample_report())


def test_an_empty_report_is_still_a_table():
    empty = replace(sample_report(), tracks=(), groups=(), notes=())
    assert "0 tracks" in shown(empty)


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("balance", "24 tracks: 19 moved, 2 of them limited, 1 left alone, 4 skipped."),
        ("paper", "24 stems: 20 brought to the target, 4 skipped."),
        ("inspect", "24 tracks: 20 can be measured, 4 cannot."),
        ("match", "4 stems matched to The hit we like.wav: the mix is 79% nearer to it."),
    ],
)
def test_the_outcome_is_one_sentence(mode, sentence):
    assert digest.headline(REPORTS[mode]()) == sentence
    assert sentence in shown(REPORTS[mode]())


def test_spread_is_pooled_around_each_groups_own_mean():
    def at(number, parent, fader):
        level = sample_report().tracks[1].level
        return TrackResult(
            str(number), "t", "track", "kept", parent, level=level, fader_after=fader
        )

    tracks = (
        at(1, "a", 1.0),
        at(2, "a", 10.0),
        at(3, "b", 1e-3),
        at(4, "b", 1e-4),
        at(5, "c", 1.0),
    )
    found = digest.digest(replace(sample_report(), tracks=tracks))
    assert found.spread_before_db == pytest.approx(0.0)
    assert found.spread_after_db == pytest.approx(10.0)


@pytest.mark.parametrize("width", [80, 120, 160])
@pytest.mark.parametrize("name", ["Bass DI", "x" * 300, "🎸👩‍🎤" * 60, "a\x1b[31m\u202eb"])
def test_objects_fit_and_paint_nothing(name, width):
    report = with_names(name, name)
    members = tuple(Member(track.id, f"Hears {name} 2.1 ms later.") for track in report.tracks[:2])
    objects = Objects(
        (Object(name, "amp", members, 0.9, (f"{name} has opposite polarity.",)),),
        (Object(f"{name} and {name}", "double", members, 0.5),),
    )
    told = shown(replace(report, objects=objects), width)
    assert max(map(cell_len, told.splitlines())) <= width
    assert "2 tracks are one source (amp, confidence 0.90)" in " ".join(told.split())
    assert "\x1b" not in told
    assert "\u202e" not in told


def by_roles(**more):
    """The sample with aims, the third track of no role."""
    roles = ("kick", None, "snare")
    tracks = [
        replace(track, role=role, offset_db=2.5, aim=f"Asked for 2.5 dB as {track.name}.", **more)
        for track, role in zip(sample_report().tracks[1:4], roles, strict=True)
    ]
    return replace(sample_report(), tracks=tuple(tracks))


@pytest.mark.parametrize("width", [120, 160])
def test_roles_and_aims_are_columns_where_names_keep_their_room(width):
    report = by_roles()
    assert re.search(r"Kick in +kick +\+2\.5 ", line_of(report, "Kick in", width))
    assert "Role" not in shown(report, 80)
    named = replace(report.tracks[0], name="Kick in of the second kit")
    assert named.name[:20] in shown(replace(report, tracks=(named,)), width)


def test_an_aim_is_told_where_nothing_says_what_a_track_is():
    for width in (80, 160):
        told = " ".join(shown(by_roles(), width).split())
        assert "Asked for 2.5 dB as Kick out." in told
        assert "as Kick in." not in told
        assert "as Kick out" not in shown(by_roles(together="One source."), width)
