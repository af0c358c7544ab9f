"""The host of the Lua actions: as strict as REAPER, and as deaf and dumb."""

import pytest

from reaper_double import Reaper, UnmodelledFunction
from reaper_double.lua_host import LUAS, LuaFailure, LuaHost
from reaper_songs import song, track

LOOP = """
local count = 0
local function loop()
  count = count + 1
  reaper.ShowConsoleMsg(tostring(count))
  if count < 3 then
    reaper.defer(loop)
  end
end
reaper.atexit(function() reaper.ShowConsoleMsg("end") end)
loop()
"""
FOR_EVER = """
local function loop() reaper.defer(loop) end
reaper.atexit(function() reaper.ShowConsoleMsg("end") end)
loop()
"""
WINDOW = """
gfx.init("Title", 300, 100)
gfx.setfont(1, "Arial", 20)
local function draw()
  local key = gfx.getchar()
  if key < 0 or key == 27 then
    return gfx.quit()
  end
  gfx.set(1, 0.5, 0)
  gfx.rect(0, 0, gfx.w, 4)
  gfx.x, gfx.y = 10, 20
  gfx.drawstr("key " .. math.floor(key))
  gfx.drawstr(" 名")
  reaper.defer(draw)
end
draw()
"""


@pytest.fixture(params=LUAS)
def host(request, tmp_path):
    with Reaper(tmp_path / "resource") as reaper:
        reaper.open(song(track("Ünï"), track("B")))
        yield LuaHost(reaper, request.param)


@pytest.fixture
def run(host, tmp_path):
    """Runs a text as an action of its own."""

    def start(code, name="an action ü.lua"):
        path = tmp_path / name
        path.write_text(code, "utf-8")
        return host.run(path)

    return start


@pytest.fixture
def refused(host):
    """The message of the error that a text meets."""

    def message(code):
        done, why = host.execute(f"return pcall(function() {code} end)")
        assert not done
        return why

    return message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("reaper.GetTrack(0, 1.5)", "number has no integer representation"),
        ("reaper.GetTrack(0, '0')", "bad argument #2 to 'GetTrack'"),
        ("reaper.GetTrack(0)", "bad argument #2 to 'GetTrack'"),
        ("reaper.GetTrack({}, 0)", "bad argument #1 to 'GetTrack' (ReaProject expected"),
        ("reaper.GetTrackName(nil)", "bad argument #1 to 'GetTrackName' (MediaTrack expected"),
        ("reaper.GetTrackName(0)", "bad argument #1 to 'GetTrackName' (MediaTrack expected"),
        ("reaper.GetTrackName()", "bad argument #1 to 'GetTrackName' (MediaTrack expected"),
        ("reaper.GetTrackName(reaper.EnumProjects(-1))", "(MediaTrack expected"),
        ("reaper.IsTrackSelected(reaper.GetTrack(0, 9))", "(MediaTrack expected"),
        ("reaper.PreventUIRefresh(true)", "bad argument #1 to 'PreventUIRefresh'"),
        ("reaper.ShowConsoleMsg(5)", "bad argument #1 to 'ShowConsoleMsg' (string expected"),
        ("reaper.defer(5)", "bad argument #1 to 'defer' (function expected)"),
        ("reaper.atexit('x')", "bad argument #1 to 'atexit' (function expected)"),
        ("reaper.BR_GetTrack()", "REAPER has no function reaper.BR_GetTrack"),
        ("local _ = reaper.ImGui", "REAPER has no function reaper.ImGui"),
        ("reaper.GetTrack = print", "a script does not change reaper.GetTrack"),
        ("local _ = gfx.wide", "REAPER has no gfx.wide"),
        ("gfx.wide = 1", "REAPER has no gfx.wide"),
        ("gfx.x = '1'", "gfx.x takes a number"),
        ("gfx.rect(1, 2, 3)", "bad argument #4 to 'gfx.rect'"),
        ("gfx.drawstr(1)", "bad argument #1 to 'gfx.drawstr'"),
        ("os.exit()", "nil value"),
        ("python.eval('1')", "nil value"),
    ],
)
def test_what_reaper_refuses_is_an_error(refused, call, message):
    assert message in refused(call)


def test_an_error_names_the_line_of_the_script(refused):
    assert refused("\n\nreaper.GetTrackName(nil)").startswith('[string "<python>"]:3: ')


@pytest.mark.parametrize("use", ["return track.kind", "track.name = 1", "track()", "return #track"])
def test_a_pointer_can_only_be_handed_on(host, use):
    code = (
        "local track = reaper.GetTrack(0, 0) return pcall(load('local track = ... ' .. ...), track)"
    )
    assert not host.execute(code, use)[0]


def test_a_deleted_track_is_refused(refused):
    code = "local t = reaper.GetTrack(0, 0) reaper.DeleteTrack(t) reaper.GetTrackName(t)"
    assert "MediaTrack expected" in refused(code)


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("reaper.GetTrack(0, 0) == reaper.GetTrack(nil, 0, 'surplus')", True),
        ("reaper.GetTrack(0, 0) == reaper.GetTrack(0, 1)", False),
        ("({[reaper.GetTrack(0, 0)] = 5})[reaper.GetTrack(0, 0)]", 5),
        ("type(reaper.GetTrack(0, 0))", "userdata"),
        ("reaper.GetTrack(0, 2)", None),
        ("math.type(reaper.CountTracks(0))", "integer"),
        ("math.type(reaper.GetMediaTrackInfo_Value(reaper.GetTrack(0, 0), 'I_SOLO'))", "float"),
        ("select(2, reaper.GetTrackName(reaper.GetTrack(0, 0)))", "Ünï"),
        ("reaper.IsTrackSelected(reaper.GetTrack(0, 0))", False),
        ("reaper.APIExists('defer')", True),
        ("reaper.APIExists('BR_GetTrack')", False),
        ("reaper.osara_outputMessage", None),
        ("math.type(gfx.x)", "float"),
        ("gfx.getchar()", -1),
    ],
)
def test_values_are_those_of_lua(host, code, answer):
    assert host.execute(f"return {code}") == answer


def test_an_array_counts_from_one(host):
    code = "local a = reaper.new_array(3) a[1], a[3] = 1.5, 2 a.resize(4) return a.table()"
    assert list(host.execute(code).values()) == [1.5, 0.0, 2.0, 0.0]
    assert host.execute("return reaper.new_array({1, 2}).get_alloc()") == 2


def test_what_a_version_lacks_is_nil(host, tmp_path):
    with Reaper(tmp_path, version="6.83/win64") as old:
        is_there = "return reaper.InsertTrackInProject ~= nil"
        assert not LuaHost(old).execute(is_there)
        assert host.execute(is_there)


def test_bytes_that_are_no_utf8_come_back(host):
    code = r"""
local track = reaper.GetTrack(0, 0)
reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "\xFF\xC3\xBC", true)
return select(2, reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "", false)) == "\xFF\xC3\xBC"
"""
    assert host.execute(code)


def test_deferred_work_runs_once_in_every_tick(host, run):
    script = run(LOOP)
    assert host.scripts == [script]
    for count in (2, 3):
        assert len(host.reaper.console) == count - 1
        host.tick()
    assert host.reaper.console == ["1", "2", "3", "end"]
    assert host.scripts == []


def test_waiting_for_something_ticks(host, run):
    run(LOOP)
    host.run_until(lambda: not host.scripts)
    assert host.reaper.console[-1] == "end"


def test_waiting_in_vain_is_told(host, run):
    run(FOR_EVER)
    with pytest.raises(TimeoutError, match="an action"):
        host.run_until(lambda: False, timeout_s=0.0)


def test_ending_a_script_runs_what_it_left_for_the_end(host, run):
    script = run(FOR_EVER)
    host.terminate(script)
    assert host.reaper.console == ["end"]
    assert host.scripts == []


def test_an_error_ends_a_script_with_its_traceback(host, run):
    with pytest.raises(LuaFailure, match=r"ü\.lua:2: oh ü\nstack traceback:"):
        run("reaper.atexit(function() reaper.ShowConsoleMsg('end') end)\nerror('oh ü')")
    assert host.reaper.console == ["end"]
    assert host.scripts == []


def test_an_error_of_syntax_is_told(host, run):
    with pytest.raises(LuaFailure, match=r"ü\.lua:1:"):
        run("local = 1")
    assert host.scripts == []


def test_a_fault_of_the_double_is_not_caught_by_a_script(host, run):
    with pytest.raises(UnmodelledFunction):
        run("pcall(reaper.Main_OnCommandEx, 99999, 0, nil)")


def test_an_injected_error_is_one_a_script_can_catch(host):
    host.reaper.fail_at(1)
    done, message = host.execute("return pcall(function() reaper.CountTracks(0) end)")
    assert not done
    assert "injected error in CountTracks" in message


def test_every_action_has_a_state_of_its_own(host, run):
    run("shared = 1 local function loop() reaper.defer(loop) end loop()", "one.lua")
    run("reaper.ShowConsoleMsg(tostring(shared))", "two.lua")
    assert host.reaper.console == ["nil"]


def test_an_action_finds_its_libraries_beside_it(host, run, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "greeting.lua").write_text("return 'hello'")
    run(
        'local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\\\])")\n'
        'package.path = folder .. "lib/?.lua;" .. package.path\n'
        'reaper.ShowConsoleMsg(require("greeting"))'
    )
    assert host.reaper.console == ["hello"]


def test_an_action_knows_its_path_and_number(host, run, tmp_path):
    code = """
local _, path, section, command = reaper.get_action_context()
reaper.ShowConsoleMsg(path)
reaper.SetToggleCommandState(section, command, 1)
reaper.ShowConsoleMsg(tostring(reaper.GetToggleCommandStateEx(section, command)))
"""
    run(code)
    assert host.reaper.console == [str(tmp_path / "an action ü.lua"), "1"]


@pytest.mark.parametrize(("options", "running"), [(0, 2), (1, 0), (3, 1)])
def test_starting_an_action_that_runs(host, run, options, running):
    code = f"reaper.set_action_options({options})" + FOR_EVER
    run(code)
    run(code)
    assert len(host.scripts) == running


def test_a_script_that_defers_leaves_no_undo_point(host, run):
    change = 'reaper.SetMediaTrackInfo_Value(reaper.GetTrack(0, 0), "D_VOL", 0.5)'
    points = host.reaper.active.history.points
    run(change + " reaper.defer(function() end)")
    assert [point.title for point in points] == []
    run(change.replace("0.5", "0.25"), "change.lua")
    assert [point.title for point in points] == ["ReaScript: change.lua"]


def test_a_window_shows_what_was_drawn_last(host, run):
    run(WINDOW)
    assert host.window.title == "Title"
    assert host.window.texts == ["key 0", " 名"]
    host.window.press("a")
    host.tick()
    assert host.window.texts == ["key 97", " 名"]
    rectangle, text, second = host.window.drawn
    assert rectangle.values == (0, 0, 300, 4)
    assert text.color == (1.0, 0.5, 0.0)
    assert (text.x, second.x) == (10, 10 + len("key 97") * 10)


@pytest.mark.parametrize("leave", [lambda w: w.press("esc"), lambda w: w.close()])
def test_a_window_ends_with_its_script(host, run, leave):
    run(WINDOW)
    leave(host.window)
    host.tick()
    assert host.scripts == []
    assert not host.window.is_open
    assert host.window.texts == ["key 0", " 名"]


def test_a_menu_is_answered_by_the_test(host, run):
    host.execute("gfx.init('x')")
    host.tick()
    script = run("local function loop() gfx.showmenu('a|b') reaper.defer(loop) end loop()")
    script.window.choose(2)
    assert script.window.menus == ["a|b"]


def test_osara_hears_only_where_it_is_installed(host):
    host.osara = True
    host.execute("reaper.osara_outputMessage('Balanced ü')")
    assert host.spoken == ["Balanced ü"]


def test_the_longest_tick_is_known(host, run):
    run(LOOP)
    assert host.longest_tick_s > 0.0
