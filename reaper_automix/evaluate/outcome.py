"""What a protocol found: rows and tables, and what its picture shows."""

from __future__ import annotations

from dataclasses import dataclass

from reaper_automix.bench.findings import Findings


@dataclass(frozen=True, slots=True)
class Strip:
    """One line of a picture: a method and what it scored, one value per song, mix or track."""

    title: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The findings of one protocol; ``strips`` are its picture, along an axis called ``axis``."""

    findings: Findings
    strips: tuple[Strip, ...] = ()
    axis: str = ""
