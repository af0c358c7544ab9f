"""What a scope means: selected folders, several folders, everything, tracks by id."""

from dataclasses import replace

import pytest

from reaper_automix.errors import NothingToBalance
from reaper_automix.selection import Scope, chosen
from reaper_automix.session import Session, Track

TREE = {
    "Drums": None,
    "Kit": "Drums",
    "Kick": "Kit",
    "Hats": "Kit",
    "Room": "Drums",
    "Keys": None,
    "Piano": "Keys",
    "Lead": None,
    "Empty": None,
}
FOLDERS = {"Drums", "Kit", "Keys", "Empty"}


def song(*selected):
    tracks = (
        Track(name, name, parent_id=home, folder=name in FOLDERS, selected=name in selected)
        for name, home in TREE.items()
    )
    return Session("song", tuple(tracks))


@pytest.mark.parametrize(
    ("selected", "meant"),
    [
        (("Lead",), {"Lead"}),
        (("Keys",), {"Piano"}),
        (("Keys", "Piano"), {"Piano"}),
        (("Drums",), {"Kit", "Kick", "Hats", "Room"}),
        (("Kit", "Kick"), {"Kick", "Hats"}),
        (("Drums", "Kit"), {"Kit", "Kick", "Hats", "Room"}),
        (("Kick", "Piano"), {"Kick", "Piano"}),
        (("Empty",), {"Empty"}),
        (tuple(TREE), set(TREE) - {"Drums", "Keys"}),
    ],
)
def test_a_selected_folder_means_what_is_in_it(selected, meant):
    assert chosen(song(*selected), Scope("selected")) == meant


def test_everything_is_everything_selected_or_not():
    assert chosen(song("Lead"), Scope("all")) == set(TREE)


def test_tracks_are_those_that_are_still_there():
    assert chosen(song("Lead"), Scope("tracks", ("Kick", "gone"))) == {"Kick"}


def test_what_is_chosen_grows_with_the_selection():
    one, two = (chosen(song(*names), Scope("selected")) for names in (["Kit"], ["Kit", "Lead"]))
    assert one < two


@pytest.mark.parametrize(
    ("scope", "remedy"),
    [
        (Scope("selected"), "No track of song is selected; select"),
        (Scope("tracks", ("gone",)), "choose others"),
    ],
)
def test_nothing_chosen_is_one_sentence(scope, remedy):
    with pytest.raises(NothingToBalance, match=remedy):
        chosen(song(), scope)


def test_a_project_without_tracks_is_one_sentence():
    with pytest.raises(NothingToBalance, match="song has no tracks"):
        chosen(replace(song(), tracks=()), Scope("all"))
