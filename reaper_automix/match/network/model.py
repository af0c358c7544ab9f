"""The network that hears stems and a reference and says what the console is to be set to.

**Source**: Vanka et al. 2024 (ISMIR, Diff-MST), built anew from a description of its layers, so
that weights fit that were trained with the published code; none of that code is in here. Torch
comes with this module: who needs it imports it where it is needed.

**The network.** Two encoders of one shape, one for stems and one for the sides of a reference,
turn a mono signal into 512 numbers: the magnitudes of a short-time Fourier transform to the power
0.3 are a picture, which six blocks of two convolutions shrink (Cnn14, Kong et al. 2020). The
controller is a transformer over one token per stem, one per side of the reference and one per bus;
it knows no order of stems. A sigmoid makes parameters of what it says.

**Conventions**: modules bear the names that the weights go by. Pictures are ``[1, channels,
frequency, time]``, signals mono float32 at 44.1 kHz. All of it is for use, none for training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import convert_conv2d_weight_memory_format
from torch.nn.utils.fusion import fuse_conv_bn_eval

from reaper_automix import crew
from reaper_automix.match.console.table import CHANNEL, MASTER

Floats = NDArray[np.float32]

FFT_FRAMES = 2048
HOP_FRAMES = 512
FLOOR = 1e-8
"""Added to magnitudes, so that silence has a power."""
POWER = 0.3

WIDTHS = (64, 128, 256, 512, 1024, 2048)
"""Channels that each block makes."""
POOLS = ((2, 2), (4, 4), (4, 2), (4, 2), (4, 2), (2, 2))
"""How many steps of frequency and time each block makes one of."""

EMBEDDING = 512
HEADS, LAYERS, INNER = 8, 12, 2048
SIDES = 2
REVERB = 25
"""Parameters of a reverb that was never trained; its token is heard, its settings are not."""


class Block(nn.Module):
    """Two convolutions, each normalised and rectified, then the mean of small tiles."""

    def __init__(self, before: int, width: int, pool: tuple[int, int]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, width, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn1: nn.Module = nn.BatchNorm2d(width)
        self.bn2: nn.Module = nn.BatchNorm2d(width)
        self._pool = pool

    def forward(self, picture: Tensor) -> Tensor:
        """The picture, smaller and of more channels."""
        picture = functional.relu_(self.bn1(self.conv1(picture)))
        picture = functional.relu_(self.bn2(self.conv2(picture)))
        return functional.avg_pool2d(picture, self._pool)

    def fold(self) -> None:
        """Take the normalisations, which change nothing any more, into the convolutions."""
        self.conv1 = fuse_conv_bn_eval(self.conv1, cast("nn.BatchNorm2d", self.bn1))
        self.conv2 = fuse_conv_bn_eval(self.conv2, cast("nn.BatchNorm2d", self.bn2))
        self.bn1 = self.bn2 = nn.Identity()


class Cnn(nn.Module):
    """What a picture says, in :data:`EMBEDDING` numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        for number, shape in enumerate(zip((1, *WIDTHS), WIDTHS, POOLS, strict=False), 1):
            block = Block(*shape)
            self.add_module(f"conv_block{number}", block)
            self.blocks.append(block)
        self.fc = nn.Linear(WIDTHS[-1], EMBEDDING)

    def forward(self, picture: Tensor) -> Tensor:
        """An embedding per picture, ``[n, 512]``."""
        for block in self.blocks:
            picture = block(picture)
        over_time = picture.mean(dim=2)
        embedding: Tensor = self.fc(over_time.amax(dim=2) + over_time.mean(dim=2))
        return embedding


class Encoder(nn.Module):
    """What a signal says, in :data:`EMBEDDING` numbers."""

    window: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.empty(FFT_FRAMES))
        self.model = Cnn()

    def picture(self, signals: Tensor) -> Tensor:
        """Compressed magnitudes of signals ``[n, frames]``: ``[n, 1025, frames // 512 + 1]``."""
        spectra = torch.stft(
            signals,
            FFT_FRAMES,
            HOP_FRAMES,
            window=self.window,
            center=True,
            pad_mode="reflect",
            return_complex=True,
        )
        return (spectra.abs() + FLOOR) ** POWER

    def fold(self) -> None:
        """Make the convolutions quicker by a third; what they give differs by rounding.

        Normalisations are folded into them, and the channels of a point lie side by side.
        """
        for block in self.model.blocks:
            block.fold()
        convert_conv2d_weight_memory_format(self, torch.channels_last)

    def forward(self, signals: Tensor) -> Tensor:
        """An embedding per signal, ``[n, 512]``."""
        embeddings: Tensor = self.model(self.picture(signals)[:, None])
        return embeddings


class Controller(nn.Module):
    """What the console is to be set to, for stems and a reference that were heard."""

    def __init__(self) -> None:
        super().__init__()
        self.track_embedding = nn.Parameter(torch.empty(1, 1, EMBEDDING))
        self.mix_embedding = nn.Parameter(torch.empty(1, SIDES, EMBEDDING))
        self.fx_bus_embedding = nn.Parameter(torch.empty(1, 1, EMBEDDING))
        self.master_bus_embedding = nn.Parameter(torch.empty(1, 1, EMBEDDING))
        layer = nn.TransformerEncoderLayer(EMBEDDING, HEADS, INNER, dropout=0.0, batch_first=True)
        self.transformer_encoder = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.track_projection = nn.Linear(EMBEDDING, len(CHANNEL))
        self.fx_bus_projection = nn.Linear(EMBEDDING, REVERB)
        self.master_bus_projection = nn.Linear(EMBEDDING, len(MASTER))

    def forward(self, stems: Tensor, sides: Tensor) -> tuple[Tensor, Tensor]:
        """Parameters 0 … 1 of stems ``[n, 27]`` and master ``[26]``, from their embeddings."""
        tokens = (
            stems[None] + self.track_embedding,
            sides[None] + self.mix_embedding,
            self.fx_bus_embedding,
            self.master_bus_embedding,
        )
        heard = self.transformer_encoder(torch.cat(tokens, dim=1))[0]
        channels = torch.sigmoid(self.track_projection(heard[: len(stems)]))
        return channels, torch.sigmoid(self.master_bus_projection(heard[-1]))


class Network(nn.Module):
    """Encoders and controller, which answer in arrays; made by :func:`with_weights`."""

    def __init__(self) -> None:
        super().__init__()
        self.track_encoder = Encoder()
        self.mix_encoder = Encoder()
        self.controller = Controller()

    def stem(self, signal: Floats) -> Floats:
        """The embedding ``[512]`` of one window of a stem, ``[frames]``."""
        return self._heard(self.track_encoder, signal)

    def reference(self, sides: Floats) -> Floats:
        """The embeddings ``[2, 512]`` of one window of a reference, ``[2, frames]``."""
        return np.stack([self._heard(self.mix_encoder, side) for side in sides])

    def settings(self, stems: Floats, sides: Floats) -> tuple[Floats, Floats]:
        """Parameters 0 … 1 of the stems ``[n, 27]`` and of the master ``[26]``."""
        with torch.inference_mode():
            channels, master = self.controller(torch.from_numpy(stems), torch.from_numpy(sides))
        return channels.numpy(), master.numpy()

    def _heard(self, encoder: Encoder, signal: Floats) -> Floats:
        """One signal at a time: its pictures take a quarter of a gigabyte."""
        with torch.inference_mode(), _all_cores():
            embedding: Floats = encoder(torch.from_numpy(signal)[None])[0].numpy()
        return embedding


def blank() -> Network:
    """The network without weights: names and shapes, and no memory."""
    with torch.device("meta"):
        return Network().eval()


def with_weights(weights: Callable[[str], Mapping[str, Tensor]]) -> Network:
    """The network with weights, of which it keeps copies.

    They are asked for part by part (``track_encoder``, ``mix_encoder``, ``controller``), by their
    names in it and in the shapes of :func:`blank`, so that no more of a file needs to be at hand.
    """
    network = blank()
    for name, part in network.named_children():
        part.to_empty(device="cpu").load_state_dict(dict(weights(name)))
        if isinstance(part, Encoder):
            part.fold()
    return network


@contextmanager
def _all_cores() -> Iterator[None]:
    """Here nothing else works beside torch, unlike where tracks share the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(crew.cores())
    try:
        yield
    finally:
        torch.set_num_threads(before)
