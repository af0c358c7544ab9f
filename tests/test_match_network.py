"""The network by itself: its shapes, its laws, and the oracle's numbers."""

import copy

import numpy as np
import pytest
import torch

from diffmst import Oracle
from reaper_automix.match.network import model
from reaper_automix.match.network.model import HOP_FRAMES, Controller, Encoder

SHORTEST = 127 * HOP_FRAMES
"""Frames below which nothing is left for the last block to pool."""

BLOCKS = ((1, 64), (64, 128), (128, 256), (256, 512), (512, 1024), (1024, 2048))
NORMALISED = ("weight", "bias", "running_mean", "running_var")
LAYER = {
    "self_attn.in_proj_weight": (1536, 512),
    "self_attn.in_proj_bias": (1536,),
    "self_attn.out_proj.weight": (512, 512),
    "self_attn.out_proj.bias": (512,),
    "linear1.weight": (2048, 512),
    "linear1.bias": (2048,),
    "linear2.weight": (512, 2048),
    "linear2.bias": (512,),
    **{f"norm{number}.{kind}": (512,) for number in (1, 2) for kind in ("weight", "bias")},
}
CONTROLLER = {
    "track_embedding": (1, 1, 512),
    "mix_embedding": (1, 2, 512),
    "fx_bus_embedding": (1, 1, 512),
    "master_bus_embedding": (1, 1, 512),
    **{
        f"transformer_encoder.layers.{number}.{name}": shape
        for number in range(12)
        for name, shape in LAYER.items()
    },
    **{
        f"{head}_projection.{kind}": shape
        for head, size in (("track", 27), ("fx_bus", 25), ("master_bus", 26))
        for kind, shape in (("weight", (size, 512)), ("bias", (size,)))
    },
}


def block(before, width):
    """Shapes of a block by the names in it."""
    shapes = {"conv1.weight": (width, before, 3, 3), "conv2.weight": (width, width, 3, 3)}
    for norm in ("bn1", "bn2"):
        shapes |= {f"{norm}.{kind}": (width,) for kind in NORMALISED}
        shapes[f"{norm}.num_batches_tracked"] = ()
    return shapes


def encoder():
    shapes = {"window": (2048,), "model.fc.weight": (512, 2048), "model.fc.bias": (512,)}
    for number, widths in enumerate(BLOCKS, 1):
        inside = f"model.conv_block{number}."
        shapes |= {inside + name: shape for name, shape in block(*widths).items()}
    return shapes


def random(*shape, seed=0, scale=1.0):
    return (scale * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


@pytest.fixture(scope="module")
def controller():
    """A controller that hears, which is all that its laws ask of it."""
    torch.manual_seed(1)
    made = Controller().eval()
    for name, parameter in made.named_parameters():
        if name.endswith("_embedding"):
            torch.nn.init.normal_(parameter)
    return made


@pytest.fixture(scope="module")
def ears():
    torch.manual_seed(2)
    made = Encoder().eval()
    made.window.copy_(torch.hann_window(2048))
    for one in made.model.blocks:
        for norm in (one.bn1, one.bn2):
            torch.nn.init.uniform_(norm.running_var, 0.05, 0.2)
            torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
            torch.nn.init.normal_(norm.bias)
    return made


def settings(controller, stems, sides):
    made = model.blank()
    made.controller = controller
    return made.settings(stems, sides)


def test_names_and_shapes_are_those_that_checkpoints_have():
    wanted = {f"{part}.{name}": shape for part in ("track_encoder", "mix_encoder")
              for name, shape in encoder().items()}  # fmt: skip
    wanted |= {f"controller.{name}": shape for name, shape in CONTROLLER.items()}
    found = {name: tuple(tensor.shape) for name, tensor in model.blank().state_dict().items()}
    assert found == wanted
    assert len(found) == 304
    sizes = (parameter.numel() for parameter in model.blank().parameters())
    assert sum(sizes) == 190_923_982


def test_names_are_in_the_oracles_order(shared_data):
    listed = Oracle(shared_data).told("state_dict")["tensors"]
    names = [row["key"].removeprefix("model.") for row in listed]
    assert list(model.blank().state_dict()) == names


def test_a_blank_network_takes_no_memory():
    assert {tensor.device.type for tensor in model.blank().state_dict().values()} == {"meta"}


def test_stems_have_no_order(controller):
    stems, sides = random(5, 512), random(2, 512, seed=1)
    order = [3, 0, 4, 2, 1]
    channels, master = settings(controller, stems, sides)
    shuffled, same = settings(controller, stems[order], sides)
    np.testing.assert_allclose(shuffled, channels[order], atol=2e-6)
    np.testing.assert_allclose(same, master, atol=2e-6)


def test_sides_of_the_reference_have(controller):
    stems, sides = random(3, 512), random(2, 512, seed=1)
    channels, _ = settings(controller, stems, sides)
    swapped, _ = settings(controller, stems, np.ascontiguousarray(sides[::-1]))
    assert np.abs(swapped - channels).max() > 1e-3


def test_a_further_stem_moves_the_others(controller):
    stems, sides = random(4, 512), random(2, 512, seed=1)
    fewer, _ = settings(controller, stems[:3], sides)
    more, _ = settings(controller, stems, sides)
    assert more.shape == (4, 27)
    assert np.abs(more[:3] - fewer).max() > 1e-3


def test_parameters_are_between_0_and_1_and_the_same_again(controller):
    stems, sides = random(3, 512, scale=50.0), random(2, 512, seed=1, scale=50.0)
    first, again = (settings(controller, stems, sides) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one, other)
        assert (one >= 0.0).all()
        assert (one <= 1.0).all()


def test_signals_are_heard_one_by_one_as_they_are_together(ears):
    signals = torch.from_numpy(random(2, SHORTEST, scale=0.1))
    with torch.inference_mode():
        together = ears(signals)
        alone = torch.cat([ears(signal[None]) for signal in signals])
    np.testing.assert_allclose(alone, together, atol=2e-5 * float(together.abs().max()))


def test_a_folded_encoder_hears_the_same(ears):
    signal = torch.from_numpy(random(1, SHORTEST, scale=0.1))
    folded = copy.deepcopy(ears)
    folded.fold()
    with torch.inference_mode():
        before = ears(signal)
        np.testing.assert_allclose(folded(signal), before, atol=2e-5 * float(before.abs().max()))
    assert not any(".bn" in name for name in folded.state_dict())


def test_the_picture_has_the_power_of_the_magnitudes(ears):
    """Of a cosine in the middle of a bin: half its amplitude times the sum of the Hann window."""
    frames, number = 8192, 100
    cosine = 0.5 * np.cos(2.0 * np.pi * number * np.arange(frames) / 2048)
    picture = ears.picture(torch.from_numpy(cosine.astype(np.float32))[None])
    assert picture.shape == (1, 1025, frames // 512 + 1)
    assert float(picture[0, number, 8]) == pytest.approx((0.25 * 1024) ** 0.3, rel=1e-4)
    silence = ears.picture(torch.zeros(1, frames))
    assert np.allclose(silence, 1e-8**0.3)


def test_the_controller_says_what_the_published_one_does(shared_data):
    """Case B of the oracle."""
    oracle = Oracle(shared_data)
    made = model.blank().controller.to_empty(device="cpu")
    made.load_state_dict(oracle.weights(model.blank(), "controller."))
    channels, master = settings(
        made, oracle.embeddings("track_embeds", 7), oracle.embeddings("ref_embeds", 2)
    )
    expected = oracle.arrays("expected_model")
    np.testing.assert_allclose(channels, expected["B_track_params"], atol=1e-4)
    np.testing.assert_allclose(master, expected["B_master_params"], atol=1e-4)
