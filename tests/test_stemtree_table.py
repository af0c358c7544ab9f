"""The table of a proposal: it says what is proposed, and its errors name line and key."""

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.errors import SettingsError
from reaper_automix.session import Session, Track
from reaper_automix.stemtree import Wish, guess_all, propose, table

NAMES = st.text(st.characters(codec="utf-8"), max_size=12)


def proposal(*names, **more):
    tracks = tuple(Track(f"{{{n}}}", name, **more) for n, name in enumerate(names))
    session = Session("song", tracks)
    return propose(session, guess_all(session))


def wishes(content, of):
    return table.wishes(table.read(content, "t.toml"), of, "t.toml")


@given(st.lists(NAMES, max_size=6), NAMES)
def test_an_untouched_table_wishes_what_is_proposed(names, song):
    found = proposal(*names)
    content = table.text(found, song)
    assert wishes(content, found) == {
        row.track_id: Wish(row.part.stem, row.part.role) for row in found.rows
    }
    assert [row["name"] for row in tomllib.loads(content)["tracks"]] == names


def test_names_with_bytes_that_are_no_text_can_be_written():
    content = table.text(proposal("Kick\udcff"), "song\udcff")
    assert content.encode()
    assert tomllib.loads(content)["tracks"][0]["name"] == "Kick?"


def test_only_loose_tracks_have_a_line():
    content = table.text(proposal("Kick", "Snare", locked=True), "song")
    assert tomllib.loads(content) == {"tracks": []}


def test_lines_are_set_in_columns():
    lines = table.text(proposal("Kick", "Lead Vox dbl"), "song").splitlines()[-3:-1]
    assert len({line.index("guid") for line in lines}) == 1
    assert lines[0].startswith('  { stem = "drums",  role = "kick",')


def test_the_lines_may_be_edited_in_any_way_that_toml_allows():
    content = """
        [[tracks]]
        guid = "{1}"
        stem = " Backing  VOCALS "
        [[tracks]]
        role = "Snare"
        guid = "{0}"
        [[tracks]]
        stem = ""
        guid = "{2}"
    """
    assert wishes(content, proposal("a", "b", "c")) == {
        "{1}": Wish("backing vocals"),
        "{0}": Wish("drums", "snare"),
        "{2}": Wish(None),
    }


LINE = 'tracks = [\n  {{ guid = "{{0}}" }},\n  {{ guid = "{{1}}", {} }},\n]\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("tracks = [", "t.toml is not TOML: "),
        ("", "t.toml must hold nothing but a list of lines tracks = [ … ]; write it anew"),
        ('tracks = ["Kick"]', "must hold nothing but a list of lines"),
        ("tracks = 3", "must hold nothing but a list of lines"),
        ("tracks = []\nstrength = 1", "must hold nothing but a list of lines"),
        (
            LINE.format('stem = "drumz"'),
            "t.toml, line 3: there is no stem 'drumz'; did you mean 'drums'?",
        ),
        (
            LINE.format('role = "kik"'),
            "t.toml, line 3: there is no role 'kik'; did you mean 'kick'?",
        ),
        (LINE.format('stem = "xyz"'), "there is no stem 'xyz'; there are drums, percussion, "),
        (
            LINE.format('stme = "drums"'),
            "line 3: there is no 'stme' in a line; did you mean 'stem'?",
        ),
        (LINE.format("stem = 3"), "t.toml, line 3: stem must be a text in quotes."),
        ('tracks = [{ stem = "drums" }]', "t.toml, line 1: guid is missing; write the table anew"),
        (
            '[[tracks]]\nguid = "{0}"\n\n[[tracks]]\nguid = "{1}"\nstem = "x"\n',
            "t.toml, line 6: there is no stem 'x'",
        ),
        (
            'tracks = [\n{ guid = "{0}" },\n{ guid = "{0}" },\n]',
            "line 3: guid {0} stands there twice",
        ),
        (
            'tracks = [ { guid = "{0}" }, { guid = "{1}", stem = "x" } ]',
            "t.toml: there is no stem 'x'",
        ),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line_and_key(content, said):
    with pytest.raises(SettingsError) as error:
        table.read(content, "t.toml")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_track_that_cannot_move_is_refused_with_its_reason():
    found = proposal("Kick", "Snare", locked=True)
    with pytest.raises(SettingsError) as error:
        wishes('tracks = [\n{ guid = "{1}", stem = "drums" },\n]', found)
    assert str(error.value) == (
        "t.toml, line 2: Snare cannot go into a stem. "
        'Locked; unlock its controls to have it moved. Write stem = "".'
    )
    assert wishes('tracks = [{ guid = "{1}", stem = "" }]', found) == {"{1}": Wish(None)}


def test_tracks_that_are_not_there_are_listed():
    found = proposal("Kick")
    lines = table.read('tracks = [{ guid = "{gone}", stem = "drums", name = "Gone" }]', "t.toml")
    assert [line.name for line in table.strangers(lines, found)] == ["Gone"]
    assert table.wishes(lines, found, "t.toml") == {}


def test_what_is_said_of_a_track_stands_behind_it():
    found = proposal("Kick")
    row = replace(found.rows[0], why="Two\nlines\x07.")
    line = table.text(replace(found, rows=(row,)), "song").splitlines()[-2]
    assert line.endswith("},  # 95% by name; Two lines ")
