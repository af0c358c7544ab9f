"""Settings: what wins over what, ranges, and the one sentence for each mistake."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import settings
from reaper_automix.errors import SettingsError
from reaper_automix.session import TimeRange
from reaper_automix.settings import BY_NAME, SETTINGS, USUAL, Number, Settings, load


@pytest.fixture(autouse=True)
def user_file(tmp_path, monkeypatch):
    """A configuration folder of our own, empty at first."""
    path = tmp_path / "config" / settings.FILE_NAME
    path.parent.mkdir()
    monkeypatch.setattr(settings, "user_file", lambda: path)
    return path


@pytest.fixture
def song(tmp_path):
    folder = tmp_path / "song"
    folder.mkdir()
    return folder


def put(folder, text):
    (folder / settings.FILE_NAME).write_text(text, encoding="utf-8")
    return folder


def complaint(call, *arguments, **keywords):
    with pytest.raises(SettingsError) as caught:
        call(*arguments, **keywords)
    return str(caught.value)


def test_every_field_has_exactly_one_row():
    assert [row.name for row in SETTINGS] == list(dict.fromkeys(BY_NAME))
    assert set(BY_NAME) == {field.name for field in dataclasses.fields(Settings)}
    assert len({row.option for row in SETTINGS}) == len(SETTINGS)


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.name)
def test_defaults_are_values_that_may_be_written(row):
    default = getattr(Settings(), row.name)
    if row.name == "tracks":
        assert default == ()  # all of them: the one default that is not written
    else:
        assert row.parse("none" if default in (None, (), "") else default, row.option) == default


def test_without_files_and_options_the_defaults_hold(song):
    assert load(song) == Settings(**USUAL)


def test_the_command_line_wins_over_the_song_over_the_user_over_the_default(song, user_file):
    user_file.write_text('method = "lufs"\nstrength = 0.2\nmax_move_db = 3\n')
    put(song, "strength = 0.4\nmax_move_db = 6\n")
    found = load(song, given={"max_move_db": "9"})
    assert (found.method, found.strength, found.max_move_db) == ("lufs", 0.4, 9.0)
    assert found.dead_band_db == Settings().dead_band_db


def test_a_song_of_a_batch_wins_over_its_batch(tmp_path, song):
    put(tmp_path, "strength = 0.2\nheadroom_dbtp = -3")
    put(song, "strength = 0.4")
    found = load(tmp_path, song)
    assert (found.strength, found.headroom_dbtp) == (0.4, -3.0)


def test_a_projects_settings_lie_beside_it(song):
    put(song, "strength = 0.4")
    assert load(song / "song.RPP").strength == 0.4


def test_none_takes_a_limit_away_again(song, user_file):
    user_file.write_text("max_move_db = 3\ntarget_lufs = -20")
    put(song, 'max_move_db = "none"')
    found = load(song, given={"target_lufs": "none"})
    assert (found.max_move_db, found.target_lufs) == (None, None)


def test_a_nearer_range_puts_a_farther_time_selection_aside(song, user_file):
    user_file.write_text("use_time_selection = true")
    found = load(song, given={"time_range": "0:10-1:00"})
    assert (found.use_time_selection, found.time_range) == (False, TimeRange(10.0, 60.0))


def test_a_nearer_time_selection_puts_a_farther_range_aside(song):
    put(song, 'time_range = "5-6"')
    found = load(song, given={"use_time_selection": True})
    assert (found.use_time_selection, found.time_range) == (True, None)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", (True, None)),
        ("strength = 0.5", (True, None)),
        ("use_time_selection = false", (False, None)),
        ('time_range = "5-6"', (False, TimeRange(5.0, 6.0))),
    ],
)
def test_what_is_usual_holds_where_nobody_says_anything(song, user_file, said, expected):
    user_file.write_text(said)
    found = load(song, usual={"use_time_selection": True})
    assert (found.use_time_selection, found.time_range) == expected


def test_range_and_time_selection_at_once_are_refused(song):
    both = {"use_time_selection": True, "time_range": "1-2"}
    assert "leave all but one out" in complaint(load, song, given=both)


@given(st.floats(0.0, 1.0))
def test_a_percentage_is_a_hundredth(strength):
    row = BY_NAME["strength"]
    assert row.parse(f"{strength * 100:.17g}%", "") == pytest.approx(strength)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_is_in_its_range_or_refused(value):
    kind = Number("dB", -3.0, 5.0)
    if -3.0 <= value <= 5.0:
        assert kind.parse(value) == value
    else:
        with pytest.raises(ValueError, match=r"nan|inf|\d"):
            kind.parse(value)


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("method", "P_LUFS", "p_lufs"),
        ("strength", "70%", 0.7),
        ("strength", "0.7", 0.7),
        ("headroom_dbtp", "\N{MINUS SIGN}3", -3.0),
        ("target_lufs", -18, -18.0),
        ("tracks", ("Kick, Snare", "Gtr*"), ("Kick", "Snare", "Gtr*")),
        ("tracks", ["Vox, lead", "Kick"], ("Vox, lead", "Kick")),
        ("tracks", "Kick,,Kick ", ("Kick",)),
        ("time_range", "10-20.5", TimeRange(10.0, 20.5)),
        ("time_range", "1:02:03 - 2:00:00", TimeRange(3723.0, 7200.0)),
        ("time_range", "0:30\N{EN DASH}1:30", TimeRange(30.0, 90.0)),
    ],
)
def test_values_as_they_are_written(name, written, value):
    assert BY_NAME[name].parse(written, name) == value


@pytest.mark.parametrize(
    ("name", "written", "part"),
    [
        ("method", "loud", "auto, p_lufs, lufs or centroid"),
        ("profile", "rock & roll", "orchestral, speech, a name of your own or a file (.toml)."),
        ("strength", 1.5, "a number from 0 to 1 or 0% to 100%"),
        ("strength", "150%", "cannot be '150%'"),
        ("strength", True, "cannot be true"),
        ("strength", "nan", "a number from 0 to 1"),
        ("headroom_dbtp", 3, "a number from -60 to 0 (dBTP)"),
        ("headroom_dbtp", "-6%", "a number"),
        ("dead_band_db", "none", "a number from 0 to 12 (dB)."),
        ("max_move_db", -1, 'a number from 0 to 60 (dB) or "none"'),
        ("max_move_db", [1], "a number"),
        ("tracks", (), "one or more names"),
        ("tracks", [1, 2], "one or more names"),
        ("tracks", 7, "one or more names"),
        ("use_time_selection", "yes", "true or false"),
        ("time_range", "20-10", "START-END"),
        ("time_range", "10", "START-END"),
        ("time_range", "1-2-3", "START-END"),
        ("time_range", "a-b", "START-END"),
        ("time_range", [1, 2], "START-END"),
    ],
)
def test_values_that_cannot_be_used_are_named_with_what_can(name, written, part):
    said = complaint(BY_NAME[name].parse, written, "--that")
    assert said.startswith("--that cannot be ")
    assert part in said


def test_a_bad_value_in_a_file_is_found_by_file_line_and_key(song):
    put(song, '# ours\nmethod = "lufs"\nstrength = 2\n')
    said = complaint(load, song)
    assert said.startswith(f"{song / settings.FILE_NAME}, line 3: strength cannot be 2;")


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("strenght", "strength"),
        ("max-move", "max_move_db"),
        ("range", "time_range"),
        ("target", "target_lufs"),
        ("Method", "method"),
    ],
)
def test_an_unknown_key_is_refused_with_what_was_meant(song, key, meant):
    put(song, f"\n{key} = 1")
    said = complaint(load, song)
    assert said.endswith(f", line 2: there is no setting '{key}'; did you mean '{meant}'?")


def test_an_unknown_key_like_no_other_lists_them_all(song):
    put(song, "[zzz]\nqqq = 1")
    said = complaint(load, song)
    assert ", line 1: there is no setting 'zzz'" in said
    assert all(name in said for name in BY_NAME)


def test_a_file_that_is_not_toml_is_found_by_line(song):
    put(song, "strength = = 1")
    assert "line 1" in complaint(load, song)


def test_a_file_that_is_not_text_is_said_to_be_so(song):
    (song / settings.FILE_NAME).write_bytes(b"method = '\xff'")
    assert "UTF-8" in complaint(load, song)


def test_a_file_with_a_byte_order_mark_is_read(song):
    (song / settings.FILE_NAME).write_text("strength = 0.5", encoding="utf-8-sig")
    assert load(song).strength == 0.5


def test_a_file_that_cannot_be_read_is_said_to_be_so(song, monkeypatch):
    path = put(song, "") / settings.FILE_NAME

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_text", refuse)
    assert "Permission denied" in complaint(load, song)


def test_the_users_file_lies_in_the_configuration_folder(monkeypatch, tmp_path):
    monkeypatch.undo()
    path = settings.user_file()
    assert path.is_absolute()
    assert (path.parent.name, path.name) == ("reaper-automix", "reaper-automix.toml")
