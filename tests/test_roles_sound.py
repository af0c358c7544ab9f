"""Roles from sound: what the model may depend on, what it can tell apart, and how far it counts."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import instruments
import train_roles
from reaper_automix.audio import from_samples
from reaper_automix.features import SPECTRUM_HZ, Features
from reaper_automix.features.measure import listen
from reaper_automix.roles import UNKNOWN, guess, sound
from signals import RATE_HZ

levels = st.floats(-120.0, 0.0)


def heard(samples):
    measurement, _ = listen(from_samples(samples, RATE_HZ))
    return measurement.features


@pytest.fixture(scope="module")
def kick():
    return heard(instruments.repeated(instruments.kick()))


@pytest.fixture(scope="module")
def hat():
    return heard(instruments.repeated(instruments.hat(), count=24, every_s=0.125))


def kind_of(features):
    shares = sound.model().shares(sound.descriptors_of(features))
    return max(shares, key=shares.get)


SILENCE = Features(3.0, 0.0, -math.inf, -math.inf, None)


# Laws


def test_the_model_has_a_row_for_every_kind_and_a_weight_for_every_descriptor(kick):
    model = sound.model()
    assert [*model.kinds] == [*sound.ROLES_OF_KIND] == [*train_roles.KINDS]
    count = len(sound.descriptors_of(kick))
    assert len(model.mean) == len(model.spread) == count
    assert {len(weights) for weights in model.kinds.values()} == {count + 1}


@given(by_db=st.floats(-60.0, 60.0))
def test_level_does_not_matter(kick, by_db):
    before, after = sound.descriptors_of(kick), sound.descriptors_of(kick.gained(by_db))
    assert after == pytest.approx(before)
    assert guess("", (), kick.gained(by_db)).role == guess("", (), kick).role


@given(st.lists(levels, min_size=61, max_size=61), st.floats(20, 5000), st.floats(0, 1), levels)
def test_any_sound_has_an_answer(spectrum, f0_hz, confidence, lufs):
    features = Features(
        *(10.0, 7.0, 0.0, 0.0, lufs, None, f0_hz, confidence),
        centroid_hz=1000.0,
        bandwidth_hz=500.0,
        spectrum_db=tuple(spectrum),
    )
    ratios = sound.likelihoods(features)
    known = sound.model()
    assert min(ratios.values()) >= 1.0 - known.trust_in_kind - known.trust_in_family - 1e-9
    shares = sound.model().shares(sound.descriptors_of(features))
    assert math.fsum(shares.values()) == pytest.approx(1.0)


def test_kinds_share_what_is_likely(kick):
    ratios = sound.likelihoods(kick)
    first = [ratios[roles[0]] for roles in sound.ROLES_OF_KIND.values()]
    assert math.fsum(first) == pytest.approx(len(first))
    assert ratios["overhead"] == ratios["room"]
    assert ratios["lead vocal"] == ratios["backing vocal"]
    assert not {"effect return", "click", "other"} & set(ratios)


def test_every_kind_is_of_one_family():
    assert sorted(kind for family in sound.FAMILIES for kind in family) == sorted(
        sound.ROLES_OF_KIND
    )


def test_silence_says_nothing():
    assert sound.descriptors_of(SILENCE) == ()
    assert sound.likelihoods(SILENCE) == {}
    assert guess("Kick", (), SILENCE) == guess("Kick")
    assert guess("", (), SILENCE) == UNKNOWN


def test_bands_without_sound_count_as_the_floor(kick):
    lonely = replace(kick, spectrum_db=(-20.0, *[-math.inf] * (len(SPECTRUM_HZ) - 1)))
    assert sound.descriptors_of(lonely)[1] == sound.FLOOR_DB


# Numbers


def test_a_kick_and_a_hat_are_told_apart(kick, hat):
    assert kind_of(kick) == "kick"
    assert kind_of(hat) == "hi-hat"


def test_a_sound_helps_where_a_name_says_nothing(kick):
    found = guess("Audio 7", (), kick)
    assert (found.role, found.by) == ("kick", "sound")


def test_a_sound_that_fits_makes_a_name_surer(kick):
    assert guess("Kick", (), kick).by == "both"
    assert guess("Kick", (), kick).confidence > guess("Kick").confidence


def test_a_sound_overrules_a_name_that_says_little(hat):
    assert guess("Sub").role == "bass"
    assert guess("Sub", (), hat).role != "bass"


def test_a_sound_that_does_not_fit_makes_a_name_less_sure(hat):
    assert guess("Kick", (), hat).role in ("kick", "hi-hat")
    assert guess("Kick", (), hat).confidence < guess("Kick").confidence


def test_what_cannot_be_heard_is_left_to_the_name(kick):
    assert guess("Kick Verb", (), kick).role == "effect return"
    assert guess("Click", (), kick).role == "click"
