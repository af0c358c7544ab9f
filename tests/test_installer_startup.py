"""The line in ``__startup.lua`` and what it calls, run in both versions of Lua that REAPER has."""

import shutil
from importlib import import_module
from pathlib import Path

import pytest

from reaper_automix.installer import startup

REGISTER = Path(__file__).resolve().parents[1] / "reascripts" / "Automix" / "lib" / "register.lua"


class Reaper:
    """As much of REAPER as its start needs: the folder, and the list of actions."""

    def __init__(self, resource, refused=()):
        self.resource, self.refused = resource, refused
        self.added = []

    def GetResourcePath(self):  # noqa: N802
        return str(self.resource)

    def EnumerateFiles(self, folder, index):  # noqa: N802
        names = sorted(path.name for path in Path(folder).iterdir() if path.is_file())
        return names[index] if index < len(names) else None

    def AddRemoveReaScript(self, add, section, path, commit):  # noqa: N802
        assert add is True
        assert Path(path).is_file()
        self.added.append((section, Path(path).name, commit))
        return 0 if Path(path).name in self.refused else 60000 + len(self.added)


@pytest.fixture(params=["lua53", "lua54"])
def start(request, tmp_path):
    """Start REAPER: run ``__startup.lua`` of a resource folder as it would."""
    lua = import_module(f"lupa.{request.param}")

    def run(reaper):
        runtime = lua.LuaRuntime()
        runtime.globals().reaper = {
            name: getattr(reaper, name) for name in vars(Reaper) if name[0].isupper()
        }
        runtime.globals().dofile(str(reaper.resource / "Scripts" / startup.FILE_NAME))
        return runtime.globals()

    return run


@pytest.fixture
def resource(tmp_path):
    folder = tmp_path / "Jösé's réaper"
    (folder / "Scripts" / "Automix" / "lib").mkdir(parents=True)
    shutil.copy(REGISTER, folder / "Scripts" / "Automix" / "lib")
    for name in ("automix_A b.lua", "automix_C.lua", "mine.lua", "automix_.txt"):
        (folder / "Scripts" / "Automix" / name).touch()
    return folder


def startup_file(resource):
    return resource / "Scripts" / startup.FILE_NAME


USERS = [
    b"x = 1\nprint = nil\n",
    b"x = 1\r\nreturn x",
    b"\xef\xbb\xbfx = 1",
    b"#!/usr/bin/lua\nx = 1 -- \xff\xfe\x00",
    b"-- reaper-automix: is what I use\nx = 1",
]


@pytest.mark.parametrize("content", USERS)
def test_the_actions_are_added_and_the_line_goes(content, start, resource):
    file = startup_file(resource)
    file.write_bytes(startup.with_line(content))
    reaper = Reaper(resource)
    after = start(reaper)
    assert reaper.added == [(0, "automix_A b.lua", False), (0, "automix_C.lua", True)]
    assert file.read_bytes() == content
    assert after.x == 1
    assert [path.name for path in file.parent.iterdir() if path.is_file()] == [startup.FILE_NAME]


def test_a_file_with_nothing_else_goes_too(start, resource):
    startup_file(resource).write_bytes(startup.with_line(None))
    start(Reaper(resource))
    assert not startup_file(resource).exists()


def test_nothing_of_ours_stays_in_the_users_script(start, resource):
    startup_file(resource).write_bytes(b"x = 1")
    before = set(start(Reaper(resource)))
    startup_file(resource).write_bytes(startup.with_line(b"x = 1"))
    assert set(start(Reaper(resource))) == before


@pytest.mark.parametrize(
    "broken", ["remove", "not lua (", "error('x')"], ids=["gone", "syntax", "error"]
)
def test_whatever_is_wrong_with_ours_the_users_script_runs(broken, start, resource):
    register = resource / "Scripts" / "Automix" / "lib" / "register.lua"
    if broken == "remove":
        shutil.rmtree(register.parents[1])
    else:
        register.write_text(broken)
    startup_file(resource).write_bytes(startup.with_line(b"x = 1"))
    assert start(Reaper(resource)).x == 1


def test_an_action_that_reaper_refuses_is_tried_again_at_the_next_start(start, resource):
    content = startup.with_line(b"x = 1")
    startup_file(resource).write_bytes(content)
    start(Reaper(resource, refused=["automix_A b.lua"]))
    assert startup_file(resource).read_bytes() == content
    start(Reaper(resource))
    assert startup_file(resource).read_bytes() == b"x = 1"
