"""Stems of an open project: proposed, reviewed, sorted as one undo point, or left alone."""

import contextlib

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from action_rig import ACTIONS, StandIn, install, is_balanced, lua
from action_songs import tree
from reaper_automix import rpp
from reaper_automix import session as sessions
from reaper_automix.adapters import project as adapter
from reaper_automix.adapters.project import edit
from reaper_automix.roles import guess
from reaper_automix.stemtree import arranged, guess_all, propose
from reaper_automix.worker import stems
from reaper_automix.worker.protocol import Request
from reaper_double import Reaper
from reaper_double.lua_host import LUAS, LuaFailure, LuaHost
from reaper_songs import EVERY_KIND, chain, guid, item, receive, song, track, vst

SORT = ACTIONS / "automix_Sort project into stems.lua"
PATIENCE_S = 20.0

LOOSE = song(
    track(
        "Verb", chain(vst("VST: ReaVerbate (Cockos)")), receives=[receive(1), receive(4, mode=3)]
    ),
    track("Snare", item("Media/snare.wav"), SEL="1", PEAKCOL="25198720"),
    track("Keys", ISBUS="1 1"),
    track("Piano", item("Media/pad.wav"), ISBUS="2 -1"),
    track("Kick", item("Media/kick.wav"), MAINSEND="1 2"),
    track("Audio 07", item("Media/lead.wav")),
    track("Hammond", item("Media/pad.wav", name="organ"), SEL="1"),
)
SORTED = [
    ("Drums", None),
    ("Snare", "Drums"),
    ("Kick", "Drums"),
    ("Verb", None),
    ("Keys", None),
    ("Piano", "Keys"),
    ("Hammond", "Keys"),
    ("Audio 07", None),
]


class Desk:
    """REAPER with a project, the action, and a worker in this process."""

    def __init__(self, folder, text=LOOSE, version="5.4"):
        install(folder / "REAPER", folder / "spool")
        self.reaper = Reaper(folder / "REAPER")
        self.host = LuaHost(self.reaper, version, osara=True)
        self.worker = StandIn(folder / "spool")
        self.project = self.reaper.open(text)

    def answer(self):
        """Answer the jobs that wait, as the worker does."""
        self.worker.beat()
        for job in self.worker.waiting():
            asked = msgspec.json.decode((job / "request.json").read_bytes(), type=Request)
            session = sessions.from_json((job / "session.json").read_bytes())
            found = msgspec.to_builtins(stems.answer(asked, session))
            self.worker.answer(
                job, **{name: found[name] for name in ("message", "title", "sorting")}
            )

    def until(self, condition):
        self.host.run_until(lambda: self.answer() or condition(), PATIENCE_S)

    def press_action(self):
        """Press the action's key and wait for the review, or for the end."""
        self.worker.beat()  # so that no other one is started
        self.host.run(SORT)
        self.until(lambda: not self.host.scripts or self.is_reviewed)

    @property
    def is_reviewed(self):
        return self.host.window.is_open and "Goes into" in self.host.window.texts

    def press(self, *keys):
        for key in keys:
            self.host.window.press(key)
            self.host.tick()
            self.host.tick()

    def finish(self, key="enter"):
        """Press a last key and wait until it is all over."""
        self.host.window.press(key)
        self.until(lambda: not self.host.scripts)
        assert is_balanced(self.reaper)
        assert self.reaper.unprotected_changes == []

    def sort(self):
        """The whole way."""
        self.press_action()
        if self.host.scripts:
            self.finish()

    @property
    def titles(self):
        return [point.title for point in self.project.history.points]


@pytest.fixture(params=LUAS)
def desk(request, tmp_path):
    made = Desk(tmp_path, version=request.param)
    with made.reaper:
        yield made


def outline(text):
    """Every track of a project's text with its folder, in order."""
    root = rpp.parse(text).block(adapter.ROOT)
    nodes = edit.track_nodes(root)
    names = {None: None} | {one: " ".join(node.values("NAME")) for one, node in nodes.items()}
    return [(names[one.track_id], names[one.folder_id]) for one in edit.places_of(root)]


def routes(text):
    """What every track receives, by names."""
    root = rpp.parse(text).block(adapter.ROOT)
    nodes = list(edit.track_nodes(root).values())
    name = [" ".join(node.values("NAME")) for node in nodes]
    return {
        name[at]: [(name[int(row[1])], *row[2:]) for row in node.rows("AUXRECV")]
        for at, node in enumerate(nodes)
    }


def session_of(text, tmp_path):
    return adapter.session_of(rpp.parse(text).block(adapter.ROOT), tmp_path / "x.RPP")


def test_what_is_proposed_is_shown_and_enter_sorts_as_one_undo_point(desk):
    desk.press_action()
    texts = desk.host.window.texts
    assert "3 tracks go into stems" in texts
    assert "1 unmatched · 1 track in folders stay there" in texts
    assert {"Drums", "Keys", "electric guitar"} & set(texts) == {"Drums", "Keys"}
    desk.finish()
    assert outline(desk.project.rpp) == SORTED
    assert desk.titles == ["Automix: sort 3 tracks into 2 stems"]
    assert desk.host.spoken[-1] == "Sorted: 3 tracks into 2 stems."
    assert desk.reaper.console == []
    desk.project.history.undo()
    assert desk.project.rpp == LOOSE


def test_sends_colours_and_selection_stay_and_the_folder_is_one_of_ours(desk):
    desk.sort()
    text = desk.project.rpp
    assert routes(text) == routes(LOOSE) | {"Drums": []}
    assert [one.name for one in desk.project.selected_tracks] == ["Snare", "Hammond"]
    assert desk.project.track("Snare").node.values("PEAKCOL") == ["25198720"]
    drums = desk.project.track("Drums")
    color = desk.reaper.call("ColorToNative", 196, 78, 68)[0] | 0x1000000
    assert drums.node.values("PEAKCOL") == [str(color)]
    assert drums.node.values("VOLPAN")[:3] == ["1", "0", "1"]
    assert drums.number("NCHAN", 1) == 4


def test_a_second_time_nothing_changes(desk):
    desk.sort()
    text, titles = desk.project.rpp, list(desk.titles)
    desk.press_action()
    assert "Nothing is going to move" in desk.host.window.texts
    desk.finish()
    assert (desk.project.rpp, desk.titles) == (text, titles)
    assert desk.reaper.console == [stems.NOTHING_TO_DO + "\n"]


@pytest.mark.parametrize("version", LUAS)
def test_where_nothing_is_to_be_chosen_it_is_said_at_once(tmp_path, version):
    text = song(track("Drums", ISBUS="1 1"), track("Kick", ISBUS="2 -1"), track("Bass"))
    desk = Desk(tmp_path, text, version)
    with desk.reaper:
        desk.press_action()
        assert not desk.host.scripts
        assert desk.reaper.console == [stems.NOTHING_TO_DO + "\n"]
        assert (desk.project.rpp, desk.titles) == (text, [])


@pytest.mark.parametrize("close", [True, False])
def test_cancelled_nothing_changes(desk, close):
    desk.press_action()
    desk.press("right", "down", "delete")
    if close:
        desk.host.window.close()
        desk.until(lambda: not desk.host.scripts)
    else:
        desk.finish("esc")
    assert (desk.project.rpp, desk.titles) == (LOOSE, [])
    assert desk.host.spoken[-1] == "Cancelled; nothing was changed."


def test_other_stems_are_chosen_by_keys(desk):
    desk.press_action()
    assert desk.host.spoken[-1].startswith("3 tracks go into stems")
    desk.press("down")
    assert desk.host.spoken[-1] == "Snare, snare, into Drums"
    desk.press("right")
    assert desk.host.spoken[-1] == "Snare, snare, into Percussion, You chose this."
    desk.press("left", "end", "delete")
    assert desk.host.spoken[-1] == "Hammond, organ, stays, You chose this."
    desk.press("up", "right")
    assert desk.host.spoken[-1] == "Audio 07, no role, into Drums, You chose this."
    assert "3 tracks go into stems" in desk.host.window.texts
    desk.press("home", "left", "backspace")
    desk.finish()
    made = dict(outline(desk.project.rpp))
    assert (made["Audio 07"], made["Hammond"], made["Snare"]) == ("Drums", None, "Drums")


def test_what_cannot_move_cannot_be_chosen_for(desk):
    desk.press_action()
    desk.press("down", "down", "right")
    assert desk.host.spoken[-1] == "Keys, no role, stays, The folder of keys."
    desk.finish()
    assert outline(desk.project.rpp) == SORTED


def test_other_stems_are_chosen_by_clicks(desk):
    desk.press_action()
    drawn = [one for one in desk.host.window.drawn if one.what == "drawstr"]
    goal = next(one for one in drawn if one.values[0] == "Goes into")
    line = next(one for one in drawn if one.values[0] == "Audio 07")
    desk.host.window.choose(2)
    click(desk, goal.x + 5, line.y + 5)
    assert desk.host.window.menus[-1].split("|")[:3] == [
        "!stays where it is",
        "Drums",
        "Percussion",
    ]
    assert desk.host.spoken[-1] == "Audio 07, no role, into Drums, You chose this."
    click(desk, line.x + 5, line.y + 5)
    assert len(desk.host.window.menus) == 1
    sort = next(one for one in drawn if one.values[0] == "sort")
    click(desk, sort.x + 2, sort.y + 2)
    desk.until(lambda: not desk.host.scripts)
    assert ("Audio 07", "Drums") in outline(desk.project.rpp)


def click(desk, x, y):
    desk.host.window.point(x, y, 1)
    desk.host.tick()
    if desk.host.scripts:
        desk.host.window.point(x, y, 0)
        desk.host.tick()


def test_the_window_can_be_of_any_size(desk):
    desk.press_action()
    for width, height in ((1600, 900), (500, 200), (260, 120)):
        desk.host.window.values.update(w=float(width), h=float(height))
        desk.press("end")
        assert "Goes into" in desk.host.window.texts
        assert any(text.startswith("Ham") for text in desk.host.window.texts)
    for _ in desk.project.tracks:
        desk.host.window.values["mouse_wheel"] = 120.0
        desk.host.tick()
    desk.host.tick()
    assert any(text.startswith("Verb") for text in desk.host.window.texts)
    desk.press("page up", "page down", "space")
    desk.finish("esc")


def test_what_changed_meanwhile_is_sorted_as_it_is_by_then(desk):
    desk.press_action()
    desk.project.user_renames_track(guid("Kick"), "Tambourine")
    desk.project.user_deletes_track(guid("Hammond"))
    desk.finish()
    made = dict(outline(desk.project.rpp))
    assert (made["Tambourine"], made["Snare"]) == ("Drums", "Drums")  # as it was accepted
    assert "Hammond" not in made


def test_a_project_that_is_changed_while_the_worker_thinks_is_asked_about_anew(desk):
    desk.press_action()
    desk.host.window.press("enter")
    asked = len(desk.worker.jobs())
    desk.host.run_until(lambda: desk.worker.beat() or len(desk.worker.jobs()) > asked, PATIENCE_S)
    desk.project.user_moves_fader(guid("Snare"), 0.5)
    desk.until(lambda: not desk.host.scripts)
    assert outline(desk.project.rpp) == SORTED
    assert desk.project.track("Snare").number("VOLPAN", 1) == 0.5


LAND = """
local answer = require("json").decode([==[{answer}]==])
print(require("sort").land(project, answer))
"""


def test_an_error_in_any_call_of_the_landing_leaves_all_or_nothing(tmp_path):
    text = song(track("Snare", SEL="1"), track("Bass"), track("Kick", receives=[receive(0)]))
    desk = Desk(tmp_path, text)
    asked = Request(1, "x", "stems")
    answer = msgspec.json.encode(stems.answer(asked, session_of(text, tmp_path))).decode()
    code = LAND.replace("{answer}", answer)
    with desk.reaper:
        desk.reaper.calls.clear()
        assert lua(desk.host, code).startswith("true")
        calls, done = len(desk.reaper.calls), outline(desk.project.rpp)
        desk.project.history.undo()
        for call in range(1, calls):
            desk.reaper.fail_at(call)
            with contextlib.suppress(LuaFailure):
                lua(desk.host, code)
            assert is_balanced(desk.reaper)
            assert desk.project.rpp == text or outline(desk.project.rpp) == done
            if desk.project.rpp != text:
                desk.project.history.undo()
            assert desk.project.rpp == text


def test_without_tracks_there_is_nothing_to_sort(desk):
    desk.reaper.open(song())
    desk.press_action()
    assert desk.reaper.console == ["This project has no tracks; there is nothing to sort.\n"]


NAMES = st.sampled_from(["Kick", "Snare", "Toms", "Gtr", "Piano", "Drums", "Guitars", "Bass", "x"])


@st.composite
def named_trees(draw):
    """Levels of tracks as any project may have them, and their names."""
    levels = [0]
    for _ in range(draw(st.integers(0, 8))):
        levels.append(draw(st.integers(0, levels[-1] + 1)))
    return levels, [draw(NAMES) for _ in levels]


@settings(max_examples=12)
@given(named_trees(), st.sampled_from(list(LUAS)))
def test_the_action_makes_the_tree_that_the_file_writer_makes(tmp_path_factory, given, version):
    levels, names = given
    folder = tmp_path_factory.mktemp("sort")
    text = tree(levels)
    for place, name in enumerate(names):
        text = text.replace(f'NAME "T{place}"', f'NAME "{name}"')
    session = session_of(text, folder)
    expected = arranged(session, propose(session, guess_all(session)))
    desk = Desk(folder, text, version)
    with desk.reaper:
        desk.sort()
        by_id = {None: None} | {one.id: one.name for one in expected.tracks}
        assert outline(desk.project.rpp) == [
            (one.name, by_id[one.parent_id]) for one in expected.tracks
        ]
        if desk.titles:
            assert desk.project.history.undo()
        assert desk.project.rpp == text


def test_a_project_of_every_kind_of_track_goes_through(tmp_path):
    desk = Desk(tmp_path, EVERY_KIND)
    with desk.reaper:
        desk.sort()
        assert guess("Reverb return").role == "effect return"
        assert {name for name, _ in outline(desk.project.rpp)} >= {
            "Drums",
            "VCA follower",
            "Locked",
        }
        for _ in desk.titles:
            desk.project.history.undo()
        assert desk.project.rpp == EVERY_KIND
