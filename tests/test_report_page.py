"""The page: self-contained, harmless under any name, readable without eyes, small."""

import base64
import hashlib
import itertools
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.features import Band, Features
from reaper_automix.levels import METHODS
from reaper_automix.objects import Member, Object, Objects
from reaper_automix.report import charts, figures, prose, spectra
from reaper_automix.report.page import page
from reaper_automix.report.view import view
from reaper_automix.results import GroupResult, MethodLevel, SumLevel, TrackResult
from sample_report import (
    HOSTILE_NAMES,
    hostile_report,
    inspect_report,
    large_report,
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
VOID = {"meta", "link", "br", "img", "circle", "line", "rect", "path"}
FETCHES = {"script", "img", "iframe", "object", "embed", "audio", "video", "source", "link", "use"}


class Document(HTMLParser):
    """Every element with its attributes and text; the nesting must close as it opened."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.stack, self.text = [], [], []
        self.feed(text)
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        if not {"script", "style"} & set(self.stack):
            self.text.append(data)

    def all(self, *tags):
        return [attrs for tag, attrs in self.elements if tag in tags]

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


def opened(report):
    return Document(page(report).decode("utf-8"))


def css_themes():
    """The colours of each theme, by custom property."""
    style = resources.files("reaper_automix.report").joinpath("report.css").read_text("utf-8")
    light, dark = (
        dict(re.findall(r"--(\w+): (#\w{6});", part)) for part in style.split(":root")[1:3]
    )
    return {"light": light, "dark": dark}


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("mode", REPORTS)
def test_the_page_is_well_formed_and_loads_nothing(mode):
    document = opened(REPORTS[mode]())
    for attrs in document.all(*FETCHES):
        assert not {"src", "srcset", "data", "xlink:href"} & attrs.keys()
        assert attrs.get("href", "data:").startswith("data:")
    assert not re.search(r"url\(|@import|https?:", page(REPORTS[mode]()).decode("utf-8"))


@pytest.mark.parametrize("mode", REPORTS)
def test_only_its_own_style_and_script_may_run(mode):
    text = page(REPORTS[mode]()).decode("utf-8")
    policy = next(a["content"] for a in Document(text).all("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        allowed = base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode()
        assert f"{tag}-src 'sha256-{allowed}'" in policy


@pytest.mark.parametrize("mode", REPORTS)
def test_no_element_styles_or_runs_by_itself(mode):
    for _, attrs in opened(REPORTS[mode]()).elements:
        assert not [name for name in attrs if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("mode", REPORTS)
def test_hostile_names_change_words_and_nothing_else(mode):
    plain, hostile = REPORTS[mode](), hostile_report(REPORTS[mode]())
    before, after = opened(plain), opened(hostile)
    assert len(after.all("script")) == len(after.all("style")) == len(before.all("style")) == 1
    assert not after.all("img")
    assert len(after.all("h1")) == 1
    assert "<script>document.title" in after.words
    assert "{{ 7 * 7 }}" in after.words


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_name_leaves_the_page_well_formed(name):
    track = replace(sample_report().tracks[1], name=name, why=(name,), notes=(name,))
    report = replace(inspect_report(), name=name, tracks=(track,), notes=(name,))
    assert len(opened(report).all("h1")) == 1


def test_direction_marks_and_controls_never_reach_the_page():
    text = page(hostile_report()).decode("utf-8")
    shown = re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.DOTALL)
    assert not set(shown) & set("\x00\x1b\u202e\u2066")


def test_a_long_name_is_there_in_full():
    assert "M" * 300 in opened(hostile_report()).words


@pytest.mark.parametrize("mode", REPORTS)
def test_headings_step_down_one_at_a_time(mode):
    levels = [
        int(tag[1]) for tag, _ in opened(REPORTS[mode]()).elements if re.fullmatch("h[1-6]", tag)
    ]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("mode", REPORTS)
def test_every_picture_has_words_or_is_decoration(mode):
    document = opened(REPORTS[mode]())
    for attrs in document.all("svg"):
        described = attrs.get("role") == "img" and attrs.get("aria-label")
        inside = attrs.get("class") in ("shape", "key")
        assert described or inside or attrs.get("aria-hidden") == "true"


@pytest.mark.parametrize("mode", REPORTS)
def test_links_lead_somewhere(mode):
    document = opened(REPORTS[mode]())
    ids = [attrs["id"] for _, attrs in document.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"] for attrs in document.all("a")} <= {f"#{name}" for name in ids}
    assert {a["aria-labelledby"] for a in document.all("section") if "aria-labelledby" in a} <= set(
        ids
    )


def test_the_table_says_what_its_cells_belong_to():
    headings = opened(sample_report()).all("th")
    assert {attrs["scope"] for attrs in headings} == {"col", "row"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast_is_enough_to_read(theme):
    colours = css_themes()[theme]
    for ground in ("page", "card"):
        for ink in ("ink", "soft", "after", "warn", "pitch"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        for mark in ("before", "target"):
            assert contrast(colours[mark], colours[ground]) >= 3.0, (mark, ground)


def test_both_themes_define_the_same_colours():
    themes = css_themes()
    assert themes["light"].keys() == themes["dark"].keys()


def test_a_hundred_and_twenty_tracks_stay_small():
    report = large_report()
    assert len(report.tracks) > 120
    assert len(page(report)) < 1_500_000


def test_every_track_is_on_the_page():
    words = opened(sample_report()).words
    for track in sample_report().tracks:
        assert track.name in words
        assert all(sentence in words for sentence in (*track.why, *track.notes))


def test_the_head_tells_the_outcome():
    words = opened(sample_report()).words
    assert "24 tracks: 19 moved, 2 of them limited, 1 left alone, 4 skipped." in words
    assert "−17.9 → −19.1 LUFS" in words
    assert "−5.5 → −6.0 dBTP" in words
    assert "headroom −6.0 dBTP" in words


@pytest.mark.parametrize("mode", REPORTS)
def test_settings_are_told_where_they_apply(mode):
    words = opened(REPORTS[mode]()).words
    assert ("--max-move 12 dB" in words) == (mode in ("balance", "inspect"))
    assert ("--keep-pan no" in words) == (mode == "match")


def test_a_report_of_nothing_is_still_a_page():
    empty = replace(sample_report(), tracks=(), groups=(), notes=(), outputs=())
    assert "0 tracks" in opened(empty).words


def test_silence_and_closed_faders_can_be_drawn():
    heard = Features(2.0, 0.0, -math.inf, -math.inf, None, spectrum_db=(-math.inf, math.nan, -20.0))
    level = MethodLevel("auto", -30.0)
    tracks = (
        TrackResult("{1}", "Nil", "track", "kept", features=heard, level=MethodLevel("auto", None)),
        TrackResult("{2}", "Shut", "track", "moved", fader_before=0.0, level=level),
        TrackResult("{3}", "Bare", "track", "kept", features=heard),
    )
    silence = SumLevel(None, -math.inf)
    group = GroupResult(None, "Mix", ("{1}", "{2}", "{3}"), silence, silence)
    text = page(replace(sample_report(), tracks=tracks, groups=(group,))).decode("utf-8")
    assert not re.search(
        r'="[^"]*(nan|inf)[^"]*"', re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    )
    assert "−∞" in text


def test_groups_and_tracks_without_a_level_get_no_line():
    panels = view(sample_report()).panels
    assert [panel.title for panel in panels][:2] == ["Whole mix", "Drums"]
    assert [row.name for row in panels[1].rows][:2] == ["Kick in", "Kick out"]
    assert view(inspect_report()).panels == ()


def test_limited_tracks_are_marked_and_listed_first():
    shown = view(sample_report())
    assert [row.name for panel in shown.panels for row in panel.rows if row.tag == "limited"] == [
        "Hi-hat",
        "BV low",
    ]
    assert shown.concerns[0].title == "Limited"


def test_stems_that_their_peak_holds_are_told_with_the_methods_it_holds():
    shown = view(paper_report())
    held = next(concern for concern in shown.concerns if concern.title == "Held by their peak")
    sentence = "By p_lufs it would go above −1 dBFS, so it stays short of the target."
    assert held.tracks == (("Snare top.wav", (sentence,)),)


def test_every_method_is_explained():
    assert prose.LEVELS.keys() == METHODS.keys()


@given(st.lists(st.floats(-200.0, 60.0), min_size=1, max_size=20))
def test_an_axis_has_few_ticks_and_shows_its_upper_values(values):
    along = charts.axis(values)
    assert 2 <= len(along.ticks) <= charts.MOST_TICKS + 2
    assert along.low <= max(values) <= along.high
    assert 0.0 < along.percent(max(values)) < 100.0
    shown = [value for value in values if value > max(values) - charts.WIDEST_DB]
    assert all(along.low <= value for value in shown)


@given(st.floats(-500.0, 500.0), st.floats(-500.0, 500.0))
def test_higher_levels_stand_further_right_and_never_outside(one, other):
    along = charts.Axis(-60.0, 0.0, 10.0)
    low, high = sorted((one, other))
    assert 0.0 <= along.percent(low) <= along.percent(high) <= 100.0


def test_a_dot_stands_where_its_level_is():
    along = charts.Axis(-40.0, -20.0, 5.0)
    plot = charts.journey(along, -35.0, -25.0, -25.0, "moved")
    assert 'class="before" cx="25.0%"' in plot
    assert 'class="after moved" cx="75.0%"' in plot
    assert 'class="target" x1="75.0%"' in plot
    assert 'aria-label="from −35.0 to −25.0 LUFS, target −25.0"' in plot


def test_a_level_off_the_axis_points_there():
    plot = charts.journey(charts.Axis(-40.0, -20.0, 5.0), -math.inf, -25.0, None, "moved")
    assert "‹" in plot
    assert "from −∞ to −25.0 LUFS" in plot


def test_a_meter_reaches_its_loudness_and_ticks_at_its_peak():
    sums = GroupResult(None, "Mix", (), SumLevel(-20.0, -10.0), SumLevel(-30.0, -5.0))
    plot = charts.meter(charts.Axis(-40.0, 0.0, 10.0), sums, -6.0)
    assert 'class="before" x="0" y="8" width="50.0%"' in plot
    assert 'class="peak after" x1="87.5%"' in plot
    assert 'class="over" x="85.0%" y="0" width="15.0%"' in plot


def test_each_method_has_its_own_shape():
    plot = charts.gains(
        charts.Axis(-40.0, 0.0, 10.0), [("p_lufs", -10.0), ("lufs", -20.0), ("centroid", -30.0)]
    )
    assert {"p_lufs", "lufs", "centroid"} <= set(re.findall(r'class="(\w+)"', plot))
    assert "p_lufs −10.0 dB, lufs −20.0 dB, centroid −30.0 dB" in plot


def test_sums_that_were_not_played_say_so():
    document = opened(predicted_report())
    assert figures.PREDICTED in document.words
    assert "≤ −6.0" in document.words
    bounds = [attrs for attrs in document.all("line") if "bound" in attrs["class"].split()]
    assert len(bounds) == 2 * len(predicted_report().groups) - 1
    assert figures.PREDICTED not in opened(sample_report()).words


def test_the_pass_band_and_the_pitch_are_where_they_are_heard():
    heard = Features(1.0, 1.0, -3.0, -3.0, -20.0, f0_hz=200.0, spectrum_db=(-40.0,) * 61)
    drawn = spectra.spectrum(heard, MethodLevel("auto", -26.0, Band(400.0, 800.0)))
    assert f'class="band" x="{spectra.x(400.0)}"' in drawn
    assert f'class="f0" x1="{spectra.x(200.0)}"' in drawn
    assert "pitch 200 Hz, pass band 400–800 Hz" in drawn


@pytest.mark.parametrize(
    "said", [MethodLevel("auto", -20.0), MethodLevel("centroid", -20.0, Band(300.0, 900.0))]
)
def test_a_pitch_that_nothing_rests_on_is_drawn_as_a_doubt(said):
    heard = Features(1.0, 1.0, -3.0, -3.0, -20.0, f0_hz=200.0, spectrum_db=(-40.0,) * 61)
    drawn = spectra.spectrum(heard, said)
    assert 'class="f0"' not in drawn
    assert "(not used)" in drawn


def test_hostile_names_are_as_many_as_they_look():
    assert len(set(HOSTILE_NAMES)) == len(HOSTILE_NAMES)


def test_what_a_role_is_asked_for_is_told_with_its_track_and_is_no_caveat():
    kick = sample_report().tracks[1]
    known = replace(kick, role="kick", aim="Kick, by its name: asked for 2.0 dB above.", notes=())
    unknown = replace(kick, aim="Nothing says for sure what it is.", notes=())
    for track, titles in ((known, []), (unknown, ["Taken for an average track"])):
        shown = view(replace(sample_report(), tracks=(replace(track, why=()),)))
        assert [concern.title for concern in shown.concerns] == titles
        assert track.aim in shown.cards[0].sentences


def test_tracks_of_one_source_are_counted_once():
    members = tuple(Member(track.id, "Hears it.") for track in sample_report().tracks[1:3])
    objects = Objects(
        (Object("Kick", "kit", members, 0.9, ("It has opposite polarity.",)),),
        (Object("A, B and C", "double", members * 2, 0.4),),
    )
    written = page(replace(sample_report(), objects=objects)).decode()
    section = written[written.index('id="objects"') : written.index('id="concerns"')]
    assert "Kick: 2 tracks are one source (kit, confidence 0.90)" in section
    assert 'class="count"' not in section
    assert section.count("Play the same notes (alike by 0.40 or more).") == 1
