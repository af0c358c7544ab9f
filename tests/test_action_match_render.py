"""A match hears stems as they sound in REAPER: what is rendered, and without our own strips."""

import json

import numpy as np
import pytest
import soundfile

from action_matches import BEFORE, DRUMS, LEAD, PAD, MatchStage, strips
from action_rig import CANCEL, is_balanced, lua
from reaper_double.actions import ACTIONS
from reaper_double.api_render import RENDER_AND_CLOSE
from reaper_double.lua_host import LUAS
from reaper_songs import MIDI, chain, guid, item, js, receive, song, track, vst

COMP = vst("VST: ReaComp (Cockos)")
SYNTH = vst("VSTi: ReaSynth (Cockos)")
KINDS = song(
    track("plain", item("a.wav")),
    track("effect", chain(COMP), item("a.wav")),
    track("trimmed", chain(js("utility/volume", "-6 0", name="Automix trim")), item("a.wav")),
    track("plain folder", ISBUS="1 1"),
    track("plain inside", item("a.wav")),
    track("effect inside", chain(COMP), item("a.wav")),
    track("bus inside", chain(COMP), ISBUS="1 1"),
    track("under the bus", chain(COMP), item("a.wav"), ISBUS="2 -2"),
    track("folder", chain(COMP), ISBUS="1 1"),
    track("covered", chain(COMP), item("a.wav"), ISBUS="2 -1"),
    track("return", chain(COMP), receives=[receive(0)]),
    track("empty", chain(COMP)),
    track("notes", chain(SYNTH), item("", plays=MIDI)),
    track("muted", chain(COMP), item("a.wav"), MUTESOLO="1 0 0"),
    track("reference", chain(COMP), item("a.wav")),
)
WHOLE = ["effect", "trimmed", "effect inside", "bus inside", "folder", "return", "notes"]
STEMS = ["plain", "effect", "trimmed", "plain folder", "folder", "return", "notes"]

CANDIDATES = """
local session = require("snapshot").take(project)
local ids = require("render_needs").of_stems(session, "{measure}", "{reference}")
print(table.concat(ids, " "))
"""


@pytest.fixture(params=LUAS)
def each_stage(request, tmp_path):
    made = MatchStage(tmp_path, request.param)
    with made.reaper:
        yield made


@pytest.fixture
def stage(tmp_path):
    made = MatchStage(tmp_path)
    with made.reaper:
        yield made


@pytest.mark.parametrize(
    ("measure", "names"), [("auto", WHOLE), ("pre_fx", []), (" Post_FX ", STEMS)]
)
def test_what_has_to_be_rendered_for_stems(each_stage, measure, names):
    each_stage.reaper.open(KINDS)
    code = CANDIDATES.format(measure=measure, reference=guid("reference"))
    assert lua(each_stage.host, code).split() == [guid(name) for name in names]


def effects_on(stage, *names):
    """Put a volume plug-in of -6 dB on tracks."""
    for name in names:
        pointer = stage.reaper.pointer(stage.project.track(name))
        stage.reaper.call("TrackFX_AddByName", pointer, "JS:utility/volume", False, -1)
        stage.reaper.call("TrackFX_SetParam", pointer, 0, 0, -6.0206)
    stage.project.history.note("Add FX")


def state(stage):
    """The project's text, but for a block of render settings that REAPER may leave empty."""
    return stage.project.rpp.replace("  <RENDER_CFG\r\n  >\r\n", "")


def test_a_folder_with_effects_is_rendered_as_a_whole(stage):
    effects_on(stage, "Drums", "Pad")
    before = state(stage)
    stage.press()
    plan = stage.asked()
    read = stage.stage.worker.read
    assert read(plan)["kind"] == "plan"
    assert read(plan)["match"]["reference"]["name"] == stage.reference.name
    assert read(plan, "chunks.json").keys() == {DRUMS, PAD}
    stage.stage.worker.answer(plan, plan={"render": [DRUMS, PAD], "kept": []})
    job = stage.asked()
    made = {one["track_id"]: job / one["file"] for one in read(job)["rendered"]}
    assert made.keys() == {DRUMS, PAD}
    assert peak(made[DRUMS]) > 0.5 * max(peak_of(stage, "kick"), peak_of(stage, "snare"))
    assert peak(made[PAD]) == pytest.approx(0.5 * peak_of(stage, "pad"), rel=0.02)
    assert state(stage) == before
    stage.answer(job)
    stage.stage.finish()
    assert len(strips(stage.project.track("Drums"))) == 1


def peak(file):
    return np.abs(soundfile.read(file)[0]).max()


def peak_of(stage, name):
    folder = stage.stage.log.parent / "Meine Lieder é" / "Media"
    samples, rate_hz = soundfile.read(folder / f"{name}.wav")
    return np.abs(samples[: round(0.1 * rate_hz)]).max()


def test_our_own_strips_are_bypassed_while_stems_are_rendered(stage, monkeypatch):
    stage.match()
    effects_on(stage, "Pad")
    before = state(stage)
    heard = []
    render = ACTIONS[RENDER_AND_CLOSE]

    def observed(reaper, project):
        heard.append(stage.are_heard())
        render(reaper, project)

    monkeypatch.setitem(ACTIONS, RENDER_AND_CLOSE, observed)
    stage.press()
    plan = stage.asked()
    assert stage.stage.worker.read(plan, "chunks.json").keys() == {PAD}
    stage.stage.worker.answer(plan, plan={"render": [PAD], "kept": []})
    job = stage.asked()
    session = stage.stage.worker.read(job, "session.json")
    names = {one["id"]: [fx["name"] for fx in one["fx"]] for one in session["tracks"]}
    assert names[PAD] == ["JS: utility/volume"]
    assert names[LEAD] == []
    assert heard == [[False, False, False, True]]
    assert stage.are_heard() == [True] * 4
    assert state(stage) == before
    assert is_balanced(stage.reaper)


def test_a_render_that_fails_leaves_strips_as_they_were(stage, monkeypatch):
    stage.match()
    effects_on(stage, "Pad")
    before = state(stage)
    monkeypatch.setitem(ACTIONS, RENDER_AND_CLOSE, lambda _reaper, _project: None)
    stage.press()
    stage.stage.worker.answer(stage.asked(), plan={"render": [PAD], "kept": []})
    stage.stage.until(lambda: not stage.host.scripts)
    assert "was cancelled or failed" in stage.stage.said
    assert state(stage) == before


@pytest.mark.parametrize("phase", ["snapshot", "plan", "render", "match"])
def test_a_match_that_is_cancelled_leaves_everything_as_it_was(stage, phase):
    stage.match()
    effects_on(stage, "Pad")
    before = state(stage)
    stage.press()
    if phase != "snapshot":
        plan = stage.asked()
    if phase in ("render", "match"):
        stage.stage.worker.answer(plan, plan={"render": [PAD], "kept": []})
        stage.host.tick()
    if phase == "match":
        stage.asked()
    stage.host.run_to_end(CANCEL)
    stage.stage.until(lambda: not stage.host.scripts)
    assert state(stage) == before
    assert sum(title.startswith("Automix") for title in stage.stage.titles) == 1
    assert stage.are_heard() == [True] * 4
    assert all((job / "done").exists() for job in stage.stage.worker.jobs())


def test_an_effect_that_was_heard_must_not_change_meanwhile(stage):
    effects_on(stage, "Pad")
    stage.press()
    stage.stage.worker.answer(stage.asked(), plan={"render": [], "kept": [PAD]})
    job = stage.asked()
    pointer = stage.reaper.pointer(stage.project.track("Pad"))
    stage.reaper.call("TrackFX_SetParam", pointer, 0, 0, -3.0)
    stage.answer(job)
    stage.until_shown()
    assert "1 track left as found" in " ".join(stage.host.window.texts)
    assert stage.seats()[PAD][:2] == (BEFORE[PAD].fader_db, BEFORE[PAD].pan)
    assert json.loads((job / "request.json").read_text("utf-8"))["chunks"]
