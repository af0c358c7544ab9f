"""Roles from names: laws first, then what names people gave and what rules compose."""

import json
import string
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import run_roles
from reaper_automix.roles import STEM_OF, UNKNOWN, Evidence, Guess, Role, StemName, guess, guesses
from reaper_automix.roles.blend import COMMON, blended
from reaper_automix.roles.names import LEAST, RULES, from_name
from reaper_automix.roles.signs import Sign, _table, signs_of, words_of
from role_names import UNKNOWN as SAYING_NOTHING
from role_names import names, unknown

PLAIN = ("Kick", "Snare", "Gtr", "AcGtr", "OH", "Lead Vox", "BGV", "Bass", "СОЛО", "主唱", "Flöte")
chances = st.floats(0.0, 1.0)
roles = st.sampled_from(get_args(Role))
ratios = st.dictionaries(roles, st.floats(0.01, 20.0))


def role_of(name, *folders):
    return guess(name, folders).role


# Laws


def test_every_role_has_a_stem_and_a_commonness():
    assert set(STEM_OF) == set(get_args(Role)) == set(COMMON)
    assert set(STEM_OF.values()) == {*get_args(StemName), None}


def test_the_tables_and_the_rules_speak_of_the_same_signs():
    said = frozenset().union(*_table().values()) | {"somebody"}
    assert said == set(get_args(Sign))
    assert frozenset().union(*(rule.signs for rule in RULES)) == said - {"plain"}


def test_no_rule_hides_behind_an_earlier_one():
    for at, rule in enumerate(RULES):
        assert not any(earlier.signs <= rule.signs for earlier in RULES[:at]), rule


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_has_an_answer(name, folders):
    found = guess(name, folders)
    assert (found.role is None) == (found.confidence == 0.0) == (found.by == "")
    assert found.role is None or LEAST <= found.confidence <= 1.0


@given(st.sampled_from(PLAIN), st.sampled_from((str.upper, str.lower, str.title)))
def test_case_does_not_count(name, cased):
    assert guess(cased(name)) == guess(name)


@given(
    st.sampled_from(PLAIN),
    st.sampled_from(
        ("01 {}", "{} 01", "{}_2", "{}-12", "{} (3)", "#4 {}", "{}.wav", "[{}]", "🔥{}")
    ),
    st.sampled_from(("", " L", "_R", " take 3", " dbl", " comp", "-left")),
)
def test_numbers_sides_takes_and_punctuation_do_not_count(name, frame, suffix):
    assert guess(frame.format(name + suffix)) == guess(name)


@pytest.mark.parametrize("name", SAYING_NOTHING)
def test_a_name_that_says_nothing_takes_on_what_its_folder_says(name):
    assert guess(name) == UNKNOWN
    assert role_of(name, "Band", "Snare") == "snare"


@given(st.sampled_from(PLAIN), st.sampled_from(("Drums", "Guitars", "Vocals", "FX", "Take 2", "7")))
def test_a_folder_makes_no_name_less_sure(name, folder):
    assert guess(name, (folder,)).confidence >= min(guess(name).confidence, LEAST)
    if guess(name).confidence > 0.85:
        assert guess(name, (folder,)) == guess(name)


def test_a_folder_further_out_counts_less():
    assert role_of("1", "Snare", "Kick") == "kick"
    near, far = guess("1", ("Kick",)), guess("1", ("Kick", "7"))
    assert near.role == far.role == "kick"
    assert near.confidence > far.confidence


@given(st.lists(st.sampled_from((*PLAIN, "Vox", "Anna Vox", "Audio")), max_size=8), st.randoms())
def test_the_order_of_tracks_does_not_matter(session, rng):
    order = rng.sample(range(len(session)), len(session))
    found = guesses([Evidence(name) for name in session])
    assert guesses([Evidence(session[at]) for at in order]) == tuple(found[at] for at in order)


@given(roles, chances, chances, ratios)
def test_the_surer_a_name_the_more_it_counts(role, less, more, likelihoods):
    less, more = sorted((less, more))
    unsure = blended(Guess(role, less, "name"), likelihoods)
    sure = blended(Guess(role, more, "name"), likelihoods)
    if unsure.role == role:
        assert sure.role == role
        assert sure.confidence >= unsure.confidence - 1e-9


@given(roles, st.floats(LEAST, 1.0), ratios, st.floats(1.0, 50.0))
def test_the_better_a_sound_fits_the_more_it_counts(role, confidence, likelihoods, times):
    named = Guess(role, confidence, "name")
    fits = {**likelihoods, role: likelihoods.get(role, 1.0) * times}
    if blended(named, likelihoods).role == role:
        assert blended(named, fits).role == role
        assert blended(named, fits).confidence >= blended(named, likelihoods).confidence - 1e-9


@given(roles, st.floats(LEAST, 1.0))
def test_a_sound_that_says_nothing_changes_nothing(role, confidence):
    named = Guess(role, confidence, "name")
    assert blended(named, {}) == named
    heard = blended(named, dict.fromkeys(get_args(Role), 1.0))
    assert (heard.role, heard.by) == (role, "name")
    assert heard.confidence == pytest.approx(confidence)


def test_name_and_sound_overrule_each_other():
    hats = {**dict.fromkeys(get_args(Role), 0.1), "hi-hat": 16.0}
    assert blended(Guess("kick", 0.55, "name"), hats).role == "hi-hat"
    assert blended(Guess("kick", 0.55, "name"), hats).by == "sound"
    assert blended(Guess("kick", 0.999, "name"), hats).role == "kick"
    assert blended(Guess("hi-hat", 0.7, "name"), hats).by == "both"
    assert blended(UNKNOWN, hats) == blended(Guess(None, 0.0, ""), hats)


# Names


def test_words_are_cut_where_capitals_digits_and_signs_say():
    assert list(words_of("01_SnareTop.L (take 2).wav")) == ["01", "snare", "top", "l", "take", "2"]
    assert list(words_of("OHs")) == ["ohs"]
    assert list(words_of("leadvox")) == ["leadvox"]
    assert list(words_of("acgtrdbl")) == ["acgtr", "dbl"]
    assert signs_of("電吉他左") == {"electric guitar"}


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Kik In", "kick"),
        ("K Out", "kick"),
        ("SnareTop", "snare"),
        ("T2", "tom"),
        ("HHat", "hi-hat"),
        ("China", "ride"),
        ("OH L", "overhead"),
        ("O.H. R", "overhead"),
        ("Drum Loop", "overhead"),
        ("Kit", "overhead"),
        ("Drums", "overhead"),
        ("Kick + Snare", "overhead"),
        ("Snare Room", "room"),
        ("Steel Drum", "percussion"),
        ("Bass Drum", "kick"),
        ("Bass Clarinet", "woodwind"),
        ("Bass Guitar", "bass"),
        ("Bassgitarre", "bass"),
        ("Synth Bass", "bass"),
        ("Gtr 3 DI", "electric guitar"),
        ("E-Git. links", "electric guitar"),
        ("AcGtr2", "acoustic guitar"),
        ("12-String", "acoustic guitar"),
        ("СОЛО", "electric guitar"),
        ("E-Piano", "keys"),
        ("B3 Hi", "organ"),
        ("Vox Organ", "organ"),
        ("Vox AC30", "electric guitar"),
        ("String Pad", "pad"),
        ("Lead Synth", "synth"),
        ("LdVox dbl", "lead vocal"),
        ("Gesang", "lead vocal"),
        ("бэк-вокал 2", "backing vocal"),
        ("Aaaaah!", "backing vocal"),
        ("Choir Pad", "pad"),
        ("Snare Verb", "effect return"),
        ("Aux 3", "effect return"),
        ("Drum Bus", "overhead"),
        ("Click", "click"),
        ("MySong_Mixdown.wav", "click"),
        ("Crowd", "other"),
    ],
)
def test_names_of_the_studio(name, role):
    assert role_of(name) == role


@pytest.mark.parametrize(
    ("folders", "name", "role"),
    [
        (("Drums", "Toms"), "L", "tom"),
        (("Drums", "Snare"), "Close", "snare"),
        (("Drums",), "Room", "room"),
        (("Guitars",), "Room", "electric guitar"),
        (("Acoustics",), "Gtr 1", "acoustic guitar"),
        (("Guitars",), "Solo", "electric guitar"),
        (("Synths",), "Lead", "synth"),
        (("Lead Vocals",), "Anna", "lead vocal"),
        (("BGVs",), "Vox 3", "backing vocal"),
        (("Bass",), "DI", "bass"),
        (("FX",), "Snare", "snare"),
        (("FX",), "Long", "effect return"),
    ],
)
def test_names_in_folders(folders, name, role):
    assert role_of(name, *folders) == role


def test_a_voice_with_a_name_sings_along_where_another_has_none():
    assert role_of("Anna Vox") == "lead vocal"
    found = guesses([Evidence(name) for name in ("Vox", "Anna Vox", "Pat Vox dbl")])
    assert [one.role for one in found] == ["lead vocal", "backing vocal", "backing vocal"]


def test_the_name_of_the_song_before_every_track_makes_nobody_sing_along():
    found = guesses([Evidence(name) for name in ("Mysong_Vox", "Mysong_Vox_2", "Mysong_Kick")])
    assert [one.role for one in found] == ["lead vocal", "lead vocal", "kick"]


# Bad names


@pytest.mark.parametrize(
    "name", ["", " ", "1", "007", "😀😀", "...", "_", "\0", "\ud800", "x" * 9999]
)
def test_names_without_words_have_no_role(name):
    assert guess(name) == UNKNOWN


def test_hundreds_of_the_same_name():
    assert set(guesses([Evidence("Kick")] * 500)) == {guess("Kick")}
    assert set(guesses([Evidence("Audio 1")] * 500)) == {UNKNOWN}
    assert guesses([]) == ()


def test_a_long_word_is_cut_in_no_time():
    assert guess("kick" * 5000).role is None
    assert guess("鼓" * 5000).role == "overhead"


def test_folders_twelve_deep():
    assert role_of("1", "Drums", "Toms", *string.digits) == "tom"


# How many are right


def test_composed_names():
    counts, listed = run_roles.score(
        (one, {one.role}, guess(one.name, one.folders)) for one in names()
    )
    assert counts.total() == 300
    assert counts["right"] >= 0.97 * (counts["right"] + counts["wrong"]), listed
    assert counts["unanswered"] <= 0.05 * counts.total(), listed


def test_names_that_say_nothing_are_not_answered():
    assert {guess(name) for name in unknown()} == {UNKNOWN}


def test_names_people_gave(shared_data):
    rows = run_roles.mixology(shared_data / "human_mix")
    counts, listed = run_roles.score(run_roles.beside_others(rows))
    assert counts.total() == 450
    assert counts["right"] >= 0.97 * (counts["right"] + counts["wrong"]), listed
    assert counts["unanswered"] <= 0.05 * counts.total(), listed


def test_a_label_that_says_no_role_is_left_out(tmp_path):
    tracks = [
        {"name": "A", "instrument": None, "sub": None},
        {"name": "B", "instrument": "DRUMS", "sub": "KICK"},
        {"name": "B", "instrument": "DRUMS", "sub": "SNARE"},
    ]
    mixes = [{"song": "S", "tracks": tracks}]
    (tmp_path / "mixologydb_mixes.json").write_text(json.dumps(mixes))
    assert run_roles.mixology(tmp_path) == [("S", "B", {"kick", "snare"})]


def test_what_names_say_alone_comes_from_names():
    assert from_name("Kick").by == guess("Kick").by == "name"
