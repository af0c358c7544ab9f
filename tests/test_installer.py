"""Bringing the actions into REAPER's folder and out again, by files alone; REAPER is not needed."""

import json
import re
import sys
import time
from pathlib import Path, PurePosixPath

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import __version__, installer
from reaper_automix.bridge import setup
from reaper_automix.errors import InputError, OutputError
from reaper_automix.installer import actions, changes, leftovers, resource, running, startup
from reaper_automix.installer.changes import Change
from reaper_automix.installer.keymap import Action, KeyMap
from reaper_automix.installer.resource import Found
from reaper_automix.installer.running import Instance

BALANCE = "automix_Balance selected tracks.lua"
CANCEL = "automix_Cancel.lua"
DIAGNOSE = "automix_Diagnose.lua"
EFFECT = "Automix Strip.jsfx"


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    for name in (
        BALANCE,
        CANCEL,
        DIAGNOSE,
        "lib/automix.lua",
        "lib/notes.txt",
        f"effects/{EFFECT}",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"-- {name}\n")
    return folder


@pytest.fixture
def reaper(tmp_path):
    """The resource folder of a user whose name is hard."""
    folder = tmp_path / "Jösé's réaper"
    folder.mkdir()
    (folder / "reaper.ini").touch()
    return folder


@pytest.fixture
def spool(tmp_path):
    folder = tmp_path / "state" / "spool"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def install(reaper, source, spool):
    def run(*, is_open=False, origin=source):
        return installer.plan_install(Found(reaper, is_open), spool, origin).carry_out()

    return run


@pytest.fixture
def uninstall(reaper, spool):
    return lambda: installer.plan_uninstall(Found(reaper, is_open=False), spool).carry_out()


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def key_lines(reaper):
    return [line for line in (reaper / "reaper-kb.ini").read_text().splitlines() if "KEY" in line]


def script_lines(reaper):
    return [line for line in (reaper / "reaper-kb.ini").read_text().splitlines() if "SCR" in line]


# Laws

KEY_FILES = st.lists(
    st.sampled_from(
        [
            b"KEY 29 66 40001 0",
            b"KEY 9 66 _RSx 0  # Ctrl+B",
            b'SCR 4 0 RSx "Custom: x.lua" x.lua',
            b"ACT 0 0 \"abc\" 'My \xfc\xdf'",  # Latin-1, as REAPER 4 wrote it
            b"\xff\x00 what is this",
            b"",
        ]
    )
)
ENDS = st.sampled_from([b"\r\n", b"\n"])
MARKS = st.sampled_from([b"", b"\xef\xbb\xbf"])
OURS = tuple(Action(PurePosixPath("Automix") / name, "BMX") for name in (BALANCE, CANCEL))


@given(KEY_FILES, ENDS, MARKS)
def test_what_is_added_to_the_keys_comes_out_again(lines, end, mark):
    before = mark + b"".join(line + end for line in lines)
    added, _ = KeyMap(before, Path("/r/Scripts")).adding(OURS)
    assert added.startswith(before)
    assert KeyMap(added, Path("/r/Scripts")).without(OURS).content == before


@given(KEY_FILES, ENDS, MARKS)
def test_adding_twice_is_adding_once(lines, end, mark):
    once, _ = KeyMap(mark + end.join(lines), Path("/r/Scripts")).adding(OURS)
    assert KeyMap(once, Path("/r/Scripts")).adding(OURS) == (once, ())


@given(KEY_FILES, ENDS)
def test_no_key_is_given_twice(lines, end):
    content, shortcuts = KeyMap(end.join(lines), Path("/r/Scripts")).adding(OURS)
    named = re.findall(rb"^KEY (29 \d+) ", content, re.M)
    assert len(named) == len(set(named)) + (lines.count(b"KEY 29 66 40001 0") or 1) - 1
    assert len(shortcuts) == len(OURS)


@given(st.binary(), ENDS, MARKS, st.sampled_from([b"", b"#!/usr/bin/lua\n"]))
def test_the_start_up_line_comes_out_again(body, end, mark, preamble):
    before = mark + preamble + b"print()" + end + body
    after = startup.with_line(before)
    assert startup.is_pending(after)
    assert startup.with_line(after) == after
    assert startup.without_line(after) == before


def test_the_start_up_line_is_all_there_is_in_a_new_file():
    assert startup.without_line(startup.with_line(None)) is None


def test_installing_and_uninstalling_leaves_nothing(install, uninstall, reaper):
    (reaper / "reaper-kb.ini").write_bytes(b"KEY 29 66 40001 0\r\n")
    (reaper / "reaper-extstate.ini").write_bytes(
        b"[reapy]\r\na=1\r\n[automix]\r\nmethod=x\r\n[z]\r\n"
    )
    before = files(reaper)
    install()
    told = uninstall()
    expected = before | {"reaper-extstate.ini": b"[reapy]\r\na=1\r\n[z]\r\n"}
    assert files(reaper) == expected
    assert not (reaper / "Scripts").exists()
    assert told == (f"The actions are gone from {reaper}.",)
    assert uninstall() == (f"There was nothing of ours in {reaper}.",)


def test_installing_twice_is_installing_once(install, reaper):
    assert installer.TRY_IT in install()
    once = files(reaper)
    told = install()
    assert files(reaper) == once
    assert "REAPER lists them already; your shortcuts stay as they are." in told


def test_a_preview_writes_nothing_and_names_every_file(reaper, source, spool):
    plan = installer.plan_install(Found(reaper, is_open=False), spool, source)
    before = files(reaper)
    lines = "\n".join(plan.preview())
    assert files(reaper) == before
    plan.carry_out()
    for name in files(reaper).keys() - before.keys():
        assert f"write {reaper / name}" in lines
    for line in (reaper / "reaper-kb.ini").read_text().splitlines():
        assert f"  + {line}" in lines
    assert list(plan.preview()) == []


# REAPER closed


def test_actions_are_copied_and_listed_with_keys(install, reaper, source, spool):
    told = install()
    home = reaper / "Scripts" / "Automix"
    assert (home / BALANCE).read_bytes() == (source / BALANCE).read_bytes()
    assert not (home / "lib" / "notes.txt").exists()
    command = "RS5768dcea2fb22c1144daf4df5a1005b9806d8d2c"  # the same for ever, or keys are lost
    path = Path("Automix", BALANCE)
    assert script_lines(reaper)[0] == f'SCR 516 0 {command} "Custom: {BALANCE}" "{path}"'
    assert key_lines(reaper)[0] == f"KEY 29 {ord('B')} _{command} 0"
    assert len(key_lines(reaper)) == 2  # Diagnose has none
    assert any(line.endswith("+B  Balance selected tracks") for line in told)
    said = json.loads((home / "lib" / "installation.json").read_bytes())
    assert (said["version"], said["spool"], said["protocol"]) == (__version__, str(spool), 1)
    assert Path(said["python"]).samefile(sys.executable)
    assert Path(said["site_packages"]).is_dir()


def test_a_new_key_file_has_the_line_ends_of_reaper(install, reaper):
    install()
    content = (reaper / "reaper-kb.ini").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") == 5


def test_a_line_without_an_end_stays_a_line(install, reaper):
    (reaper / "reaper-kb.ini").write_bytes(b"KEY 9 66 40001 0")
    install()
    assert (reaper / "reaper-kb.ini").read_bytes().startswith(b"KEY 9 66 40001 0\r\nSCR 516 0 RS")


@pytest.mark.parametrize("line", ["KEY 29 66 0 0", "KEY 29 66 40001 32060", "KEY 29 66 _X 0 # no"])
def test_a_key_that_the_file_names_is_not_taken(line, install, reaper):
    (reaper / "reaper-kb.ini").write_text(f"{line}\n")
    install()
    assert key_lines(reaper)[1].startswith(f"KEY 29 {ord('M')} ")


def test_an_action_whose_letters_are_taken_says_so(install, reaper):
    letters = "".join(f"KEY 29 {ord(one)} 40001 0\n" for one in actions.LETTERS[CANCEL])
    (reaper / "reaper-kb.ini").write_text(letters)
    assert any(line.startswith("Cancel has no key") for line in install())


def test_a_key_that_the_user_chose_stays_the_only_one(install, reaper):
    install()
    command = OURS[0].id
    text = (reaper / "reaper-kb.ini").read_text()
    changed = text.replace(f"KEY 29 66 _{command}", f"KEY 1 66 _{command}")
    (reaper / "reaper-kb.ini").write_text(changed)
    install()
    assert [line for line in key_lines(reaper) if command in line] == [f"KEY 1 66 _{command} 0"]


@pytest.mark.parametrize(
    "path", ["Automix/{}", "Automix\\{}", "{home}/Automix/{}", "./Automix//{}"]
)
def test_an_action_that_reaper_listed_itself_is_not_listed_twice(path, install, reaper):
    written = path.format(BALANCE, home=reaper / "Scripts")
    (reaper / "reaper-kb.ini").write_text(f'SCR 4 0 RS0123 "Custom: x" "{written}"\n')
    install()
    assert sum(BALANCE in line for line in script_lines(reaper)) == 1
    assert "KEY 29 66 _RS0123 0" in key_lines(reaper)


@pytest.mark.parametrize(("flags", "expected"), [("4", "516"), ("260", "260"), ("517", "517")])
def test_an_action_that_reaper_listed_itself_asks_no_more(flags, expected, install, reaper):
    (reaper / "reaper-kb.ini").write_text(
        f'SCR {flags} 0 RS4 "Custom: x" "Automix/{BALANCE}"\nSCR 4 0 RSy "Custom: y" y.lua\n'
    )
    install()
    ours, other = script_lines(reaper)[:2]
    assert ours == f'SCR {expected} 0 RS4 "Custom: x" "Automix/{BALANCE}"'
    assert other == 'SCR 4 0 RSy "Custom: y" y.lua'


def test_the_first_state_is_kept_once(install, reaper):
    (reaper / "reaper-kb.ini").write_bytes(b"first\n")
    install()
    (reaper / "reaper-kb.ini").write_bytes(b"second\n")
    install()
    assert (reaper / "reaper-kb.ini.before-automix").read_bytes() == b"first\n"


def test_a_link_stays_a_link(install, reaper, tmp_path):
    (tmp_path / "dotfiles.ini").write_bytes(b"first\r\n")
    try:
        (reaper / "reaper-kb.ini").symlink_to(tmp_path / "dotfiles.ini")
    except OSError:
        pytest.skip("this user may not make links")
    install()
    assert (reaper / "reaper-kb.ini").is_symlink()
    assert b"SCR 516 0" in (tmp_path / "dotfiles.ini").read_bytes()


# Upgrade


def test_an_upgrade_removes_what_is_no_more(install, reaper, source):
    install()
    (reaper / "Scripts" / "Automix" / "mine.lua").write_text("-- the user's own")
    (source / CANCEL).unlink()
    (source / "lib" / "automix.lua").rename(source / "lib" / "other.lua")
    install()
    home = files(reaper / "Scripts" / "Automix")
    assert CANCEL not in home
    assert "lib/automix.lua" not in home
    assert {"lib/other.lua", "mine.lua"} <= home.keys()
    assert not [line for line in (*script_lines(reaper), *key_lines(reaper)) if "Cancel" in line]
    assert len(key_lines(reaper)) == 1


def test_an_effect_goes_to_where_reaper_looks_for_effects(install, reaper, source):
    install()
    effects = reaper / "Effects" / "Automix"
    assert files(effects) == {EFFECT: (source / "effects" / EFFECT).read_bytes()}
    assert not (reaper / "Scripts" / "Automix" / "effects").exists()
    (source / "effects" / EFFECT).rename(source / "effects" / "Other.jsfx")
    (effects / "mine.jsfx").write_text("desc:the user's own")
    install()
    assert files(effects).keys() == {"Other.jsfx", "mine.jsfx"}


def test_uninstalling_leaves_the_users_own_effects(install, uninstall, reaper):
    install()
    effects = reaper / "Effects" / "Automix"
    (effects / "mine.jsfx").write_text("desc:the user's own")
    uninstall()
    assert files(effects).keys() == {"mine.jsfx"}


def test_an_effect_that_is_gone_is_told(install, reaper):
    install()
    lost = reaper / "Effects" / "Automix" / EFFECT
    lost.unlink()
    installed = actions.stored(reaper)
    assert actions.missing(reaper, installed) == lost
    install()
    assert actions.missing(reaper, installed) is None


def test_what_the_user_put_beside_the_actions_stays(install, uninstall, reaper):
    install()
    mine = reaper / "Scripts" / "Automix" / "mine.lua"
    mine.write_text("-- the user's own")
    kb = reaper / "reaper-kb.ini"
    kb.write_bytes(kb.read_bytes() + b'SCR 4 0 RSmine "Custom: mine" Automix/mine.lua\r\n')
    uninstall()
    assert mine.is_file()
    assert kb.read_bytes() == b'SCR 4 0 RSmine "Custom: mine" Automix/mine.lua\r\n'


def heartbeat(spool, **changes):
    said = {"pid": 77, "version": "0.0.9", "protocol": 1, "state": "idle", "job": None}
    said |= {"beat": time.time()} | changes
    (spool / "worker.json").write_text(json.dumps(said))


def test_the_worker_of_another_version_is_told_to_end(install, spool):
    heartbeat(spool)
    assert "The worker of version 0.0.9 was told to end." in install()
    assert (spool / "stop").read_text() == "77"


@pytest.mark.parametrize("how", [{"version": __version__}, {"beat": 0.0}, {"pid": None}])
def test_no_other_worker_is_told_anything(how, install, spool):
    heartbeat(spool, **how)
    install()
    assert not (spool / "stop").exists()


def test_uninstalling_removes_spool_reports_and_renders(install, uninstall, spool):
    install()
    heartbeat(spool, beat=0.0)
    (spool.parent / "reports" / "song").mkdir(parents=True)
    (spool.parent / "renders").mkdir()
    (spool.parent / "renders" / "a.wav").touch()
    uninstall()
    assert not spool.parent.exists()


def test_uninstalling_empties_the_users_cache(install, uninstall, tmp_path, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_state_path", lambda *_, **__: tmp_path / "state")
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    install()
    (tmp_path / "cache" / "renders").mkdir(parents=True)
    (tmp_path / "cache" / "renders" / "a.wav").touch()
    uninstall()
    assert not (tmp_path / "cache").exists()


def test_uninstalling_leaves_what_else_is_beside_the_spool(uninstall, spool):
    (spool.parent / "reaper-automix.toml").touch()
    uninstall()
    assert [path.name for path in spool.parent.iterdir()] == ["reaper-automix.toml"]


def test_a_worker_that_does_not_end_is_not_waited_for_without_end(spool):
    heartbeat(spool)
    assert leftovers.remove_state(spool, timeout_s=0.1)


def test_a_backup_that_says_more_is_kept_and_named(install, uninstall, reaper):
    (reaper / "reaper-kb.ini").write_bytes(b"first\n")
    install()
    kb = reaper / "reaper-kb.ini"
    kb.write_bytes(kb.read_bytes().replace(b"first", b"changed"))
    told = uninstall()
    assert kb.read_bytes() == b"changed\n"
    assert "before-automix is kept" in told[-1]


INI = b"[REAPER]\r\nreascript=0\r\nx=\xff\r\n"


@pytest.fixture
def set_up(reaper, monkeypatch):
    """A REAPER whose Python was set up for the live bridge."""
    monkeypatch.setattr(setup, "shared_library", lambda: Path("/opt/lib/libpython3.so"))
    (reaper / "reaper.ini").write_bytes(INI)
    setup.plan(Found(reaper, is_open=False), Path("/opt/lib/libpython3.so")).carry_out()
    assert b"libpython3.so" in (reaper / "reaper.ini").read_bytes()
    return reaper / "reaper.ini"


def test_uninstalling_takes_the_live_bridge_out_of_reapers_settings(set_up, uninstall):
    uninstall()
    assert set_up.read_bytes() == INI
    assert not set_up.with_name("reaper.ini.before-automix").exists()


def test_a_python_that_the_user_chose_since_stays(set_up, uninstall):
    chosen = set_up.read_bytes().replace(b"libpython3.so", b"other.so")
    set_up.write_bytes(chosen)
    uninstall()
    assert set_up.read_bytes() == chosen


# REAPER open


def test_an_open_reaper_gets_a_line_and_its_keys_are_left_alone(install, reaper):
    (reaper / "reaper-kb.ini").write_bytes(b"KEY 9 66 40001 0\r\n")
    (reaper / "Scripts").mkdir()
    (reaper / "Scripts" / "__startup.lua").write_bytes(b"local x = 1\r\nreturn x")
    told = install(is_open=True)
    assert (reaper / "reaper-kb.ini").read_bytes() == b"KEY 9 66 40001 0\r\n"
    startup_file = (reaper / "Scripts" / "__startup.lua").read_bytes()
    assert startup_file == startup.LINE + b"\r\nlocal x = 1\r\nreturn x"
    backup = reaper / "Scripts" / "__startup.lua.before-automix"
    assert backup.read_bytes() == b"local x = 1\r\nreturn x"
    assert "REAPER is open" in told[1]
    assert "Show action list" in told[2]
    assert "with REAPER closed" in told[2]


def test_installing_later_with_reaper_closed_adds_the_keys(install, reaper):
    install(is_open=True)
    install()
    assert not (reaper / "Scripts" / "__startup.lua").exists()
    assert len(key_lines(reaper)) == 2


def test_an_open_reaper_that_lists_them_needs_no_line(install, reaper):
    install()
    install(is_open=True)
    assert not (reaper / "Scripts" / "__startup.lua").exists()


def test_an_open_reaper_keeps_one_from_uninstalling(reaper, spool):
    with pytest.raises(OutputError, match="close it and run this again"):
        installer.plan_uninstall(Found(reaper, is_open=True), spool)


# Nothing by half


def test_a_read_only_file_is_left_alone(install, reaper):
    kb = reaper / "reaper-kb.ini"
    kb.write_bytes(b"KEY 9 66 40001 0\r\n")
    kb.chmod(0o444)
    with pytest.raises(OutputError, match=r"reaper-kb\.ini is read-only; make it writable"):
        install()
    kb.chmod(0o644)
    assert files(reaper) == {"reaper.ini": b"", "reaper-kb.ini": b"KEY 9 66 40001 0\r\n"}


def test_a_place_that_cannot_be_written_leaves_all_as_it_was(install, reaper):
    (reaper / "Scripts").write_text("in the way")
    before = files(reaper)
    with pytest.raises(OutputError, match="cannot be changed"):
        install()
    assert files(reaper) == before


@pytest.mark.parametrize("failing", range(1, 7))
def test_a_replace_that_fails_takes_the_others_back(failing, install, reaper, monkeypatch):
    (reaper / "reaper-kb.ini").write_bytes(b"first\n")
    before, real, done = files(reaper), Path.replace, []

    def replace(self, goal):
        done.append(goal)
        if len(done) == failing:
            raise PermissionError(13, "in use")
        return real(self, goal)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OutputError, match="in use"):
        install()
    left = files(reaper)
    left.pop("reaper-kb.ini.before-automix", None)
    assert left == before


def test_keys_in_another_encoding_are_refused(install, reaper):
    (reaper / "reaper-kb.ini").write_bytes("KEY".encode("utf-16"))
    with pytest.raises(OutputError, match="UTF-16"):
        install()


def test_an_installation_without_actions_is_refused(install, tmp_path):
    with pytest.raises(OutputError, match="There are no actions"):
        install(origin=tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ('/opt/a "quote"/python', 'has a " in it'),
        ("C:/Users/x/AppData/Local/Microsoft/WindowsApps/python.exe", "Microsoft Store"),
    ],
)
def test_an_interpreter_that_reaper_cannot_start_is_refused(python, said, spool, monkeypatch):
    monkeypatch.setattr(sys, "executable", python)
    with pytest.raises(OutputError, match=re.escape(said)):
        actions.describe(spool)


def test_an_empty_change_changes_nothing(tmp_path):
    path = tmp_path / "there"
    path.write_bytes(b"x")
    then = path.stat().st_mtime_ns
    changes.apply([Change(path, b"x", shared=True), Change(tmp_path / "gone", None)])
    assert path.stat().st_mtime_ns == then
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}'])
def test_a_damaged_installation_is_none_and_is_repaired(text, install, reaper):
    install()
    place = reaper / "Scripts" / "Automix" / "lib" / "installation.json"
    place.write_text(text)
    assert actions.stored(reaper) is None
    install()
    assert actions.stored(reaper).version == __version__


# Where REAPER is


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with nothing on it; ``make(path)`` puts a resource folder there."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path / "AppData" / "Roaming"))

    def make(*parts):
        folder = tmp_path.joinpath(*parts)
        folder.mkdir(parents=True)
        (folder / "reaper.ini").touch()
        return folder

    return make


PLACES = [
    ("linux", (".config", "REAPER")),
    ("darwin", ("Library", "Application Support", "REAPER")),
    ("win32", ("AppData", "Roaming", "REAPER")),
]


@pytest.mark.parametrize(("platform", "place"), PLACES)
def test_the_standard_folder_is_found(platform, place, machine, monkeypatch):
    folder = machine(*place)
    monkeypatch.setattr(sys, "platform", platform)
    assert resource.find(None, ()) == Found(folder, is_open=False)


@pytest.mark.parametrize(
    ("platform", "place", "program"),
    [
        ("linux", ("stick",), "reaper"),
        ("win32", ("stick",), "reaper.exe"),
        ("darwin", ("stick",), "REAPER.app/Contents/MacOS/REAPER"),
    ],
)
def test_an_open_portable_reaper_is_found_before_others(
    platform, place, program, machine, monkeypatch
):
    monkeypatch.setattr(sys, "platform", platform)
    machine(*dict(PLACES)[platform])
    folder = machine(*place)
    opened = Instance(1, folder / program)
    assert resource.find(None, (opened,)) == Found(folder, is_open=True)


def test_a_portable_reaper_is_found_where_one_puts_it(machine):
    folder = machine("REAPER")
    assert resource.find(None, ()).path == folder


def test_an_open_reaper_with_its_own_settings_file_is_found(machine, tmp_path):
    folder = machine("config")
    opened = Instance(1, tmp_path / "reaper", folder / "reaper.ini")
    assert resource.find(None, (opened,)) == Found(folder, is_open=True)


def test_another_open_reaper_does_not_matter(machine):
    standard, other = machine(".config", "REAPER"), machine("stick")
    assert not resource.find(other, (Instance(1, standard / "x" / "reaper"),)).is_open


@pytest.mark.parametrize("instance", [Instance(1), Instance(1, Path("/r"), Path("relative.ini"))])
def test_an_open_reaper_that_is_not_known_may_be_this_one(instance, machine):
    assert resource.find(machine("stick"), (instance,)).is_open


def test_no_reaper_is_one_sentence(machine):
    with pytest.raises(InputError, match="start REAPER once"):
        resource.find(None, ())


def test_two_are_for_the_user_to_choose(machine):
    machine(".config", "REAPER")
    machine("REAPER")
    with pytest.raises(InputError, match=r"more than one REAPER .* --resource-path"):
        resource.find(None, ())


def test_a_folder_that_is_not_reapers_is_refused(machine, tmp_path):
    with pytest.raises(InputError, match=r"has no reaper\.ini"):
        resource.find(tmp_path, ())


def test_the_settings_file_stands_for_its_folder(machine):
    folder = machine("a b")
    assert resource.find(folder / "reaper.ini", ()).path == folder


class Process:
    def __init__(self, **info):
        self.info = info


def test_only_reaper_is_reaper():
    processes = [
        Process(
            pid=1, name="reaper", exe="/opt/reaper", cmdline=["reaper", "-cfgfile", "/c/r.ini"]
        ),
        Process(pid=2, name="REAPER", exe=None, cmdline=None),
        Process(pid=3, name="reaper-automix", exe="/x", cmdline=[]),
        Process(pid=4, name=None, exe=None, cmdline=None),
        Process(pid=5, name="reaper.exe", exe="C:/r.exe", cmdline=["reaper.exe", "-cfgfile"]),
    ]
    assert list(running._reapers(processes)) == [
        Instance(1, Path("/opt/reaper"), Path("/c/r.ini")),
        Instance(2),
        Instance(5, Path("C:/r.exe")),
    ]


def test_processes_can_be_listed_here():
    assert all(isinstance(one, Instance) for one in running.instances())
