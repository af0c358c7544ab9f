"""The file of weights that a user has: is it one, is it that of this network, which one is it.

No such file comes with this program, and none is ever fetched. Files of torch are opened with
``weights_only``, which makes nothing but tensors and plain values of what is in them, and no number
is read before all tensors have the names and shapes of the network.

**Conventions**: a tensor is called as in the network. The file of a training run puts
:data:`PREFIX` before that, and keeps its optimiser and counters beside, which are left alone.
"""

from __future__ import annotations

import hashlib
import pickle
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from reaper_automix.errors import InputError
from reaper_automix.progress import Beat, unheeded

if TYPE_CHECKING:
    import torch

    from reaper_automix.match.network.model import Network

LICENCE = (
    "The code that trains such weights may be used for non-commercial purposes only "
    "(CC BY-NC-SA 4.0), and so may the weights unless their authors say otherwise."
)
"""What everybody is told who uses a file of weights."""

WANTED = "choose a .ckpt, .pt or .safetensors file with the weights of Diff-MST"

PREFIX = "model."
STATE = "state_dict"
LONGEST_INDEX_BYTES = 64_000_000
"""Of the index in a file of torch; that of a training run takes a fraction of a megabyte."""
NAMED = 6
"""Differences that are told one by one."""

UNREADABLE = (
    OSError, EOFError, ImportError, LookupError, ValueError, TypeError, AttributeError,
    ArithmeticError, AssertionError, MemoryError, RuntimeError, zipfile.BadZipFile,
)  # fmt: skip
"""What a cut, foreign or made-up file raises on its way through zip, pickle, JSON and torch."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network with the weights of a file, and which file that was, by its SHA-256."""

    name: str
    sha256: str
    network: Network


def load(path: Path, beat: Beat = unheeded) -> Checkpoint:
    """The network with the weights of a file; :class:`InputError` says why it cannot be.

    Takes some seconds; ``beat`` is called between its steps.
    """
    try:
        from reaper_automix.match.network import model
    except (ImportError, OSError) as error:
        raise InputError(
            f"{path} needs PyTorch, which cannot be loaded ({error}); install reaper-automix again."
        ) from error
    wanted = model.blank().state_dict()
    _opened(path, wanted)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()

    def of_part(part: str) -> dict[str, torch.Tensor]:
        """Opened anew for every part: what was read of a file is in memory until it is closed."""
        beat()
        weights = _opened(path, wanted)
        inside = f"{part}."
        named = {
            name.removeprefix(inside): weights[name] for name in wanted if name.startswith(inside)
        }
        return _numbers(path, named)

    return Checkpoint(path.name, sha256, model.with_weights(of_part))


def _content(path: Path) -> object:
    """What a file holds, by the kind that its name says."""
    read = READERS.get(path.suffix.lower())
    if not path.exists():
        raise InputError(f"{path} does not exist; {WANTED}.")
    if read is None or not path.is_file():
        raise InputError(f"{path} is no file of weights; {WANTED}.")
    try:
        return read(path)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{path} holds more than weights and is refused, without anything in it being run; "
            f"{WANTED} alone."
        ) from error
    except UNREADABLE as error:
        raise InputError(f"{path} cannot be read ({_reason(error)}); {WANTED}.") from error


def _reason(error: Exception) -> str:
    """The first sentence of an error; torch tells a page."""
    return str(error).partition("\n")[0].partition(". ")[0] or type(error).__name__


def _read_torch(path: Path) -> object:
    """A file of torch; its tensors come from the disk when they are used.

    One that holds a program (TorchScript) is refused here: torch would hand it to another loader.
    """
    import torch

    with zipfile.ZipFile(path) as archive:
        parts = [(one.filename.rpartition("/")[2], one.file_size) for one in archive.infolist()]
    indices = [size for name, size in parts if name == "data.pkl"]
    if len(indices) != 1 or indices[0] > LONGEST_INDEX_BYTES or "constants.pkl" in dict(parts):
        raise ValueError("it is no list of tensors as torch.save writes them")
    with warnings.catch_warnings():
        # Of a foreign file torch tells much before it fails.
        warnings.simplefilter("ignore")
        return torch.load(path, map_location="cpu", mmap=True, weights_only=True)


def _read_safetensors(path: Path) -> object:
    from reaper_automix.match.network import safetensors

    return safetensors.read(path)


READERS = {".ckpt": _read_torch, ".pt": _read_torch, ".safetensors": _read_safetensors}


def _weights(content: object) -> dict[str, object]:
    """The weights by their names in the network, without what training keeps beside them."""
    state = content.get(STATE, content) if isinstance(content, Mapping) else None
    named = (
        {str(name): value for name, value in state.items()} if isinstance(state, Mapping) else {}
    )
    inner = {
        name.removeprefix(PREFIX): value for name, value in named.items() if name.startswith(PREFIX)
    }
    return inner or named


def _opened(path: Path, wanted: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    """The weights of a file, none of them read yet, if they are those of the network."""
    weights = _weights(_content(path))
    differences = list(_differences(weights, wanted))
    if differences:
        told = "; ".join(differences[:NAMED])
        more = f"; and {len(differences) - NAMED} more" if len(differences) > NAMED else ""
        raise InputError(f"{path} is not of this network ({told}{more}); {WANTED}.")
    return cast("Mapping[str, torch.Tensor]", weights)


def _numbers(path: Path, weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights, if all of them are numbers."""
    for name, tensor in weights.items():
        if not tensor.isfinite().all():
            raise InputError(f"{path} has weights that are no numbers (in {name}); {WANTED}.")
    return weights


def _differences(
    weights: Mapping[str, object], wanted: Mapping[str, torch.Tensor]
) -> Iterator[str]:
    """What is not as in the network, tensor by tensor."""
    for name, tensor in wanted.items():
        if name not in weights:
            yield f"{name} is missing"
        elif not _is_like(weights[name], tensor):
            shape = list(getattr(weights[name], "shape", ()))
            yield f"{name} is {shape} instead of {list(tensor.shape)}"
    for name in weights:
        if name not in wanted:
            yield f"{name!r:.80} is unknown"


def _is_like(found: object, tensor: torch.Tensor) -> bool:
    """Whether it is a tensor of that shape whose numbers are there."""
    import torch

    return (
        isinstance(found, torch.Tensor)
        and found.shape == tensor.shape
        and found.layout == torch.strided
        and found.device.type == "cpu"
        and found.is_floating_point() == tensor.is_floating_point()
    )
