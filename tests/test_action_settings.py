"""Settings in REAPER: the same rows, ranges and sentences as in Python, kept where they belong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from action_rig import ACTIONS, lua
from action_songs import library, tree
from reaper_automix.errors import SettingsError
from reaper_automix.kinds import (
    Choice,
    Colors,
    Flag,
    Name,
    NameOrFile,
    Names,
    Number,
    Stretch,
)
from reaper_automix.settings import BY_NAME, SETTINGS, USUAL, Settings
from reaper_double import Reaper
from reaper_double.lua_host import LUAS, LuaHost

KINDS = {
    Choice: "choice",
    NameOrFile: "name_or_file",
    Number: "number",
    Flag: "flag",
    Name: "name",
    Names: "names",
    Colors: "colors",
    Stretch: "stretch",
}
ACTION = ACTIONS / "automix_Settings.lua"


LUA_KINDS, LUA = library("settings_kinds")
FITS, ALLOWED = LUA_KINDS.fits, LUA_KINDS.allowed
ROWS = list(LUA.eval('(require("settings_rows"))').values())
BY_LUA_NAME = {row["name"]: row for row in ROWS}


@pytest.fixture(params=LUAS)
def host(request, tmp_path):
    with Reaper(tmp_path) as reaper:
        reaper.open(tree([0]))
        yield LuaHost(reaper, request.param)


def answer(host, code):
    """What a piece of Lua with `settings` and `project` gives, as text."""
    said = f"local said = (function() {code} end)() print(said)"
    return lua(host, f'local settings = require("settings") {said}')


def set_value(host, scope, name, text):
    return answer(host, f"return select(2, settings.set(project, '{scope}', '{name}', [[{text}]]))")


def get(host, name):
    return answer(host, f"return settings.get(project, '{name}')")


def test_the_rows_are_those_of_python():
    assert [row["name"] for row in ROWS] == [setting.name for setting in SETTINGS]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_row_says_what_python_says(setting):
    row = BY_LUA_NAME[setting.name]
    assert row["kind"] == KINDS[type(setting.kind)]
    assert ALLOWED(row) == setting.kind.allowed
    default = getattr(Settings(**USUAL), setting.name)
    if setting.kind == Names():
        assert (row["default"], default) == ("all", ())
    else:
        assert read(setting, row["default"]) == default


def read(setting, text):
    """The value that Python makes of what a request carries."""
    value = text == "true" if isinstance(setting.kind, Flag) else text
    return setting.parse(value, setting.name)


NUMBERS = st.floats(-100, 100).map(lambda number: f"{number:g}")
TEXTS = st.one_of(
    st.sampled_from([
        "", " ", "none", "NONE", "auto", " Auto ", "p_lufs", "equal", "fader", "true", "false",
        "Rock", "mine.toml", "../x", "é", "a b",
        "70%", "70 %", "101%", "-6", "\N{MINUS SIGN}6", "+1", "1e1", "1e", ".5", "5.", "0x10",
        "nan", "inf", "1 2", "30-90", "0:30-1:30", "1:00:00-2:00:00", "90-30", "30-", "5-5",
        "1\N{EN DASH}2", "0:30 - 1:02.5", "1:2:3:4-5", "a-b", "Gtr*", "a, b", ",", " , ",
        "#ff8000", " #FF8000 , #0000ff,", "#ff800", "#ff80000", "ff8000", "#gg0000", "#ff8000,none",
        " , none", "[lock],#lock", "Verse 1", "3",
    ]),
    NUMBERS,
    NUMBERS.map(lambda number: f"{number}%"),
    st.tuples(NUMBERS, NUMBERS).map("-".join),
)  # fmt: skip


@given(st.sampled_from([s for s in SETTINGS if not isinstance(s.kind, Flag)]), TEXTS)
def test_lua_takes_what_python_takes(setting, text):
    try:
        setting.parse(text, setting.name)
        is_taken = True
    except SettingsError:
        is_taken = False
    assert bool(FITS(BY_LUA_NAME[setting.name], text)) == is_taken


@pytest.mark.parametrize("text", ["true", "FALSE", "yes", "1", ""])
def test_yes_and_no_are_written_as_true_and_false(text):
    is_taken = text.lower() in ("true", "false")
    assert bool(FITS(BY_LUA_NAME["balance_new_stems"], text)) == is_taken


@pytest.mark.parametrize(
    ("name", "text"),
    [("strength", "2"), ("method", "loud"), ("time_range", "9-3"), ("tracks", ",")],
)
def test_a_value_is_refused_in_pythons_words(host, name, text):
    with pytest.raises(SettingsError) as refusal:
        BY_NAME[name].parse(text, name)
    assert set_value(host, "user", name, text) == str(refusal.value)
    assert get(host, name) == "nil"


def test_a_project_counts_more_than_the_user(host):
    assert get(host, "strength") == "nil"
    set_value(host, "user", "strength", "70%")
    assert get(host, "strength") == "70%"
    set_value(host, "project", "strength", "0.2")
    assert get(host, "strength") == "0.2"
    host.reaper.open(tree([0, 0]))
    assert get(host, "strength") == "70%"


def test_values_last_as_long_as_their_place(host, tmp_path):
    set_value(host, "user", "write", "Trim")
    set_value(host, "project", "method", "lufs")
    assert host.reaper.kept_ext_state == {("automix", "write"): "trim"}
    project = host.reaper.active
    assert project.dirty
    project.save(tmp_path / "song.RPP")
    host.reaper.close(project)
    host.reaper.open(tmp_path / "song.RPP")
    assert get(host, "method") == "lufs"


def test_an_empty_value_is_forgotten(host):
    set_value(host, "user", "strength", "0.5")
    set_value(host, "project", "strength", "0.2")
    set_value(host, "project", "strength", " ")
    assert get(host, "strength") == "0.5"
    set_value(host, "user", "strength", "")
    assert get(host, "strength") == "nil"
    assert host.reaper.kept_ext_state == {}


def test_two_ways_to_say_what_is_measured_exclude_each_other(host):
    set_value(host, "user", "time_range", "30-90")
    set_value(host, "project", "use_time_selection", "true")
    assert get(host, "time_range") == "nil"
    set_value(host, "project", "time_range", "1-2")
    assert (get(host, "use_time_selection"), get(host, "time_range")) == ("nil", "1-2")
    set_value(host, "project", "use_time_selection", "false")
    assert get(host, "time_range") == "1-2"


def test_a_request_carries_what_was_set_and_booleans(host):
    for name, text in (("strength", "70%"), ("use_time_selection", "true")):
        set_value(host, "user", name, text)
    set_value(host, "project", "balance_new_stems", "false")
    listed = answer(
        host,
        "local lines = {} for name, value in pairs(settings.explicit(project)) do "
        "lines[#lines + 1] = ('%s %s %s'):format(name, type(value), tostring(value)) end "
        "table.sort(lines) return table.concat(lines, '|')",
    )
    assert listed == (
        "balance_new_stems boolean false|strength string 70%|use_time_selection boolean true"
    )


CHOICES = "choice", "name_or_file"


def menu_numbers():
    """What the menu answers for its items: a number each, none for titles of sub menus."""
    items = []
    for setting in SETTINGS:
        kind = KINDS[type(setting.kind)]
        listed = BY_LUA_NAME[setting.name]["names"]
        named = {1: "true", 2: "false"} if kind == "flag" else listed if kind in CHOICES else None
        items += [f"{setting.name} {v}" for v in named.values()] if named else [setting.name]
        items += [f"{setting.name} another"] if kind == "name_or_file" else []
    items += ["for this project", "reset"]
    return {item: number for number, item in enumerate(items, 1)}


MENU = menu_numbers()


@pytest.fixture
def choose(host):
    """Chooses items of the menu one after the other, then leaves it; the menus that were shown."""

    def work(*items):
        script = host.run(ACTION)
        script.window.choose(*(MENU[item] for item in items), 0)
        host.run_until(lambda: script not in host.scripts)
        assert not script.window.is_open
        return [menu.split("|") for menu in script.window.menus]

    return work


def test_the_menu_shows_every_value_and_where_it_is_from(host, choose):
    set_value(host, "user", "strength", "70%")
    set_value(host, "project", "method", "lufs")
    lines = choose()[0]
    assert ">method: lufs (project)" in lines
    assert "!lufs" in lines
    assert "strength: 70% (user)" in lines
    assert "max_move_db: none (default)" in lines
    assert [line.split(":")[0].strip("<>!") for line in lines if ": " in line] == list(BY_NAME)


def test_a_choice_holds_for_every_project(host, choose):
    before, after = choose("method centroid")
    assert ">method: auto (default)" in before
    assert ">method: centroid (user)" in after
    assert host.reaper.kept_ext_state == {("automix", "method"): "centroid"}
    assert not host.reaper.active.dirty


def test_a_choice_for_one_project(host, choose):
    menus = choose("for this project", "balance_new_stems true", "for this project")
    ticks = ["!Change values of this project only" in menu for menu in menus]
    assert ticks == [False, True, True, False]
    assert answer(host, "return settings.is_on(project, 'balance_new_stems')") == "true"
    assert host.reaper.kept_ext_state == {}


def test_what_is_typed_is_asked_again_until_it_can_be_used(host, choose):
    host.reaper.asked.answers = [["5"], ["0,3"], ["0.3"]]
    choose("strength")
    allowed = BY_NAME["strength"].kind.allowed
    assert [title for _, title, _, _ in host.reaper.asked.shown] == [
        f"Automix: strength must be {allowed}",
        f"strength cannot be '5'; it must be {allowed}.",
        f"strength cannot be '0,3'; it must be {allowed}.",
    ]
    assert [value for _, _, _, value in host.reaper.asked.shown] == ["auto", "5", "0,3"]
    assert get(host, "strength") == "0.3"


def test_a_profile_of_ones_own_is_typed(host, choose):
    host.reaper.asked.answers = [["my mix"], ["Mine"]]
    menus = choose("profile another")
    assert len(host.reaper.asked.shown) == 2
    assert get(host, "profile") == "mine"
    assert "<another …" in menus[0]


def test_a_question_that_is_cancelled_changes_nothing(host, choose):
    host.reaper.asked.answers = [None]
    choose("time_range")
    assert get(host, "time_range") == "nil"


def test_names_may_have_commas_and_bars(host, choose):
    host.reaper.asked.answers = [["Gtr|L, Bass"]]
    menus = choose("tracks")
    assert get(host, "tracks") == "Gtr|L, Bass"
    assert "tracks: Gtr/L, Bass (user)" in menus[-1]
    assert host.reaper.asked.shown[0][2].endswith("separator=\n")


def test_reset_forgets_the_values_of_its_place(host, choose):
    set_value(host, "user", "strength", "0.5")
    set_value(host, "project", "strength", "0.2")
    choose("for this project", "reset")
    assert get(host, "strength") == "0.5"
    choose("reset")
    assert get(host, "strength") == "nil"
    assert host.reaper.active.history.points == []
