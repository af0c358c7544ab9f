"""Files of weights: the three kinds, and all that is none."""

import contextlib
import json
import os
import struct
import sys
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.errors import Cancelled, InputError
from reaper_automix.match import network
from reaper_automix.match.network import checkpoint, model, safetensors


def weights(**others):
    """Weights of the right names and shapes: one number in each, which takes hardly any room."""
    made = {
        name: torch.zeros((), dtype=tensor.dtype).expand(tensor.shape)
        for name, tensor in model.blank().state_dict().items()
    }
    return made | others


def prefixed(tensors):
    return {f"model.{name}": tensor for name, tensor in tensors.items()}


def saved(path, content):
    torch.save(content, path)
    return path


def listed(entries, numbers=b"", length=None):
    """The bytes of a safetensors file with that list."""
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + numbers


def entry(shape, first, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [first, end]}


def refusal(path):
    with pytest.raises(InputError) as raised:
        checkpoint.load(path)
    message = str(raised.value)
    assert message.startswith(f"{path} ")
    assert checkpoint.WANTED in message
    assert "\n" not in message
    return message


# What is one


@pytest.mark.long
@pytest.mark.parametrize("half", [False, True])
def test_a_file_of_every_kind_makes_a_network(half, tmp_path):
    """Weights of zero say one half of everything; those of a .safetensors are a hole in a file."""
    made = model.blank().state_dict()
    if half:
        path, entries, end = tmp_path / "half.safetensors", {}, 0
        for name, tensor in made.items():
            kind, width = ("F16", 2) if tensor.is_floating_point() else ("I64", 8)
            first, end = end, end + tensor.numel() * width
            entries[name] = entry(list(tensor.shape), first, end, kind)
        content = listed({"__metadata__": {"format": "pt"}} | entries)
        path.write_bytes(content)
        os.truncate(path, len(content) + end)
    else:
        path = saved(tmp_path / "plain.PT", weights())
    made = checkpoint.load(path).network
    stem = made.stem(np.ones(127 * model.HOP_FRAMES, np.float32))
    assert stem.dtype == np.float32
    channels, master = made.settings(stem[None], np.zeros((2, 512), np.float32))
    assert np.array_equal(channels, np.full((1, 27), 0.5))
    assert np.array_equal(master, np.full(26, 0.5))


def test_what_training_keeps_beside_the_weights_is_left_alone(tmp_path):
    content = {
        "state_dict": prefixed(weights()) | {"loss.window": torch.ones(3)},
        "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(4)}}}],
        "epoch": 191,
    }
    path = saved(tmp_path / "epoch=191.ckpt", content)
    wanted = model.blank().state_dict()
    assert set(checkpoint._opened(path, wanted)) == set(wanted)


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=9).filter(lambda name: name != "__metadata__"),
        st.tuples(
            st.sampled_from((torch.float16, torch.float32, torch.float64, torch.bfloat16)),
            st.lists(st.integers(0, 3), max_size=3),
        ),
        max_size=4,
    ),
    st.integers(0, 9),
)
def test_safetensors_come_back_as_they_were_written(tmp_path_factory, shapes, padding):
    kinds = {getattr(torch, name): kind for kind, (name, _) in safetensors.KINDS.items()}
    written, entries, numbers = {}, {}, b""
    for name, (kind, shape) in shapes.items():
        tensor = torch.randn(shape).to(kind)
        first, numbers = (
            len(numbers),
            numbers + tensor.reshape(-1).view(torch.uint8).numpy().tobytes(),
        )
        entries[name] = entry(shape, first, len(numbers), kinds[kind])
        written[name] = tensor
    path = tmp_path_factory.mktemp("tensors") / "some.safetensors"
    path.write_bytes(listed(json.dumps(entries).encode() + b" " * padding, numbers))
    found = safetensors.read(path)
    assert found.keys() == written.keys()
    for name, tensor in written.items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)


def test_loading_can_be_stopped(tmp_path):
    def cancelled():
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        checkpoint.load(saved(tmp_path / "plain.pt", weights()), cancelled)


# What is another


def test_differences_are_listed(tmp_path):
    tensors = weights(extra=torch.zeros(3))
    del tensors["controller.mix_embedding"]
    tensors["track_encoder.window"] = torch.zeros(1024)
    tensors["mix_encoder.window"] = "a text"
    said = refusal(saved(tmp_path / "other.ckpt", {"state_dict": prefixed(tensors)}))
    assert "track_encoder.window is [1024] instead of [2048]" in said
    assert "mix_encoder.window is [] instead of [2048]" in said
    assert "controller.mix_embedding is missing" in said
    assert "'extra' is unknown" in said


def test_another_architecture_is_told_in_a_readable_list(tmp_path):
    said = refusal(saved(tmp_path / "other.pt", torch.nn.Linear(3, 3).state_dict()))
    assert said.count("is missing") == checkpoint.NAMED
    assert "and 300 more" in said


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(number, tmp_path):
    broken = torch.tensor(number).expand(2048)
    path = saved(tmp_path / "nan.pt", weights(**{"track_encoder.window": broken}))
    assert "no numbers (in window)" in refusal(path)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.empty(2048, device="meta"),
        torch.zeros(2048).to_sparse(),
        torch.zeros(2048, dtype=torch.int64),
        torch.zeros((), dtype=torch.float32).expand(1 << 40),
    ],
)
def test_a_tensor_without_its_numbers_is_refused(tensor, tmp_path):
    path = saved(tmp_path / "odd.ckpt", weights(**{"track_encoder.window": tensor}))
    assert "track_encoder.window is" in refusal(path)


# What is harmful


class Mine:
    """A pickle that makes a file when it is believed."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


class Greedy:
    """A pickle that wants ten terabytes."""

    def __reduce__(self):
        return bytearray, (10**13,)


@pytest.mark.parametrize("kind", ["ckpt", "pt"])
def test_a_file_that_would_run_something_is_refused_and_runs_nothing(kind, tmp_path):
    mark = tmp_path / "mark"
    content = {"state_dict": prefixed(weights()), "callbacks": Mine(mark)}
    said = refusal(saved(tmp_path / f"mine.{kind}", content))
    assert "holds more than weights" in said
    assert not mark.exists()


def test_a_whole_module_is_refused(tmp_path):
    assert "holds more than weights" in refusal(saved(tmp_path / "a.pt", torch.nn.Linear(2, 2)))


def test_a_file_that_wants_all_memory_is_refused(tmp_path):
    refusal(saved(tmp_path / "greedy.pt", {"state_dict": Greedy()}))


def test_a_program_is_not_handed_on(tmp_path):
    path = saved(tmp_path / "script.pt", weights())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("script/constants.pkl", b"")
    assert "no list of tensors" in refusal(path)


def test_an_index_beyond_all_measure_is_not_read(tmp_path):
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", b"\0" * (checkpoint.LONGEST_INDEX_BYTES + 1))
    assert "no list of tensors" in refusal(path)


@pytest.mark.parametrize("name", ["huge.ckpt", "huge.safetensors"])
def test_a_file_of_many_gigabytes_is_refused_by_its_list(name, tmp_path):
    size = 1 << 33
    path = tmp_path / name
    entries = {"track_encoder.window": entry([(size - 4096) // 4], 0, size - 4096)}
    path.write_bytes(listed(entries))
    os.truncate(path, size)
    refusal(path)
    path.unlink()


# What is broken


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_cut_file_is_refused(share, tmp_path):
    whole = saved(tmp_path / "whole.ckpt", {"state_dict": prefixed(weights())}).read_bytes()
    path = tmp_path / "cut.ckpt"
    path.write_bytes(whole[: int(share * len(whole))])
    assert "cannot be read" in refusal(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no room for a list"),
        (b"\x01\0", "no room for a list"),
        (listed({}, length=1 << 62), "no room for a list"),
        (listed(b"[" * 100_000), "cannot be read"),
        (listed(b"[1, 2]"), "cannot be read"),
        (listed({"a": {"dtype": "F32"}}), "cannot be read"),
        (listed({"a": entry([2], 0, 8, "U4")}, bytes(8)), "cannot be read"),
        (listed({"a": entry([-2, -1], 0, 8)}, bytes(8)), "cannot be read"),
        (listed({"a": entry([1 << 70], 0, 8)}, bytes(8)), "cannot be read"),
        (listed({"a": entry([2], 0, 8)}, bytes(4)), "cut short"),
        (listed({"a": entry([2], 8, 0)}, bytes(8)), "cut short"),
        (listed({"a": entry([3], 0, 8)}, bytes(8)), "not those of its shape"),
        (listed({"a": entry([2], 0, 8)}, bytes(8)), "is missing"),
        (listed({}), "is missing"),
    ],
)
def test_a_broken_list_of_tensors_is_refused(content, reason, tmp_path):
    path = tmp_path / "some.safetensors"
    path.write_bytes(content)
    assert reason in refusal(path)


@given(st.integers(0, 1 << 31), st.integers(0, 255))
def test_no_changed_byte_makes_it_fail_in_another_way(tmp_path_factory, place, byte):
    content = bytearray(_whole(tmp_path_factory))
    content[place % len(content)] = byte
    path = tmp_path_factory.mktemp("changed") / "changed.pt"
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        checkpoint._opened(path, model.blank().state_dict())


def _whole(tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "whole.pt"
    return (path if path.exists() else saved(path, weights())).read_bytes()


def test_only_files_of_the_three_kinds_are_opened(tmp_path):
    (tmp_path / "folder.ckpt").mkdir()
    saved(tmp_path / "weights.bin", weights())
    for name in ("folder.ckpt", "weights.bin"):
        assert "is no file of weights" in refusal(tmp_path / name)
    assert "does not exist" in refusal(tmp_path / "nowhere.pt")


def test_a_pytorch_that_cannot_be_loaded_is_said_to_be_needed(tmp_path, monkeypatch):
    monkeypatch.delattr(network, "model")
    monkeypatch.setitem(sys.modules, "reaper_automix.match.network.model", None)
    with pytest.raises(InputError, match="needs PyTorch"):
        checkpoint.load(tmp_path / "some.ckpt")
