"""A match over the whole song: how loud it comes out, and that no peak passes the headroom."""

import numpy as np
import pytest
import soundfile as sf

from reaper_automix.features.loudness import Meter
from reaper_automix.features.true_peak import TruePeak
from reaper_automix.match import ways, whole
from reaper_automix.match.asked import Asked
from reaper_automix.match.case import Ask
from reaper_automix.match.reference import Choice
from reaper_automix.match.run import Request, run
from reaper_automix.settings import Settings
from signals import RATE_HZ, harmonic, noise
from songs import write
from tips import styled

SECONDS = 60.0
LATE = round(57.0 * RATE_HZ)
"""Where a click is, which no passage has."""


@pytest.fixture(autouse=True)
def found_at_once(monkeypatch):
    monkeypatch.setattr(ways, "find", styled)


@pytest.fixture(scope="module")
def stems(tmp_path_factory):
    """Two stems that are loud at first, and peak in a click near their end."""
    place = tmp_path_factory.mktemp("whole")
    fades = np.where(np.arange(round(SECONDS * RATE_HZ)) < 40.0 * RATE_HZ, 1.0, 0.05)
    for number, sound in enumerate([harmonic(90.0, SECONDS, -26.0), noise(SECONDS, -30.0)]):
        quiet = (sound * fades).astype(np.float32)
        quiet[:, LATE : LATE + 8] += 0.35
        write(place / "stems", f"{number} stem", quiet)
    write(place, "hit", noise(20.0, -12.0, channels=2, seed=5))
    return place


def matched(place, headroom_dbtp, **asked):
    """The report of a match, and its bounce."""
    how = Settings(method="lufs", headroom_dbtp=headroom_dbtp)
    ask = Ask(Choice(place / "hit.wav"), Asked(**asked))
    target = place / f"out {headroom_dbtp} {asked}"
    report = run(Request(place / "stems", ask, how, out=target, jobs=1))
    (bounce,) = (one.path for one in report.outputs if one.kind == "bounce")
    return report, sf.read(bounce, dtype="float32")[0].T


def level(sound):
    meter, peak = Meter(RATE_HZ, 2), TruePeak(RATE_HZ, 2)
    meter.push(sound)
    peak.push(sound)
    return meter.lufs(), peak.db()


def test_what_is_told_is_what_the_bounce_has(stems):
    report, bounce = matched(stems, 30.0, target_lufs=-20.0)
    lufs, peak_db = level(bounce)
    told = report.match.after
    assert report.match.levels_s is None
    assert told.lufs == pytest.approx(lufs, abs=0.05)
    assert told.true_peak_db == pytest.approx(peak_db, abs=0.05)
    assert lufs == pytest.approx(-20.0, abs=0.1)


def test_no_peak_passes_the_headroom_wherever_it_is(stems):
    headroom_dbtp = -3.0
    report, bounce = matched(stems, headroom_dbtp, target_lufs=-10.0)
    assert int(np.abs(bounce).max(axis=0).argmax()) == pytest.approx(LATE, abs=100)
    allowed_db = max(headroom_dbtp, report.match.before.true_peak_db)
    assert level(bounce)[1] == pytest.approx(allowed_db, abs=0.1)
    assert any("quieter than it should" in note for note in report.notes)


def test_of_many_stems_the_loudest_stretches_are_played(stems, monkeypatch):
    monkeypatch.setattr(whole, "MOST_STEM_S", 36.0)
    report, bounce = matched(stems, 30.0, strength=0.9)
    assert report.match.levels_s == pytest.approx(18.0)
    assert report.match.after.lufs == pytest.approx(level(bounce[:, : 40 * RATE_HZ])[0], abs=0.5)


def test_stretches_in_pieces_have_the_peaks_of_the_whole(stems, monkeypatch):
    """Compressors settle before a stretch counts, so where it is cut does not show."""
    whole_song, _ = matched(stems, 30.0)
    monkeypatch.setattr(whole, "MOST_STEM_S", 118.0)
    monkeypatch.setattr(whole, "STRETCH_HOPS", 10)
    in_pieces, _ = matched(stems, 30.0)
    told, expected = in_pieces.match.after, whole_song.match.after
    assert in_pieces.match.levels_s == pytest.approx(59.0)
    assert told.lufs == pytest.approx(expected.lufs, abs=0.05)
    assert told.true_peak_db == pytest.approx(expected.true_peak_db, abs=0.05)
