"""What is compared: one row per way to make a mix of a song."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from reaper_automix.settings import Settings

Form = Literal["reference", "no reference"]
"""Whether listeners compare with a reference mix, as in BS.1534, or only with each other."""

ConditionKind = Literal["balance", "untouched", "reference", "anchor"]

LOW_ANCHOR_HZ = 3500.0
MID_ANCHOR_HZ = 7000.0
"""Cut-off frequencies of the anchors (BS.1534-3)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One way to make a mix.

    A ``balance`` is made under the song's settings with some ``changes``; an ``anchor`` is a
    low-pass at ``cutoff_hz`` of the reference, or of the untouched sum where there is none.
    """

    name: str
    title: str
    kind: ConditionKind
    changes: Mapping[str, Any] = field(default_factory=dict)
    cutoff_hz: float = 0.0

    def settings(self, usual: Settings) -> Settings:
        """The settings to balance a song under."""
        return replace(usual, **self.changes)

    @property
    def compared(self) -> bool:
        """Whether it is in the test for its own sake; anchors only show that one listens."""
        return self.kind != "anchor"


def _published(method: str) -> Mapping[str, Any]:
    """A published method as it was published: every source equally loud, all of the way."""
    whole = {"strength": 1.0, "max_move_db": None, "dead_band_db": 0.0}
    return {"method": method, "profile": "equal", **whole}


CONDITIONS: tuple[Condition, ...] = (
    Condition("default", "Default balance", "balance"),
    Condition("p_lufs", "Published: narrowband", "balance", _published("p_lufs")),
    Condition("lufs", "Published: full band", "balance", _published("lufs")),
    Condition("centroid", "Published: centroid", "balance", _published("centroid")),
    Condition("untouched", "Untouched sum", "untouched"),
    Condition("hidden reference", "Hidden reference", "reference"),
    Condition("mid anchor", "Mid anchor (7 kHz)", "anchor", cutoff_hz=MID_ANCHOR_HZ),
    Condition("low anchor", "Low anchor (3.5 kHz)", "anchor", cutoff_hz=LOW_ANCHOR_HZ),
)
"""Every condition, in the order in which results list them."""

BY_NAME: Mapping[str, Condition] = {condition.name: condition for condition in CONDITIONS}

NEEDS_REFERENCE = frozenset({"hidden reference", "mid anchor"})
"""What only a test with a reference mix has."""


def of_form(form: Form) -> tuple[Condition, ...]:
    """The conditions of a test.

    >>> [condition.name for condition in of_form("no reference")]
    ['default', 'p_lufs', 'lufs', 'centroid', 'untouched', 'low anchor']
    """
    needless = NEEDS_REFERENCE if form == "no reference" else frozenset[str]()
    return tuple(condition for condition in CONDITIONS if condition.name not in needless)
