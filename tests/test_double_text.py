"""The double's projects are their text: nothing is lost, and a change is exactly that change."""

from pathlib import Path

import pytest

from reaper_automix.rpp import encode
from reaper_double import Project, Reaper
from reaper_double.keys import Computed, Field
from reaper_double.keys_item import ITEM, TAKE
from reaper_double.keys_track import MASTER, TRACK
from reaper_double.signatures import table
from reaper_double.text import digits, quoted, tokens
from reaper_songs import EVERY_KIND, item, song, track

DATA = Path(__file__).parents[2] / "shared" / "data"
PROJECTS = sorted(
    file
    for file in DATA.rglob("*")
    if file.suffix.lower().startswith(".rpp") and file.read_bytes()[:15] == b"<REAPER_PROJECT"
)
KEYS = {"MediaTrack": TRACK, "MediaItem": ITEM, "MediaItem_Take": TAKE}
INFO = {
    "MediaTrack": ("GetMediaTrackInfo_Value", "SetMediaTrackInfo_Value"),
    "MediaItem": ("GetMediaItemInfo_Value", "SetMediaItemInfo_Value"),
    "MediaItem_Take": ("GetMediaItemTakeInfo_Value", "SetMediaItemTakeInfo_Value"),
}
OTHER_VALUES = {
    "D_WIDTH": lambda width: 0.25 if width == 0.5 else 0.5,
    "B_MUTE": lambda muted: 1.0 - muted,
    "I_FOLDERDEPTH": lambda depth: 0.0 if depth == -1.0 else -1.0,
    "I_CUSTOMCOLOR": lambda color: float(0x1000000 | (int(color) + 1) & 0xFFFFFF),
}
"""For keys that are not simply numbers; ``I_CURTAKE`` needs an item of several takes."""

LOOSE_LINES = {"B_MUTE": "MUTE ", "D_WIDTH": "VOLPAN ", "C_MAINSEND_NCH": "MAINSEND "}
"""Setting and setting back: mute clears an item's solo, width leaves the sides where it put them,
and a line that had no third field has one."""


def settable():
    for kind, keys in KEYS.items():
        for name, key in keys.items():
            if isinstance(key, Field) or (isinstance(key, Computed) and key.setter):
                yield kind, name


def views(project, kind):
    takes = [take for item in project.items for take in item.takes if take]
    return {"MediaTrack": project.tracks, "MediaItem": project.items, "MediaItem_Take": takes}[kind]


def other_value(name, value):
    step = 1.0 if name[0] in "BIC" else 0.123456789
    return OTHER_VALUES.get(name, lambda number: number + step)(value)


def is_subsequence(part, whole):
    rest = iter(whole)
    return all(line in rest for line in part)


@pytest.fixture
def reaper(tmp_path):
    with Reaper(tmp_path) as running:
        running.open(EVERY_KIND)
        yield running


@pytest.mark.parametrize("file", PROJECTS, ids=lambda file: file.name)
def test_a_project_that_reaper_saved_comes_out_as_it_went_in(file):
    assert encode(Project.load(file).rpp) == file.read_bytes()


@pytest.mark.parametrize("text", [EVERY_KIND, EVERY_KIND.replace("\r\n", "\n")])
def test_a_project_comes_out_of_a_file_as_it_went_in(tmp_path, text):
    path = tmp_path / "Söng äöü.RPP"
    path.write_bytes(text.encode())
    project = Project.load(path)
    project.save(tmp_path / "copy.RPP")
    assert (tmp_path / "copy.RPP").read_bytes() == text.encode()


@pytest.mark.parametrize("file", PROJECTS[::7], ids=lambda file: file.name)
def test_every_value_of_a_real_project_can_be_read(tmp_path, file):
    with Reaper(tmp_path) as reaper:
        project = reaper.open(file)
        before = project.rpp
        for kind, (get, _) in INFO.items():
            for view in views(project, kind)[:20]:
                for name in table()["keys"][kind.lower().rpartition("_")[2].removeprefix("media")]:
                    reaper.call(get, reaper.pointer(view), name)
        for name in MASTER:
            reaper.call("GetMediaTrackInfo_Value", reaper.pointer(project.master), name)
        assert project.rpp == before


@pytest.mark.parametrize(("kind", "name"), [row for row in settable() if row[1] != "I_CURTAKE"])
def test_a_value_is_read_as_it_was_set_and_set_back_gives_the_same_text(reaper, kind, name):
    get, put = INFO[kind]
    for view in views(reaper.active, kind):
        pointer = reaper.pointer(view)
        original = reaper.active.rpp
        (value,) = reaper.call(get, pointer, name)
        texts = []
        for wanted in [other_value(name, value), value] * 2:
            assert reaper.call(put, pointer, name, wanted) == (True,)
            assert reaper.call(get, pointer, name)[0] == pytest.approx(wanted, abs=1e-13)
            texts.append(reaper.active.rpp)
        assert texts[:2] == texts[2:]
        assert is_subsequence(_known_part(original, name), texts[1].splitlines())


def _known_part(text, name):
    """The lines that must still be there."""
    loose = LOOSE_LINES.get(name, "\0")
    return [line for line in text.splitlines() if not line.strip().startswith(loose)]


def test_setting_what_is_there_already_changes_nothing(reaper):
    before = reaper.active.rpp
    for kind, name in settable():
        get, put = INFO[kind]
        for view in views(reaper.active, kind):
            (value,) = reaper.call(get, reaper.pointer(view), name)
            if name not in ("B_MUTE", "D_WIDTH"):
                reaper.call(put, reaper.pointer(view), name, value)
    assert reaper.active.rpp == before
    assert reaper.unprotected_changes == []


def test_a_fader_is_one_token_of_one_line(reaper):
    track = reaper.active.track("Kick")
    before = reaper.active.rpp
    reaper.call("SetMediaTrackInfo_Value", reaper.pointer(track), "D_VOL", 1 / 3)
    assert reaper.active.rpp == before.replace(
        "VOLPAN 0.50118723362727 -0.2 -1 -1 1", "VOLPAN 0.33333333333333 -0.2 -1 -1 1"
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (0.1, "0.1"),
        (1 / 3, "0.33333333333333"),
        (-0.0, "0"),
        (1e-20, "0"),
        (-2.5, "-2.5"),
    ],
)
def test_numbers_are_written_as_reaper_does(number, text):
    assert digits(number) == text


@pytest.mark.parametrize(
    "text", ["", "a", "two words", 'the "A" side', "it's", "`", "#1", ";x", "<>"]
)
def test_a_text_in_a_line_is_read_as_it_was(text):
    assert tokens(f"NAME {quoted(text)} 1") == ["NAME", text, "1"]


@pytest.mark.parametrize(
    "name", ["Lead Vox", "名前", "", 'a "b" c', "it's", "all \"three' `quotes"]
)
def test_a_name_is_read_as_it_was_set(reaper, name):
    pointer, before = reaper.pointer(reaper.active.tracks[0]), reaper.active.rpp
    reaper.call("GetSetMediaTrackInfo_String", pointer, "P_NAME", name, True)
    assert reaper.call("GetSetMediaTrackInfo_String", pointer, "P_NAME", "", False) == (True, name)
    again = Project(reaper.active.rpp)
    assert again.tracks[0].name == name
    reaper.call("GetSetMediaTrackInfo_String", pointer, "P_NAME", "Drums", True)
    assert reaper.active.rpp == before.replace('NAME "Drums"', "NAME Drums")


def test_a_state_chunk_has_neither_indent_nor_carriage_returns(reaper):
    pointer = reaper.pointer(reaper.active.track("Trim envelope"))
    _, chunk = reaper.call("GetTrackStateChunk", pointer, "", False)
    lines = chunk.split("\n")
    assert lines[0].startswith("<TRACK {")
    assert lines[-2:] == [">", ""]
    assert not any(line != line.strip() for line in lines)
    assert "PT 2 0.5 0" in lines


def test_a_track_can_be_inserted_and_taken_out_without_a_trace(reaper):
    for index in (0, 3, 99):
        before = reaper.active.rpp
        reaper.call("InsertTrackAtIndex", index, True)
        assert reaper.active.rpp != before
        place = min(index, len(reaper.active.tracks) - 1)
        reaper.call("DeleteTrack", *reaper.call("GetTrack", 0, place))
        assert reaper.active.rpp == before


def test_old_files_keep_their_digits_until_a_value_changes(tmp_path):
    old = song(track("Old", item("x.wav"), VOLPAN="1.00000000000000 0.25000000000000 -1 -1 1"))
    with Reaper(tmp_path) as reaper:
        project = reaper.open(old)
        pointer = reaper.pointer(project.tracks[0])
        reaper.call("SetMediaTrackInfo_Value", pointer, "D_VOL", 1.0)
        assert project.rpp == old
        reaper.call("SetMediaTrackInfo_Value", pointer, "D_VOL", 0.5)
        assert "VOLPAN 0.5 0.25000000000000 -1 -1 1" in project.rpp


def test_selecting_a_take_moves_its_mark(reaper):
    item = next(i for i in reaper.active.items if len(i.takes) == 3)
    pointer, before = reaper.pointer(item), reaper.active.rpp
    assert reaper.call("GetMediaItemInfo_Value", pointer, "I_CURTAKE") == (1.0,)
    reaper.call("SetMediaItemInfo_Value", pointer, "I_CURTAKE", 0.0)
    assert reaper.call("GetTakeName", *reaper.call("GetActiveTake", pointer)) == ("Tom takes",)
    reaper.call("SetMediaItemInfo_Value", pointer, "I_CURTAKE", 1.0)
    assert reaper.active.rpp == before
