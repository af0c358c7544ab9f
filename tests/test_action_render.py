"""REAPER renders what arrives at the faders: the right files, and everything as it was after it."""

import json

import numpy as np
import pytest
import soundfile

import action_rig
from action_rig import is_balanced, lua
from reaper_double import Reaper
from reaper_double.actions import ACTIONS
from reaper_double.api_render import RENDER_AND_CLOSE, render_stems, targets
from reaper_double.lua_host import LUAS, LuaHost
from reaper_double.project_keys import TEXTS, Text
from reaper_songs import (
    MIDI,
    block,
    chain,
    envelope,
    guid,
    item,
    js,
    receive,
    song,
    source,
    track,
    vst,
)
from signals import RATE_HZ
from songs import write

LENGTH_S, LEVEL = 0.2, 0.5
FIRST_CALL = 3  # before it, a piece of Lua finds its project
SYNTH = "VSTi: ReaSynth (Cockos)"

USERS_OWN = {
    "RENDER_FILE": '"/mine/My bounces"',
    "RENDER_PATTERN": "$project",
    "RENDER_FMT": "0 1 22050",
    "RENDER_RANGE": "2 5.5 6.5 22 700",
    "RENDER_STEMS": "1",
    "RENDER_DITHER": "3",
    "RENDER_ADDTOPROJ": "1",
    "RENDER_NORMALIZE": "1 0.2 0.9",
}

CALL = """
local json, render = require("json"), require("render")
require("guard").call(function()
  local tracks, list = require("apply").tracks(project), {{}}
  for index, id in ipairs({{ {ids} }}) do list[index] = tracks[id] end
  local renders, message = render.tracks(project, list, {range}, "{folder}")
  print(renders and json.encode(json.array(renders)) or message)
end)
"""


def audio(**lines):
    return item("ton.wav", LENGTH=str(LENGTH_S), FADEIN="1 0 0 1 0 0 0", FADEOUT="1 0 0 1 0 0 0")


SONG = song(
    track("Bass", audio(), VOLPAN="0.25 0.5 -1 -1 1", SEL="1"),
    track("Bass", chain(js("utility/volume", "-6.0206 0")), audio(), track_guid=guid("second")),
    track("名前/ü", envelope("VOLENV2", (0, 0.5)), audio()),
    track("Solo", audio(), MUTESOLO="0 2 0"),
    track("Synth", chain(vst(SYNTH)), item("", plays=MIDI, LENGTH=str(LENGTH_S))),
    before=[block("RENDER_CFG", "ZXZhdxgAAQ==")],
    MASTER_SEL="1",
    **USERS_OWN,
)
BASS, SECOND, NAMED, SOLO, SYNTH_TRACK = (
    guid(name) for name in ("Bass", "second", "名前/ü", "Solo", "Synth")
)
PART = {"start_s": 0.05, "end_s": 0.15}
GAINS = {BASS: LEVEL, SECOND: LEVEL / 2, NAMED: LEVEL, SOLO: LEVEL, SYNTH_TRACK: 0.25}


@pytest.fixture
def host(tmp_path):
    yield from _hosts(tmp_path, "5.4")


@pytest.fixture(params=LUAS)
def each_host(request, tmp_path):
    yield from _hosts(tmp_path, request.param)


def _hosts(tmp_path, version):
    folder = tmp_path / "Lied ä"
    write(folder, "ton", np.full((1, round(LENGTH_S * RATE_HZ)), LEVEL, np.float32))
    (folder / "Lied.RPP").write_bytes(SONG.encode())
    with Reaper(tmp_path / "REAPER") as reaper:
        (tmp_path / "REAPER").mkdir()
        reaper.open(folder / "Lied.RPP")
        reaper.active.unsaved |= {"RENDER_DELAY": 5.0, "RENDER_EXTRAFILEDIR": "/other"}
        yield LuaHost(reaper, version)


def rendering(folder, *ids, span="nil"):
    """Lua that renders tracks into a folder, and prints the list or the message."""
    folder.mkdir(exist_ok=True)
    names = ", ".join(f'"{track_id}"' for track_id in ids)
    return CALL.format(ids=names, range=span, folder=folder.as_posix())


def is_as_before(reaper):
    """Whether the project, its undo history and whether it is saved are what they were."""
    project = reaper.active
    return (
        project.rpp == SONG
        and project.unsaved["RENDER_DELAY"] == 5.0
        and project.unsaved["RENDER_EXTRAFILEDIR"] == "/other"
        and not project.dirty
        and not project.history.points
        and is_balanced(reaper)
        and not reaper.asked.shown
    )


# Files


def test_every_track_has_its_own_file_as_it_arrives_at_its_fader(each_host, tmp_path):
    renders = json.loads(lua(each_host, rendering(tmp_path / "räume", *GAINS)))
    assert [one["track_id"] for one in renders] == list(GAINS)
    assert len({one["file"] for one in renders}) == len(GAINS)
    for one in renders:
        samples, rate_hz = soundfile.read(one["file"])
        assert soundfile.info(one["file"]).subtype == "FLOAT"
        assert (rate_hz, samples.shape) == (RATE_HZ, (round(LENGTH_S * RATE_HZ), 2))
        assert one["start_s"] == 0.0
        assert np.abs(samples).max() == pytest.approx(GAINS[one["track_id"]], rel=1e-3)
    assert is_as_before(each_host.reaper)


def test_only_the_range_is_rendered(host, tmp_path):
    code = rendering(tmp_path / "part", BASS, span="{ start_s = 0.05, end_s = 0.15 }")
    (one,) = json.loads(lua(host, code))
    assert one["start_s"] == 0.05
    assert soundfile.info(one["file"]).frames == round(0.1 * RATE_HZ)


def test_a_project_that_was_changed_stays_so(host, tmp_path):
    host.reaper.active.dirty = True
    lua(host, rendering(tmp_path / "stems", BASS))
    assert host.reaper.active.dirty


# Everything as it was


def test_an_error_in_any_call_gives_everything_back(host, tmp_path):
    reaper = host.reaper
    lua(host, rendering(tmp_path / "stems", BASS))
    calls = len(reaper.calls)
    for call in range(FIRST_CALL, calls):
        reaper.fail_at(call)
        lua(host, rendering(tmp_path / f"stems {call}", BASS))
        assert is_as_before(reaper), reaper.calls[-calls:]


def cancelled(_reaper, _project):
    """The user cancels before anything is written."""


def stopped_halfway(reaper, project):
    """The user cancels when half of every file is there."""
    render_stems(reaper, project)
    for _, file in targets(project):
        samples, rate_hz = soundfile.read(file, dtype="float32")
        soundfile.write(file, samples[: len(samples) // 2], rate_hz, "FLOAT")


@pytest.mark.parametrize("end", [cancelled, stopped_halfway])
def test_a_render_that_did_not_end_is_not_used(host, tmp_path, monkeypatch, end):
    monkeypatch.setitem(ACTIONS, RENDER_AND_CLOSE, end)
    told = lua(host, rendering(tmp_path / "stems", BASS, SECOND))
    assert told == "REAPER's render was cancelled or failed; nothing was changed."
    assert is_as_before(host.reaper)


def test_nothing_is_rendered_over_other_files(host, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setitem(ACTIONS, RENDER_AND_CLOSE, lambda _reaper, project: asked.append(project))
    monkeypatch.setitem(TEXTS, "RENDER_TARGETS", Text(lambda _r, _p: "/mine/Bounces/Lied.wav"))
    told = lua(host, rendering(tmp_path / "stems", BASS))
    assert told.startswith("REAPER would not render the chosen tracks alone")
    assert not asked
    assert is_as_before(host.reaper)


# Where it is refused


def test_another_project_in_front_is_not_rendered(host, tmp_path):
    host.reaper.new_tab()
    front = "project = reaper.EnumProjects(0)\n"
    told = lua(host, front + rendering(tmp_path / "stems", BASS))
    assert told == "REAPER renders only the project in front; go to its tab and balance it again."


def test_nothing_is_rendered_while_recording(host, tmp_path):
    host.reaper.active.playing = 5
    told = lua(host, rendering(tmp_path / "stems", BASS))
    assert told == "REAPER is recording; stop it and balance again."


def test_a_project_without_items_has_nothing_to_render(host, tmp_path):
    host.reaper.open(song(track("Bass")))
    told = lua(host, rendering(tmp_path / "stems", BASS))
    assert told == "The project has no items; there is nothing to render."


# Which tracks

TAKE_FX = block("TAKEFX", "SHOW 0", vst("VST: ReaComp (Cockos)"))
KINDS = song(
    track("plain", item("a.wav")),
    track("effect", chain(vst("VST: ReaComp (Cockos)")), item("a.wav")),
    track("bypassed", chain(vst("VST: ReaComp (Cockos)", bypass=1)), item("a.wav")),
    track("offline", chain(vst("VST: ReaComp (Cockos)", offline=1)), item("a.wav")),
    track("chain off", chain(vst("VST: ReaComp (Cockos)")), item("a.wav"), FX="0"),
    track("trimmed", chain(js("utility/volume", "-6 0", name="Automix trim")), item("a.wav")),
    track(
        "both",
        chain(vst("VST: ReaComp (Cockos)"), js("utility/volume", "-6 0", name="Automix trim")),
        item("a.wav"),
    ),
    track("take effect", item("a.wav", TAKE_FX)),
    track("muted item", item("a.wav", TAKE_FX, MUTE="1 0")),
    track("midi", chain(vst(SYNTH)), item("", plays=MIDI)),
    track("video", item("", plays=source("a.mp4", "VIDEO"))),
    track("instrument alone", chain(vst(SYNTH))),
    track("muted", chain(vst(SYNTH)), MUTESOLO="1 0 0"),
    track("return", chain(vst("VST: ReaVerbate (Cockos)")), receives=[receive(0)]),
    track("fed", chain(vst(SYNTH)), item("a.wav"), receives=[receive(0)]),
    track(
        "side chain",
        chain(vst("VST: ReaComp (Cockos)")),
        item("a.wav"),
        receives=[receive(0).replace("0 -1:U", "2 -1:U", 1)],
    ),
    track("bus", chain(vst("VST: ReaComp (Cockos)")), item("a.wav"), ISBUS="1 1"),
    track("inside", chain(vst(SYNTH)), ISBUS="2 -1"),
    track("silent bus", ISBUS="1 1", MUTESOLO="1 0 0"),
    track("inside silence", chain(vst(SYNTH)), ISBUS="2 -1"),
)
DEPEND = [
    "effect",
    "both",
    "take effect",
    "midi",
    "video",
    "instrument alone",
    "side chain",
    "inside",
]
ALONE = ["plain", "bypassed", "offline", "chain off", "trimmed", *DEPEND]

CANDIDATES = """
local session = require("snapshot").take(project)
local ids = require("render").candidates(session, "{measure}", project)
print(table.concat(ids, " "))
"""


@pytest.mark.parametrize(
    ("measure", "names"),
    [("auto", DEPEND), (" Auto", DEPEND), ("post_fx", ALONE), ("pre_fx", []), ("PRE_FX", [])],
)
def test_tracks_that_depend_on_more_than_their_items(each_host, measure, names):
    each_host.reaper.open(KINDS)
    ids = lua(each_host, CANDIDATES.format(measure=measure)).split()
    assert sorted(ids) == sorted(map(guid, names))


def test_chunks_are_the_text_of_the_tracks_that_are_there(host):
    code = f"""
    local chunks = require("render").chunks(project, {{ "{BASS}", "{guid("gone")}" }})
    print(require("json").encode(chunks))
    """
    chunks = json.loads(lua(host, code))
    assert list(chunks) == [BASS]
    assert chunks[BASS].startswith("<TRACK")
    assert "ton.wav" in chunks[BASS]


# In a balance


def test_a_balance_has_reaper_render_what_its_plan_names(host, tmp_path):
    worker = action_rig.StandIn(tmp_path / "spool")
    action_rig.install(tmp_path / "REAPER", worker.spool)
    host.osara = True
    host.run(action_rig.BALANCE_ALL)
    plan = next_job(host, worker)
    assert worker.read(plan)["kind"] == "plan"
    assert worker.read(plan, "chunks.json").keys() == {SECOND, SYNTH_TRACK}
    worker.answer(plan, plan={"render": [SECOND], "kept": [SYNTH_TRACK]})
    job = next_job(host, worker)
    assert worker.read(job)["kind"] == "balance"
    (rendered,) = worker.read(job)["rendered"]
    assert (rendered["track_id"], rendered["start_s"]) == (SECOND, 0.0)
    samples, _ = soundfile.read(job / rendered["file"])
    assert np.abs(samples).max() == pytest.approx(GAINS[SECOND], rel=1e-3)
    assert any(said.startswith("REAPER renders 1 track ") for said in host.spoken)
    assert is_as_before(host.reaper)


@pytest.mark.parametrize("said", [None, "true", "false"])
def test_with_renders_the_time_selection_is_usual_below_what_was_chosen(host, tmp_path, said):
    worker = action_rig.StandIn(tmp_path / "spool")
    action_rig.install(tmp_path / "REAPER", worker.spool)
    host.reaper.call("GetSet_LoopTimeRange2", 0, True, False, 0.05, 0.15, False)
    if said:
        host.reaper.call("SetExtState", "automix", "use_time_selection", said, True)
    host.run(action_rig.BALANCE_ALL)
    plan = next_job(host, worker)
    worker.answer(plan, plan=rendering_second(PART))
    job = next_job(host, worker)
    (rendered,) = worker.read(job)["rendered"]
    assert rendered["start_s"] == PART["start_s"]
    for asked in (worker.read(plan), worker.read(job)):
        assert asked["usual"] == {"use_time_selection": True}
        assert asked["settings"].get("use_time_selection") is {"true": True, "false": False}.get(
            said
        )


@pytest.mark.parametrize("selected", [True, False])
def test_without_renders_or_a_time_selection_nothing_is_usual(host, tmp_path, selected):
    worker = action_rig.StandIn(tmp_path / "spool")
    action_rig.install(tmp_path / "REAPER", worker.spool)
    if selected:
        host.reaper.call("GetSet_LoopTimeRange2", 0, True, False, 0.05, 0.15, False)
    host.run(action_rig.BALANCE_ALL)
    plan = next_job(host, worker)
    assert ("usual" in worker.read(plan)) is selected
    worker.answer(plan, plan={"render": [], "kept": []})
    assert "usual" not in worker.read(next_job(host, worker))


def test_renders_take_the_range_that_the_plan_names(host, tmp_path):
    worker = action_rig.StandIn(tmp_path / "spool")
    action_rig.install(tmp_path / "REAPER", worker.spool)
    host.run(action_rig.BALANCE_ALL)
    worker.answer(next_job(host, worker), plan=rendering_second(PART))
    job = next_job(host, worker)
    (rendered,) = worker.read(job)["rendered"]
    assert rendered["start_s"] == PART["start_s"]
    assert soundfile.info(job / rendered["file"]).frames == round(0.1 * RATE_HZ)


def test_a_measure_that_does_not_exist_is_told_before_anything_is_done(host, tmp_path):
    action_rig.install(tmp_path / "REAPER", tmp_path / "spool")
    host.reaper.call("SetExtState", "automix", "measure", "loud", True)
    host.run_to_end(action_rig.BALANCE_ALL)
    (told,) = host.reaper.console
    assert told == "measure cannot be 'loud'; it must be auto, pre_fx or post_fx.\n"
    assert not (tmp_path / "spool" / "jobs").exists()


def rendering_second(span):
    """A plan that has one track rendered over a range."""
    return {"render": [SECOND], "kept": [], "range": span}


def next_job(host, worker):
    """The next job that waits for an answer."""
    host.run_until(lambda: worker.beat() or worker.waiting(), 20)
    return worker.waiting()[0]
