"""Bad input where roles, stems, objects and profiles meet: a sentence, the exit code, no harm.

:data:`ODD` are projects and folders that every command has to bear, :data:`PROFILES` and
:data:`TABLES` are what people may write into files of their own.
"""

import json
from collections import Counter

import pytest

from reaper_automix import cli, profiles, rpp, settings
from reaper_automix.adapters import project
from reaper_automix.stemtree.catalogue import STEMS
from signals import tone
from songs import write

SECONDS = 0.5
MANY = 120


@pytest.fixture(autouse=True)
def nothing_of_a_users_own(tmp_path_factory, monkeypatch):
    place = tmp_path_factory.mktemp("config")
    monkeypatch.setattr(settings, "user_file", lambda: place / settings.FILE_NAME)
    monkeypatch.setattr(profiles, "user_folder", lambda: place / "profiles")


@pytest.fixture
def run(capfd):
    """Runs a command; gives the exit code, stdout and the sentences of errors."""

    def call(*words):
        code = cli.run([*map(str, words)])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return code, out, [line for line in err.splitlines() if line.startswith("reaper-automix: ")]

    return call


def balance(run, path, *options):
    words = ("--profile", "roles", "--objects", "auto", "--method", "lufs", "--jobs", "1")
    return run("balance", path, *words, "--quiet", *options)


# what is made


def song(folder, *rows):
    """A project: rows of a name, a level (``None``: silence, "": no item) and ``ISBUS``."""
    lines = []
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, level_db, depth) in enumerate(rows):
        if level_db != "":
            file = f"{'silent' if level_db is None else number % 7}"
            sound = tone(220.0 + 50.0 * (number % 7), SECONDS, level_db or -20.0)
            path = folder / f"{file}.wav"
            if not path.exists():
                write(folder, file, 0.0 * sound if level_db is None else sound)
        guid = f"{{{number:08X}-0000-4000-8000-000000000000}}"
        lines += [
            f"  <TRACK {guid}",
            f'    NAME "{name}"',
            "    VOLPAN 0.9 0 -1 -1 1",
            f"    ISBUS {depth}",
            f"    TRACKID {guid}",
        ]
        if level_db != "":
            lines += [
                "    <ITEM",
                "      POSITION 0",
                f"      LENGTH {SECONDS}",
                "      <SOURCE WAVE",
                f'        FILE "{file}.wav"',
                "      >",
                "    >",
            ]
        lines.append("  >")
    path = folder / "song.RPP"
    content = "\r\n".join(['<REAPER_PROJECT 0.1 "7.0/test" 0', *lines, ">", ""])
    path.write_text(content, encoding="utf-8", newline="")
    return path


def loose(*names, level_db=-20.0):
    return [(name, level_db, "0 0") for name in names]


FLAT = loose("Kick", "Snare", "Gtr 1", "Gtr 2", "Lead Vox")
DIGITS_AND_EMOJI = ("1", "02", "003", "🎸", "🥁🥁", "👩‍🎤", "", " ", "???", "-")

ODD = {
    "hundreds of one name": loose(*["Audio"] * MANY),
    "hundreds of kicks": loose(*["Kick"] * MANY),
    "digits and emoji": loose(*DIGITS_AND_EMOJI),
    "one track": loose("Vox"),
    "twelve deep": [*((f"F{n}", "", "1 1") for n in range(12)), ("Kick", -20.0, "2 -12"), *FLAT],
    "stems in stems": [*(("Drums", "", "1 1") for _ in range(12)), ("Kick", -20.0, "2 -12"), *FLAT],
    "too many closes": [("Drums", "", "1 1"), ("Kick", -20.0, "2 -7"), *FLAT],
    "closed before it was open": [("Kick", -20.0, "2 -3"), *FLAT],
    "never closed": [("Drums", "", "1 1"), *FLAT],
    "depth -99": [("Drums", "", "1 1"), ("Snare", -20.0, "0 -99"), *FLAT],
    "depth no number": [("Drums", "", "1 x"), ("Snare", -20.0, "two 1e9"), *FLAT],
    "all silent": loose("Kick", "Snare", "Bass", level_db=None),
    "no tracks": [],
}
NOTHING_TO_BALANCE = {"all silent": 4, "no tracks": 4}


def names_of(path):
    return [track.name for track in project.read(path).tracks]


@pytest.mark.parametrize("rows", ODD.values(), ids=ODD)
def test_every_command_bears_it(run, tmp_path, rows, request):
    path = song(tmp_path / "song", *rows)
    was = path.read_bytes()
    expected = NOTHING_TO_BALANCE.get(request.node.callspec.id, 0)
    code, out, said = balance(run, path, "--json")
    assert (code, len(said)) == (expected, expected != 0)
    assert not expected or "inspect" in said[0]
    assert expected or len(json.loads(out)["tracks"]) == len(rows)
    assert run("inspect", path, "--quiet")[0] == 0
    assert path.read_bytes() == was


@pytest.mark.parametrize("rows", ODD.values(), ids=ODD)
def test_stems_bear_it_and_a_second_time_nothing_moves(run, tmp_path, rows):
    path = song(tmp_path / "song", *rows)
    before, was = sorted(names_of(path)), path.read_bytes()
    assert run("stems", path, "--quiet")[::2] == (0, [])
    for place in (path, path):
        assert run("stems", place, "--apply", "--in-place", "--quiet")[::2] == (0, [])
    made = Counter(names_of(path))
    made.subtract(before)
    assert set(+made) <= {stem.title for stem in STEMS}
    assert not -made
    once = path.read_bytes()
    path.with_name("song-stems.toml").unlink(missing_ok=True)
    code, out, _ = run("stems", path, "--apply", "--json")
    assert (code, json.loads(out)["outputs"]) == (0, [])
    assert path.read_bytes() == once
    rpp.parse(once.decode())
    assert once == was or path.with_name("song.RPP.bak").read_bytes() == was


# profiles

PROFILES = {
    "wrong role": ('[roles]\n"lead vocals" = 1\n', "line 2", "lead vocal"),
    "wrong stem": ("[stems]\nguitar = 1\n", "line 2", "guitars"),
    "wrong table": ("[rolls]\nkick = 1\n", "line 1", "roles"),
    "text for a number": ('[roles]\nsnare = 1\nkick = "loud"\n', "line 3", "kick"),
    "truth for a number": ("[roles]\nkick = true\n", "line 2", "kick"),
    "NaN": ("[roles]\nkick = nan\n", "line 2", "kick"),
    "infinity": ("strength = 0.5\n[stems]\ndrums = -inf\n", "line 3", "drums"),
    "60 dB up": ("[roles]\nkick = 60\n", "line 2", "kick"),
    "60 dB down": ("[roles]\nkick = -60\n", "line 2", "kick"),
    "a key twice": ("[roles]\nkick = 1\nsnare = 2\nkick = 3\n", "line 4", "TOML"),
    "a table twice": ("[roles]\nkick = 1\n[roles]\nsnare = 2\n", "line 3", "TOML"),
    "no TOML": ("kick: loud\n", "line 1", "TOML"),
    "no text": (b"\xff\xfe\x00", "", "UTF-8"),
    "strength 3": ("strength = 3\n", "line 1", "strength"),
    "a role for a table": ("roles = 3\n", "line 1", "roles"),
    "a table for a role": ("[roles.kick]\nx = 1\n", "line 1", "kick"),
    "a list for a role": ("[roles]\nkick = [1, 2]\n", "line 2", "kick"),
    "a table for everything": ("roles = { kick = 60 }\n", "line 1", "kick"),
    "a number beyond all": (f"strength = {'9' * 9000}\n", "", "TOML"),
    "nested without end": (f"title = {'[' * 9000}\n", "", "TOML"),
    "a huge number": (f"[roles]\nkick = {'9' * 400}\n", "line 2", "kick"),
}


@pytest.mark.parametrize("command", ["balance", "listening-test"])
@pytest.mark.parametrize(("content", "line", "word"), PROFILES.values(), ids=PROFILES)
def test_nonsense_in_a_profile_is_told_with_file_line_and_key(
    run, tmp_path, command, content, line, word
):
    path, mine = song(tmp_path / "song", *FLAT), tmp_path / "song" / "mine.toml"
    mine.write_bytes(content if isinstance(content, bytes) else content.encode())
    options = ("--profile", mine)
    if command == "listening-test":
        mine.with_name(settings.FILE_NAME).write_text('profile = "mine.toml"\n')
        options = ("--out", tmp_path / "kit")
    before = sorted(tmp_path.rglob("*"))
    code, out, said = run(command, path, *options, "--quiet")
    assert (code, out, len(said)) == (2, "", 1)
    assert "mine.toml" in said[0]
    assert line in said[0]
    assert word in said[0]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["gone.toml", "folder.toml", "nobody", ""])
def test_a_profile_that_is_not_there_is_one_sentence(run, tmp_path, name, monkeypatch):
    path = song(tmp_path / "song", *FLAT)
    (tmp_path / "folder.toml").mkdir()
    monkeypatch.chdir(tmp_path)
    code, _, said = run("balance", path, "--profile", name, "--quiet")
    assert (code, len(said)) == (2, 1)
    assert "profile" in said[0]


# tables of stems

GUID = "{00000000-0000-4000-8000-000000000000}"
LINE = f'{{ stem = "drums", role = "kick", name = "Kick", guid = "{GUID}" }}'
TABLES = {
    "unknown stem": (f'tracks = [\n{{ stem = "drumz", guid = "{GUID}" }}\n]\n', "line 2", "drums"),
    "unknown role": (f'tracks = [\n{{ role = "kik", guid = "{GUID}" }}\n]\n', "line 2", "kick"),
    "a number for a stem": (f'tracks = [\n{{ stem = 3, guid = "{GUID}" }}\n]\n', "line 2", "stem"),
    "no guid": ('tracks = [\n{ stem = "drums" }\n]\n', "line 2", "guid"),
    "unknown key": (f'tracks = [\n{{ stam = "x", guid = "{GUID}" }}\n]\n', "line 2", "stem"),
    "a line twice": (f"tracks = [\n{LINE},\n{LINE},\n]\n", "line 3", "twice"),
    "no TOML": ("tracks = [\n{ stem =\n", "line 2", "TOML"),
    "no text": (b"\xff\xfe\x00", "", "UTF-8"),
    "no list": ("tracks = 3\n", "", "tracks"),
    "empty": ("", "", "tracks"),
}


@pytest.mark.parametrize(("content", "line", "word"), TABLES.values(), ids=TABLES)
def test_nonsense_in_a_table_is_told_with_file_line_and_key(run, tmp_path, content, line, word):
    path, table = song(tmp_path / "song", *FLAT), tmp_path / "mine.toml"
    table.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = sorted(tmp_path.rglob("*"))
    for options in ((), ("--in-place",)):
        code, out, said = run("stems", path, "--apply", "--table", table, "--quiet", *options)
        assert (code, out, len(said)) == (2, "", 1)
        assert "mine.toml" in said[0]
        assert line in said[0]
        assert word in said[0]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("table", ["gone.toml", "."])
def test_a_table_that_cannot_be_read_is_one_sentence(run, tmp_path, table):
    path = song(tmp_path / "song", *FLAT)
    code, _, said = run("stems", path, "--apply", "--table", tmp_path / table, "--quiet")
    assert (code, len(said)) == (2, 1)
    assert "--table" in said[0]


def test_lines_of_unknown_tracks_are_told_and_the_others_done(run, tmp_path):
    path, table = song(tmp_path / "song", *FLAT), tmp_path / "mine.toml"
    stranger = LINE.replace(GUID, "{no such track}").replace("Kick", "Gone")
    snare = LINE.replace("Kick", "Snare").replace("{00000000", "{00000001")
    table.write_text(f"tracks = [\n{LINE},\n{stranger},\n{snare},\n]\n")
    code, out, _ = run("stems", path, "--apply", "--table", table)
    assert code == 0
    assert "not in the project: Gone" in out
    assert names_of(tmp_path / "song" / "song-stems.RPP")[:3] == ["Drums", "Kick", "Snare"]


# what belongs to other commands


@pytest.mark.parametrize("make", ["gone", "empty", "file"])
def test_evaluation_data_that_is_none_is_one_sentence(run, tmp_path, make):
    path = tmp_path / make
    if make == "empty":
        path.mkdir()
    elif make == "file":
        path.write_text("no data")
    code, out, said = run("evaluate", "--data", path)
    assert (code != 0, out, len(said)) == (True, "", 1)
    assert str(path) in said[0]


@pytest.mark.parametrize("name", ["all silent", "no tracks"])
def test_a_listening_test_of_nothing_is_one_sentence(run, tmp_path, name):
    path = song(tmp_path / "song", *ODD[name])
    before = sorted(tmp_path.rglob("*"))
    code, _, said = run("listening-test", path, "--out", tmp_path / "kit", "--quiet")
    assert (code != 0, len(said)) == (True, 1)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("path", ["nowhere.RPP", "texts"])
@pytest.mark.parametrize("command", ["balance", "stems", "inspect", "listening-test"])
def test_a_place_that_is_none_is_one_sentence(run, tmp_path, command, path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "notes.txt").write_text("louder")
    out = ("--out", tmp_path / "kit") if command == "listening-test" else ()
    code, _, said = run(command, tmp_path / path, *out, "--quiet")
    assert (code, len(said)) == (3, 1)
    assert not (tmp_path / "kit").exists()
