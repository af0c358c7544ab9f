"""Tensors in a file of the format safetensors: a list of them in JSON, then their numbers.

**Source**: the format's description (huggingface/safetensors, README): eight bytes for the length
of the list, the list, and all numbers end to end, little-endian, each tensor in C order. Nothing in
such a file can be run, and nothing of it is believed: every place is held against the file's length
before a number is read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

LENGTH_BYTES = 8
LONGEST_LIST_BYTES = 100_000_000
"""The format's own limit."""

KINDS = {
    "F64": ("float64", 8),
    "F32": ("float32", 4),
    "F16": ("float16", 2),
    "BF16": ("bfloat16", 2),
    "I64": ("int64", 8),
}
"""What the kinds of numbers that weights have are called by torch, and their bytes."""

Count = Annotated[int, msgspec.Meta(ge=0)]


class Entry(msgspec.Struct, frozen=True):
    """One tensor of the list; its place counts from the end of the list."""

    dtype: Literal["F64", "F32", "F16", "BF16", "I64"]
    shape: tuple[Count, ...]
    data_offsets: tuple[Count, Count]


def read(path: Path) -> dict[str, torch.Tensor]:
    """All tensors of a file by name; their numbers come from the disk when they are used.

    ``ValueError`` says what is not as the format has it.
    """
    entries, start = _entries(path)
    numbers = np.memmap(path, np.uint8, "c", start) if entries else np.empty(0, np.uint8)
    return {name: _tensor(entry, numbers) for name, entry in entries.items()}


def _entries(path: Path) -> tuple[Mapping[str, Entry], int]:
    """The list, all places of which are in the file, and where the numbers start."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        start = LENGTH_BYTES + length
        if length > LONGEST_LIST_BYTES or start > size:
            raise ValueError(f"it has no room for a list of {length} bytes")
        listed = msgspec.json.decode(file.read(length), type=dict[str, msgspec.Raw])
    listed.pop("__metadata__", None)
    entries = {name: msgspec.json.decode(entry, type=Entry) for name, entry in listed.items()}
    for name, entry in entries.items():
        _check(name, entry, size - start)
    return entries, start


def _check(name: str, entry: Entry, room: int) -> None:
    first, end = entry.data_offsets
    _, width = KINDS[entry.dtype]
    if not first <= end <= room:
        raise ValueError(f"the numbers of {name} are not in the file, which may be cut short")
    if end - first != math.prod(entry.shape) * width:
        raise ValueError(f"{name} has {end - first} bytes, which are not those of its shape")


def _tensor(entry: Entry, numbers: NDArray[np.uint8]) -> torch.Tensor:
    import torch

    kind, _ = KINDS[entry.dtype]
    taken = torch.from_numpy(numbers[slice(*entry.data_offsets)])
    return taken.view(getattr(torch, kind)).reshape(entry.shape)
