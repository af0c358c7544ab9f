"""What the actions write: one undo point, nothing half done, and what the project remembers."""

import contextlib
import math
import re

import pytest

from action_rig import is_balanced, lua
from reaper_automix.adapters.project.store import read_stored
from reaper_automix.rpp import parse
from reaper_automix.session import StoredFader
from reaper_double import Reaper
from reaper_double.lua_host import LUAS, LuaFailure, LuaHost
from reaper_songs import envelope, guid, item, song, track

FIRST, SECOND, THIRD = map(guid, ("Bass", "Voice", "Pad"))
READING_STEP = 17
"""Of the calls that only read, so many are left out between two that fail."""
TITLE = "Automix: balance 2 tracks (auto)"
SONG = song(
    track("Bass", envelope("VOLENV2", (0, 0.5), (1, 1)), item("räume/ton.wav")),
    track("Voice", VOLPAN="0.5 0 -1 -1 1"),
    track("Pad", VOLPAN="0 0 -1 -1 1"),
)

MOVE = """
local apply = require("apply")
local made, left_out = apply.moves(project, "{title}", {{ {moves} }})
print(made and #made or left_out)
for _, row in ipairs(made and left_out or {{}}) do print(" " .. row.track_id .. " " .. row.why) end
"""

LAND = """
local session = require("snapshot").take(project)
local answer = {{
  title = "{title}",
  moves = {{ {moves} }},
  stored = {{ {{ track_id = "{first}", found = 1, written = 0.5 }} }},
  mix = {{ before_lufs = -20, after_lufs = -21 }},
  notes = {{}},
}}
local trip = {{ project = project, session = session, budget_s = 1, pause = function() end }}
function trip.sum(moves)
  print(#moves .. " summed; ")
  return {sum}
end
local made, left_out = require("landing").make(trip, answer)
print(answer.title .. "; " .. #left_out .. " left; " .. require("store").before(project).match_db)
for _, note in ipairs(answer.notes) do print("; " .. note) end
"""


def move_text(track_id, before, after, control="fader"):
    fields = f'track_id = "{track_id}", control = "{control}"'
    return f"{{ {fields}, before = {before}, after = {after} }}"


def moving(*moves):
    """Lua that makes some moves and prints how many it made, and what it left out."""
    return MOVE.format(title=TITLE, moves=", ".join(moves))


def landing(*moves, mix="{ before_lufs = -30, after_lufs = -24 }"):
    """Lua in which an answer with some moves lands, and which prints what comes of it."""
    return LAND.format(title=TITLE, moves=", ".join(moves), first=FIRST, sum=mix)


@pytest.fixture(params=LUAS)
def host(request, tmp_path):
    with Reaper(tmp_path) as reaper:
        reaper.open(SONG)
        yield LuaHost(reaper, request.param)


def fader(host, track_id):
    return host.reaper.call("GetMediaTrackInfo_Value", pointer(host, track_id), "D_VOL")[0]


def pointer(host, track_id):
    return host.reaper.pointer(host.reaper.active.track(track_id))


def elsewhere(host, track_id):
    code = f"""
    local apply = require("apply")
    for _, row in ipairs(apply.elsewhere(apply.tracks(project)["{track_id}"])) do
      print(row.control .. " " .. string.format("%.12g", row.gain))
    end"""
    return lua(host, code)


def test_what_is_asked_lands_as_one_undo_point_and_undo_gives_the_text_back(host):
    before = host.reaper.active.rpp
    said = lua(host, moving(move_text(FIRST, 1, 0.25), move_text(SECOND, 0.5, 0.7079457843841379)))
    assert said == "2"
    assert (fader(host, FIRST), fader(host, SECOND)) == pytest.approx((0.25, 0.70794578438), 1e-11)
    assert [point.title for point in host.reaper.active.history.points] == [TITLE]
    assert is_balanced(host.reaper)
    assert host.reaper.redraws
    host.reaper.active.history.undo()
    assert host.reaper.active.rpp == before


def test_nothing_to_write_adds_no_undo_point(host):
    before = host.reaper.active.rpp
    assert lua(host, moving()) == "0"
    assert host.reaper.active.history.points == []
    assert host.reaper.active.rpp == before


@pytest.mark.parametrize("control", ["fader", "items", "trim", "envelope"])
def test_a_control_takes_the_ratio_and_gives_it_back(host, control):
    lua(host, moving(move_text(FIRST, 1, 0.5, control)))
    assert elsewhere(host, FIRST) == ("" if control == "fader" else f"{control} 0.5")
    lua(host, moving(move_text(FIRST, 0.5, 0.25, control)))
    assert elsewhere(host, FIRST) == ("" if control == "fader" else f"{control} 0.25")
    lua(host, moving(move_text(FIRST, 0.25, 1, control)))
    assert elsewhere(host, FIRST) == ""
    assert fader(host, FIRST) == 1.0


def test_item_gain_goes_to_every_item(host):
    lua(host, moving(move_text(FIRST, 1, 0.5, "items")))
    assert "VOLPAN 0.5 0 1 -1" in host.reaper.active.rpp


def test_the_envelope_moves_by_a_constant_in_decibels(host):
    lua(host, moving(move_text(FIRST, 1, 0.5, "envelope")))
    assert points(host) == pytest.approx([0.25, 0.5])


def test_the_trim_is_one_plug_in_that_does_not_clip(host):
    lua(host, moving(move_text(FIRST, 1, 2, "trim")))
    lua(host, moving(move_text(FIRST, 2, 4, "trim")))
    track = pointer(host, FIRST)
    assert host.reaper.call("TrackFX_GetCount", track) == (1,)
    value_db, *_ = host.reaper.call("TrackFX_GetParam", track, 0, 0)
    ceiling_db, _, highest_db = host.reaper.call("TrackFX_GetParam", track, 0, 1)
    assert value_db == pytest.approx(20 * math.log10(4))
    assert ceiling_db == highest_db


def test_a_bypassed_trim_is_left_alone(host):
    lua(host, moving(move_text(FIRST, 1, 2, "trim")))
    host.reaper.call("TrackFX_SetEnabled", pointer(host, FIRST), 0, False)
    said = lua(host, moving(move_text(FIRST, 1, 2, "trim")))
    assert said.startswith("0")
    assert "bypassed" in said
    assert elsewhere(host, FIRST) == ""


@pytest.mark.parametrize(
    ("move", "why"),
    [
        (move_text("{GONE}", 1, 0.5), "no longer in the project"),
        (move_text(FIRST, 1, "0/0"), "cannot be written"),
        (move_text(FIRST, 1, "1/0"), "cannot be written"),
        (move_text(FIRST, 1, -0.5), "cannot be written"),
        (move_text(FIRST, 1, '"loud"'), "cannot be written"),
        (move_text(THIRD, 0, 0.5, "trim"), "cannot be written"),
        (move_text(FIRST, 1, 0, "items"), "cannot be written"),
        (move_text(FIRST, 1, 0, "trim"), "cannot be written"),
        (move_text(FIRST, 1, 0, "envelope"), "cannot be written"),
        (move_text(FIRST, 0, 0.5), "all the way down"),
        (move_text(FIRST, 1, 0.5, "volume"), "cannot be written"),
        (move_text(SECOND, 0.5, 0.25, "items"), "no items"),
        (move_text(SECOND, 0.5, 0.25, "envelope"), "envelope is gone"),
    ],
)
def test_what_cannot_be_written_is_left_out_with_the_reason(host, move, why):
    said = lua(host, moving(move, move_text(SECOND, 0.5, 0.25)))
    assert said.startswith("1 ")
    assert why in said
    assert fader(host, SECOND) == 0.25


def test_faders_end_where_the_users_faders_end(host):
    host.reaper.config_vars["slidermaxv"] = "6"
    said = lua(host, landing(move_text(FIRST, 1, 3.9)))
    assert fader(host, FIRST) == pytest.approx(10 ** (6 / 20))
    assert said == f"1 summed; {TITLE}; 0 left; 6"


def test_an_envelope_moves_as_a_whole_until_its_highest_point_is_at_the_top(host):
    before = points(host)
    host.reaper.config_vars["slidermaxv"] = "6"
    lua(host, landing(move_text(FIRST, 1, 3.9, "envelope")))
    top = 10 ** (6 / 20)
    assert points(host) == pytest.approx([top / 2, top])
    assert elsewhere(host, FIRST) == f"envelope {top:.12g}"
    lua(host, moving(move_text(FIRST, top, 1, "envelope")))
    assert points(host) == before
    assert elsewhere(host, FIRST) == ""


def points(host):
    envelope = pointer(host, FIRST).object.envelopes[0]
    return [point.value for point in envelope.points]


def test_what_lands_whole_is_not_summed_again(host):
    said = lua(host, landing(move_text(FIRST, 1, 0.5), move_text(SECOND, 0.5, 0.25)))
    assert said == f"{TITLE}; 0 left; -1"


def test_what_lands_in_part_is_summed_and_named_by_what_lands(host):
    said = lua(host, landing(move_text(FIRST, 1, 0.5), move_text(SECOND, 0.5, 0.25, "items")))
    title = TITLE.replace("2 tracks", "1 track")
    assert said == f"1 summed; {title}; 1 left; 6"
    assert [point.title for point in host.reaper.active.history.points] == [title]


def test_an_answer_that_is_no_number_leaves_only_its_own_track_out(host):
    said = lua(host, landing(move_text(FIRST, 1, '"loud"'), move_text(SECOND, 0.5, 0.25)))
    assert "1 left" in said
    assert fader(host, SECOND) == 0.25


def test_without_a_sum_it_says_that_the_states_are_not_matched(host):
    said = lua(host, landing(move_text(FIRST, 1, 0.5), move_text("{GONE}", 1, 0.5), mix="nil"))
    assert "1 left; 0" in said
    assert "not matched in loudness" in said


def test_a_value_that_the_text_rounded_is_written_as_asked(host):
    lua(host, moving(move_text(FIRST, 1.00005, 0.5)))
    assert fader(host, FIRST) == 0.5
    lua(host, moving(move_text(FIRST, 0.50001, 1)))
    assert fader(host, FIRST) == 1.0


@pytest.mark.parametrize("state", ["effects off", "frozen"])
def test_a_trim_that_would_not_be_heard_is_not_written(host, state):
    if state == "effects off":
        host.reaper.call("SetMediaTrackInfo_Value", pointer(host, FIRST), "I_FXEN", 0.0)
    else:
        pointer(host, FIRST).object.node.body.append(parse("<FREEZE\n>\n").block("FREEZE"))
    before = host.reaper.active.rpp
    said = lua(host, moving(move_text(FIRST, 1, 2, "trim")))
    assert said.startswith("0")
    assert "not be heard" in said
    assert host.reaper.active.rpp == before


def test_a_trim_behind_switched_off_effects_adds_nothing(host):
    lua(host, moving(move_text(FIRST, 1, 2, "trim")))
    host.reaper.call("SetMediaTrackInfo_Value", pointer(host, FIRST), "I_FXEN", 0.0)
    assert elsewhere(host, FIRST) == ""


def test_a_fader_at_the_bottom_comes_back(host):
    before = host.reaper.active.rpp
    lua(host, moving(move_text(FIRST, 1, 0)))
    assert fader(host, FIRST) == 0.0
    lua(host, moving(move_text(FIRST, 0, 1)))
    assert host.reaper.active.rpp == before


def assert_all_or_nothing(host, code):
    """Let each call from the undo block on, and some before, fail: all is written, or nothing."""
    before = host.reaper.active.rpp
    host.reaper.calls.clear()
    lua(host, code)
    after, calls = host.reaper.active.rpp, list(host.reaper.calls)
    host.reaper.active.history.undo()
    changed = set()
    begin = calls.index("Undo_BeginBlock2")
    for call in (*range(1, begin, READING_STEP), *range(begin, len(calls) + 1)):
        host.reaper.fail_at(call)
        with contextlib.suppress(LuaFailure):
            lua(host, code)
        text = host.reaper.active.rpp
        assert is_balanced(host.reaper)
        assert text == before or without_ids(text) == without_ids(after)
        changed.add(text != before)
        if text != before:
            host.reaper.active.history.undo()
        assert host.reaper.active.rpp == before
    assert changed == {False, True}


@pytest.mark.parametrize("control", ["fader", "items", "trim", "envelope"])
def test_an_error_in_any_call_leaves_all_or_nothing(host, control):
    code = moving(move_text(FIRST, 1, 0.5, control), move_text(SECOND, 0.5, 0.25))
    assert_all_or_nothing(host, code)


def test_an_error_in_any_call_while_an_answer_lands_leaves_all_or_nothing(host):
    land = landing(move_text(FIRST, 1, 0.5), move_text(SECOND, 0.5, 0.25))
    assert_all_or_nothing(host, land)


def without_ids(text):
    """The text without the ids of effects, which are new for every effect that is added."""
    return re.sub(r"FXID \S+", "FXID", text)


def test_the_state_of_a_balance_is_read_by_python(host):
    lua(
        host,
        f"""
        local store = require("store")
        store.keep_stored(project, {{
          {{ track_id = "{FIRST}", found = 1, written = 0.70794578438413791 }},
          {{ track_id = "{SECOND}", found = 0.5, written = 2 }},
        }}, {{}})""",
    )
    stored = read_stored(parse(host.reaper.active.rpp).block("REAPER_PROJECT"))
    assert set(stored.faders) == {
        StoredFader(FIRST, 1.0, 0.70794578438413791),
        StoredFader(SECOND, 0.5, 2.0),
    }


def test_tracks_that_were_left_out_keep_what_an_earlier_balance_left(host):
    keep = """
    require("store").keep_stored(project, {{
      {{ track_id = "{first}", found = {found}, written = 0.5 }},
      {{ track_id = "{second}", found = {found}, written = 0.5 }},
    }}, {left_out})"""
    lua(host, keep.format(first=FIRST, second=SECOND, found=1, left_out="{}"))
    left_out = f'{{ ["{FIRST}"] = true }}'
    lua(host, keep.format(first=FIRST, second=SECOND, found=2, left_out=left_out))
    stored = read_stored(parse(host.reaper.active.rpp).block("REAPER_PROJECT"))
    assert {one.track_id: one.found_gain for one in stored.faders} == {FIRST: 1.0, SECOND: 2.0}


def test_the_state_before_comes_back_digit_for_digit(host):
    code = f"""
    local store = require("store")
    store.keep_before(project, "{TITLE}", -1.25, {{ {move_text(FIRST, 1 / 3, 0.1, "trim")} }})
    store.set_side(project, "before", 0.3)
    local state = store.before(project)
    local move = state.moves[1]
    print(state.title .. "|" .. state.match_db .. "|" .. state.side .. "|" .. state.master_gain)
    print("|" .. move.control .. "|" .. string.format("%.17g %.17g", move.before, move.after))
    print("|" .. table.concat({{ store.heard(project) }}, "|"))"""
    expected = f"{TITLE}|-1.25|before|0.3|trim|{1 / 3:.17g} {0.1:.17g}|before|{TITLE}"
    assert lua(host, code) == expected


def test_a_project_without_a_balance_has_no_state_before(host):
    assert lua(host, 'print(require("store").before(project))') == "nil"
