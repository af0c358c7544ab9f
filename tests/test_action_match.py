"""A match from its menu to faders, pans and strips, with a worker that the test plays."""

from dataclasses import replace

import pytest

from action_matches import (
    ALL,
    BEFORE,
    DRUMS,
    FIRST,
    LEAD,
    MATCH,
    MATCHED,
    PAD,
    RESTORE,
    STRENGTH,
    TOGGLE,
    MatchStage,
    standing,
    strips,
)
from action_rig import BALANCE_ALL, CANCEL, is_balanced
from reaper_automix.match.placing import landed
from reaper_automix.match.placing.landed import UNTRIMMED, Bus, Match, Trims
from reaper_automix.units import db_from_gain
from reaper_double.errors import InjectedError
from reaper_double.lua_host import LUAS
from reaper_double.model_fx import chain_of
from reaper_double.registry import FUNCTIONS
from reaper_songs import guid

KEEPING_PAN = replace(ALL, pan=False)
CLOSE = 1e-4


@pytest.fixture(params=LUAS)
def each_stage(request, tmp_path):
    made = MatchStage(tmp_path, request.param)
    with made.reaper:
        made.wish(pan="on")
        yield made


@pytest.fixture
def stage(tmp_path):
    made = MatchStage(tmp_path)
    with made.reaper:
        made.wish(pan="on")
        yield made


def is_at(stage, match=MATCHED, strength=1.0, blocks=ALL, trims=UNTRIMMED):
    """Whether the project stands as a match has it."""
    seats, bus = standing(match, strength, blocks, trims)
    found = stage.seats()
    for track_id, (fader_db, pan, sliders) in seats.items():
        assert found[track_id][:2] == pytest.approx((fader_db, pan), abs=CLOSE)
        assert found[track_id][2] == pytest.approx(sliders, abs=CLOSE)
    assert stage.bus() == pytest.approx(bus, abs=CLOSE)
    return True


def test_a_match_lands_as_one_undo_point_and_undo_gives_the_text_back(each_stage):
    stage = each_stage
    before = stage.project.rpp
    stage.press()
    stage.answer(stage.asked())
    stage.until_shown()
    assert is_at(stage)
    assert stage.are_heard() == [True] * 4
    assert stage.stage.titles == ["Automix: match 3 stems to Lieblingslied ü.wav"]
    assert "Matched 2 tracks and 1 folder" in stage.host.window.texts
    assert is_balanced(stage.reaper)
    stage.host.window.press("U")
    stage.stage.until(lambda: not stage.host.scripts)
    assert stage.project.rpp == before


def test_the_job_says_what_is_asked(each_stage):
    stage = each_stage
    stage.press()
    request = stage.stage.worker.read(stage.asked())
    assert request["kind"] == "match"
    assert request["match"] == {
        "reference": {"name": stage.reference.name, "path": str(stage.reference)},
        "stems": [],
        "hers": {},
        "bypassed": [],
        "strength": 1,
        "blocks": {"gain": True, "eq": True, "compressor": True, "pan": True, "master": True},
    }


def test_stems_of_the_selection_are_asked_for(stage):
    stage.project.user_selects("Snare", "Pad")
    stage.press()
    request = stage.stage.worker.read(stage.asked())
    assert request["match"]["stems"] == [DRUMS, PAD]


def test_the_reference_may_be_the_selected_track(stage):
    stage.project.user_selects("Lead")
    stage.press(2)
    wish = stage.stage.worker.read(stage.asked())["match"]
    assert wish["reference"] == {"name": "Lead", "track": LEAD}
    assert wish["stems"] == []


def test_the_reference_may_be_a_region(stage):
    stage.project.insert_line('MARKER 1 0 "Anfang" 0')
    stage.project.insert_line('MARKER 7 0 "Chorus | 1" 1')
    stage.project.insert_line('MARKER 7 0.1 "" 1')
    stage.press(3)
    wish = stage.stage.worker.read(stage.asked())["match"]
    assert wish["reference"] == {"name": "Chorus | 1", "region": "7"}
    assert "|>Region|<Chorus / 1||" in stage.menus[-1]


def test_what_was_used_before_comes_first(stage):
    stage.match()
    stage.project.user_selects("Lead")
    stage.match(choices=(3,))
    stage.press(1)
    assert stage.menus[-1].startswith(f"Again: Lead|Again: {stage.reference.name}||Audio file")
    assert stage.stage.worker.read(stage.asked())["match"]["reference"]["track"] == LEAD


def test_a_menu_that_is_left_asks_for_nothing(stage):
    stage.press(0)
    assert not stage.host.scripts
    assert not stage.stage.worker.jobs()


def test_panning_and_own_strips_are_chosen_in_the_menu(stage):
    stage.reaper.asked.answers.append(str(stage.reference))
    stage.press(4, 5, FIRST)
    assert not stage.stage.worker.read(stage.asked())["match"]["blocks"]["pan"]
    assert "|!Keep my panning|Leave strips" in stage.menus[-1]


def test_without_the_effect_nothing_is_begun(stage):
    for effect in (stage.stage.log.parent / "REAPER räume" / "Effects").rglob("*.jsfx"):
        effect.unlink()
    stage.host.run(MATCH)
    assert "does not find the effect Automix Strip" in stage.stage.said
    assert not stage.stage.worker.jobs()


def test_an_effect_that_is_lost_meanwhile_leaves_the_project_as_it_was(stage):
    before = stage.project.rpp
    stage.press()
    job = stage.asked()
    for effect in (stage.stage.log.parent / "REAPER räume" / "Effects").rglob("*.jsfx"):
        effect.unlink()
    stage.answer(job)
    stage.stage.until(lambda: not stage.host.scripts)
    assert "Nothing was changed" in stage.stage.said
    assert stage.project.rpp == before
    assert is_balanced(stage.reaper)


@pytest.mark.parametrize("function", ["TrackFX_SetParam", "TrackFX_AddByName", "SetProjExtState"])
@pytest.mark.parametrize("call", [1, 4])
def test_a_change_that_reaper_refuses_leaves_everything_as_it_was(
    stage, monkeypatch, function, call
):
    before = stage.project.rpp
    calls = []
    usual = FUNCTIONS[function]

    def refuse(*given):
        calls.append(given)
        if len(calls) == call:
            raise InjectedError("not today")
        return usual(*given)

    stage.press()
    job = stage.asked()
    monkeypatch.setitem(FUNCTIONS, function, refuse)
    stage.answer(job)
    stage.stage.until(lambda: not stage.host.scripts)
    assert "Nothing was changed, since REAPER refused a change" in stage.stage.said
    assert stage.project.rpp == before
    assert stage.stage.titles == []
    assert is_balanced(stage.reaper)


def test_matching_again_updates_and_begins_from_before(each_stage):
    stage = each_stage
    stage.match()
    once = stage.project.rpp
    stage.press()
    job = stage.asked()
    session = stage.stage.worker.read(job, "session.json")
    tracks = {track["id"]: track for track in session["tracks"]}
    assert tracks[LEAD]["fader_gain"] == pytest.approx(0.5)
    assert tracks[LEAD]["pan"] == pytest.approx(-0.2)
    assert all(track["fx"] == [] for track in tracks.values())
    assert session["master_fx"] == []
    stage.answer(job)
    stage.stage.finish()
    assert stage.project.rpp == once
    other = Match(MATCHED.stems[:2], Bus(MATCHED.bus.strip, 2.0))
    stage.match(other)
    assert stage.bus() == pytest.approx(standing(other)[1], abs=CLOSE)
    assert stage.seats()[PAD] == (0.0, 0.0, None)
    stage.stage.until(lambda: not stage.host.scripts)


def test_a_strip_that_the_engineer_changed_stays_and_is_told_of(stage):
    stage.match()
    stage.turn(LEAD, "peak_2_gain_db", 5.0)
    changed = stage.seats()[LEAD][2]
    stage.press()
    job = stage.asked()
    assert stage.stage.worker.read(job)["match"]["hers"] == {LEAD: pytest.approx(changed)}
    stage.answer(job, Match(MATCHED.stems, Bus()))
    stage.stage.finish()
    assert stage.seats()[LEAD][2] == changed
    assert stage.seats()[LEAD][:2] == pytest.approx((-4.0, 0.4), abs=CLOSE)


def test_strips_that_are_bypassed_are_told_of(stage):
    stage.match()
    for owner in (stage.project.track(LEAD), stage.project.master):
        stage.reaper.call("TrackFX_SetEnabled", stage.reaper.pointer(owner), 0, False)
    stage.press()
    assert stage.stage.worker.read(stage.asked())["match"]["bypassed"] == ["master", LEAD]


def test_on_the_master_the_strip_comes_before_other_effects(stage):
    master = stage.reaper.pointer(stage.project.master)
    stage.reaper.call("TrackFX_AddByName", master, "JS:utility/volume", False, -1)
    stage.match()
    chain = [effect.ident for effect in chain_of(stage.project.master).effects]
    assert ["Automix Strip" in ident for ident in chain] == [True, False]


def test_changed_strips_are_matched_anew_where_that_is_wished(stage):
    stage.match()
    stage.turn(LEAD, "peak_2_gain_db", 5.0)
    stage.wish(anew="on")
    stage.press()
    job = stage.asked()
    assert stage.stage.worker.read(job)["match"]["hers"] == {}
    stage.answer(job)
    stage.stage.finish()
    assert is_at(stage)


def fader_moved(stage):
    stage.project.user_moves_fader(LEAD, 0.9)


def deleted(stage):
    stage.project.user_deletes_track(LEAD)


def item_moved(stage):
    stage.project.user_moves_item(stage.project.track("Lead").items[0], 1.0)


@pytest.mark.parametrize("edit", [fader_moved, deleted, item_moved])
def test_a_stem_that_changed_meanwhile_is_left_and_listed(stage, edit):
    stage.press()
    job = stage.asked()
    edit(stage)
    stage.answer(job)
    stage.until_shown()
    assert "1 track left as found" in " ".join(stage.host.window.texts)
    assert stage.stage.titles[-1].startswith("Automix: match 2 stems")
    assert stage.seat(stage.project.track(PAD))[0] == pytest.approx(1.5)
    if edit is not deleted:
        assert stage.seats()[LEAD][2] is None


@pytest.mark.parametrize(("line", "why"), [("FX", "switched off"), ("FREEZE", "frozen")])
def test_a_stem_whose_strip_would_not_be_heard_is_left_and_told_of(stage, line, why):
    lead = stage.project.track(LEAD)
    with stage.project.user("Change track"):
        if line == "FX":
            lead.put_number("FX", 1, 0)
        else:
            stage.project.add_block(lead, len(lead.node.body), "<FREEZE\n>")
    stage.press()
    stage.answer(stage.asked())
    stage.until_shown()
    stage.host.window.press("down", "down")
    stage.stage.until(lambda: any(why in text for text in stage.host.window.texts))
    assert stage.seats()[LEAD] == (pytest.approx(-6.0206, abs=CLOSE), -0.2, None)
    assert stage.seats()[PAD][2] is not None


def switch_master_off(stage):
    with stage.project.user("Switch off master effects"):
        stage.project.put_number("MASTER_FX", 1, 0)


def test_a_master_without_effects_is_told_to_the_worker_which_tells_of_it(stage):
    switch_master_off(stage)
    stage.press()
    job = stage.asked()
    assert stage.stage.worker.read(job)["match"]["master_is_off"] is True
    stage.answer(job)
    stage.until_shown()
    assert not any("master's effects" in one for one in stage.host.window.texts)


def test_a_master_whose_effects_were_switched_off_meanwhile_is_told_of(stage):
    stage.press()
    job = stage.asked()
    switch_master_off(stage)
    stage.answer(job)
    stage.until_shown()
    assert any("master's effects were switched off" in one for one in stage.host.window.texts)


def test_a_stem_whose_inside_changed_is_left(stage):
    stage.press()
    job = stage.asked()
    stage.project.user_moves_fader(guid("Kick"), 0.7)
    stage.answer(job)
    stage.until_shown()
    assert stage.seats()[DRUMS] == (0.0, 0.0, None)
    assert stage.seats()[PAD][2] is not None


def test_a_strip_that_was_turned_meanwhile_is_left(stage):
    stage.match()
    stage.press()
    job = stage.asked()
    stage.turn(PAD, "high_shelf_gain_db", 2.5)
    turned = stage.seats()[PAD]
    stage.answer(job, replace(MATCHED, stems=MATCHED.stems[1:]))
    stage.until_shown()
    assert stage.seats()[PAD] == turned


def turn_master(stage, value):
    with stage.project.user("Edit FX parameter"):
        strips(stage.project.master)[0].set_value(1, value)
    return stage.bus()


def test_a_strip_on_the_master_that_the_engineer_changed_stays(stage):
    stage.match()
    turned = turn_master(stage, 7.0)
    stage.press()
    job = stage.asked()
    assert stage.stage.worker.read(job)["match"]["bus"] == pytest.approx(turned)
    stage.answer(job)
    stage.stage.finish()
    assert stage.bus() == turned


def test_a_strip_on_the_master_that_was_turned_meanwhile_stays(stage):
    stage.match()
    stage.press()
    job = stage.asked()
    turned = turn_master(stage, 7.0)
    stage.answer(job)
    stage.stage.finish()
    assert stage.bus() == turned


def test_a_reaper_that_does_not_know_the_strips_sliders_changes_nothing(stage, monkeypatch):
    before = stage.project.rpp
    monkeypatch.setitem(FUNCTIONS, "TrackFX_GetParamName", lambda *_: (False, ""))
    stage.press()
    stage.answer(stage.asked())
    stage.stage.until(lambda: not stage.host.scripts)
    assert (
        "does not know the sliders of the effect Automix Strip; update REAPER" in stage.stage.said
    )
    assert stage.project.rpp == before


def test_names_are_as_long_as_a_menu_has_room_for(stage):
    stage.project.insert_line(f'MARKER 1 0 "{"Ümläut " * 40}" 1')
    stage.press(0)
    assert "|>Region|<" + ("Ümläut " * 9)[:60] + "…||" in stage.menus[-1]


def tells_no_files(monkeypatch):
    """A REAPER before 6.37, which tells of an effect what is shown and what its parameters are."""
    monkeypatch.setitem(FUNCTIONS, "TrackFX_GetNamedConfigParm", lambda *_: (False, ""))


def test_a_strip_that_was_renamed_is_found_in_old_versions_of_reaper(each_stage, monkeypatch):
    stage = each_stage
    tells_no_files(monkeypatch)
    stage.match()
    once = stage.seats(), stage.bus()
    for owner in (stage.project.track(LEAD), stage.project.master):
        with stage.project.user("Rename FX"):
            strips(owner)[0].user_name = "Lead shine"
    stage.match()
    assert (stage.seats(), stage.bus()) == once
    stage.host.run_to_end(RESTORE)
    assert stage.are_heard() == []


def test_an_effect_of_another_kind_is_no_strip_whatever_it_is_called(stage, monkeypatch):
    tells_no_files(monkeypatch)
    track = stage.reaper.pointer(stage.project.track(LEAD))
    stage.reaper.call("TrackFX_AddByName", track, "JS:utility/volume", False, -1)
    (other,) = chain_of(stage.project.track(LEAD)).effects
    other.user_name, other.is_enabled = "JS: Automix Strip", False
    stage.match()
    assert len(strips(stage.project.track(LEAD))) == 1
    assert other.value(0) == 0.0


# Strength


def test_a_match_goes_as_far_as_the_one_before_it(stage):
    stage.match()
    open_strength(stage)
    stage.host.window.press(*["left"] * 6, "2", "esc")
    stage.stage.until(lambda: not stage.host.scripts)
    stage.press()
    job = stage.asked()
    wish = stage.stage.worker.read(job)["match"]
    assert wish["strength"] == pytest.approx(0.7)
    assert not wish["blocks"]["eq"]
    stage.answer(job)
    stage.stage.finish()
    assert is_at(stage, strength=0.7, blocks=replace(ALL, eq=False))


def test_a_match_that_was_taken_down_to_nothing_begins_anew(stage):
    stage.match()
    open_strength(stage)
    stage.host.window.press("home", "esc")
    stage.stage.until(lambda: not stage.host.scripts)
    stage.press()
    assert stage.stage.worker.read(stage.asked())["match"]["strength"] == 1


def test_a_strip_that_would_do_nothing_is_not_added(stage):
    idle = tuple(
        replace(stem, matched=replace(stem.matched, strip=landed.NEUTRAL)) for stem in MATCHED.stems
    )
    stage.match(Match(idle, Bus()))
    assert stage.are_heard() == []
    assert stage.seats()[PAD] == (pytest.approx(1.5), pytest.approx(-0.3), None)


def test_keys_change_the_strength_as_one_undo_point(each_stage):
    stage = each_stage
    stage.match()
    matched = stage.project.rpp
    open_strength(stage)
    stage.host.window.press("left", "left", "left")
    stage.stage.until(lambda: len(stage.stage.titles) == 2)
    assert is_at(stage, strength=0.85)
    assert stage.stage.titles[-1] == "Automix: match strength 85 %"
    stage.host.window.press("home")
    stage.stage.until(lambda: len(stage.stage.titles) == 3)
    assert {one: seat[:2] for one, seat in stage.seats().items()} == {
        one: pytest.approx((seat.fader_db, seat.pan), abs=CLOSE) for one, seat in BEFORE.items()
    }
    stage.host.window.press("end", "esc")
    stage.stage.until(lambda: not stage.host.scripts)
    assert is_at(stage)
    for _ in range(3):
        stage.reaper.call("Undo_DoUndo2", 0)
    assert stage.project.rpp == matched


def test_the_slider_is_heard_while_it_is_dragged(stage):
    stage.match()
    open_strength(stage)
    window = stage.host.window
    middle, y = window.values["w"] / 2, 88
    window.point(middle, y, 1)
    stage.stage.until(lambda: "50 %" in window.texts)
    assert is_at(stage, strength=0.5)
    window.point(0, y + 90, 1)
    stage.stage.until(lambda: "0 %" in window.texts)
    assert len(stage.stage.titles) == 1
    window.point(middle, y, 1)
    stage.host.tick()
    window.point(middle, y, 0)
    stage.stage.until(lambda: len(stage.stage.titles) == 2)
    assert is_at(stage, strength=0.5)


def test_a_slider_that_is_dropped_with_its_script_is_an_undo_point(stage):
    stage.match()
    matched = stage.project.rpp
    open_strength(stage)
    window = stage.host.window
    window.point(window.values["w"] / 2, 88, 1)
    stage.stage.until(lambda: "50 %" in window.texts)
    killed(stage)
    assert is_at(stage, strength=0.5)
    assert stage.stage.titles[-1] == "Automix: match strength 50 %"
    stage.reaper.call("Undo_DoUndo2", 0)
    assert stage.project.rpp == matched


@pytest.mark.parametrize(
    ("key", "blocks"),
    [
        ("1", replace(ALL, gain=False)),
        ("2", replace(ALL, eq=False)),
        ("3", replace(ALL, compressor=False)),
        ("4", KEEPING_PAN),
        ("5", replace(ALL, master=False)),
    ],
)
def test_blocks_are_switched(stage, key, blocks):
    stage.match()
    open_strength(stage)
    stage.host.window.press(key, "esc")
    stage.stage.until(lambda: not stage.host.scripts)
    assert is_at(stage, blocks=blocks)
    name = ("faders", "equalisers", "compressors", "pans", "master")[int(key) - 1]
    assert stage.stage.titles[1:] == [f"Automix: match with {name} off"]
    assert stage.host.spoken[-1] == f"{name.capitalize()} off"


def test_what_was_moved_by_hand_stays_when_the_strength_changes(stage):
    stage.match()
    stage.project.user_moves_fader(PAD, 0.33)
    stage.turn(LEAD, "ratio", 8.0)
    open_strength(stage)
    stage.host.window.press("left")
    stage.stage.until(lambda: any("by hand: Lead, Pad" in t for t in stage.host.window.texts))
    stage.host.window.press("esc")
    stage.stage.until(lambda: not stage.host.scripts)
    assert stage.seats()[LEAD][2][21] == 8.0
    placed = standing(MATCHED, 0.95)[0]
    assert stage.seats()[LEAD][:2] == pytest.approx(placed[LEAD][:2], abs=CLOSE)
    assert stage.seats()[PAD][0] == pytest.approx(-9.63, abs=0.01)


def test_where_nothing_can_keep_the_mix_as_loud_that_is_told(stage):
    stage.match()
    press_strength(stage, "1", "5")
    told = "Faders and master stay, so nothing keeps the mix as loud as it was."
    assert told in stage.host.window.texts
    assert stage.host.spoken[-1] == told
    press_strength(stage, "home")
    assert told not in stage.host.window.texts


def test_of_many_that_were_moved_by_hand_the_first_are_named(stage):
    stage.match()
    names = ("Lead", "Pad", "Drums")
    for name in names:
        stage.project.user_moves_fader(guid(name), 0.33)
    with stage.project.user("Edit FX parameter"):
        strips(stage.project.master)[0].set_value(1, 7.0)
    press_strength(stage, "left")
    (told,) = (text for text in stage.host.window.texts if "by hand" in text)
    assert told.endswith(" and 1 more.")
    assert sum(name in told for name in names) == 3


@pytest.mark.parametrize("size", ["1 1", "2600 1400"])
def test_a_window_of_any_size_is_worked_by_mouse_and_keys(stage, size):
    stage.reaper.call("SetExtState", "automix", "window_strength", f"10 10 {size}", False)
    stage.match()
    open_strength(stage)
    window = stage.host.window
    window.point(window.values["w"] / 2, 88, 1)
    stage.host.tick()
    window.point(0, 300, 0)
    stage.host.tick()
    window.press("home", "1", "esc")
    stage.stage.until(lambda: not stage.host.scripts)
    assert stage.stage.titles[1:]
    assert faders(stage)[PAD] == pytest.approx(BEFORE[PAD].fader_db, abs=CLOSE)


def test_the_window_follows_undo_and_closes_with_the_match(stage):
    stage.match()
    open_strength(stage)
    stage.host.window.press("left")
    stage.stage.until(lambda: len(stage.stage.titles) == 2)
    stage.reaper.call("Undo_DoUndo2", 0)
    stage.stage.until(lambda: "100 %" in stage.host.window.texts)
    stage.reaper.call("Undo_DoUndo2", 0)
    stage.stage.until(lambda: not stage.host.scripts)


def test_without_a_match_there_is_no_strength(stage):
    stage.host.run_to_end(STRENGTH)
    assert stage.stage.said.startswith("No match was made in this project yet")


def open_strength(stage):
    stage.host.run(STRENGTH)
    stage.host.tick()


# Before and after


def test_before_and_after_have_pans_strips_and_the_master(each_stage):
    stage = each_stage
    stage.match()
    after = stage.project.rpp
    stage.host.run_to_end(TOGGLE)
    assert {one: seat[:2] for one, seat in stage.seats().items()} == {
        one: pytest.approx((seat.fader_db, seat.pan), abs=CLOSE) for one, seat in BEFORE.items()
    }
    assert stage.are_heard() == [False] * 4
    assert stage.stage.titles[-1] == "Automix: hear the mix before the match"
    assert stage.host.spoken[-1] == "Before the match."
    stage.host.run_to_end(TOGGLE)
    assert is_at(stage)
    assert stage.are_heard() == [True] * 4
    assert stage.project.rpp == after


def test_a_strip_bypassed_by_hand_stays_so_on_both_sides(stage):
    stage.match()
    track = stage.reaper.pointer(stage.project.track(LEAD))
    stage.reaper.call("TrackFX_SetEnabled", track, 0, False)
    stage.host.run_to_end(TOGGLE)
    stage.host.run_to_end(TOGGLE)
    assert stage.are_heard() == [True, False, True, True]


@pytest.mark.parametrize("side", ["after", "before"])
def test_restore_takes_a_match_back(each_stage, side):
    stage = each_stage
    stage.match()
    if side == "before":
        stage.host.run_to_end(TOGGLE)
    stage.host.run_to_end(RESTORE)
    assert stage.seats() == {
        one: (pytest.approx(seat.fader_db, abs=CLOSE), pytest.approx(seat.pan), None)
        for one, seat in BEFORE.items()
    }
    assert stage.bus() is None
    assert "AUTOMIX_MATCH" not in stage.project.rpp
    assert stage.project.master.number("MASTER_VOLUME", 1, 1.0) == 1.0
    stage.host.run_to_end(STRENGTH)
    assert "No match was made" in stage.stage.said


def test_restore_leaves_a_strip_that_was_changed(stage):
    stage.match()
    stage.turn(LEAD, "ratio", 8.0)
    stage.host.run_to_end(RESTORE)
    assert stage.seats()[LEAD][2][21] == 8.0
    assert stage.seats()[PAD][2] is None


def test_restore_from_before_has_a_strip_that_was_changed_heard_again(stage):
    stage.match()
    stage.turn(LEAD, "ratio", 8.0)
    stage.host.run_to_end(TOGGLE)
    stage.host.run_to_end(RESTORE)
    assert stage.are_heard() == [True]


def test_a_balance_while_the_state_before_is_heard_has_strips_heard_again(stage):
    stage.match()
    stage.host.run_to_end(TOGGLE)
    stage.stage.press(BALANCE_ALL)
    plan = stage.asked()
    if stage.stage.worker.read(plan)["kind"] == "plan":
        stage.stage.worker.answer(plan)
        plan = stage.asked()
    stage.stage.worker.move(plan, 0.5)
    stage.stage.finish()
    assert stage.are_heard() == [True] * 4
    assert stage.project.master.number("MASTER_VOLUME", 1, 1.0) == 1.0


def test_a_match_while_the_state_before_is_heard_is_heard(stage):
    stage.match()
    stage.host.run_to_end(TOGGLE)
    stage.match()
    assert is_at(stage)
    assert stage.are_heard() == [True] * 4


def balanced(stage):
    """A balance after a match: it moves faders by half."""
    stage.stage.press(BALANCE_ALL)
    plan = stage.asked()
    if stage.stage.worker.read(plan)["kind"] == "plan":
        stage.stage.worker.answer(plan)
        plan = stage.asked()
    stage.stage.worker.move(plan, 0.5)
    stage.stage.finish()


def test_a_match_that_a_balance_came_after_is_the_next_to_be_restored(stage):
    stage.match()
    matched = stage.seats()
    balanced(stage)
    stage.host.run_to_end(RESTORE)
    assert stage.seats() == matched
    stage.host.run_to_end(RESTORE)
    assert stage.seats() == {
        one: (pytest.approx(seat.fader_db, abs=CLOSE), pytest.approx(seat.pan), None)
        for one, seat in BEFORE.items()
    }
    assert "AUTOMIX_MATCH" not in stage.project.rpp


def press_strength(stage, *keys):
    open_strength(stage)
    stage.host.window.press(*keys, "esc")
    stage.stage.until(lambda: not stage.host.scripts)


def faders(stage):
    return {one: seat[0] for one, seat in stage.seats().items()}


def match_db(part):
    """By what a match at a strength moves each fader."""
    seats, _ = standing(MATCHED, part)
    return {one: seat[0] - BEFORE[one].fader_db for one, seat in seats.items()}


def test_strength_scales_the_match_on_top_of_a_balance(each_stage):
    stage = each_stage
    stage.match()
    balanced(stage)
    after = faders(stage)
    bare = {one: after[one] - moved_db for one, moved_db in match_db(1.0).items()}
    for key, part in (("home", 0.0), ("right", 0.05), ("end", 1.0)):
        press_strength(stage, key)
        assert not any("by hand" in text for text in stage.host.window.texts)
        there = {one: bare[one] + moved_db for one, moved_db in match_db(part).items()}
        assert faders(stage) == pytest.approx(there, abs=CLOSE)
    assert faders(stage) == pytest.approx(after, abs=CLOSE)


@pytest.mark.parametrize(("keys", "part"), [((), 1.0), (["home"], 0.0), (["left"] * 4, 0.8)])
@pytest.mark.parametrize("toggled", [False, True])
def test_restore_takes_back_a_balance_and_then_the_match_below_it(stage, keys, part, toggled):
    stage.match()
    balanced(stage)
    press_strength(stage, *keys)
    if toggled:
        stage.host.run_to_end(TOGGLE)
        stage.host.run_to_end(TOGGLE)
    stage.host.run_to_end(RESTORE)
    assert "by hand" not in stage.stage.said
    matched = {one: seat[0] for one, seat in standing(MATCHED, part)[0].items()}
    assert faders(stage) == pytest.approx(matched, abs=CLOSE)
    stage.host.run_to_end(RESTORE)
    assert faders(stage) == pytest.approx(
        {one: seat.fader_db for one, seat in BEFORE.items()}, abs=CLOSE
    )
    assert stage.bus() is None


def test_strength_there_and_back_after_a_restored_balance_is_known_as_ours(stage):
    stage.match()
    balanced(stage)
    press_strength(stage, "home")
    press_strength(stage, "end")
    stage.host.run_to_end(RESTORE)
    press_strength(stage, "home")
    assert not any("by hand" in text for text in stage.host.window.texts)
    assert faders(stage) == pytest.approx(
        {one: seat.fader_db for one, seat in BEFORE.items()}, abs=CLOSE
    )


def test_a_strength_on_top_of_a_balance_is_no_move_by_hand(stage):
    stage.match()
    balanced(stage)
    press_strength(stage, "home")
    stage.stage.press(BALANCE_ALL)
    job = stage.asked()
    session = stage.stage.worker.read(job, "session.json")
    written = {one["track_id"]: one["written_gain"] for one in session["stored"]["faders"]}
    gains = {track["id"]: track["fader_gain"] for track in session["tracks"]}
    assert {one: gains[one] for one in BEFORE} == pytest.approx(
        {one: written[one] for one in BEFORE}
    )


def test_a_fader_moved_by_hand_after_a_balance_stays_when_the_strength_changes(stage):
    stage.match()
    balanced(stage)
    stage.project.user_moves_fader(PAD, 0.33)
    others = faders(stage)
    press_strength(stage, "home")
    assert any("by hand: Pad" in text for text in stage.host.window.texts)
    now = faders(stage)
    assert now[PAD] == pytest.approx(others[PAD])
    assert now[LEAD] == pytest.approx(others[LEAD] - match_db(1.0)[LEAD], abs=CLOSE)


TRIMS = Trims(("master",), (0.0, 0.5, 1.0), ((0.0, 1.25, 2.5), (0.0, -0.75, 0.5)))


def test_the_strength_keeps_the_mix_as_loud_as_it_should_be(each_stage):
    stage = each_stage
    stage.press()
    stage.answer(stage.asked(), trims=TRIMS)
    stage.stage.finish()
    assert is_at(stage, trims=TRIMS)
    press_strength(stage, *["left"] * 6)
    assert is_at(stage, strength=0.7, trims=TRIMS)
    press_strength(stage, "5")
    assert is_at(stage, strength=0.7, blocks=replace(ALL, master=False), trims=TRIMS)
    assert stage.host.window.texts.count("70 %") == 1
    press_strength(stage, "5", "home", "end")
    assert is_at(stage, trims=TRIMS)


def test_trims_that_are_spoilt_are_done_without(stage):
    stage.press()
    stage.answer(stage.asked(), trims=TRIMS)
    stage.stage.finish()
    trimmed = stage.bus()
    stage.reaper.call("SetProjExtState", 0, "AUTOMIX_MATCH", "TRIM_1", "[0,1]")
    press_strength(stage, "left")
    assert stage.bus() == trimmed  # nobody knows any more that it is ours
    assert faders(stage)[PAD] == pytest.approx(standing(MATCHED, 0.95)[0][PAD][0], abs=CLOSE)


def test_a_match_that_is_remembered_by_halves_is_none(stage):
    stage.match()
    stage.reaper.call("SetProjExtState", 0, "AUTOMIX_MATCH", "HOW", "spoilt")
    stage.host.run_to_end(TOGGLE)
    stage.host.run_to_end(RESTORE)
    assert stage.seats()[PAD][0] == pytest.approx(BEFORE[PAD].fader_db, abs=CLOSE)


def test_strength_there_and_back_leaves_before_and_after_equally_loud(stage):
    def loudness():
        return float(stage.reaper.call("GetProjExtState", 0, "AUTOMIX_BEFORE", "MATCH")[-1])

    stage.match()
    louder_db = loudness()
    assert louder_db != 0.0
    open_strength(stage)
    for key, is_matched in (("home", False), ("end", True), ("left", True)):
        points = len(stage.stage.titles)
        stage.host.window.press(key)
        stage.stage.until(lambda points=points: len(stage.stage.titles) == points + 1)
        assert loudness() == pytest.approx(louder_db if is_matched else 0.0, abs=1e-4)


def test_a_strip_that_the_engineer_changed_and_bypassed_stays_so(stage):
    stage.match()
    stage.turn(LEAD, "ratio", 8.0)
    track = stage.reaper.pointer(stage.project.track(LEAD))
    stage.reaper.call("TrackFX_SetEnabled", track, 0, False)
    stage.match()
    assert stage.seats()[LEAD][2][21] == 8.0
    assert stage.are_heard() == [True, False, True, True]


def test_a_match_of_a_selection_leaves_the_others_in_the_match(stage):
    stage.match()
    first = stage.seats()
    stage.project.user_selects("Pad")
    pad = next(one for one in MATCHED.stems if one.track_id == PAD)
    moved = replace(pad, matched=replace(pad.matched, fader_db=pad.matched.fader_db - 2.0))
    stage.match(Match((moved,), MATCHED.bus))
    seats = stage.seats()
    assert {one: seats[one] for one in seats if one != PAD} == {
        one: first[one] for one in first if one != PAD
    }
    assert seats[PAD][0] == pytest.approx(first[PAD][0] - 2.0, abs=CLOSE)
    stage.host.run_to_end(RESTORE)
    assert {one: seat[:2] for one, seat in stage.seats().items()} == {
        one: pytest.approx((seat.fader_db, seat.pan), abs=CLOSE) for one, seat in BEFORE.items()
    }


def test_a_stem_that_is_left_out_goes_as_far_as_the_others_and_back(stage):
    """Pans are switched off, and one stem is moved while that match runs."""
    stage.match()
    stage.wish(pan="off")
    stage.press()
    job = stage.asked()
    track = stage.reaper.pointer(stage.project.track(LEAD))
    stage.reaper.call("SetMediaTrackInfo_Value", track, "D_VOL", 0.3)
    stage.answer(job, MATCHED)
    stage.stage.finish()
    assert stage.seats()[LEAD][:2] == pytest.approx((db_from_gain(0.3), BEFORE[LEAD].pan))
    stage.host.run_to_end(RESTORE)
    assert stage.seats()[LEAD][1] == pytest.approx(BEFORE[LEAD].pan)


# Cancel


def cancel(stage):
    stage.host.run_to_end(CANCEL)


def killed(stage):
    for script in list(stage.host.scripts):
        stage.host.terminate(script)


@pytest.mark.parametrize("end", [cancel, killed])
def test_a_match_that_is_cancelled_leaves_the_project_as_it_was(stage, end):
    stage.match()
    before = stage.project.rpp
    stage.press()
    job = stage.asked()
    end(stage)
    stage.stage.until(lambda: not stage.host.scripts)
    assert (job / "cancel").exists()
    assert stage.project.rpp == before
    assert len(stage.stage.titles) == 1


def test_a_balance_does_not_begin_while_a_match_runs(stage):
    stage.press()
    stage.asked()
    stage.host.run(BALANCE_ALL)
    assert "running already" in stage.stage.said


@pytest.mark.parametrize("matched", [{}, {"stems": [{}], "bus": []}, {"stems": [], "bus": [1.0]}])
def test_an_answer_that_is_no_match_is_not_used(stage, matched):
    stage.press()
    stage.answer(stage.asked(), matched=matched)
    stage.stage.until(lambda: not stage.host.scripts)
    assert "cannot read its worker's answer (matched)" in stage.stage.said
    assert stage.stage.titles == []
