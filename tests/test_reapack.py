"""The headers of the actions, read as reapack-index would, and the index made of them."""

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from reaper_automix import __version__, cli
from reaper_automix.errors import InputError, SettingsError
from reaper_automix.installer import reapack

SCRIPTS = Path(__file__).resolve().parents[1] / "reascripts"
URL = "https://example.org/v{version}/reascripts/{path}"

PACKAGE = """\
-- @description Does this & that
-- @author me
-- @version 1.2.3
-- @changelog
--   Does more.
--
--   Does it faster.
-- @provides
--   [main] b *.lua
--   [nomain] lib/*.lua
--   data.txt
--   [effect] effects/*
-- @about Says what.

-- @version is no header any more
"""


@pytest.fixture
def scripts(tmp_path):
    folder = tmp_path / "scripts"
    texts = {
        "Mix/a.lua": PACKAGE,
        "Mix/b c.lua": "-- @noindex\n-- @description Other\n",
        "Mix/b ü.lua": "-- @noindex\n",
        "Mix/lib/x.lua": "return {}\n",
        "Mix/data.txt": "",
        "Mix/effects/y z.jsfx": "desc:Y",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


# Headers


def test_a_header_has_its_tags_and_their_lines(scripts):
    tags = reapack.header(scripts / "Mix" / "a.lua").tags
    assert tags == {
        "description": "Does this & that",
        "author": "me",
        "version": "1.2.3",
        "changelog": "Does more.\n\nDoes it faster.",
        "provides": "[main] b *.lua\n[nomain] lib/*.lua\ndata.txt\n[effect] effects/*",
        "about": "Says what.",
    }


def test_only_a_file_with_a_version_is_a_package(scripts):
    assert [one.path.name for one in reapack.packages(scripts)] == ["a.lua"]


def test_a_package_brings_what_it_provides_once(scripts):
    (package,) = reapack.packages(scripts)
    brought = [(source.path.name, source.is_action) for source in reapack.sources(package)]
    assert brought == [
        ("a.lua", True),
        ("b c.lua", True),
        ("b ü.lua", True),
        ("x.lua", False),
        ("data.txt", False),
        ("y z.jsfx", False),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("@version 1.2.3", "@version v1", "@version v1 does not begin with a number"),
        ("@author me", "@auther me", "@auther is no tag"),
        ("@about Says what.", "@author you", "@author is no tag of ReaPack, or is there twice"),
        ("-- @author me\n", "", "@author is missing"),
        ("[main]", "[menu]", "cannot be read"),
        ("data.txt", "gone.txt", "gone.txt is no file"),
    ],
)
def test_a_slip_in_a_header_is_one_sentence(old, new, said, scripts):
    (scripts / "Mix" / "a.lua").write_text(PACKAGE.replace(old, new))
    with pytest.raises(InputError, match=said):
        reapack.index(scripts, URL)


# The index


def test_the_index_names_every_file_with_its_address(scripts):
    root = Xml.fromstring(reapack.index(scripts, URL))
    assert root.attrib == {"version": "1", "name": "reaper-automix"}
    (entry,) = root.findall("category[@name='Mix']/reapack")
    assert entry.attrib == {"name": "a.lua", "type": "script", "desc": "Does this & that"}
    (version,) = entry
    assert version.attrib == {"name": "1.2.3", "author": "me"}
    assert version.findtext("changelog") == "Does more.\n\nDoes it faster."
    found = [(source.attrib, source.text) for source in version.findall("source")]
    start = "https://example.org/v1.2.3/reascripts/Mix"
    assert found == [
        ({"main": "main"}, f"{start}/a.lua"),
        ({"file": "b c.lua", "main": "main"}, f"{start}/b%20c.lua"),
        ({"file": "b ü.lua", "main": "main"}, f"{start}/b%20%C3%BC.lua"),
        ({"file": "lib/x.lua"}, f"{start}/lib/x.lua"),
        ({"file": "data.txt"}, f"{start}/data.txt"),
        ({"file": "effects/y z.jsfx", "type": "effect"}, f"{start}/effects/y%20z.jsfx"),
    ]


def test_the_same_headers_make_the_same_index(scripts):
    assert reapack.index(scripts, URL) == reapack.index(scripts, URL)


def test_an_address_for_all_files_is_refused(scripts):
    with pytest.raises(SettingsError, match="one address for all files"):
        reapack.index(scripts, "https://example.org/x.lua")


def test_the_command_writes_the_index_of_the_actions(tmp_path, capfd):
    out = tmp_path / "index.xml"
    assert cli.run(["reapack-index", str(out), "--url", URL]) == 0
    assert "is written" in capfd.readouterr().err
    assert Xml.fromstring(out.read_bytes()).tag == "index"


# Our own headers


def test_one_package_brings_all_of_the_actions():
    (package,) = reapack.packages(SCRIPTS)
    assert package.tags["version"] == __version__
    brought = {source.path: source.is_action for source in reapack.sources(package)}
    here = {path for path in SCRIPTS.rglob("*") if path.suffix in (".lua", ".py", ".jsfx")}
    assert brought.keys() == here
    actions = {path for path in here if path.match("Automix/automix_*")}
    assert {path for path, is_action in brought.items() if is_action} == actions


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*/automix_*")), ids=lambda path: path.stem)
def test_every_action_says_what_it_does(path):
    tags = reapack.header(path).tags
    assert tags["description"].lower() == path.stem.replace("automix_", "Automix: ").lower()
    assert tags["author"]
    assert tags["about"].endswith(".")


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*/lib/*.lua")), ids=lambda path: path.stem)
def test_no_library_is_a_package(path):
    assert "noindex" in reapack.header(path).tags
