"""Which stretch of the time line is measured: regions and markers by name and number."""

from dataclasses import replace

import numpy as np
import pytest

from reaper_automix import engine
from reaper_automix.adapters import project
from reaper_automix.crew import Crew
from reaper_automix.errors import SettingsError
from reaper_automix.sections import measured_range
from reaper_automix.session import Item, Region, TimeRange, Track, from_json, to_json
from reaper_automix.settings import Settings, load
from reaper_automix.units import db_from_gain
from signals import noise
from songs import session, track

REGIONS = (
    Region(1, "Intro", 0.0, 4.0),
    Region(2, "Verse", 4.0, 12.0),
    Region(1, "drop", 6.0),
    Region(3, "verse", 20.0, 30.0),
    Region(2, "out", 25.0),
    Region(4, "7", 30.0, 31.0),
)
LONG = Track("{1}", "a", items=(Item("{i}", 10.0, 30.0),))
SONG = session(LONG, regions=REGIONS)


def part(region):
    return measured_range(SONG, Settings(region=region))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Intro", (0.0, 4.0)),
        ("VERSE", (4.0, 12.0)),
        ("3", (20.0, 30.0)),
        ("1", (0.0, 4.0)),
        ("7", (30.0, 31.0)),
        ("drop", (6.0, 25.0)),
        ("out", (25.0, 40.0)),
    ],
    ids=["name", "first of two", "number", "region before marker", "name before number",
         "marker", "last marker"],
)  # fmt: skip
def test_a_region_is_found_by_name_or_number(asked, expected):
    assert part(asked) == TimeRange(*expected)


def test_without_a_region_all_of_it_is_measured():
    assert part("") is None


def test_a_region_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(SettingsError, match=r"no region or marker 'Solo'; there are Intro, Verse"):
        part("Solo")
    with pytest.raises(SettingsError, match="there is none at all"):
        measured_range(session(LONG), Settings(region="1"))


def test_regions_survive_as_json():
    assert from_json(to_json(SONG)) == SONG


def test_a_balance_is_that_of_the_region(tmp_path):
    sound = np.concatenate([noise(2.0, -30, seed=1), noise(2.0, -10, seed=1)], axis=1)
    song = replace(
        session(track(tmp_path, "a", sound), track(tmp_path, "b", noise(4.0, -20, seed=2))),
        regions=(Region(1, "soft", 0.0, 2.0), Region(1, "loud", 2.0)),
    )
    for region, expected_db in (("soft", 10.0), ("loud", -10.0)):
        with Crew(1) as crew:
            gains = engine.run(song, Settings(method="lufs", region=region), crew).gains
        assert db_from_gain(gains["{a}"] / gains["{b}"]) == pytest.approx(expected_db, abs=0.1)


@pytest.mark.parametrize(
    ("given", "usual"),
    [({"region": "Verse"}, {"time_range": "1-2"}), ({"time_range": "1-2"}, {"region": "Verse"})],
)
def test_what_counts_more_puts_the_other_aside(tmp_path, given, usual):
    found = load(tmp_path, given=given, usual=usual)
    assert (found.region == "Verse") is ("region" in given)
    assert (found.time_range is None) is ("region" in given)


MARKERS = """<REAPER_PROJECT 0.1 "7.0/x64" 1
  MARKER 2 1 "" 1 0 1 R {A} 0
  MARKER 1 2.5 "Verse 1" 1 0 1 R {B} 0
  MARKER 2 3 "" 1
  MARKER 1 9 "" 1
  MARKER 1 0.5 Start 0
  MARKER 9 5 open 1
  MARKER
  MARKER x y
>
"""


def test_a_project_file_has_regions_and_markers(tmp_path):
    file = tmp_path / "song.RPP"
    file.write_text(MARKERS)
    assert project.read(file).regions == (
        Region(0, "", 0.0),
        Region(0, "", 0.0),
        Region(1, "Start", 0.5),
        Region(2, "", 1.0, 3.0),
        Region(1, "Verse 1", 2.5, 9.0),
    )
