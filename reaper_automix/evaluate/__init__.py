"""The proof: how near balances come to what engineers did, and whether what is promised holds.

One module for each protocol, in the order of :data:`PROTOCOLS`; its ``run`` takes the folder of
material and gives an :class:`~reaper_automix.evaluate.outcome.Outcome`: rows of one table for all,
tables of its own, and what the picture shows. Nothing is fetched and nothing is written here.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from reaper_automix.evaluate.outcome import Outcome

PROTOCOLS: Mapping[str, str] = {
    "human_mix": "balances against those of engineers, one song left out at a time",
    "authors": "balances against their authors' own, from sources turned by chance",
    "spread": "how equally loud the tracks of a stem are to the ear, before and after",
    "landing": "levels measured anew from what was written, against what was predicted",
    "style": "matches to mixes of other songs, in passages that they did not hear",
}
"""The module of each protocol and what it does."""


def run(
    data: Path, protocols: Sequence[str], tell: Callable[[str], None]
) -> Iterator[tuple[str, Outcome]]:
    """The outcome of each protocol as it is done; ``tell`` hears which one is begun.

    :class:`~reaper_automix.errors.InputError` where its material is not in the folder.
    """
    for protocol in protocols:
        tell(f"{protocol}: {PROTOCOLS[protocol]} …")
        work = importlib.import_module(f"{__name__}.{protocol}").run
        yield protocol, cast("Outcome", work(data))
