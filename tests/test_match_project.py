"""A match in a project's text: added, updated, taken out; all else keeps its bytes."""

from pathlib import Path

import pytest

from conftest import shared_data_folder
from reaper_automix import rpp
from reaper_automix.adapters import project
from reaper_automix.adapters.project import edit, seats, strips
from reaper_automix.adapters.project.store import read_stored, write_stored
from reaper_automix.errors import InputError
from reaper_automix.match.console import sliders
from reaper_automix.match.console.sliders import PLACES, RESTING
from reaper_automix.match.console.strips import Band, Compressor, Strip
from reaper_automix.match.placing.landed import NEUTRAL, Bus, Match, Seat, Stem
from reaper_automix.match.placing.stored import Placed
from reaper_automix.session import StoredBalance, StoredFader

DATA = Path(__file__).parent / "data"
A = "{AAAAAAAA-0000-4000-8000-000000000001}"
B = "{BBBBBBBB-0000-4000-8000-000000000002}"

WARM = Strip((Band(3.0, 200.0, 0.7), *NEUTRAL.bands[1:]), Compressor(-31.5, 4.0, 10.0, 6.0, 1.0))
LOUD = sliders.of(WARM, output_db=2.0)

BARE = f"""\
<REAPER_PROJECT 0.1 "7.0/linux" 1700000000
  TEMPO 120 4 4
  MASTER_VOLUME 1 0 -1 -1 1
  MASTER_SEL 0
  <MASTERPLAYSPEEDENV
    ACT 0 -1
  >
  <TRACK {A}
    NAME "the 'A' `side`"
    VOLPAN 0.70794578438414 0.25 -1 -1 1
    MAINSEND 1 0
    <ITEM
      POSITION 0
    >
  >
  <TRACK {B}
    NAME Bass
    <FXCHAIN
      SHOW 0
      LASTSEL 0
      DOCKED 0
      BYPASS 1 0 0
      <JS loser/3BandEQ ""
        0.000000 200.000000 - -
      >
      FLOATPOS 0 0 0 0
      FXID {{563A0BAE-9E81-4667-8E14-54B1D74860DE}}
      WAK 0
    >
  >
>
"""


def tree_of(text):
    return rpp.parse(text).block("REAPER_PROJECT")


@pytest.fixture(params=["\n", "\r\n"], ids=["LF", "CRLF"])
def tree(request):
    """The bare project as it is saved here and on Windows."""
    return tree_of(BARE.replace("\n", request.param))


def text_of(tree):
    return rpp.dump(tree).replace("\r\n", "\n")


def placed_on(tree, strength=1.0, strip=WARM, only=None):
    stems = [
        Stem(one, "x", where.before, Seat(-4.0, -0.5, strip))
        for one, where in seats.starts(tree).items()
        if only is None or one in only
    ]
    return Placed(Match(tuple(stems), Bus(strip, -2.5)), strength)


# Text


def test_a_strip_stands_behind_the_other_effects_as_reaper_writes_it(tree):
    strips.set_strip(edit.track_nodes(tree)[B], sliders.of(WARM), B)
    assert (
        """\
      WAK 0
      BYPASS 0 0 0
      <JS "Automix/Automix Strip.jsfx" ""
        1 3 200 0.7 0 400 0.707 0 3000 0.707 0 9000 0.707 0 14000 0.707 0 10000 0.707 1 -31.5"""
        + " 4 10 6 1 0 0"
        + 37 * " -"
        + "\n      >\n      FLOATPOS 0 0 0 0\n      FXID {"
    ) in text_of(tree)


def test_a_chain_is_made_before_the_items(tree):
    strips.set_strip(edit.track_nodes(tree)[A], sliders.of(WARM), A)
    chain = (
        "    <FXCHAIN\n      WNDRECT 24 52 655 408\n      SHOW 0\n      LASTSEL 0\n      DOCKED 0\n"
    )
    text = text_of(tree)
    assert f"    MAINSEND 1 0\n{chain}      BYPASS 0 0 0\n      <JS" in text
    assert "    >\n    <ITEM\n" in text


def test_the_masters_chain_is_made_behind_the_lines_about_the_master(tree):
    seats.set_bus(tree, Bus(WARM, -2.5))
    assert "  MASTER_SEL 0\n  <MASTERFXLIST\n    WNDRECT" in text_of(tree)
    values = strips.read_strip(tree, strips.MASTER_CHAIN)
    assert (values[PLACES["detector"]], values[PLACES["output_db"]]) == (1.0, -2.5)
    assert [fx.name for fx in project.session_of(tree, Path("x.rpp")).master_fx] == [
        f"JS: {sliders.FILE}"
    ]


def test_on_the_master_the_strip_comes_before_what_limits_the_mix(tree):
    limiter = '    <JS loser/masterLimiter ""\n      -3 - -\n    >\n'
    chain = f"  <MASTERFXLIST\n    SHOW 0\n    BYPASS 0 0 0\n{limiter}    WAK 0 0\n  >\n"
    limited = tree_of(text_of(tree).replace("  <TRACK", f"{chain}  <TRACK", 1))
    seats.set_bus(limited, Bus(WARM, -2.5))
    effects = [f"JS: {sliders.FILE}", "JS: loser/masterLimiter"]
    assert [fx.name for fx in project.session_of(limited, Path("x.rpp")).master_fx] == effects
    strips.remove_strip(limited, strips.MASTER_CHAIN)
    assert chain in text_of(limited)


@pytest.mark.parametrize(("switches", "off"), [("0 0", False), ("1 0", True), ("0 1", True)])
def test_a_strip_that_is_bypassed_or_offline_is_not_heard(tree, switches, off):
    strips.set_strip(edit.track_nodes(tree)[A], LOUD, A)
    strips.set_strip(tree, LOUD, "master", strips.MASTER_CHAIN)
    there = tree_of(text_of(tree).replace("BYPASS 0 0 0", f"BYPASS {switches} 0"))
    assert set(seats.bypassed(there)) == ({A, "master"} if off else set())


def test_line_ends_stay_those_of_the_file(tree):
    ends = {line.endswith("\r\n") for line in rpp.dump(tree).splitlines(keepends=True)}
    seats.place(tree, placed_on(tree))
    assert {line.endswith("\r\n") for line in rpp.dump(tree).splitlines(keepends=True)} == ends


def test_a_session_sees_the_strip_as_an_effect(tree):
    strips.set_strip(edit.track_nodes(tree)[A], LOUD, A)
    track = project.session_of(tree, Path("x.rpp")).track(A)
    assert [fx.is_strip for fx in track.active_fx] == [True]


def test_a_strip_that_would_do_nothing_is_not_added(tree):
    before = rpp.dump(tree)
    strips.set_strip(edit.track_nodes(tree)[A], RESTING, A)
    assert rpp.dump(tree) == before
    strips.set_strip(edit.track_nodes(tree)[A], LOUD, A)
    strips.set_strip(edit.track_nodes(tree)[A], RESTING, A)
    assert strips.read_strip(edit.track_nodes(tree)[A]) == RESTING


def test_an_update_touches_its_numbers_and_nothing_else(tree):
    node = edit.track_nodes(tree)[B]
    strips.set_strip(node, LOUD, B)
    text = text_of(tree).replace('BYPASS 0 0 0\n      <JS "Auto', 'BYPASS 1 1 0\n      <JS "Auto')
    text = text.replace("FLOATPOS 0 0 0 0\n      FXID {5", "FLOATPOS 9 9 9 9\n      FXID {5")
    text = text.replace(" 0.707", " 0.7070000").replace("- -\n", "- - \n")
    again = tree_of(text)
    assert strips.is_bypassed(edit.track_nodes(again)[B])
    strips.set_strip(edit.track_nodes(again)[B], LOUD, B)
    text = text.replace("BYPASS 1 1 0", "BYPASS 0 1 0")
    assert rpp.dump(again) == text
    strips.set_strip(edit.track_nodes(again)[B], sliders.of(WARM, output_db=-1.0), B)
    assert rpp.dump(again) == text.replace(" 2 0 -", " -1 0 -")


def test_a_strip_of_another_folder_is_ours_and_one_in_a_container_is_not(tree):
    node = edit.track_nodes(tree)[B]
    strips.set_strip(node, LOUD, B)
    text = text_of(tree)
    moved = tree_of(
        text.replace("Automix/Automix Strip.jsfx", "reaper-automix/fx/Automix Strip.jsfx")
    )
    assert strips.read_strip(edit.track_nodes(moved)[B]) == LOUD
    lines = text.splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if "Automix Strip" in line)
    lines[at:at] = ['      <CONTAINER Container "" ""\n', "      BYPASS 0 0 0\n"]
    lines.insert(at + 5, "      >\n")
    inside = tree_of("".join(lines))
    assert strips.read_strip(edit.track_nodes(inside)[B]) is None
    strips.remove_strip(edit.track_nodes(inside)[B])
    assert rpp.dump(inside) == "".join(lines)


@pytest.mark.parametrize("line", ["", "        \n", "        0 1 2\n", "        - - x\n"])
def test_a_damaged_line_is_read_as_far_as_it_goes_and_mended(line, tree):
    node = edit.track_nodes(tree)[A]
    strips.set_strip(node, LOUD, A)
    strip = next(node.block("FXCHAIN").blocks("JS"))
    strip.body = [line] if line else []
    assert strips.read_strip(node) is not None
    strips.set_strip(node, LOUD, A)
    assert strips.read_strip(node) == LOUD


def test_pan_and_fader_are_one_line(tree):
    seats.set_seats(tree, {A: Seat(-6.020599913279624, -1.0), B: Seat(float("-inf"), 0.5)})
    text = text_of(tree)
    assert "    VOLPAN 0.5 -1 -1 -1 1\n" in text
    assert f"  <TRACK {B}\n    VOLPAN 0 0.5 -1 -1 1\n" in text


def test_a_track_that_is_not_there_is_one_sentence(tree):
    with pytest.raises(InputError, match="has no track"):
        seats.set_seats(tree, {"{1}": Seat(0.0, 0.0)})


# A whole match


def test_a_match_is_placed_and_remembered(tree):
    placed = placed_on(tree, 0.5)
    assert seats.place(tree, placed) == ()
    again = seats.read_match(tree)
    assert [stem.name for stem in again.match.stems] == ["the 'A' `side`", "Bass"]
    assert again.written.bus == placed.written.bus
    for stem, seat in zip(again.match.stems, placed.match.stems, strict=True):
        assert (stem.before, stem.matched) == (seat.before, seat.matched)
    session = project.session_of(tree, Path("x.rpp"))
    assert [track.pan for track in session.tracks] == [-0.125, -0.25]
    assert session.track(B).fader_db == pytest.approx(-2.0)


def test_placing_twice_is_placing_once_and_never_stacks(tree):
    placed = placed_on(tree)
    seats.place(tree, placed)
    once = rpp.dump(tree)
    assert seats.place(tree, placed_on(tree)) == ()
    assert rpp.dump(tree) == once


def test_another_strength_starts_from_the_same_mix(tree):
    seats.place(tree, placed_on(tree, 1.0))
    seats.place(tree, placed_on(tree, 0.3))
    other = tree_of(BARE)
    seats.place(other, placed_on(other, 0.3))
    assert text_of(tree) == text_of(other)


def test_a_strength_of_nothing_is_the_mix_as_it_was(tree):
    before = project.session_of(tree, Path("x.rpp"))
    seats.place(tree, placed_on(tree, 0.0))
    after = project.session_of(tree, Path("x.rpp"))
    assert after.tracks == before.tracks
    assert after.master_fx == before.master_fx


def test_a_match_that_is_taken_back_leaves_no_byte(tree):
    edit.track_nodes(tree)[B].add_line("VOLPAN 1 0 -1 -1 1")
    before = rpp.dump(tree)
    seats.place(tree, placed_on(tree))
    assert seats.take_back(tree) == ()
    assert rpp.dump(tree) == before
    assert seats.take_back(tree) == ()
    assert rpp.dump(tree) == before


def test_a_strip_moved_by_hand_stays_and_is_told(tree):
    seats.place(tree, placed_on(tree))
    nodes = edit.track_nodes(tree)
    hers = tuple(1.0 if one == PLACES["knee_db"] else value for one, value in enumerate(LOUD))
    strips.set_strip(nodes[A], hers, A)
    moved = strips.read_strip(nodes[A])
    assert seats.place(tree, placed_on(tree, strip=NEUTRAL)) == (A,)
    assert strips.read_strip(nodes[A]) == moved
    assert strips.read_strip(nodes[B]) == RESTING
    assert seats.take_back(tree) == (A,)
    assert strips.read_strip(nodes[A]) == moved
    assert strips.read_strip(nodes[B]) is None


def test_the_masters_strip_moved_by_hand_stays_and_is_told(tree):
    strips.set_strip(tree, LOUD, "hers", strips.MASTER_CHAIN)
    assert seats.master_is_hers(tree)
    assert seats.place(tree, placed_on(tree)) == ("master",)
    assert strips.read_strip(tree, strips.MASTER_CHAIN) == LOUD


def test_a_fader_moved_by_hand_stays_when_the_match_goes(tree):
    seats.place(tree, placed_on(tree))
    edit.set_faders(tree, {A: 0.25})
    assert seats.starts(tree)[A].before.fader_db == pytest.approx(-12.0412, abs=1e-4)
    seats.take_back(tree)
    session = project.session_of(tree, Path("x.rpp"))
    assert session.track(A).fader_gain == 0.25
    assert session.track(A).pan == 0.25


def test_a_stem_that_is_no_more_in_the_match_goes_back(tree):
    before = project.session_of(tree, Path("x.rpp")).track(A)
    seats.place(tree, placed_on(tree))
    seats.place(tree, placed_on(tree, only=[B]))
    after = project.session_of(tree, Path("x.rpp")).track(A)
    assert after == before
    assert [stem.track_id for stem in seats.read_match(tree).match.stems] == [B]


def test_a_stem_whose_track_is_gone_is_forgotten(tree):
    seats.place(tree, placed_on(tree))
    tree.body.remove(edit.track_nodes(tree)[A])
    assert [stem.track_id for stem in seats.read_match(tree).match.stems] == [B]
    seats.take_back(tree)


def test_a_balance_takes_a_match_for_no_move_by_hand_and_keeps_what_it_remembers(tree):
    write_stored(tree, StoredBalance((StoredFader(A, 1.0, 0.70794578438414),)))
    seats.place(tree, placed_on(tree))
    (fader,) = read_stored(tree).faders
    session = project.session_of(tree, Path("x.rpp"))
    assert fader.written_gain == pytest.approx(session.track(A).fader_gain)
    assert fader.hand_db == 0.0
    write_stored(tree, read_stored(tree))
    assert seats.read_match(tree) is not None
    seats.take_back(tree)
    assert read_stored(tree).faders[0].written_gain == pytest.approx(0.70794578438414)


def test_a_match_of_a_newer_version_is_left_alone(tree):
    seats.place(tree, placed_on(tree))
    text = text_of(tree).replace(
        "<AUTOMIX_MATCH\n      VERSION 1", "<AUTOMIX_MATCH\n      VERSION 2"
    )
    assert seats.read_match(tree_of(text)) is None


# Real projects

REAL = sorted(
    path
    for path in (shared_data_folder() or DATA).rglob("*")
    if path.suffix.lower() == ".rpp" and path.read_bytes().lstrip().startswith(b"<REAPER_PROJECT")
)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem[:40])
def test_a_strip_that_comes_and_goes_leaves_every_real_project_as_it_was(path):
    document = project.load(path)
    tree = project.root(document, path)
    before = rpp.dump(document)
    chains = [(tree, strips.MASTER_CHAIN, "master")]
    chains += [(node, strips.TRACK_CHAIN, one) for one, node in edit.track_nodes(tree).items()]
    for owner, chain, origin in chains:
        strips.set_strip(owner, LOUD, origin, chain)
    added = rpp.dump(document)
    assert added.count(f'<JS "{sliders.FILE}" ""') == len(chains)
    for owner, chain, origin in chains:
        strips.set_strip(owner, LOUD, origin, chain)
    assert rpp.dump(document) == added
    for owner, chain, origin in chains:
        strips.set_strip(owner, sliders.of(WARM), origin, chain)
        assert strips.read_strip(owner, chain) == sliders.of(WARM)
        strips.set_strip(owner, LOUD, origin, chain)
    assert rpp.dump(document) == added
    assert rpp.dump(rpp.parse(added)) == added
    for owner, chain, _ in chains:
        strips.remove_strip(owner, chain)
    assert rpp.dump(document) == before
