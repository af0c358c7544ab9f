"""A file of weights from end to end: what the published network says, ours says too."""

import hashlib

import numpy as np
import pytest
import torch

from diffmst import Oracle
from reaper_automix.match.console.strips import UNHEARD, channel_row, master_row
from reaper_automix.match.console.table import CHANNEL, MASTER, place, values
from reaper_automix.match.hearing import Passage, Reference
from reaper_automix.match.network import checkpoint, model, protocol

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def oracle(shared_data):
    return Oracle(shared_data)


@pytest.fixture(scope="module")
def loaded(oracle, tmp_path_factory):
    """The oracle's weights out of a file as a training run leaves it; such a file is 764 MB."""
    path = tmp_path_factory.mktemp("weights") / "epoch=1-step=2.ckpt"
    weights = oracle.weights(model.blank())
    optimiser = {"state": {0: {"exp_avg": torch.ones(3)}}, "param_groups": [{"lr": 1e-5}]}
    torch.save(
        {
            "epoch": 1,
            "state_dict": {f"model.{name}": tensor for name, tensor in weights.items()},
            "optimizer_states": [optimiser],
            "hyper_parameters": {"model": "mst"},
        },
        path,
    )
    del weights
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    found = checkpoint.load(path)
    path.unlink()
    assert (found.name, found.sha256) == (path.name, digest)
    return found.network


def close(found, expected, tolerance=1e-4):
    np.testing.assert_allclose(found, expected, atol=tolerance)


def test_what_is_heard_and_said_is_the_published_networks(oracle, loaded):
    """Case A."""
    expected, recipe = oracle.arrays("expected_model"), oracle.recipe
    tracks = np.stack([recipe.track(number, 65536) for number in range(5)])
    picture = loaded.track_encoder.picture(torch.from_numpy(tracks)).numpy()
    assert picture.shape == tuple(expected["A_spec_shape"])
    close(picture[0, :, 10], expected["A_spec_track0_frame10"])
    close(picture[3, :, 0], expected["A_spec_track3_frame0"])
    stems = np.stack([loaded.stem(track) for track in tracks])
    sides = loaded.reference(recipe.reference(65536, 0))
    close(stems, expected["A_track_embeds"])
    close(sides, expected["A_ref_embeds"])
    channels, master = loaded.settings(stems, sides)
    close(channels, expected["A_track_params"])
    close(master, expected["A_master_params"])


def protocol_case(oracle):
    told, recipe = oracle.told("expected_protocol"), oracle.recipe
    tracks = np.stack([recipe.track(k, told["n"], level) for k, level in enumerate(told["levels"])])
    start, end = told["track_start_idx"], told["track_start_idx"] + told["analysis_len"]
    return told, tracks[:, start:end], recipe.reference(told["n"], 1)


def scaled(signal, gain_db):
    return signal * np.float32(10 ** (gain_db / 20))


def test_the_protocol_leads_to_the_same_settings(oracle, loaded):
    """Case D, with its own gains."""
    told, tracks, reference = protocol_case(oracle)
    stems = [loaded.stem(scaled(tracks[k], told["track_gain_db"][k])) for k in told["kept_tracks"]]
    start = told["ref_start_idx"]
    window = scaled(reference, told["ref_gain_db"])[:, start : start + told["analysis_len"]]
    channels, master = loaded.settings(np.stack(stems), loaded.reference(window))
    expected = oracle.arrays("expected_protocol")
    close(channels, expected["D_track_params"])
    close(master, expected["D_master_params"])


def test_a_prediction_is_that_of_the_protocol(oracle, loaded):
    """Case D with our meter; the reference is measured there over a little more than is heard."""
    told, tracks, reference = protocol_case(oracle)
    start = told["ref_start_idx"]
    found = protocol.predict(
        loaded,
        [f"Track {number}" for number in range(6)],
        [Passage(0.0, np.stack([tracks, tracks], axis=1))],
        Reference("Reference", (reference[:, start : start + told["analysis_len"]],)),
    )
    assert found.heard == tuple(told["kept_tracks"])
    assert found.silent == (3, 4)
    expected = oracle.arrays("expected_protocol")
    channels = values(CHANNEL, expected["D_track_params"])
    channels[:, place(CHANNEL, "gain_db")] += [told["track_gain_db"][k] for k in found.heard]
    alike(CHANNEL, [channel_row(channel) for channel in found.console.channels], channels)
    alike(MASTER, master_row(found.console.master), values(MASTER, expected["D_master_params"]))


def alike(table, rows, expected):
    heard = [number for number, one in enumerate(table) if one.name not in UNHEARD]
    span = np.array([one.high - one.low for one in table])
    assert (np.abs(rows - expected) <= 5e-3 * span)[..., heard].all()


def test_the_meter_of_the_protocol_is_that_of_the_published_one(oracle):
    told, tracks, reference = protocol_case(oracle)
    for track, gain_db in zip(tracks, told["track_gain_db"], strict=True):
        leveled = protocol.at_loudness(track[None], protocol.STEM_LUFS)
        assert (leveled and leveled[1]) == (gain_db and pytest.approx(gain_db, abs=1e-3))
    _, gain_db = protocol.at_loudness(reference, protocol.REFERENCE_LUFS)
    assert gain_db == pytest.approx(told["ref_gain_db"], abs=1e-3)
