"""The account of a match: what was set in a mixer's words, how near it is, and its pictures."""

import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.match.console import offline
from reaper_automix.match.console.sliders import SLIDERS
from reaper_automix.match.console.strips import Band, Strip
from reaper_automix.match.outcome import Gap
from reaper_automix.match.placing.landed import NEUTRAL, Blocks
from reaper_automix.report import data, desk, match_charts, page
from reaper_automix.report.nearness import nearer
from sample_report import hostile_match, match_report, matched, sample_report

RATE_HZ = 44100
GAINS = st.floats(-12.0, 12.0)


def equalised(*gains_db):
    bands = (
        replace(band, gain_db=gain) for band, gain in zip(NEUTRAL.bands, gains_db, strict=True)
    )
    return Strip(tuple(bands), NEUTRAL.compressor)


@given(st.lists(GAINS, min_size=6, max_size=6))
def test_the_curve_of_an_equaliser_is_what_it_does_to_sound(gains_db):
    strip = equalised(*gains_db)
    click = np.zeros((2, 1 << 15))
    click[:, 0] = 1.0
    stream = offline.StripStream(strip, RATE_HZ)
    heard = stream.feed(np.pad(click, ((0, 0), (0, stream.latency))))[0, stream.latency :]
    spectrum = 20.0 * np.log10(np.abs(np.fft.rfft(heard)))
    hertz = np.fft.rfftfreq(len(heard), 1.0 / RATE_HZ)
    shown = match_charts.response_db(strip)
    inside = (match_charts.CURVE_HZ > 40.0) & (match_charts.CURVE_HZ < 18_000.0)
    played = np.interp(match_charts.CURVE_HZ, hertz, spectrum)
    assert np.abs(shown - played)[inside].max() < 0.2


def test_a_strip_at_rest_is_a_flat_line_and_no_words():
    assert np.abs(match_charts.response_db(NEUTRAL)).max() == 0.0
    assert desk.bands(NEUTRAL) == ()
    assert desk.compressor(NEUTRAL.compressor) == ""


@given(st.lists(GAINS, min_size=6, max_size=6))
def test_every_band_that_is_heard_is_told_once(gains_db):
    told = desk.bands(equalised(*gains_db))
    assert len(told) == sum(abs(gain) >= desk.LEAST_DB for gain in gains_db)


def test_bands_are_told_by_shape_frequency_and_width():
    bands = (Band(-3.0, 60.0, 0.7), Band(2.0, 1250.0, 2.0), *NEUTRAL.bands[2:])
    assert desk.bands(Strip(bands, NEUTRAL.compressor)) == (
        "−3.0 dB low shelf at 60 Hz",
        "+2.0 dB at 1.2 kHz (Q 2.0)",
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0.42, 0.09, "79% nearer"),
        (0.42, 0.42, "as near to it as it gets"),
        (0.1, 0.2, "as near to it as it gets"),
        (0.0, 0.0, "as near to it as it gets"),
    ],
)
def test_the_outcome_says_how_much_nearer_the_mix_is(before, after, said):
    assert said in nearer(away((before, after), (0.0, 0.0)))


@pytest.mark.parametrize("stays", [{"keep_pan": True}, {"blocks": Blocks(pan=False)}])
def test_where_pans_stay_the_outcome_is_told_of_what_they_do_not_decide(stays):
    match = away((0.4, 0.1), (1.6, 1.6))
    assert "15% nearer to it." in nearer(match)
    assert "75% nearer to it, its width aside." in nearer(replace(match, **stays))
    assert "75% nearer to it." in nearer(replace(away((0.4, 0.1), (0.001, 0.001)), **stays))


def away(spectrum, width):
    """A match with these distances before and after, of a spectrum and a width."""
    gaps = (
        Gap("mid", "Spectrum", *spectrum, 0.0, 0.0, of_width=False),
        Gap("width", "Width", *width, 0.0, 0.0, of_width=True),
    )
    before, after = (one + other for one, other in zip(spectrum, width, strict=True))
    return replace(match_report().match, gaps=gaps, loss_before=before, loss_after=after)


def test_pictures_of_equalisers_share_one_scale_that_holds_them_all():
    small, large = equalised(1.0, *[0.0] * 5), equalised(0.0, 0.0, -5.0, 0.0, 0.0, 0.0)
    assert match_charts.reach_db([small]) == 3.0
    assert match_charts.reach_db([small, large]) == 6.0
    assert match_charts.reach_db([]) == 3.0


def test_spectra_have_three_curves_and_stay_inside_their_frame():
    match = match_report().match
    picture = match_charts.spectra(match.before.thirds_db, (-200.0,) * 31, match.aim.thirds_db)
    assert re.findall(r'class="curve (\w+)"', picture) == ["before", "aim", "after"]
    heights = [float(y) for y in re.findall(r"[ML]\d[\d.]* ([\d.]+)", picture)]
    assert min(heights) >= 0.0
    assert max(heights) <= 300.0


def test_a_balance_with_a_match_has_both_on_its_page():
    rows = [track for track in sample_report().tracks if track.kind == "folder"]
    both = replace(sample_report(), match=matched(rows, "Kept."))
    text = page.page(both).decode()
    for part in ('id="levels"', 'id="match"', 'id="strips"', 'id="sums"'):
        assert text.count(part) == 1
    assert "79% nearer" in text
    assert "--match-strength" in text


def test_the_table_of_a_match_has_every_slider_and_runs_no_formula():
    text = data.match_csv(hostile_match(match_report().match)).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert head[-len(SLIDERS) :] == [slider.name for slider in SLIDERS]
    assert {len(row) for row in rows} == {len(head)}
    assert not any(row[0].startswith(("=", "+", "-", "@")) for row in rows)
    assert rows[-1][0] == "Master"


def test_json_has_the_match_and_says_null_for_what_has_no_number():
    match = match_report().match
    closed = replace(match.stems[0], before=replace(match.stems[0].before, fader_db=-np.inf))
    report = replace(match_report(), match=replace(match, stems=(closed, *match.stems[1:])))
    document = json.loads(data.to_json(report))
    assert document["match"]["stems"][0]["before"]["fader_db"] is None
    assert document["match"]["aim"]["lufs"] is None
    assert document["match"]["gaps"][2]["label"] == "Spectrum"
    assert json.loads(data.to_json(sample_report()))["match"] is None
