"""Homes, groups, buses, returns, muting and the order of the flow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.routing import MIX, trace, unmoved_sends
from reaper_automix.session import Item, Receive, Session, Track

ITEMS = (Item("{i}", 0.0, 1.0),)


def session(*tracks):
    return Session("song", tracks)


def test_tracks_lead_to_their_folder_and_folders_to_the_mix():
    flow = trace(
        session(Track("{d}", "Drums", folder=True), Track("{k}", "Kick", "{d}", items=ITEMS))
    )
    assert flow.home == {"{d}": MIX, "{k}": "{d}"}
    assert flow.kind == {"{d}": "folder", "{k}": "track"}
    assert flow.groups() == ("{d}", MIX)
    assert flow.members("{d}") == ("{k}",)


def test_inner_groups_come_before_the_ones_they_lie_in():
    tracks = [Track("{0}", "outer", folder=True)]
    tracks += [Track(f"{{{n}}}", str(n), f"{{{n - 1}}}", folder=True) for n in range(1, 12)]
    tracks.append(Track("{leaf}", "leaf", "{11}", items=ITEMS))
    groups = trace(session(*tracks)).groups()
    assert groups == (*(f"{{{n}}}" for n in reversed(range(12))), MIX)


def test_a_track_without_main_send_belongs_to_the_bus_it_feeds():
    flow = trace(
        session(
            Track("{a}", "a", items=ITEMS, main_send=False),
            Track("{bus}", "Bus", receives=(Receive("{a}"),)),
        )
    )
    assert flow.home == {"{a}": "{bus}", "{bus}": MIX}
    assert flow.kind["{bus}"] == "bus"


def test_a_track_that_leads_nowhere_has_no_home():
    side_chain = Receive("{a}", target_channel=2)
    pre_fader = Receive("{a}", mode="pre-fader")
    flow = trace(
        session(
            Track("{a}", "a", items=ITEMS, main_send=False),
            Track("{b}", "b", items=ITEMS, receives=(side_chain, pre_fader)),
        )
    )
    assert "{a}" not in flow.home


def test_what_only_receives_is_a_return():
    flow = trace(
        session(Track("{a}", "a", items=ITEMS), Track("{r}", "Reverb", receives=(Receive("{a}"),)))
    )
    assert flow.kind["{r}"] == "return"
    assert flow.order.index("{a}") < flow.order.index("{r}")


def test_muting_a_folder_or_bus_silences_what_leads_into_it():
    flow = trace(
        session(
            Track("{d}", "Drums", folder=True, mute=True),
            Track("{k}", "Kick", "{d}", items=ITEMS),
            Track("{v}", "Vox", items=ITEMS),
        )
    )
    assert flow.silent == {"{d}", "{k}"}


def test_a_loop_of_sends_is_cut_once_and_everything_keeps_its_place():
    flow = trace(
        session(
            Track("{a}", "a", items=ITEMS, receives=(Receive("{b}"),)),
            Track("{b}", "b", items=ITEMS, receives=(Receive("{a}"),)),
        )
    )
    assert len(flow.broken) == 1
    assert set(flow.order) == {"{a}", "{b}"}


@pytest.mark.parametrize("silent", [{"audio": False}, {"mute": True}, {"target_channel": 2}])
def test_what_makes_no_sound_closes_no_loop(silent):
    flow = trace(
        session(
            Track("{keys}", "MIDI", items=ITEMS, receives=(Receive("{synth}", **silent),)),
            Track("{synth}", "Synth", receives=(Receive("{keys}"),)),
        )
    )
    assert flow.broken == frozenset()


def test_pre_fader_sends_are_named():
    tracks = session(
        Track("{a}", "a", items=ITEMS), Track("{h}", "Cue", receives=(Receive("{a}", "pre-fader"),))
    )
    assert unmoved_sends(tracks, "{a}") == ("Cue",)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40), st.data())
def test_any_tangle_of_sends_has_an_order_in_which_it_flows(sends, data):
    main = data.draw(st.lists(st.booleans(), min_size=10, max_size=10))
    receives = {n: tuple(Receive(f"{{{a}}}") for a, b in sends if b == n) for n in range(10)}
    tracks = [
        Track(f"{{{n}}}", str(n), items=ITEMS, receives=receives[n], main_send=main[n])
        for n in range(10)
    ]
    flow = trace(session(*tracks))
    place = {track: index for index, track in enumerate(flow.order)}
    assert len(place) == 10
    for track in tracks:
        for receive in track.receives:
            cut = (receive.source_id, track.id) in flow.broken
            assert cut or place[receive.source_id] < place[track.id]
    for track in flow.home:
        seen = set()
        while track is not MIX:
            assert track not in seen
            seen.add(track)
            track = flow.home.get(track)
